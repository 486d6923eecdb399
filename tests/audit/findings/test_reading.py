"""findings.toml: what it says, what it may not say, and the template that it starts from."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.audit.findings.figures import known_figures
from detainer_ledger.audit.findings.reading import findings_of, read_findings
from detainer_ledger.audit.findings.template import template_of, toml_text
from detainer_ledger.audit.findings.text import MARKER, prose_of
from detainer_ledger.audit.findings.values import FigureName, Findings, Marked, Position, Prose, Status, Words
from detainer_ledger.audit.values import (
    Attribute,
    Bound,
    Design,
    Estimate,
    Evaluation,
    Programme,
)
from detainer_ledger.terms import BadInput

DIGEST = "0" * 64


def estimate(subject: str, *, tested: int = 40, exceptions: int = 30, rate: float | None = 0.75) -> Estimate:
    return Estimate(
        subject=subject,
        population=1420,
        tested=tested,
        exceptions=exceptions,
        not_testable=1,
        not_applicable=2,
        rate=rate,
        standard_error=None,
        lower=Bound(count=900, rate=900 / 1420),
        upper=Bound(count=None, rate=1.0),
        confidence=0.95,
        sides=1,
        method="hypergeometric",
        condition="If drawn at random.",
    )


EVALUATION = Evaluation(
    frame_sha256=DIGEST,
    sample_sha256=DIGEST,
    programme_sha256=DIGEST,
    design=Design.STRATIFIED,
    population=1420,
    sampled=43,
    files=estimate("file"),
    attributes=(estimate("checks/in-time"), estimate("review", tested=0, exceptions=0, rate=None)),
    strata={"North Office": estimate("file", exceptions=11)},
    exceptions_per_file={0: 10, 2: 30},
)
PROGRAMME = Programme(
    id="p",
    version="1",
    title="Programme",
    attributes=tuple(
        Attribute(id=each, title=each, question="?", criterion='A "rule" in {braces}', source="Manual")
        for each in ("checks/in-time", "review")
    ),
    sha256=DIGEST,
)

GOOD = """
[report]
title = "T"
number = "N-1"
agency = "A"
office = "O"
issued_on = 2026-09-30
synthetic = true
why = "w"
objective = "o"
scope = "s"
method = "m"

[[redaction-reason]]
id = "b7e"
text = "Technique"
basis = "Law"

[[finding]]
id = "f1"
title = "Title"
highlights = "{files.exceptions} of {files.tested}"
criteria = "c"
condition = "In [[redact:b7e|a secret place]] {checks/in-time.rate}."
cause = {absent = "Not examined."}
effect = "e"
attributes = ["checks/in-time"]
recommendations = ["r1"]

[[recommendation]]
id = "r1"
text = "Do it."
owner = "Director"
due = 2026-12-31
status = "resolved"
history = [{date = 2026-08-01, status = "open"}, {date = 2026-09-01, status = "resolved", text = "Agreed."}]
response = {position = "concur", text = "Yes.", date = 2026-09-01, by = "Director"}

