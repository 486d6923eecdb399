"""Whether a command fits the case: its stage, the order of its times, and what its values have to agree with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from detainer_ledger.casework.access import Agency, Role
from detainer_ledger.casework.holds import limits_of
from detainer_ledger.casework.incidents import NO_HOLD_ANSWERS, goes_on, incidents_of
from detainer_ledger.casework.lifecycle import NO_STAGE, CommandKind, command_of_event
from detainer_ledger.casework.state import CORRECTED, REFUSED, Case, Told
from detainer_ledger.casework.values import Known, read_values, shown
from detainer_ledger.policy import instruments
from detainer_ledger.terms import BadInput

_NOT_CORRECTED = frozenset(
    {REFUSED, CORRECTED, "incident_closed", "rule_overridden", "person_erased", "closed", "voided", "protocol_moved"}
)

HELD_ALL_THE_SAME = "if the person is held all the same, say how that came about: despite=…"
"""What to do where a hold is refused that happens: the record says what happened, and somebody has to look at it."""

_FIELDS_NOT_CORRECTED = frozenset({"agency", "person", "by_case", "detainer", "zone"})


def check_case(
    kind: CommandKind, case: Case, body: Mapping[str, Any], *, agency: Agency | None, role: Role, now: datetime
) -> None:
    """Raise BadInput where a command does not fit the case as it stands; nothing is stored then."""
    if case.stage not in kind.from_stages:
        is_new = case.stage == NO_STAGE
        where = "no case yet" if is_new else f"a case that is {case.stage.replace('_', ' ')}"
        raise BadInput(
            f"There is no {kind.id.replace('_', ' ')} on {where}.",
            field="command",
            do="begin with record_arrest or receive."
            if is_new
            else f"it can be done where a case is {', '.join(kind.from_stages).replace('_', ' ')}.",
        )
    _check_times(kind, case, body)
    check = _CHECKS.get(kind.id)
    if check is not None:
        check(case, body, agency, role, now)


def check_correction(case: Case, body: Mapping[str, Any], *, role: Role, known: Known) -> dict[str, object]:
    """Return the values of a correction as they will stand. Raises BadInput for what cannot be corrected so."""
    told = next((each for each in case.told if each.version == body["version"]), None)
    if told is None:
        raise BadInput("The case has no event of this number.", field="version", do="take it from the timeline.")
    kind = command_of_event().get(told.kind)
    if kind is None or told.kind in _NOT_CORRECTED:
        raise BadInput(f"An event {told.kind} is not corrected.", field="version", do="record what is right instead.")
    if role.value not in kind.roles:
        raise BadInput(
            f"An event {told.kind} is corrected by those who record it: {', '.join(sorted(kind.roles))}.",
            field="version",
            do="ask one of them.",
        )
    if (role is Role.RECEIVING_AGENCY) != (told.role == Role.RECEIVING_AGENCY.value):
        whose = "the agency" if told.role == Role.RECEIVING_AGENCY.value else "the issuing side"
        raise BadInput(
            f"The event was recorded by {whose}, which alone corrects it.",
            field="version",
            do="ask whoever recorded it.",
        )
    given: Mapping[str, object] = body["values"]
    for name in given:
        if name in _FIELDS_NOT_CORRECTED or kind.field(name) is None:
            can = ", ".join(each.name for each in kind.fields if each.name not in _FIELDS_NOT_CORRECTED)
            raise BadInput("This field cannot be corrected.", field=f"values.{shown(name)}", do=f"it can be {can}.")
    before = {name: value for name, value in told.body.items() if kind.field(name) is not None and name != "person"}
    try:
        read = read_values(kind, {**before, **given}, known)
        _check_times(kind, case.until(told.version - 1), read)
        _check_later_times(case, told, read)
        _check_corrected(kind.id, case, read, role=role, known=known)
    except BadInput as error:
        raise BadInput(error.what, field=f"values.{error.where['field']}", do=error.do) from None
    changed = {name: read.get(name) for name in given if read.get(name) != before.get(name)}
    if not changed:
        raise BadInput("The correction changes nothing.", field="values", do="say what is right.")
    return changed


def _check_later_times(case: Case, told: Told, read: Mapping[str, Any]) -> None:
    """Raise BadInput where what followed on an event would come before its corrected time."""
    if "at" not in read:
        return
    at = datetime.fromisoformat(read["at"])
    for later in case.told:
        kind = command_of_event().get(later.kind)
        if kind is None or later.version <= told.version:
            continue
        for field in kind.fields:
            if told.kind in field.not_before and field.name in later.body and _at(later, field.name) < at:
                raise BadInput(
                    f"This is after what follows on it: {later.kind.replace('_', ' ')} at"
                    f" {_at(later, field.name).isoformat(timespec='minutes')} (event {later.version}).",
                    field="at",
                    do="look at the time and its zone, or correct the later event first.",
                )


def _check_corrected(command: str, case: Case, read: Mapping[str, Any], *, role: Role, known: Known) -> None:
    """Raise BadInput where the command could not have said what is right now."""
    if command == "answer":
        _check_answer(case, read, known.agencies[case.agency], role, known.now)
    elif command == "issue":
        _check_issue(case, read, known.agencies[case.agency], role, known.now)
    elif command == "expire":
        _check_expire(case, read, known.agencies[case.agency], role, known.now)
    elif command == "receive":
        _check_received(case, read, known.agencies[case.agency], role, known.now)
    elif command == "release":
        _check_release(case, read, known.agencies[case.agency], role, known.now)


def _at(told: Told, field: str) -> datetime:
    return datetime.fromisoformat(told.body[field])


def _check_times(kind: CommandKind, case: Case, body: Mapping[str, Any]) -> None:
    for field in kind.fields:
        if not field.not_before or field.name not in body:
            continue
        at = datetime.fromisoformat(body[field.name])
        for event in field.not_before:
            told = case.last(event)
            if told is not None and (earlier := told.at) is not None and at < earlier:
                raise BadInput(
                    f"This is before what it follows on: {told.kind.replace('_', ' ')} at"
                    f" {earlier.isoformat(timespec='minutes')} (event {told.version}).",
                    field=field.name,
                    do="look at the time and its zone, or correct the earlier event.",
                )


def _check_answer(_case: Case, body: Mapping[str, Any], agency: Agency | None, role: Role, _now: datetime) -> None:
    answer, reason, basis = body["answer"], body.get("reason"), body.get("legal_basis")
    if role is not Role.RECEIVING_AGENCY and answer != "no_answer":
        raise BadInput("Only the agency answers; others can record no_answer.", field="answer", do="write no_answer.")
    if answer == "decline" and reason is None:
        raise BadInput("A decline says its reason.", field="reason", do="give one; not_stated is one of them.")
    if answer == "decline" and basis is None:
        raise BadInput(
            "A decline says its legal basis.", field="legal_basis", do="give one; none_stated is one of them."
        )
    if answer != "decline" and (reason is not None or basis is not None):
        field = "reason" if reason is not None else "legal_basis"
        raise BadInput("Only a decline has a reason and a legal basis.", field=field, do="leave it out.")
    instrument = next((each for each in instruments() if each.id == basis), None)
    if instrument is not None and agency is not None:
        _check_instrument(instrument, agency, datetime.fromisoformat(body["at"]).date())


def _check_acknowledge(
    case: Case, _body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime
) -> None:
    before = case.last("acknowledged")
    if before is not None:
        raise BadInput(
            f"The detainer was acknowledged before (event {before.version}).",
            field="command",
            do="correct that event if its time is wrong.",
        )


def _check_another_answer(
    case: Case, body: Mapping[str, Any], agency: Agency | None, role: Role, now: datetime
) -> None:
    _check_answer(case, body, agency, role, now)
    before = case.last("answered")
    said = ("answer", "reason", "legal_basis")
    if before is not None and all(before.body.get(name) == body.get(name) for name in said):
        raise BadInput(
            f"That is the answer already (event {before.version}).",
            field="answer",
            do="correct that event if its time is wrong.",
        )


def _check_instrument(instrument: Any, agency: Agency, on: date) -> None:
    if instrument.jurisdiction not in {agency.state, "US"}:
        raise BadInput(
            f"The instrument is of {instrument.jurisdiction}, and the agency is in {agency.state}.",
            field="legal_basis",
            do=f"'detainer policy rules --on {on} --state {agency.state}' lists those of the state.",
        )
    begins, ends = instrument.in_force_from, instrument.in_force_to
    if (begins is not None and on < begins) or (ends is not None and on > ends):
        raise BadInput(
            f"The instrument was not in force on {on}.",
            field="legal_basis",
            do=f"'detainer policy rules --on {on} --state {agency.state}' lists those that were.",
        )


def _check_hold(case: Case, body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    answer = case.said("answered", "answer")
    if answer in NO_HOLD_ANSWERS and "despite" not in body:
        raise BadInput(
            f"The agency answered that it will {answer.replace('_', ' ')}.",
            field="command",
            do=f"if that is not so, answer anew; {HELD_ALL_THE_SAME}",
        )


def _check_issue(_case: Case, body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if body["form"] == "I-247A" and not body["box1"] and not body["box2"]:
        raise BadInput(
            "With neither box completed the detainer asks for nothing.",
            field="box1",
            do="complete box 1 for a hold, or box 2 for a return to the Department's custody.",
        )
    if body["form"] == "I-247G" and not body.get("covered_by_gonzalez"):
        raise BadInput(
            "The I-247G is a form of the offices that the settlement in Gonzalez covers.",
            field="covered_by_gonzalez",
            do="say yes if the issuing office is one of them, or issue an I-247A.",
        )


def _check_release(_case: Case, body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    bail = body.get("bail_posted_at")
    if bail is not None and datetime.fromisoformat(bail) > datetime.fromisoformat(body["at"]):
        raise BadInput(
            "Bail was posted after the release.", field="bail_posted_at", do="look at both times and their zones."
        )


def _check_void(case: Case, _body: Mapping[str, Any], agency: Agency | None, role: Role, now: datetime) -> None:
    if case.beginning.kind == "arrest_recorded" and case.stage != "arrest_recorded":
        raise BadInput("A detainer that was issued here is lifted.", field="command", do="lift it, with its reason.")
    if (role is Role.RECEIVING_AGENCY) != (case.beginning.kind == "detainer_received"):
        raise BadInput("The case was begun by the other side.", field="command", do="ask them to void it.")
    _check_no_open_incident(case, agency, now)


def _check_expire(case: Case, body: Mapping[str, Any], agency: Agency | None, _role: Role, _now: datetime) -> None:
    limits = limits_of(case, agency) if agency else None
    shortest = limits.shortest.deadline if limits and limits.shortest else None
    if shortest is not None and datetime.fromisoformat(body["at"]) < shortest:
        raise BadInput(
            f"The hold does not run out before {shortest.isoformat(timespec='minutes')}.",
            field="at",
            do="record with release that the person was released before.",
        )


def _check_end_hold(case: Case, _body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if not case.is_held:
        raise BadInput(
            "Nobody is held on this detainer any more.",
            field="command",
            do="end_hold is for a person who was held when the detainer was lifted or superseded.",
        )


def _check_close(case: Case, body: Mapping[str, Any], agency: Agency | None, role: Role, now: datetime) -> None:
    if case.stage == "arrest_recorded" and role is Role.RECEIVING_AGENCY:
        raise BadInput(
            "Whether a detainer is issued is not for the agency.", field="command", do="ask the issuing officer."
        )
    if case.stage == "arrest_recorded" and "reason" not in body:
        raise BadInput("A case without a detainer is closed with a reason.", field="reason", do="write why.")
    if case.is_held:
        raise BadInput(
            "The person was held when the detainer ended, and when that hold ended is not recorded.",
            field="command",
            do="record it with end_hold.",
        )
    _check_no_open_incident(case, agency, now)


def _check_no_open_incident(case: Case, agency: Agency | None, now: datetime) -> None:
    open_ones = [each.id for each in incidents_of(case, agency, now) if each.closed_by is None] if agency else []
    if open_ones:
        raise BadInput(
            f"The case has an open incident: {', '.join(open_ones)}.",
            field="command",
            do="close it first with close_incident and a reason.",
        )


def _check_incident(case: Case, body: Mapping[str, Any], agency: Agency | None, _role: Role, now: datetime) -> None:
    known = {each.id: each for each in incidents_of(case, agency, now)} if agency else {}
    incident = known.get(body["incident"])
    if incident is None:
        named = ", ".join(known) or "none"
        raise BadInput("The case has no such incident.", field="incident", do=f"it has {named}.")
    if goes_on(case, incident):
        raise BadInput(
            "The person is held still, as far as the record says.",
            field="incident",
            do="record when the hold ended (end_hold), and close it then.",
        )
    if incident.closed_by is not None:
        raise BadInput(
            f"The incident was closed by event {incident.closed_by}.", field="incident", do="nothing is left."
        )


def _check_received(_case: Case, body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if body.get("warrant_kind") == "none" and "warrant_signed_on" in body:
        raise BadInput("No warrant has no day of signature.", field="warrant_signed_on", do="leave it out.")
    received_on = datetime.fromisoformat(body["at"]).date()
    for field in ("issued_on", "warrant_signed_on"):
        if field in body and date.fromisoformat(body[field]) > received_on:
            raise BadInput("The detainer was received before this day.", field=field, do="look at the two dates.")


def _check_successor(case: Case, body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if body["by_case"] == case.id:
        raise BadInput("A detainer does not take its own place.", field="by_case", do="name the other case.")


def _check_lift(case: Case, _body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if case.beginning.kind != "arrest_recorded":
        raise BadInput(
            "The detainer was not issued in this record.",
            field="command",
            do="the agency records the lift: record_lift.",
        )


def _check_erasure(case: Case, _body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime) -> None:
    if not case.beginning.body.get("person"):
        raise BadInput("The case has no personal fields.", field="command", do="nothing is left to erase.")
    if case.last("person_erased") is not None:
        raise BadInput("The person was erased before.", field="command", do="nothing is left to erase.")


def _check_lift_received(
    case: Case, _body: Mapping[str, Any], _agency: Agency | None, _role: Role, _now: datetime
) -> None:
    if case.beginning.kind != "detainer_received":
        raise BadInput("The detainer was issued in this record.", field="command", do="whoever issued it lifts it.")


_CHECKS = {
    "acknowledge": _check_acknowledge,
    "answer": _check_another_answer,
    "issue": _check_issue,
    "expire": _check_expire,
    "release": _check_release,
    "void": _check_void,
    "end_hold": _check_end_hold,
    "begin_hold": _check_hold,
    "close": _check_close,
    "close_incident": _check_incident,
    "supersede": _check_successor,
    "erase_person": _check_erasure,
    "receive": _check_received,
    "lift": _check_lift,
    "record_lift": _check_lift_received,
}
