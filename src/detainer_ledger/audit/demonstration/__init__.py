"""A whole audit of invented files, whose lapses are known."""
