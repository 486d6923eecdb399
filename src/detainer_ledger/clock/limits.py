"""A hold's limits as a value: each limit, the shortest, whether a release was in time, and the shape as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from detainer_ledger.clock.algorithms import Algorithm
from detainer_ledger.clock.instants import in_utc
from detainer_ledger.clock.rules import StartsFrom, Trust, notice_mark


class HoldStatus(StrEnum):
    """What is known of the limits of a hold.

    ``determined``: each has its deadline. ``interval``: the day of the start is known, its hour is not, so that
    deadlines are intervals. ``partly determined``: the start of one clock is missing, that of another is there.
    ``cannot be determined``: no deadline can be told. ``no hold requested``: the form asks for notice alone.
    """

    DETERMINED = "determined"
    INTERVAL = "interval"
    PARTLY = "partly determined"
    UNDETERMINED = "cannot be determined"
    NO_HOLD = "no hold requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of a hold, by one rule.

    ``deadline`` is the last instant at which a release is in time, in the facility's zone; None where the start is
    missing, or known by its day alone. ``earliest`` and ``latest`` are then the deadlines for a start at 00:00 and at
    24:00 of that day; where the deadline is known, both are the deadline. ``starts_at`` is the start of this clock,
    None where it is no instant; ``elapsed_hours`` runs from it to the deadline, days that are left out counted in.
    """

    rule: str
    algorithm: Algorithm
    starts_from: StartsFrom
    starts_at: datetime | None
    deadline: datetime | None
    elapsed_hours: float | None
    earliest: datetime | None
    latest: datetime | None
    state: str | None
    in_force_from: date | None
    in_force_to: date | None
    citation: str
    trust: Trust
    sentence: str
    doubt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLimits:
    """All limits that apply to one hold, in the order regulation, form, state.

    ``shortest`` is the one that ends first whatever the hour of the start, of equal ones the first; None where none is
    known or the hour decides. ``notice_by`` is the planned release minus 48 elapsed hours, counted from 00:00 for a
    start that is a day: the form's "at least 48 hours", "if possible", which is no breach when missed. ``notes`` are
    sentences on what the limits do not say.
    """

    form: str
    zone: ZoneInfo
    state: str | None
    start: datetime | date | None
    received: datetime | None
    status: HoldStatus
    limits: tuple[Limit, ...]
    shortest: Limit | None
    notice_by: datetime | None
    notes: tuple[str, ...]


def is_within(limit: Limit, released: datetime) -> bool | None:
    """Return whether a release is in time, None where that cannot be told.

    A release at the deadline instant is in time. For an interval the answer is known before its earliest and after
    its latest deadline alone. Raises BadInput for an instant without a zone.
    """
    left = in_utc(released, field="released")
    if limit.earliest is None or limit.latest is None:
        return None
    if left <= limit.earliest.astimezone(UTC):
        return True
    return False if left > limit.latest.astimezone(UTC) else None


def hold_json(found: HoldLimits) -> dict[str, Any]:
    """Return limits in the shape of the contract, instants as ISO 8601 text with their offset.

    ``limits`` and ``shortest`` have ``rule``, ``algorithm``, ``deadline`` and ``elapsed_hours``, and more beside.
    """
    mark = notice_mark()
    return {
        "form": found.form,
        "zone": found.zone.key,
        "state": found.state,
        "start": _iso(found.start),
        "received": _iso(found.received),
        "status": found.status.value,
        "limits": [_limit_json(each) for each in found.limits],
        "shortest": _limit_json(found.shortest) if found.shortest is not None else None,
        "notice": {
            "rule": mark.rule,
            "by": _iso(found.notice_by),
            "citation": mark.citation,
            "trust": mark.trust.value,
            "sentence": mark.sentence,
        },
        "notes": list(found.notes),
    }


def _limit_json(limit: Limit) -> dict[str, Any]:
    hours = limit.elapsed_hours
    return {
        "rule": limit.rule,
        "algorithm": limit.algorithm.value,
        "deadline": _iso(limit.deadline),
        "elapsed_hours": int(hours) if hours is not None and hours.is_integer() else hours,
        "earliest": _iso(limit.earliest),
        "latest": _iso(limit.latest),
        "starts_from": limit.starts_from.value,
        "starts_at": _iso(limit.starts_at),
        "state": limit.state,
        "in_force_from": _iso(limit.in_force_from),
        "in_force_to": _iso(limit.in_force_to),
        "citation": limit.citation,
        "trust": limit.trust.value,
        "sentence": limit.sentence,
        "doubt": limit.doubt,
    }


def _iso(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment is not None else None
