"""How right and how fast the grader is."""
