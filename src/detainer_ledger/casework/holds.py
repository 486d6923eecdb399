"""Holds: their limits, the incidents that a hold past its limit is, and the rows by which they are found quickly."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.gates import facts_of, gates_of, overridden_rules, refusing
from detainer_ledger.casework.state import CORRECTED, Case, latest_of
from detainer_ledger.clock import HoldLimits, hold_limits
from detainer_ledger.ledger import ViewRow, canonical, instant_text

_HOLD_INCIDENT = "hold-past/"

CASES = "case"
"""View with a row for each case."""

HOLDS = "hold"
"""View with a row for each case that was ever held, due while the hold lasts."""

INCIDENTS = "incident"
"""View with a row for each case that had an incident, due while one is open."""


CHANGES_NO_ROW = frozenset({"probable_cause_established", "warrant_attached", "reviewed", "served_on_person"})
"""Kinds of events of which no row says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that a person has to look at and close with a reason.

    ``id`` names it within its case; ``closed_by`` is the version of the event that closed it, None while it is open.
    """

    id: str
    sentence: str
    closed_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold in the queue: its case and agency, when it began and runs out (with offsets), and by which rule."""

    case: str
    agency: str
    began_at: datetime
    deadline: datetime
    rule: str
    form: str

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds until the hold runs out, negative where it is past."""
        return int((self.deadline - now).total_seconds())


def limits_of(case: Case, agency: Agency) -> HoldLimits | None:
    """Return the limits of a case's hold, None where none began."""
    began = case.said("hold_began", "at")
    if began is None:
        return None
    received = case.last("served_on_agency", "detainer_received")
    return _limits(
        form_of_case(case) or "unknown",
        datetime.fromisoformat(began),
        agency.zone,
        agency.state,
        received.at if received else None,
        issued_on(case),
    )


@lru_cache(maxsize=1 << 14)
def _limits(
    form: str, start: datetime, zone: str, state: str, received: datetime | None, issued: date | None
) -> HoldLimits:
    """Return the limits of a hold, remembered: they are asked for at every command of a case that is held."""
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


def incidents_of(case: Case, agency: Agency, now: datetime) -> tuple[Incident, ...]:
    """Return the incidents of a case at an instant: each limit of its hold that has passed, and citizens held."""
    closed = {str(told.body["incident"]): told.version for told in case.all("incident_closed")}
    found: list[tuple[str, str]] = []
    limits = limits_of(case, agency)
    ending = case.ending
    until = ending.at if ending and ending.at else now
    if limits is not None and not limits.limits:
        found.append(
            (f"{_HOLD_INCIDENT}no-detention", f"The person was held on {form_of_case(case)}, which asks for no hold.")
        )
    for limit in limits.limits if limits else ():
        if limit.deadline is not None and until > limit.deadline:
            over = int((until - limit.deadline).total_seconds()) // 60
            state = "ended" if ending else "is"
            limit_text = limit.deadline.isoformat(timespec="minutes")
            past = f"{over // 60} h {over % 60:02d} min past its limit of {limit_text}"
            found.append((f"{_HOLD_INCIDENT}{limit.rule}", f"The hold {state} {past} ({limit.rule})."))
    if _found_citizen_after_issue(case):
        found.append(
            (
                "citizenship-found-after-issue",
                "Evidence of citizenship was found after the detainer was issued; it has to be lifted at once.",
            )
        )
    found += _broken_by_correction(case, agency)
    return tuple(Incident(id=name, sentence=sentence, closed_by=closed.get(name)) for name, sentence in found)


