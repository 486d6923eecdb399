"""Reports that states ask of agencies, as extracts with exactly the fields that the law names, and nobody's name."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.holds import form_of_case
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.state import Case
from detainer_ledger.terms import BadInput


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
    """Return a state's report of the detainers that agencies of the state received from ``start`` to ``end``.

    A receiving agency gets its own. Raises BadInput for an unknown report, or a period that ends before it begins.
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
        if agencies[case.agency].state == report.state
        and case.last("voided") is None
        and (received := received_at(case)) is not None
        and start <= received.date() <= end
    ]
    rows = _ROWS[report.rows](report, cases)
    notes = [f"Not in a record of detainers, and not in this report: {name}." for name in report.outside]
    if not any(each.state == report.state for each in agencies.values()):
        notes.insert(0, f"No agency of this record is in {report.state}.")
    elif not cases:
        notes.insert(0, "No detainer was received in this period.")
    if report.trust != "confirmed":
        notes.append("The fields are from a secondary source; look at the law before you file the report.")
    return ReportRows(report=report, start=start, end=end, rows=tuple(rows), notes=tuple(notes))


def received_at(case: Case) -> datetime | None:
    """Return when an agency got a case's detainer, None before it did."""
    told = case.last_of("served_on_agency", "detainer_received")
    return told.at if told else None


def _each(report: StateReport, cases: Iterable[Case]) -> list[dict[str, str]]:
    return [{field["name"]: _VALUES[field["source"]](case) for field in report.fields} for case in cases]


def _assisted(report: StateReport, cases: Iterable[Case]) -> list[dict[str, str]]:
    return _each(report, [case for case in cases if _assistance(case)])


def _by_offence(report: StateReport, cases: Iterable[Case]) -> list[dict[str, str]]:
    taken = [case for case in cases if case.ending is not None and case.ending.kind == "custody_taken"]
    counted = Counter(str(case.beginning.body.get("offence") or "not recorded") for case in taken)
    offence, transfers = (field["name"] for field in report.fields)
    return [{offence: name, transfers: str(count)} for name, count in sorted(counted.items())]


def _totals(report: StateReport, cases: Iterable[Case]) -> list[dict[str, str]]:
    found = list(cases)
    taken = sum(case.ending is not None and case.ending.kind == "custody_taken" for case in found)
    counts = {"count": len(found), "count_taken": taken}
    return [{field["name"]: str(counts[field["source"]]) for field in report.fields}]


def _assistance(case: Case) -> str:
    """Return the help that an agency gave: notice, a hold, a transfer; empty where it gave none."""
    given = [
        ("notice of release", case.last("release_expected") is not None),
        ("hold", case.last("hold_began") is not None),
        ("transfer of custody", case.ending is not None and case.ending.kind == "custody_taken"),
    ]
    return ", ".join(name for name, was_given in given if was_given)


def _done(case: Case) -> str:
    answer = case.said("answered", "answer")
    parts = ["declined" if answer == "decline" else "", _assistance(case)]
    ending = case.ending
    if ending is not None and ending.kind != "custody_taken":
        parts.append(_ENDED[ending.kind])
    return "; ".join(part for part in parts if part) or "nothing yet"


_ENDED = {
    "released": "released",
    "expired": "released",
    "transferred": "transferred to another agency",
    "lifted": "detainer lifted",
    "lift_received": "detainer lifted",
    "superseded": "detainer superseded",
}


def _minute(at: Any) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="minutes") if at else ""


def _ended_as(case: Case) -> str:
    kinds = {
        "custody_taken": "transferred",
        "transferred": "transferred",
        "released": "released",
        "expired": "released",
    }
    return kinds.get(case.ending.kind, "") if case.ending else ""


def _taken_by(case: Case) -> str:
    if case.ending is None:
        return ""
    if case.ending.kind == "custody_taken":
        return "ICE"
    return str(case.ending.body.get("to_agency", ""))


_VALUES: Mapping[str, Callable[[Case], str]] = {
    "received_on": lambda case: at.date().isoformat() if (at := received_at(case)) else "",
    "bail_posted_at": lambda case: _minute(case.said("released", "bail_posted_at")),
    "released_or_transferred": _ended_as,
    "ended_at": lambda case: _minute(case.ending.body["at"]) if case.ending and _ended_as(case) else "",
    "agency_that_took_custody": _taken_by,
    "form": lambda case: form_of_case(case) or "",
    "what_was_done": _done,
    "assistance": _assistance,
}

_ROWS: Mapping[str, Callable[[StateReport, Iterable[Case]], list[dict[str, str]]]] = {
    "detainers": _each,
    "assisted detainers": _assisted,
    "offences of transfers": _by_offence,
    "totals": _totals,
}
