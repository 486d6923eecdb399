"""Reports that states ask of agencies, as extracts with exactly the fields that the law names, and nobody's name."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.gates import overridden_rules
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.holds import form_of_case
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.state import Case, Told
from detainer_ledger.terms import BadInput

Within = Callable[[datetime | None], bool]
"""Tells whether an instant is in the period of a report, by its own zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateReport:
    """What a state asks: of which agencies, by which law, for which period, and the fields with their titles.

    ``outside`` are fields that the law names and no record of detainers holds.
    """

    id: str
    state: str
    title: str
    citation: str
    trust: str
    period: str
    due: str
    rows: str
    fields: tuple[Mapping[str, str], ...]
    outside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRows:
    """A report filled for a period (days inclusive): rows of text by field, and what has to be said beside them."""

    report: StateReport
    start: date
    end: date
    rows: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]


@cache
def state_reports() -> Mapping[str, StateReport]:
    """Return the reports by id."""
    table = tomllib.loads(files(__package__).joinpath("state_reports.toml").read_text("utf-8"))
    return {
        entry["id"]: StateReport(
            **{
                **entry,
                "fields": tuple(entry["fields"]),
                "outside": tuple(entry.get("outside", ())),
            }
        )
        for entry in table["report"]
    }


def fill_report(record: Record, report_id: str, actor: str, *, start: date, end: date) -> ReportRows | Refused:
    """Return a state's report of what happened from ``start`` to ``end``, by the clock of each agency of the state.

    Detainers stand in the period in which they were received, transfers and other assistance in that in which they were
    given. A receiving agency gets its own. Raises BadInput for an unknown report, or a period that ends before it
    begins.
    """
    report = state_reports().get(report_id)
    if report is None:
        raise BadInput("There is no such report.", field="report", do=f"choose one of: {', '.join(state_reports())}.")
    if end < start:
        raise BadInput("The period ends before it begins.", field="to", do="give the first day and the last day.")
    if (refused := record.may(actor, Act.EXTRACT)) is not None:
        return refused
    agencies = record.registry.agencies
    cases = [
        case
        for case in record.every_case(agency=record.actor(actor).agency)
        if agencies[case.agency].state == report.state and case.last("voided") is None and received_at(case) is not None
    ]
    cases.sort(key=lambda case: received_at(case) or datetime.max.replace(tzinfo=UTC))

    def is_within(at: datetime | None) -> bool:
        return at is not None and start <= at.date() <= end

    rows = _ROWS[report.rows](report, cases, is_within)
    told = [case for case in cases if _TELLS_OF[report.rows](case, is_within)]
    notes = [f"Not in a record of detainers, and to be told from elsewhere: {name}." for name in report.outside]
    if overridden := sum(1 for case in told if overridden_rules(case)):
        notes.insert(0, f"Detainers in this report for which a rule was overridden: {overridden}.")
    if not any(each.state == report.state for each in agencies.values()):
        notes.insert(0, f"No agency of this record is in {report.state}.")
    elif not told:
        notes.insert(0, "No detainer falls into this period.")
    if report.trust != "confirmed":
        notes.append("The fields are from a secondary source; look at the law before you file the report.")
    return ReportRows(report=report, start=start, end=end, rows=tuple(rows), notes=tuple(notes))


def received_at(case: Case) -> datetime | None:
    """Return when an agency got a case's detainer, None before it did."""
    told = case.last_of("served_on_agency", "detainer_received")
    return told.at if told else None


def _received(report: StateReport, cases: Iterable[Case], is_within: Within) -> list[dict[str, str]]:
    return [_row(report, case) for case in cases if is_within(received_at(case))]


def _assisted(report: StateReport, cases: Iterable[Case], is_within: Within) -> list[dict[str, str]]:
    """Return a row for each instance of assistance, whatever detainer it was given on."""
    given = [(case, name) for case in cases for name, at in _assistance(case) if is_within(at)]
    return [_row(report, case) | {"assistance": name} for case, name in given]


def _by_offence(report: StateReport, cases: Iterable[Case], is_within: Within) -> list[dict[str, str]]:
    taken = [case for case in cases if is_within(_taken_at(case))]
    counted = Counter(_allowing_offence(case) for case in taken)
    return [
        {field["name"]: {"offence": name, "count": str(count)}.get(field["source"], "") for field in report.fields}
        for name, count in sorted(counted.items())
    ]