def view_rows(case: Case, agency: Agency, now: datetime) -> tuple[ViewRow, ...]:
    """Return the rows by which a case is listed, and found in the queue of holds and of incidents."""
    ending = case.ending
    rows = [
        ViewRow(
            view=CASES,
            key=case.id,
            owner=agency.id,
            due=None,
            body=canonical(
                {
                    "stage": case.stage,
                    "form": form_of_case(case),
                    "issued_on": day.isoformat() if (day := issued_on(case)) else None,
                    "answer": case.said("answered", "answer"),
                    "ending": ending.kind if ending else None,
                    "overridden": sorted(overridden_rules(case)),
                }
            ),
        )
    ]
    limits = limits_of(case, agency)
    if limits is not None:
        rows.append(_hold_row(case, agency, limits))
    open_ones = [each.id for each in incidents_of(case, agency, now) if each.closed_by is None]
    if case.ending is None:
        # What a running hold's clock makes of it changes without an event: the queue of holds shows that.
        open_ones = [each for each in open_ones if not each.startswith(_HOLD_INCIDENT)]
    # Only a close or a correction takes an incident away; the row then stays, and is due no more.
    if open_ones or case.last("incident_closed", CORRECTED) is not None:
        due = case.beginning.recorded_at if open_ones else None
        rows.append(ViewRow(view=INCIDENTS, key=case.id, owner=agency.id, due=due, body=canonical(open_ones)))
    return tuple(rows)


def _hold_row(case: Case, agency: Agency, limits: HoldLimits) -> ViewRow:
    began = datetime.fromisoformat(case.said("hold_began", "at"))
    form = form_of_case(case)
    # A form that asks for no hold has no limit of one: every minute is past it.
    deadline, rule = began, f"{form}/no-detention"
    if limits.shortest is not None and limits.shortest.deadline is not None:
        deadline, rule = limits.shortest.deadline, limits.shortest.rule
    return ViewRow(
        view=HOLDS,
        key=case.id,
        owner=agency.id,
        due=instant_text(deadline) if case.stage == "held" else None,
        body=canonical(
            {
                "began_at": began.isoformat(timespec="seconds"),
                "deadline": deadline.isoformat(timespec="seconds"),
                "rule": rule,
                "form": form,
            }
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncidents:
    """A case with incidents that nobody has closed, by their ids; ``since`` is when the case began in the record."""

    case: str
    agency: str
    incidents: tuple[str, ...]
    since: datetime


def open_incidents_of(rows: Iterable[ViewRow]) -> tuple[OpenIncidents, ...]:
    """Return the cases with open incidents of view rows, in their order."""
    return tuple(
        OpenIncidents(
            case=row.key,
            agency=row.owner,
            incidents=tuple(json.loads(row.body)),
            since=datetime.fromisoformat(row.due or ""),
        )
        for row in rows
    )


def queue_of(rows: Iterable[ViewRow]) -> tuple[Hold, ...]:
    """Return the holds of view rows, in their order."""
    given = tuple(rows)
    # One text is read much quicker than ten thousand.
    bodies = json.loads(f"[{','.join(row.body for row in given)}]")
    read = datetime.fromisoformat
    return tuple(
        Hold(
            case=row.key,
            agency=row.owner,
            began_at=read(said["began_at"]),
            deadline=read(said["deadline"]),
            rule=said["rule"],
            form=said["form"],
        )
        for row, said in zip(given, bodies, strict=True)
    )


def _broken_by_correction(case: Case, agency: Agency) -> list[tuple[str, str]]:
    """Return the rules that refuse the issue of a detainer now that something was corrected."""
    issued = case.last("issued")
    if issued is None or issued.at is None or not any(told.corrected_by for told in case.told):
        return []
    told = tuple(each for each in case.told if each.version <= issued.version)
    then = replace(case, told=told, latest=latest_of(told))
    broken = refusing(gates_of("issue"), facts_of(then, agency), issued.at.date(), overridden=overridden_rules(then))
    return [
        (
            f"not-met-after-correction/{each.rule}",
            f"After a correction the detainer could not be issued: {each.sentence}",
        )
        for each in broken
    ]


def _found_citizen_after_issue(case: Case) -> bool:
    issued = case.last("issued", "detainer_received")
    return issued is not None and any(
        told.version > issued.version and told.body["result"] in {"probative_evidence", "citizen"}
        for told in case.all("citizenship_examined")
    )
