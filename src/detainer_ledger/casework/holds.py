"""The hold of a case: its limits, the form that asks for it, and the day of the detainer."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.state import Case
from detainer_ledger.clock import HoldLimits, hold_limits


def limits_of(case: Case, agency: Agency) -> HoldLimits | None:
    """Return the limits of a case's hold, None where none began."""
    began = case.said("hold_began", "at")
    if began is None:
        return None
    received = case.last_of("served_on_agency", "detainer_received")
    received_at = received.body.get("at") if received else None
    return _limits(form_of_case(case) or "unknown", began, agency.zone, agency.state, received_at, issued_on(case))


@lru_cache(maxsize=1 << 14)
def _limits(form: str, began: str, zone: str, state: str, received_at: str | None, issued: date | None) -> HoldLimits:
    """Return the limits of a hold, remembered by the texts of its times: every command of a case asks for them."""
    received = datetime.fromisoformat(received_at) if received_at else None
    start = datetime.fromisoformat(began)
    return hold_limits(form=form, start=start, zone=ZoneInfo(zone), state=state, received=received, issued_on=issued)


def form_of_case(case: Case) -> str | None:
    """Return the form of a case's detainer, None before one is issued."""
    form = case.said("issued", "form") or case.said("detainer_received", "form")
    return str(form) if form else None


def issued_on(case: Case) -> date | None:
    """Return the day on which a case's detainer was issued, in the zone in which its time was told."""
    if (told := case.last("issued")) is not None and told.at is not None:
        return told.at.date()
    day = case.said("detainer_received", "issued_on")
    return date.fromisoformat(day) if day else None
