"""The typed program to i486 assembly."""
