"""``detainer record``: the record of detainers from arrest to outcome."""

from detainer_ledger.cli.record.group import command

__all__ = ["command"]
