"""The rows by which cases, holds, incidents and expected releases are found quickly; they follow from the events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache

import msgspec
from msgspec import Struct

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.gates import overridden_rules
from detainer_ledger.casework.holds import form_of_case, issued_on, limits_of
from detainer_ledger.casework.incidents import incidents_of
from detainer_ledger.casework.state import CORRECTED, LIFTS, Case
from detainer_ledger.clock import HoldLimits, to_the_second
from detainer_ledger.ledger import ViewRow, canonical, instant_text

CASES = "case"
"""View with a row for each case."""

HOLDS = "hold"
"""View with a row for each case that was ever held, due while the hold lasts."""

INCIDENTS = "incident"
"""View with a row for each case that had an incident, due while one is open."""

EXPECTED = "expected"
"""View with a row for each case with an expected release, due while neither a hold nor an end is recorded."""

CHANGES_NO_ROW = frozenset({"probable_cause_established", "warrant_attached", "reviewed", "served_on_person"})
"""Kinds of events of which no row says anything."""

_LIFTED = "detainer-lifted"
"""What stands in the place of a rule where the detainer was lifted and the person is held on."""


class Hold(Struct, frozen=True, kw_only=True):
    """A hold in the queue: its case and agency, when it began and runs out (with offsets), and by which rule.

    ``overridden`` are the rules that a supervisor has overridden in the case: the mark stands wherever it is listed.
    """

    case: str
    agency: str
    began_at: datetime
    deadline: datetime
    rule: str
    form: str
    overridden: tuple[str, ...] = ()

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds until the hold runs out, negative where it is past."""
        return int((self.deadline - now).total_seconds())


class OpenIncidents(Struct, frozen=True, kw_only=True):
    """A case with incidents that nobody has closed, by their ids; ``since`` is when the case began in the record.

    ``overridden`` are the rules that a supervisor has overridden in it.
    """

    case: str
    agency: str
    incidents: tuple[str, ...]
    since: datetime
    overridden: tuple[str, ...] = ()


class ExpectedRelease(Struct, frozen=True, kw_only=True):
    """A case of which neither a hold nor an end is recorded, and when the person is expected to be released.

    ``overridden`` are the rules that a supervisor has overridden in it.
    """

    case: str
    agency: str
    expected_at: datetime
    overridden: tuple[str, ...] = ()


def view_rows(case: Case, agency: Agency, now: datetime) -> tuple[ViewRow, ...]:
    """Return the rows by which a case is listed, and found in the queue of holds and of incidents."""
    ending = case.ending
    overridden = tuple(sorted(overridden_rules(case)))
    rows = [
        ViewRow(
            view=CASES,
            key=case.id,
            owner=agency.id,
            due=None,
            body=_body_of_case(
                stage=case.stage,
                form=form_of_case(case),
                issued_on=issued_on(case),
                answer=case.said("answered", "answer"),
                ending=ending.kind if ending else None,
                overridden=overridden,
            ),
        )
    ]
    limits = limits_of(case, agency)
    if limits is not None:
        rows.append(_hold_row(case, agency, limits, overridden))
    began = case.last("hold_began")
    expected = case.last("release_expected")
    if expected is not None and expected.at is not None:
        is_open = began is None and ending is None
        due = instant_text(expected.at) if is_open else None
        said = canonical({"expected_at": to_the_second(expected.at), **_marked(overridden)})
        rows.append(ViewRow(view=EXPECTED, key=case.id, owner=agency.id, due=due, body=said))
    # What the clock makes of a hold that goes on changes without an event: the queue of holds shows that.
    at = began.at if case.is_held and began and began.at else now
    open_ones = [each.id for each in incidents_of(case, agency, at) if each.closed_by is None]
    # An incident is closed and stays; the row is due no more then.
    if open_ones or case.last_of("incident_closed", CORRECTED) is not None:
        due = case.beginning.recorded_at if open_ones else None
        said = canonical({"incidents": open_ones, **_marked(overridden)})
        rows.append(ViewRow(view=INCIDENTS, key=case.id, owner=agency.id, due=due, body=said))
    return tuple(rows)


