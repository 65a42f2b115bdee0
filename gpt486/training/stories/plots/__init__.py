"""The plots, by family. A plot is a function that tells one story on a stage."""
