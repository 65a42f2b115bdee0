"""Integer primitives of the 486 programs, defined in NumPy: fixed-point arithmetic and packed vectors.

Their BASIC twins and assembly are units that any FreeBASIC program can include (`units.py`).
"""
