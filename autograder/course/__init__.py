"""A course: what its instructor sets, how it is laid out, what goes in and out."""
