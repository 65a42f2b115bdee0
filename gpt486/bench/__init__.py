"""Clocks of kernels, procedures and whole tokens, by the cycle model."""
