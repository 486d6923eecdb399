"""Levels of jurisdictions: who runs a place of detention (design, section 3)."""

from __future__ import annotations

JURISDICTION_LEVELS: tuple[str, ...] = (
    "federal",
    "state",
    "county",
    "municipal",
    "regional",
    "tribal",
    "private",
    "ice",
    "hospital",
    "other",
)
"""The levels, as the column ``jurisdiction_level`` holds them."""
