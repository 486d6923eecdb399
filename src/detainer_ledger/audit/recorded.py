"""What a record says of its own files: the frame, the programme that its rules make, and the tests it answers itself.

The record answers only what its events show. What somebody has to judge, such as whether a reference leads to what it
names, belongs into a programme that auditors write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from detainer_ledger.audit.values import Answer, Mark, Programme, Unit
from detainer_ledger.casework import Agency, Case, findings_of_case
from detainer_ledger.casework.screening import DueStep, Protocol, Status, Step, due_steps
from detainer_ledger.clock import Algorithm, Trust
from detainer_ledger.policy import Result, Rule, rules

BY = "record"
"""Who answers, where the record does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The answers of a record as of an instant: for every unit of a frame and every attribute of a programme."""

    frame_sha256: str
    programme_sha256: str
    at: datetime
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesOfRecord:
    """Files of a record as an audit takes them: units, the text of the programme, and marks."""

    units: tuple[Unit, ...]
    programme: str
    marks: tuple[Mark, ...]


def failing_units(recorded: Recorded, programme: Programme) -> frozenset[str]:
    """Return the units of a whole frame in which the record shows a required attribute that is not met."""
    required = {each.id for each in programme.attributes if each.is_required}
    return frozenset(
        mark.unit for mark in recorded.marks if mark.answer is Answer.NOT_MET and mark.attribute in required
    )


def screening_files(cases: Iterable[tuple[Case, Protocol]], *, at: datetime) -> FilesOfRecord:
    """Return screening cases as files of an audit, by office, each tested for every step of the protocols they follow.

    Cases that begin after the instant are not among them. A step that is not due by then, or that nothing made due, is
    not applicable, and so is one that the protocol of the case does not have. A step that two protocols describe
    otherwise is tested under the name of each.
    """
    found = sorted(
        (each for each in cases if each[0].beginning.at is not None and each[0].beginning.at <= at),
        key=lambda each: each[0].id,
    )
    protocols = {protocol.name: protocol for _case, protocol in found}
    steps = _steps_of(tuple(protocols.values()))
    name = ", ".join(sorted(protocols))
    marks = tuple(mark for case, protocol in found for mark in _marks_of(case, protocol, steps, at))
    return FilesOfRecord(
        units=tuple(Unit(id=case.id, stratum=str(case.beginning.body["office"])) for case, _protocol in found),
        programme=_programme(
            "screening-record",
            f"Steps of the protocol {name}",
            [_entry(name, step, test) for name, step in steps.items() for test in _tests(step)],
        ),
        marks=marks,
    )


def detainer_files(cases: Iterable[Case], agencies: Mapping[str, Agency], *, at: datetime) -> FilesOfRecord:
    """Return detainers as files of an audit, by agency, each tested for every rule of the policy.

    ``not_recorded`` is not testable: that nothing shows a rule was followed does not show that it was broken.
    """
    answers = {
        Result.MET: Answer.MET,
        Result.NOT_MET: Answer.NOT_MET,
        Result.NOT_RECORDED: Answer.NOT_TESTABLE,
        Result.NOT_APPLICABLE: Answer.NOT_APPLICABLE,
    }
    units, marks = [], []
    for case in cases:
        if case.last_of("issued", "detainer_received") is None or case.last("voided") is not None:
            continue
        units.append(Unit(id=case.id, stratum=case.agency))
        marks += [
            Mark(
                unit=case.id,
                attribute=attribute_of_rule(each.rule),
                answer=answers[each.result],
                auditor=BY,
                evidence=f"timeline of {case.id}",
                remark=each.sentence,
                is_from_record=True,
            )
            for each in findings_of_case(case, agencies[case.agency], at)
        ]
    tested = {mark.attribute for mark in marks}
    # What the record answers for no file at all would leave every file untested.
    answered = {mark.attribute for mark in marks if mark.answer in {Answer.MET, Answer.NOT_MET}}
    entries = [
        _rule_entry(rule, is_required=attribute_of_rule(rule.id) in answered and rule.trust is not Trust.UNCONFIRMED)
        for rule in rules()
        if attribute_of_rule(rule.id) in tested
    ]
    return FilesOfRecord(
        units=tuple(units), programme=_programme("policy-record", "Rules of the policy", entries), marks=tuple(marks)
    )


def attribute_of_rule(rule: str) -> str:
    """Return a rule's id as the id of an attribute, in small letters."""
    return rule.lower()


_TESTS: Mapping[str, tuple[str, str]] = {
    "done": ("done", "Was the step done each time that it was due?"),
    "in-time": ("in time", "Was it done by its deadline each time?"),
    "documented": ("documented", "Do as many references show it as the protocol asks for?"),
    "in-order": ("in order", "Was it done after what comes before it, by somebody else where that is asked?"),
}
"""What a step is tested for: the words for its title, and the question."""