def _marked(overridden: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what a row says of overridden rules: nothing where there are none, as in nearly all of them."""
    return {"overridden": overridden} if overridden else {}


class _HoldRow(Struct, frozen=True):
    """The body of a row of HOLDS."""

    began_at: datetime
    deadline: datetime
    rule: str
    form: str
    overridden: tuple[str, ...] = ()


_HOLD_ROWS = msgspec.json.Decoder(list[_HoldRow])


def queue_of(rows: Sequence[Sequence[str]]) -> tuple[Hold, ...]:
    """Return the holds of rows of key, owner and body, in their order."""
    # One text is read quicker than ten thousand.
    bodies = _HOLD_ROWS.decode(f"[{','.join([body for _, _, body in rows])}]")
    return tuple(
        [
            Hold(
                case=key,
                agency=owner,
                began_at=said.began_at,
                deadline=said.deadline,
                rule=said.rule,
                form=said.form,
                overridden=said.overridden,
            )
            for (key, owner, _), said in zip(rows, bodies, strict=True)
        ]
    )


def open_incidents_of(rows: Iterable[ViewRow]) -> tuple[OpenIncidents, ...]:
    """Return the cases with open incidents of view rows, in their order."""
    return tuple(
        OpenIncidents(
            case=row.key,
            agency=row.owner,
            incidents=tuple(said["incidents"]),
            since=datetime.fromisoformat(row.due or ""),
            overridden=tuple(said.get("overridden", ())),
        )
        for row in rows
        for said in [_of_incidents(row.body)]
    )


def _of_incidents(body: str) -> dict[str, list[str]]:
    said = json.loads(body)
    # Until a record's lists are made anew, rows of before overrides were marked are lists of ids alone.
    return {"incidents": said} if isinstance(said, list) else said


def expected_releases_of(rows: Iterable[ViewRow]) -> tuple[ExpectedRelease, ...]:
    """Return the expected releases of view rows, in their order."""
    return tuple(
        ExpectedRelease(
            case=row.key,
            agency=row.owner,
            expected_at=datetime.fromisoformat(said["expected_at"]),
            overridden=tuple(said.get("overridden", ())),
        )
        for row in rows
        for said in [json.loads(row.body)]
    )


@lru_cache(maxsize=1 << 12)
def _body_of_case(
    *,
    stage: str,
    form: str | None,
    issued_on: date | None,
    answer: str | None,
    ending: str | None,
    overridden: tuple[str, ...],
) -> str:
    """Return what the list of cases says of one, remembered: many cases say the same."""
    return canonical(
        {
            "stage": stage,
            "form": form,
            "issued_on": issued_on.isoformat() if issued_on else None,
            "answer": answer,
            "ending": ending,
            "overridden": overridden,
        }
    )


def _hold_row(case: Case, agency: Agency, limits: HoldLimits, overridden: tuple[str, ...]) -> ViewRow:
    began_at = case.said("hold_began", "at")
    form = form_of_case(case)
    if (shortest := limits.shortest) is not None and shortest.deadline is not None:
        deadline, rule = shortest.deadline, shortest.rule
    else:
        # A form that asks for no hold has no limit of one: every minute is past it.
        deadline, rule = datetime.fromisoformat(began_at), f"{form}/no-detention"
    if (lifted := case.last_of(*LIFTS)) is not None and lifted.at is not None and lifted.at < deadline:
        deadline, rule = lifted.at, _LIFTED
    return ViewRow(
        view=HOLDS,
        key=case.id,
        owner=agency.id,
        due=instant_text(deadline) if case.is_held else None,
        body=canonical(
            {
                "began_at": began_at,
                "deadline": to_the_second(deadline),
                "rule": rule,
                "form": form,
                **_marked(overridden),
            }
        ),
    )
