"""The commands of ``detainer audit``."""

from detainer_ledger.cli.audit.group import command

__all__ = ["command"]
