"""Reading findings.toml: what the auditors found, checked against the programme and the figures of the evaluation."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from detainer_ledger.audit.findings.figures import COUNT, KINDS, SHARE, TEXT, known_figures
from detainer_ledger.audit.findings.text import MARKER
from detainer_ledger.audit.findings.toml import ID, Context, Table, refuse_repeated, refuse_unknown
from detainer_ledger.audit.findings.values import (
    Change,
    Element,
    Finding,
    Findings,
    Management,
    NamedFigure,
    Position,
    Prose,
    Recommendation,
    RedactionReason,
    ReportTexts,
    Response,
    Status,
)
from detainer_ledger.audit.values import Evaluation, Programme
from detainer_ledger.terms import BadInput

FILE = "findings.toml"

_ROOT = ("report", "finding", "recommendation", "management", "redaction-reason")
_REPORT = ("title", "number", "agency", "office", "issued_on", "synthetic", "why", "objective", "background", "scope")
_ELEMENTS = ("criteria", "condition", "cause", "effect")
_FINDING = ("id", "title", "highlights", *_ELEMENTS, "attributes", "figures", "recommendations")
_RECOMMENDATION = ("id", "text", "owner", "due", "status", "history", "response")


def read_findings(path: Path, evaluation: Evaluation, programme: Programme) -> Findings:
    """Read findings.toml. Raises BadInput, with the table and the field, for anything that cannot stand in a report.

    Refused are: a place that a template left to be written; an unknown key, figure, attribute, recommendation or
    reason; a finding that rests on nothing; an element that is empty without saying why; a recommendation that no
    finding names; days in a wrong order.
    """
    try:
        return findings_of(path.read_text("utf-8-sig"), evaluation, programme)
    except FileNotFoundError:
        do = "write it; 'detainer audit report --template' makes one to start with."
        raise BadInput("There are no findings.", file=str(path), do=do) from None
    except UnicodeDecodeError:
        raise BadInput("The file is not text in UTF-8.", file=str(path), do="save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror or error}.", file=str(path), do="check its permissions."
        ) from None
    except BadInput as error:
        raise error.at(file=str(path)) from None


def findings_of(text: str, evaluation: Evaluation, programme: Programme) -> Findings:
    """Return the findings that a text in TOML holds; see `read_findings`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The message quotes nothing but the place, and at most a key.
        raise BadInput(f"The file is not TOML: {error}.", do="correct the place it names.") from None
    except (RecursionError, ValueError):
        raise BadInput(
            "The file is nested too deeply, or has a number too long to be read.", do="shorten it."
        ) from None
    _refuse_unwritten(raw, text)
    root = Table(raw=raw, what="")
    root.only(*_ROOT)
    reasons = {each.id: each for each in map(_reason, root.tables("redaction-reason", "redaction-reason"))}
    refuse_repeated((str(each.raw.get("id")) for each in root.tables("redaction-reason", "")), "redaction-reason")
    named = [figure for table in root.tables("finding", "finding") for figure in _bare_figures(table)]
    refuse_repeated((each.name for each in named), "figure")
    context = Context(figures=known_figures(evaluation, named), reasons=frozenset(reasons))
    found = _without_support_refused(root, context, programme, evaluation)
    recommendations = tuple(_recommendation(each, context) for each in root.tables("recommendation", "recommendation"))
    refuse_repeated((each.id for each in recommendations), "recommendation")
    texts = _report(root, context)
    _refuse_loose(found, recommendations, root)
    _refuse_future(root, texts, recommendations)
    return Findings(
        report=texts,
        findings=found,
        recommendations=recommendations,
        management=_management(root, context, texts),
        reasons=reasons,
    )


