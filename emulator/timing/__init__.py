"""The cycle model: what each instruction costs on an i486, its cache and its board.

In the order in which an instruction passes through: decode (once per instruction, with the clock tables
integer_clocks and x87_clocks) -> pipeline (fetch, D1, D2, EX) -> cache -> bus.  model is the Python side.
"""
