"""Append-only events and their proof. Knows no policy."""
