"""Emission: from a lowered program to GPT.BAS, MODEL.BIN and VOCAB.BIN."""
