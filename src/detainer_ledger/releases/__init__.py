"""Release files to detainers."""