[management]
comments = "Thanks."
date = 2026-09-02
"""


def read(text: str = GOOD) -> Findings:
    return findings_of(text, EVALUATION, PROGRAMME)


def test_findings_are_read_as_they_were_written() -> None:
    found = read()
    finding, recommendation = found.findings[0], found.recommendation("r1")
    assert finding.highlights == (FigureName("files.exceptions"), Words(" of "), FigureName("files.tested"))
    assert finding.condition.prose[1] == Marked("b7e", (Words("a secret place"),))
    assert finding.cause.is_absent
    assert finding.cause.prose == (Words("Not examined."),)
    assert (recommendation.due, recommendation.status) == (date(2026, 12, 31), Status.RESOLVED)
    assert [each.status for each in recommendation.history] == [Status.OPEN, Status.RESOLVED]
    assert recommendation.response is not None
    assert recommendation.response.position is Position.CONCUR
    assert found.report.is_synthetic
    assert found.reasons["b7e"].basis == "Law"


@pytest.mark.parametrize(
    ("old", "new", "what", "where", "do"),
    [
        ('attributes = ["checks/in-time"]', "", "The finding rests on nothing.", "finding f1", "attributes"),
        ('"checks/in-time"]', '"checks/in-tim"]', "There is no attribute", "attributes", "'checks/in-time'"),
        ('recommendations = ["r1"]', "", "No finding names this recommendation.", "recommendation r1", '["r1"]'),
        ('recommendations = ["r1"]', 'recommendations = ["r2"]', "no recommendation 'r2'", "finding f1", "'r1'"),
        ("{files.tested}", "{file.tested}", "no figure {file.tested}", "highlights", "{files.tested}"),
        ("{files.tested}", "{review.rate}", "{review.rate} has no value", "highlights", "no file could be tested"),
        ("{files.tested}", "{files.upper.count}", "has no value", "highlights", "population is not known"),
        ("{files.tested}", "{files.tested", "belongs to no figure", "highlights", "two of them"),
        ("{files.tested}", "files}", "belongs to no figure", "highlights", "two of them"),
        ('effect = "e"', 'effect = " "', "has no effect", "effect", "absent"),
        ('effect = "e"', "", "has no effect", "effect", "absent"),
        ('effect = "e"', "effect = {absnt = 'x'}", "key is not known", "absnt", "'absent'"),
        ('condition = "In', 'condition = {absent = "x"}\nx = "In', "key is not known", "finding f1", "choose among"),
        ("2026-09-01, status", "2026-07-01, status", "goes back", "history", "earlier change first"),
        ('status = "resolved"\nhistory', 'status = "open"\nhistory', "history ends with", "status", "say the same"),
        ('status = "resolved"\nhistory', 'status = "done"\nhistory', "'done' is none", "status", "implemented"),
        ('"concur"', '"agree"', "'agree' is none", "position", "partially_concur"),
        ("date = 2026-09-01, by", "date = 2026-10-01, by", "after the report", "response", "issued_on"),
        ("date = 2026-09-02", "date = 2026-10-02", "after the report", "comments", "issued_on"),
        ("due = 2026-12-31", 'due = "soon"', "A day is missing", "due", "without quotes"),
        ("due = 2026-12-31", "due = 2026-12-31T10:00:00", "A day is missing", "due", "without quotes"),
        ("[[redact:b7e|", "[[redact:b7|", "reason 'b7'", "condition", "'b7e'"),
        ("[[redact:b7e|a secret place]]", "[[redact:b7e|a secret place", "not closed", "condition", "]]"),
        ("[[redact:b7e|a secret place]]", "[[redact:b7e|  ]]", "is empty", "condition", "REASON"),
        ("[[redact:b7e|", "[[redact: b7e|", "does not name its reason", "condition", "REASON"),
        ("[[redact:b7e|", "[[Redact:b7e|", "looks like a marked passage", "condition", "REASON"),
        ("[[redact:b7e|", "[redact:b7e|", "looks like a marked passage", "condition", "REASON"),
        ("[[redact:b7e|", "[[redact:b7e|x [[redact:b7e|", "inside another", "condition", "]]"),
        ('title = "T"', 'title = "[[redact:b7e|a secret place]]"', "cannot hold a marked", "title", "leave"),
        ('title = "T"', 'title = "{files.tested}"', "cannot hold a figure", "title", "braces"),
        ('title = "T"', "title = 1", "is no text", "title", "quotes"),
        ('title = "T"', "", "text is missing", "title", 'title = "…"'),
        ("synthetic = true", 'synthetic = "true"', "neither true nor false", "synthetic", "without quotes"),
        ('number = "N-1"', 'no = "N-1"', "key is not known", "field no", "choose among"),
        ('id = "f1"', 'id = "f 1"', "An id has letters", "finding number 1", "change it"),
        ("[management]", "[manager]", "key is not known", "field manager", "'management'"),
        ("[report]", "[rapport]", "key is not known", "rapport", "'report'"),
        ('title = "T"', f'title = "{MARKER} it»"', "not been written", "line 3", MARKER),
    ],
)
def test_what_cannot_stand_in_a_report_is_refused_with_its_place(
    old: str, new: str, what: str, where: str, do: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(BadInput) as refused:
        read(GOOD.replace(old, new))
    assert what in refused.value.what
    assert where in refused.value.message()
    assert do in refused.value.do
    assert "secret" not in refused.value.message()


@pytest.mark.parametrize("table", ["finding", "recommendation", "redaction-reason"])
def test_two_of_one_id_are_refused(table: str) -> None:
    begin = GOOD.index(f"[[{table}]]")
    end = GOOD.index("\n[", begin + 3)
    with pytest.raises(BadInput, match=f"Two {table}s have the id"):
        read(GOOD + "\n" + GOOD[begin:end])


def test_what_looks_like_the_words_of_a_passage_is_not_repeated_in_a_refusal() -> None:
    with pytest.raises(BadInput) as refused:
        read(GOOD.replace("a secret place", "{a secret place}"))
    assert "secret" not in refused.value.message()


def test_a_file_that_is_missing_or_no_toml_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("audit") / "findings.toml"
    with pytest.raises(BadInput, match="There are no findings"):
        read_findings(path, EVALUATION, PROGRAMME)
    path.write_text('[report]\ntitle = "unclosed\n', "utf-8")
    with pytest.raises(BadInput, match=r"not TOML.*line 2") as refused:
        read_findings(path, EVALUATION, PROGRAMME)
    assert refused.value.where["file"] == str(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="UTF-8"):
        read_findings(path, EVALUATION, PROGRAMME)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("files.exceptions", 30),
        ("files.met", 10),
        ("checks/in-time.lower.count", 900),
        ("checks/in-time.rate", 0.75),
        ("strata.North Office.exceptions", 11),
        ("population", 1420),
        ("sampled", 43),
        ("per_file.0", 10),
        ("per_file.1", 0),
        ("per_file.2", 30),
        ("figures.officers", 160),
        ("review.rate", None),
    ],
)
def test_figures_are_those_of_the_evaluation(name: str, value: object) -> None:
    text = GOOD.replace(
        'attributes = ["checks/in-time"]',
        'figures = [{name = "officers", label = "Officers", value = 160, source = "Roster"}]',
    )
    named = findings_of(text, EVALUATION, PROGRAMME).named_figures
    assert known_figures(EVALUATION, named)[name].value == value


@pytest.mark.parametrize(
    ("value", "kind", "is_taken"),
    [
        ("1", "count", True),
        ("1.5", "count", False),
        ("true", "count", False),
        ("0.5", "share", True),
        ("1.5", "share", False),
        ('"much"', "text", True),
        ('"much"', "share", False),
        ("1", "sum", False),
    ],
)
def test_a_figure_from_elsewhere_is_of_its_kind(value: str, kind: str, is_taken: bool) -> None:
    figure = f'figures = [{{name = "n", label = "l", value = {value}, kind = "{kind}", source = "s"}}]'
    text = GOOD.replace('attributes = ["checks/in-time"]', figure)
    if is_taken:
        assert read(text).named_figures[0].kind == kind
        return
    with pytest.raises(BadInput, match=r"The value is no|There is no kind"):
        read(text)


def test_the_template_is_refused_until_it_is_written_and_then_taken() -> None:
    template = template_of(EVALUATION, PROGRAMME)
    with pytest.raises(BadInput, match="has not been written"):
        read(template)
    written = template
    head = len(template) - len(template[template.index("[report]") :])
    while MARKER in written[head:]:
        begin = written.index(MARKER, head)
        end = written.index("»", begin) + 1
        is_day = "the day as" in written[begin:end]
        written = written[:begin] + ("2026-12-31" if is_day else "words") + written[end:]
        if is_day:
            written = written.replace('"2026-12-31"', "2026-12-31")
    found = read(written)
    assert [each.attributes for each in found.findings] == [("checks/in-time",)]
    assert found.findings[0].criteria.prose == (Words('A "rule" in {braces} (Manual)'),)


def test_the_template_has_no_figure_in_digits_and_invents_no_cause() -> None:
    raw = tomllib.loads(template_of(EVALUATION, PROGRAMME))
    (finding,) = raw["finding"]
    assert not any(sign.isdigit() for sign in finding["condition"])
    assert all(finding[each].startswith(MARKER) for each in ("title", "highlights", "cause", "effect"))
    assert raw["recommendation"][0]["text"].startswith(MARKER)


def test_a_template_without_exceptions_still_shows_the_form() -> None:
    evaluation = replace(EVALUATION, attributes=EVALUATION.attributes[1:])
    programme = replace(PROGRAMME, attributes=PROGRAMME.attributes[1:])
    (finding,) = tomllib.loads(template_of(evaluation, programme))["finding"]
    assert finding["attributes"] == ["review"]
    assert "{review.rate}" not in finding["condition"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_survives_toml(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}")["a"] == text


_WORDS = st.text("ab {}|]\n\u00e9", min_size=1, max_size=12)
_PIECES = st.one_of(_WORDS.map(Words), st.sampled_from(["files.tested", "sampled"]).map(FigureName))


def merged(pieces: list[Words | FigureName | Marked]) -> Prose:
    found: list[Words | FigureName | Marked] = []
    for each in pieces:
        if isinstance(each, Words) and found and isinstance(found[-1], Words):
            found[-1] = Words(found[-1].text + each.text)
        else:
            found.append(each)
    return tuple(found)


def written(prose: Prose | tuple[Words | FigureName, ...]) -> str:
    parts = []
    for each in prose:
        if isinstance(each, Words):
            parts.append(each.text.replace("{", "{{").replace("}", "}}"))
        elif isinstance(each, FigureName):
            parts.append(f"{{{each.name}}}")
        else:
            parts.append(f"[[redact:r|{written(each.pieces)}]]")
    return "".join(parts)


def is_sound(pieces: Prose) -> bool:
    """Whether passages hold something, and no words have two brackets, which are refused as what could be a mark."""
    words = [each for each in pieces if isinstance(each, Words)]
    marked = [each for each in pieces if isinstance(each, Marked)]
    words += [part for each in marked for part in each.pieces if isinstance(part, Words)]
    return all(each.text.count("[") + each.text.count("]") < 1 for each in words) and all(
        any(isinstance(part, FigureName) or part.text.strip() for part in each.pieces) for each in marked
    )


@pytest.mark.parametrize(
    "text",
    [
        "[[redact:r|the log (entry[items[3]]) names somebody.]]",
        "before ]] after",
        "[[withheld:r|somebody]]",
        "［［redact:r|somebody］］",
        "[\u200b[redact:r|somebody]]",
        "a ［［ b",
    ],
)
def test_what_could_be_a_slip_in_a_mark_is_refused_and_never_published(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        prose_of(text, known_figures(EVALUATION), frozenset({"r"}))
    assert "somebody" not in refused.value.message()


@given(
    st.lists(
        st.one_of(_PIECES, st.lists(_PIECES, min_size=1, max_size=3).map(lambda each: Marked("r", merged(each)))),  # type: ignore[arg-type]
        max_size=6,
    )
    .map(merged)
    .filter(is_sound)
)
def test_prose_that_is_written_reads_back_the_same(prose: Prose) -> None:
    assert prose_of(written(prose), known_figures(EVALUATION), frozenset({"r"})) == prose


@given(st.text("[]redact:r|x {}sampl.E", max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        found = prose_of(text, known_figures(EVALUATION), frozenset({"r"}))
    except BadInput:
        return
    open_text = "".join(each.text for each in found if isinstance(each, Words))
    assert "[[redact" not in open_text.lower()
