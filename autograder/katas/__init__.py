"""The katas: one module or package each, found by name."""
