"""Tokens to syntax tree."""

from gpt486.basic.parser.statements import Parser

__all__ = ["Parser"]
