"""The katas: one module or package each, found by name."""

DEFAULT = "lottery_ticket"
"""The kata that is meant where none is named."""
