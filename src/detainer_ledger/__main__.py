"""``python -m detainer_ledger`` is the same as the command ``detainer``."""

from detainer_ledger.cli import main

if __name__ == "__main__":
    main()
