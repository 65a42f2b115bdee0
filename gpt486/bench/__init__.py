"""Measuring builds under the cycle model: whole tokens and single kernels."""
