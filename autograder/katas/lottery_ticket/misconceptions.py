"""Wrong programs that people believe to be right, most specific first."""
