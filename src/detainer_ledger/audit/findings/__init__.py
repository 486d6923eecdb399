"""Findings in the form that government auditing standards ask for, written by auditors, with figures by their names."""
