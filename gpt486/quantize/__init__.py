"""Weights as small integers: quantizers and the layouts in which kernels read them."""
