"""The cases of tests/cases/clock.toml as questions to the clock."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from detainer_ledger.clock import HoldLimits, hold_limits, read_instant, read_start, zone_named

Case = dict[str, Any]

CASES: list[Case] = tomllib.loads((Path(__file__).parents[1] / "cases" / "clock.toml").read_text("utf-8"))["case"]
TITLES = [case["title"] for case in CASES]


def zone_of(case: Case) -> ZoneInfo:
    return zone_named(case["zone"], field="zone")


def closed_in(case: Case) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in case.get("also_closed", ()))


def asked(case: Case) -> HoldLimits:
    """Ask the clock what the case asks."""
    zone = zone_of(case)
    return hold_limits(
        form=case["form"],
        start=read_start(case["start"], zone, field="start") if "start" in case else None,
        zone=zone,
        state=case.get("state"),
        received=read_instant(case["received"], zone, field="received") if "received" in case else None,
        issued_on=date.fromisoformat(case["issued_on"]) if "issued_on" in case else None,
        also_closed=closed_in(case),
    )


def utc(text: str) -> datetime:
    """Return the instant of ISO 8601 text with an offset."""
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo is not None
    return instant.astimezone(UTC)
