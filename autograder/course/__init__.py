"""What surrounds the grading of an assignment in a course."""
