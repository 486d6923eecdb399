"""A findings.toml to start with: figures in their places, and a mark wherever the auditors have to write.

It states what was counted and invents no cause, effect or recommendation.
"""

from __future__ import annotations

import re

from detainer_ledger.audit.findings.text import MARKER
from detainer_ledger.audit.values import Attribute, Estimate, Evaluation, Programme

_HEAD = """\
# The findings of this audit. Whatever begins with {marker} has to be written; no report is made while one stands.
#
# Figures are named, never typed: {{files.exceptions}}, {{files.lower.count}}, {{ATTRIBUTE.rate}}; two braces are one.
# What the public edition withholds is marked: [[redact:REASON|the passage]], with a [[redaction-reason]] of that id.
# A blank line in a text between triple quotes begins a paragraph.

[report]
title = "{marker} the title of the report»"
number = "{marker} the number of the report»"
agency = "{marker} the agency that was audited»"
office = "{marker} the office that audits»"
issued_on = "{marker} the day as 2026-12-31, without quotes»"
synthetic = false
why = "{marker} why this audit was done»"
objective = "{marker} the objective»"
scope = "{marker} what was audited, over which period, and what was not»"
method = "{marker} what was done beside the tests of the sample, and by which standards»"
"""

_FINDING = """
[[finding]]
id = "{id}"
title = "{marker} what was found, as a heading»"
highlights = "{marker} the finding in a sentence»"
criteria = {criteria}
condition = \"\"\"
{condition}\"\"\"
cause = "{marker} why it came so; if it is not known, cause = {{absent = 'the reason'}}»"
effect = "{marker} what follows from it, or could; or effect = {{absent = 'the reason'}}»"
attributes = [{attribute}]
recommendations = ["{recommendation}"]

[[recommendation]]
id = "{recommendation}"
text = "{marker} what should be done»"
owner = "{marker} who should do it, by office»"
due = "{marker} the day as 2026-12-31, without quotes; or due = {{absent = 'the reason'}}»"
status = "open"
"""

_TAIL = """
# The agency's answer to a recommendation, below that recommendation:
# [recommendation.response]
# position = "concur"      # or partially_concur, non_concur
# text = "…"
# by = "…"
# date = 2026-12-31

# [management]
# summary = "…"            # for the highlights page
# comments = "…"
# date = 2026-12-31

# [[redaction-reason]]
# id = "b7e"
# text = "Law enforcement technique"
# basis = "5 U.S.C. 552(b)(7)(E)"
"""


def template_of(evaluation: Evaluation, programme: Programme) -> str:
    """Return a findings.toml to start with: a draft for each required attribute that has exceptions.

    Where there is none, one draft of the first attribute shows the form. No figure stands in it as digits.
    """
    estimates = {each.subject: each for each in evaluation.attributes}
    failing = [
        (attribute, estimates[attribute.id])
        for attribute in programme.attributes
        if attribute.is_required and attribute.id in estimates and estimates[attribute.id].exceptions
    ]
    parts = [_HEAD.format(marker=MARKER)]
    if not failing:
        failing = [(each, estimates[each.id]) for each in programme.attributes[:1] if each.id in estimates]
    parts += [_draft(place, attribute, estimate) for place, (attribute, estimate) in enumerate(failing, start=1)]
    return "".join([*parts, _TAIL])


def toml_text(text: str) -> str:
    """Return a text as a string of TOML."""

    def escaped(found: re.Match[str]) -> str:
        sign = found.group()
        return f"\\{sign}" if sign in '"\\' else f"\\u{ord(sign):04X}"

    return f'"{_NEEDS_ESCAPE.sub(escaped, text)}"'


_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')


def _draft(place: int, attribute: Attribute, estimate: Estimate) -> str:
    return _FINDING.format(
        id=f"finding-{place}",
        recommendation=f"recommendation-{place}",
        marker=MARKER,
        criteria=toml_text(_as_words(f"{attribute.criterion} ({attribute.source})")),
        condition=_condition(attribute.id, estimate),
        attribute=toml_text(attribute.id),
    )


def _condition(name: str, estimate: Estimate) -> str:
    """Return what was counted, by the names of its figures."""
    rate = f", {{{name}.rate}}" if estimate.rate is not None else ""
    lines = [f"Of {{{name}.tested}} files that could be tested, {{{name}.exceptions}} did not meet this{rate}."]
    if estimate.not_testable:
        lines.append(f"{{{name}.not_testable}} could not be tested.")
    if estimate.lower.count is not None:
        lines.append(
            f"At a confidence of {{{name}.confidence}}, at least {{{name}.lower.count}} of {{{name}.population}} files"
            f" ({{{name}.lower.rate}}) do not, under the condition that stands with this figure."
        )
    return "\n".join(lines) + "\n"


def _as_words(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
