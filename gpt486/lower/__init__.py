"""Lowering: from a float model to a program of integer ops with a memory plan."""

from gpt486.lower.lowering import lower
from gpt486.lower.memory import MemoryPlan, plan_memory
from gpt486.lower.program import Program

__all__ = ["MemoryPlan", "Program", "lower", "plan_memory"]
