"""Benchmarks: each task as a ratio to a floor that is measured in the same run, on the same machine and data."""
