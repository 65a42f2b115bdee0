"""The operations of a lowered model: one file for each, with its float meaning and its exact integer definition."""