def _totals(report: StateReport, cases: Iterable[Case], is_within: Within) -> list[dict[str, str]]:
    found = list(cases)
    counts = {
        "count": sum(is_within(received_at(case)) for case in found),
        "count_taken": sum(is_within(_taken_at(case)) for case in found),
    }
    return [{field["name"]: str(counts.get(field["source"], "")) for field in report.fields}]


def _row(report: StateReport, case: Case) -> dict[str, str]:
    return {field["name"]: _VALUES[field["source"]](case) for field in report.fields}


def _left(case: Case) -> tuple[str, Told] | None:
    """Return how the person left the agency, and the event that says so; a lift or a successor lets nobody go."""
    ending = case.hold_end or case.ending
    if ending is None:
        return None
    how = str(ending.body.get("how", "")) if ending.kind == "hold_ended" else ending.kind
    return (_LEFT[how], ending) if how in _LEFT else None


_LEFT = {
    "custody_taken": "taken",
    "transferred": "transferred",
    "released": "released",
    "expired": "released",
}


def _taken_at(case: Case) -> datetime | None:
    left = _left(case)
    return left[1].at if left is not None and left[0] == "taken" else None


def _allowing_offence(case: Case) -> str:
    """Return the offence that allowed the transfer, which is not always that of the arrest."""
    left = _left(case)
    return str(left[1].body.get("allowing_offence", "not recorded")) if left is not None else "not recorded"


def _assistance(case: Case) -> list[tuple[str, datetime | None]]:
    """Return each help that an agency gave, and when: notice, a hold, a transfer."""
    notice, hold, taken_at = case.last("release_expected"), case.last("hold_began"), _taken_at(case)
    given: list[tuple[str, datetime | None]] = []
    if notice is not None:
        noticed_at = notice.body.get("noticed_at")
        given.append(("notice of release", datetime.fromisoformat(noticed_at) if noticed_at else notice.at))
    if hold is not None:
        given.append(("hold", hold.at))
    if taken_at is not None:
        given.append(("transfer of custody", taken_at))
    return given


def _done(case: Case) -> str:
    parts = ["declined"] if case.said("answered", "answer") == "decline" else []
    if given := _assistance(case):
        parts.append(", ".join(name for name, _ in given))
    if case.ending is not None and case.ending.kind in _GIVEN_UP:
        parts.append(_GIVEN_UP[case.ending.kind])
    left = _left(case)
    if left is not None and left[0] != "taken":
        parts.append("released" if left[0] == "released" else "transferred to another agency")
    return "; ".join(parts) or "nothing yet"


_GIVEN_UP = {
    "lifted": "detainer lifted",
    "lift_received": "detainer lifted",
    "superseded": "detainer superseded",
}


def _minute(at: Any) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="minutes") if at else ""


def _released_or_transferred(case: Case) -> str:
    left = _left(case)
    return "" if left is None else "released" if left[0] == "released" else "transferred"


def _left_at(case: Case) -> str:
    left = _left(case)
    return _minute(left[1].body["at"]) if left is not None else ""


def _taken_by(case: Case) -> str:
    left = _left(case)
    if left is None:
        return ""
    return "ICE" if left[0] == "taken" else str(left[1].body.get("to_agency", ""))


_VALUES: Mapping[str, Callable[[Case], str]] = {
    "received_on": lambda case: at.date().isoformat() if (at := received_at(case)) else "",
    "bail_posted_at": lambda case: _minute(case.said("released", "bail_posted_at")),
    "released_or_transferred": _released_or_transferred,
    "ended_at": _left_at,
    "agency_that_took_custody": _taken_by,
    "form": lambda case: form_of_case(case) or "",
    "what_was_done": _done,
    # Filled in for each instance.
    "assistance": lambda _case: "",
}

_ROWS: Mapping[str, Callable[[StateReport, Iterable[Case], Within], list[dict[str, str]]]] = {
    "detainers": _received,
    "instances of assistance": _assisted,
    "offences of transfers": _by_offence,
    "totals": _totals,
}

_TELLS_OF: Mapping[str, Callable[[Case, Within], bool]] = {
    "detainers": lambda case, is_within: is_within(received_at(case)),
    "instances of assistance": lambda case, is_within: any(is_within(at) for _, at in _assistance(case)),
    "offences of transfers": lambda case, is_within: is_within(_taken_at(case)),
    "totals": lambda case, is_within: is_within(received_at(case)) or is_within(_taken_at(case)),
}
"""For each kind of rows, whether a case has a part in them."""
