"""The command ``detainer``: the same doors from a terminal."""

from detainer_ledger.cli.main import main, program

__all__ = ["main", "program"]