def _tests(step: Step) -> Iterator[str]:
    yield "done"
    if _within(step):
        yield "in-time"
    if step.evidence:
        yield "documented"
    if step.depends_on:
        yield "in-order"


def _steps_of(protocols: tuple[Protocol, ...]) -> dict[str, Step]:
    """Return the steps by the names under which they are tested: their ids, with the version where versions differ."""
    kinds: dict[str, list[Step]] = {}
    for protocol in protocols:
        for step in protocol.steps:
            known = kinds.setdefault(step.id, [])
            if step not in known:
                known.append(step)
    return {
        (step.id if len(kinds[step.id]) == 1 else f"{step.id}/{_plain(protocol.version)}"): step
        for protocol in protocols
        for step in protocol.steps
    }


def _plain(version: str) -> str:
    """Return a version as a part of an id."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in version.lower()).strip("-") or "0"


def _entry(name: str, step: Step, test: str) -> dict[str, object]:
    words, question = _TESTS[test]
    criteria = {
        "done": f"The step is due by the trigger {step.trigger}.",
        "in-time": f"It is due {_within(step)} the trigger {step.trigger}.",
        "documented": f"References show: {'; '.join(step.evidence)}.",
        "in-order": f"It comes after {', '.join(step.depends_on)}{', by somebody else' if step.by_another else ''}.",
    }
    return {
        "id": f"{name}/{test}",
        "title": f"{step.title}: {words}"[:200],
        "question": question,
        "criterion": criteria[test],
        "source": step.source,
        "required": step.required,
    }


def _within(step: Step) -> str:
    """Return the deadline of a step in words, "" where it has none."""
    if step.every_days is not None:
        return f"within {step.every_days} days of"
    if step.clock is Algorithm.END_OF_DAY:
        return "by the end of the local day of"
    return f"within {step.hours} hours ({step.clock}) of" if step.hours is not None else ""


def _rule_entry(rule: Rule, *, is_required: bool) -> dict[str, object]:
    return {
        "id": attribute_of_rule(rule.id),
        "title": rule.title[:200],
        "question": "Does the record show that the rule was followed?",
        "criterion": rule.text,
        "source": rule.citation,
        "required": is_required,
    }


def _programme(name: str, title: str, entries: list[dict[str, object]]) -> str:
    """Return the text of a programme; JSON's way of writing text is one of TOML's."""

    def told(values: Mapping[str, object]) -> str:
        return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())

    head = "# Made from a record: what its rules ask of each file, and what it can answer by itself.\n\n"
    return (
        head
        + told({"id": name, "version": "1", "title": title[:200]})
        + "".join(f"\n[[attribute]]\n{told(entry)}" for entry in entries)
    )


def _marks_of(case: Case, protocol: Protocol, steps: Mapping[str, Step], at: datetime) -> Iterator[Mark]:
    rows: dict[str, list[DueStep]] = {}
    for row in due_steps(case, protocol, at=at):
        rows.setdefault(row.step, []).append(row)
    for name, step in steps.items():
        is_its_own = protocol.step(step.id) == step
        for test in _tests(step):
            answer, remark = _answer(test, rows.get(step.id) if is_its_own else None, at)
            yield Mark(
                unit=case.id,
                attribute=f"{name}/{test}",
                answer=answer,
                auditor=BY,
                evidence=f"timeline of {case.id}",
                remark=remark,
                is_from_record=True,
            )


def _answer(test: str, rows: list[DueStep] | None, at: datetime) -> tuple[Answer, str]:
    """Return what the record shows of a test, and in words where something is not met or does not apply."""
    if rows is None:
        return Answer.NOT_APPLICABLE, "The protocol of the case has no such step."
    tested = [row for row in rows if row.status(at) not in {Status.NOT_APPLICABLE, Status.NOT_DUE}]
    done = [row for row in tested if row.done_at is not None and row.done_at <= at]
    if not tested:
        return Answer.NOT_APPLICABLE, f"Nothing made the step due by {at:%Y-%m-%d}, or its time had not run out."
    if test == "done":
        broken = [row for row in tested if row not in done]
        return _said(broken, "was not done")
    if not done:
        return Answer.NOT_APPLICABLE, "The step was not done."
    if test == "in-time":
        return _said([row for row in done if row.due_at and row.done_at and row.done_at > row.due_at], "was late")
    if test == "documented":
        broken = [row for row in done if row.documented_at is None or row.documented_at > at]
        return _said(broken, "was done with too few references")
    return _said(
        [row for row in done if not row.is_in_order], "was done before what comes before it, or by the same person"
    )


def _said(broken: list[DueStep], what: str) -> tuple[Answer, str]:
    if not broken:
        return Answer.MET, ""
    rounds = ", ".join(str(row.round) for row in broken)
    return Answer.NOT_MET, f"Of the times that it was due, number {rounds} {what}."
