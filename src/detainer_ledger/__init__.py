"""Detainer Ledger: from an immigration detainer's published record to an honest figure, each step checkable."""

__version__ = "0.1.0"
