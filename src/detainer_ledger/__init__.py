"""Detainer Ledger."""
