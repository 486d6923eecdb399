"""The version of the program, as every manifest, report and provenance file states it."""

VERSION = "0.1.0"
"""Equal to the version in pyproject.toml; a test compares them."""
