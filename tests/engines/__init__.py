"""The same measure text on every engine, and against plain Python."""
