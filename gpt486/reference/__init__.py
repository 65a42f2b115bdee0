"""What the program must compute: the float model and the exact integer model, both in NumPy."""
