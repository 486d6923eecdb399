"""``python -m detainer_ledger`` is the same as the command ``detainer``."""

from detainer_ledger.cli import program

if __name__ == "__main__":
    program()
