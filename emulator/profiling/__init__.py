"""Profiles: where a guest's instructions and clocks went.

schema is what a profile is; collect makes one from a machine; the rest shows and exports it.
"""