def _refuse_unwritten(raw: Mapping[str, Any], text: str) -> None:
    for field, value in _strings(raw):
        if MARKER in value:
            line = next(
                (
                    number
                    for number, each in enumerate(text.splitlines(), start=1)
                    if MARKER in each and not each.lstrip().startswith("#")
                ),
                None,
            )
            do = f"write what belongs here in the place of {MARKER} …», or take the table out."
            raise BadInput("A place of the template has not been written yet.", do=do, line=line, field=field)


def _strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _strings(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for place, each in enumerate(value, start=1):
            yield from _strings(each, f"{name}[{place}]")


def _reason(table: Table) -> RedactionReason:
    table.only("id", "text", "basis")
    return RedactionReason(id=table.id(), text=table.plain("text"), basis=table.plain("basis"))


def _report(root: Table, context: Context) -> ReportTexts:
    table = root.table("report")
    if table is None:
        raise BadInput("There is no [report].", do="add it with: " + ", ".join((*_REPORT, "method")) + ".")
    table.only(*_REPORT, "method")
    return ReportTexts(
        title=table.plain("title"),
        number=table.plain("number"),
        agency=table.plain("agency"),
        office=table.plain("office"),
        issued_on=table.day("issued_on"),
        is_synthetic=table.truth("synthetic"),
        why=table.prose("why", context),
        objective=table.prose("objective", context),
        background=table.prose_if_any("background", context),
        scope=table.prose("scope", context),
        method=table.prose("method", context),
    )


def _without_support_refused(
    root: Table, context: Context, programme: Programme, evaluation: Evaluation
) -> tuple[Finding, ...]:
    tables = root.tables("finding", "finding")
    if not tables:
        raise BadInput("There is no finding.", do="add a [[finding]]; an audit without any says so in one.")
    found = tuple(_finding(table, context) for table in tables)
    refuse_repeated((each.id for each in found), "finding")
    estimated = {each.subject for each in evaluation.attributes}
    known = [each.id for each in programme.attributes if each.id in estimated]
    for table, finding in zip(tables, found, strict=True):
        for name in finding.attributes:
            refuse_unknown(name, known, "attribute", table, "attributes")
        if not finding.attributes and not finding.figures:
            do = 'name the attributes whose figures support it: attributes = ["…"], or figures with their source.'
            raise table.refusal("The finding rests on nothing.", "attributes", do)
    return found


def _finding(table: Table, context: Context) -> Finding:
    table.only(*_FINDING)
    elements: dict[str, Element] = {name: table.element(name, context) for name in _ELEMENTS}
    if elements["condition"].is_absent:
        raise table.refusal(
            "A finding without a condition is none.", "condition", "write what was found, or take it out."
        )
    return Finding(
        id=table.id(),
        title=table.prose("title", context),
        highlights=table.prose("highlights", context),
        criteria=elements["criteria"],
        condition=elements["condition"],
        cause=elements["cause"],
        effect=elements["effect"],
        attributes=table.names("attributes"),
        figures=tuple(_figure(each, context) for each in table.tables("figures", "figure")),
        recommendations=table.names("recommendations"),
    )


def _bare_figures(finding: Table) -> tuple[NamedFigure, ...]:
    """Return the figures of a finding without their texts, which may name other figures."""
    return tuple(_figure_with(each, (), ()) for each in finding.tables("figures", "figure"))


def _figure(table: Table, context: Context) -> NamedFigure:
    return _figure_with(table, table.prose("label", context), table.prose("source", context))


def _figure_with(table: Table, label: Prose, source: Prose) -> NamedFigure:
    table.only("name", "label", "value", "kind", "source")
    name, value = table.plain("name"), table.raw.get("value")
    if not ID.fullmatch(name):
        raise table.refusal("A name has letters, digits, dots, dashes and underscores only.", "name", "change it.")
    kind = table.plain("kind") if "kind" in table.raw else TEXT if isinstance(value, str) else COUNT
    if kind not in KINDS:
        raise table.refusal(f"There is no kind '{kind[:60]}'.", "kind", "choose among: " + ", ".join(KINDS) + ".")
    return NamedFigure(name=name, label=label, value=_value(table, kind), kind=kind, source=source)


def _value(table: Table, kind: str) -> int | float | str:
    value = table.raw.get("value")
    if kind == TEXT and isinstance(value, str):
        return table.plain("value")
    if kind == COUNT and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == SHARE and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return value
    do = "a count is a whole number, a share a fraction of 1, a text stands in quotes."
    raise table.refusal(f"The value is no {kind}.", "value", do)


def _recommendation(table: Table, context: Context) -> Recommendation:
    table.only(*_RECOMMENDATION)
    status = table.word("status", Status)
    history = tuple(_change(each, context) for each in table.tables("history", "history"))
    for before, after in pairwise(history):
        if after.date < before.date:
            raise table.refusal(
                f"The history goes back from {before.date} to {after.date}.", "history", "put the earlier change first."
            )
    if history and history[-1].status is not status:
        do = "let 'status' and the last change of the history say the same."
        raise table.refusal(f"The history ends with '{history[-1].status}', the status is '{status}'.", "status", do)
    missing = table.raw.get("due")
    has_none = isinstance(missing, Mapping)
    response = table.table("response")
    return Recommendation(
        id=table.id(),
        prose=table.prose("text", context),
        owner=table.prose("owner", context),
        due=None if has_none else table.day("due"),
        no_due=table.inner("due", missing).prose("absent", context) if isinstance(missing, Mapping) else (),
        status=status,
        history=history,
        response=_response(response, context) if response else None,
    )


def _change(table: Table, context: Context) -> Change:
    table.only("date", "status", "text")
    return Change(
        date=table.day("date"), status=table.word("status", Status), prose=table.prose_if_any("text", context)
    )


def _response(table: Table, context: Context) -> Response:
    table.only("position", "text", "date", "by")
    return Response(
        position=table.word("position", Position),
        prose=table.prose("text", context),
        date=table.day("date"),
        by=table.prose("by", context),
    )


def _management(root: Table, context: Context, texts: ReportTexts) -> Management | None:
    table = root.table("management")
    if table is None:
        return None
    table.only("summary", "comments", "date")
    found = Management(
        summary=table.prose_if_any("summary", context),
        comments=table.prose("comments", context),
        date=table.day("date"),
    )
    if found.date > texts.issued_on:
        raise _late(table, "comments", str(found.date), texts)
    return found


def _refuse_loose(findings: tuple[Finding, ...], recommendations: tuple[Recommendation, ...], root: Table) -> None:
    """Refuse a recommendation that no finding names, and a name that no recommendation has."""
    known = [each.id for each in recommendations]
    for table, finding in zip(root.tables("finding", "finding"), findings, strict=True):
        for name in finding.recommendations:
            refuse_unknown(name, known, "recommendation", table, "recommendations")
    named = {name for each in findings for name in each.recommendations}
    for table, recommendation in zip(root.tables("recommendation", "recommendation"), recommendations, strict=True):
        if recommendation.id not in named:
            do = f'name it in the finding it follows from: recommendations = ["{recommendation.id}"].'
            raise table.refusal("No finding names this recommendation.", "id", do)


def _refuse_future(root: Table, texts: ReportTexts, recommendations: tuple[Recommendation, ...]) -> None:
    """Refuse answers and changes that are dated after the report that has them."""
    for table, each in zip(root.tables("recommendation", "recommendation"), recommendations, strict=True):
        if each.response and each.response.date > texts.issued_on:
            raise _late(table, "response", str(each.response.date), texts)
        if each.history and each.history[-1].date > texts.issued_on:
            raise _late(table, "history", str(each.history[-1].date), texts)


def _late(table: Table, field: str, day: str, texts: ReportTexts) -> BadInput:
    do = "correct the day, or issued_on of [report], which is the day of this edition of the report."
    return table.refusal(f"The day {day} is after the report was issued, {texts.issued_on}.", field, do)
