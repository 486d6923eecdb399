"""Test sheets: written for auditors, read back with every inconsistency named, differences settled."""
