"""Findings of the demonstration: one for each step that was not always followed, in words that say what they are."""

from __future__ import annotations

from detainer_ledger.audit.findings.template import toml_text
from detainer_ledger.audit.values import Attribute, Evaluation, Programme

_HEAD = """\
[report]
title = "Screening of an invented population (synthetic)"
number = "SYNTHETIC-26-01"
agency = "Synthetic agency, three offices"
office = "Synthetic audit office"
issued_on = 2026-10-01
synthetic = true
why = "To show a whole audit of files whose lapses are known, so that its bounds can be held against them."
objective = "To find out in how many files the illustrative protocol, which is not KSTEP, was not followed."
scope = "All cases of an invented record. No file is about a person; every name in it says that it is synthetic."
method = "The record answered each test by itself, from the events of the case. Nothing was judged by a person."
"""

_FINDING = """
[[finding]]
id = {step}
title = {title}
highlights = {highlights}
criteria = {criteria}
condition = {condition}
cause = "A generator made the lapses by chance. [[redact:synthetic|This sentence shows how a passage is withheld.]]"
effect = {{ absent = "No such file exists, so nothing followed from it." }}
attributes = [{attributes}]
recommendations = [{recommendation}]

[[recommendation]]
id = {recommendation}
text = {text}
owner = "Synthetic agency, head of the office"
due = 2027-03-31
status = "{status}"

[recommendation.response]
position = "{position}"
text = "The synthetic agency answers so, to show where an answer stands."
by = "Synthetic agency"
date = 2026-09-25
"""

_TAIL = """
[management]
summary = "The synthetic agency concurs with most of the recommendations."
comments = "This shows where the comments of management stand. They are invented."
date = 2026-09-25

[[redaction-reason]]
id = "synthetic"
text = "Shown as an example of a withheld passage"
basis = "none: the passage is invented"
"""

_ANSWERS = (("resolved", "concur"), ("open", "partially_concur"), ("open", "non_concur"))
"""Status and answer of the recommendations, one after the other, so that the report shows several."""


def invented_findings(evaluation: Evaluation, programme: Programme) -> str:
    """Return a findings.toml for an audit of the demonstration: each step with exceptions, its figures by name."""
    exceptions = {each.subject: each.exceptions for each in evaluation.attributes}
    by_step: dict[str, list[Attribute]] = {}
    for attribute in programme.attributes:
        if attribute.is_required and exceptions.get(attribute.id):
            by_step.setdefault(attribute.id.rpartition("/")[0], []).append(attribute)
    found = [_finding(place, step, failed) for place, (step, failed) in enumerate(by_step.items())]
    return "".join([_HEAD, *found, _TAIL])


def _finding(place: int, step: str, failed: list[Attribute]) -> str:
    title = failed[0].title.rpartition(":")[0]
    status, position = _ANSWERS[place % len(_ANSWERS)]
    criteria = " ".join(f"{_test(each).capitalize()}: {each.criterion}" for each in failed)
    return _FINDING.format(
        step=toml_text(step),
        title=toml_text(f"Not always followed: {title} (synthetic)"),
        highlights=toml_text(f"{title}: {_short(failed)}"),
        criteria=toml_text(_as_words(f"{criteria} ({failed[0].source})")),
        condition=toml_text(_counted(failed)),
        attributes=", ".join(toml_text(each.id) for each in failed),
        recommendation=toml_text(f"follow-{step}"),
        text=toml_text(f"See to it that this step is done, in time, and documented: {title}."),
        status=status,
        position=position,
    )


def _short(failed: list[Attribute]) -> str:
    return "; ".join(f"not {_test(each)} in {_figure(each, 'exceptions')} files tested" for each in failed) + "."


def _counted(failed: list[Attribute]) -> str:
    """Return a sentence with named figures for each attribute."""
    return " ".join(
        f"Of {_figure(each, 'tested')} files, {_figure(each, 'exceptions')} were not {_test(each)};"
        f" at {_figure(each, 'confidence')} confidence that is so in at least {_figure(each, 'lower.count')} of all"
        f" {_figure(each, 'population')}."
        for each in failed
    )


def _test(attribute: Attribute) -> str:
    return attribute.title.rpartition(": ")[2]


def _figure(attribute: Attribute, name: str) -> str:
    return f"{{{attribute.id}.{name}}}"


def _as_words(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
