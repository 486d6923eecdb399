"""``detainer screening``: screening cases against a protocol."""

from detainer_ledger.cli.screening.group import command

__all__ = ["command"]
