"""From the auditors' prose to runs, where the public edition loses what was marked; and a look for what stayed open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from detainer_ledger.audit.findings.figures import COUNT, SHARE, KnownFigure
from detainer_ledger.audit.findings.values import FigureName, Findings, Marked, Prose, Words
from detainer_ledger.reports.audit.value import Edition, Paragraph, Run, Text
from detainer_ledger.reports.formats import count, share
from detainer_ledger.reports.value import seen_text
from detainer_ledger.terms import BadInput

SHORTEST_SOUGHT = 4
"""Letters and digits that a passage must have to be looked for elsewhere: shorter ones stand in any text."""

HIDDEN_FILES = "hidden files"
"""What stands in the place of a reason where ids of files are to stay hidden."""

_BREAK = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How texts are shown: the edition, the figures by name, the rows they come from, and the reasons' words."""

    edition: Edition
    figures: Mapping[str, KnownFigure]
    rows: Mapping[str, str]
    reasons: Mapping[str, str]

    def text(self, prose: Prose) -> Text:
        """Return a prose as paragraphs. In the public edition a marked passage is one block, however long it was."""
        paragraphs: list[list[Run]] = [[]]
        for piece in prose:
            for number, run in enumerate(self._parts(piece)):
                if number:
                    paragraphs.append([])
                if run is not None:
                    paragraphs[-1].append(run)
        return tuple(tuple(each) for each in (_trimmed(runs) for runs in paragraphs) if each)

    def line(self, prose: Prose) -> Paragraph:
        """Return a prose as one paragraph."""
        found: list[Run] = []
        for paragraph in self.text(prose):
            found += [*([Run(" ")] if found else []), *paragraph]
        return tuple(found)

    def _parts(self, piece: Words | FigureName | Marked) -> list[Run | None]:
        """Return the runs of a piece, each but the first in a paragraph of its own."""
        if isinstance(piece, Words):
            return [Run(_on_a_line(part)) if part else None for part in _BREAK.split(piece.text.replace("\r\n", "\n"))]
        if isinstance(piece, FigureName):
            return [self._figure(piece.name)]
        if self.edition is Edition.PUBLIC:
            return [Run(f"Withheld: {self.reasons[piece.reason]}", reason=piece.reason, is_withheld=True)]
        # In the full edition a passage stays as it was written, on one line, inside its mark.
        return [Run(self._written(piece), reason=piece.reason)]

    def _written(self, piece: Marked) -> str:
        parts = [
            self._figure(each.name).text if isinstance(each, FigureName) else _on_a_line(each.text)
            for each in piece.pieces
        ]
        return "".join(parts).strip()

    def _figure(self, name: str) -> Run:
        known = self.figures[name]
        return Run(figure_text(known.value, known.kind), figure=self.rows.get(known.subject, ""))


def figure_text(value: int | float | str | None, kind: str) -> str:
    """Return a figure as it is written: counts with thousands, shares in percent.

    >>> figure_text(1234, "count"), figure_text(0.95, "share"), figure_text(0.944, "share")
    ('1,234', '95%', '94.4%')
    """
    if kind == COUNT and isinstance(value, int):
        return count(value)
    if kind == SHARE and isinstance(value, int | float):
        return share(value).removesuffix(".0%") + "%" if share(value).endswith(".0%") else share(value)
    return seen_text(str(value))


def hidden_figures(findings: Findings) -> frozenset[str]:
    """Return the named figures that only marked passages tell: the public edition has no row of them."""
    open_names, marked = set(), set()
    for prose in proses_of(findings):
        for piece in prose:
            if isinstance(piece, FigureName):
                open_names.add(piece.name)
            elif isinstance(piece, Marked):
                marked |= {each.name for each in piece.pieces if isinstance(each, FigureName)}
    prefix = "figures."
    return frozenset(name.removeprefix(prefix) for name in marked - open_names if name.startswith(prefix))


def proses_of(value: Any) -> Iterator[Prose]:
    """Yield every prose within the findings."""
    if isinstance(value, tuple) and value and all(isinstance(each, Words | FigureName | Marked) for each in value):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from proses_of(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from proses_of(getattr(value, field.name))


def passages_of(findings: Findings, shown: Shown) -> tuple[tuple[str, str], ...]:
    """Return every marked passage with its reason, as the full edition has it."""
    return tuple(
        (piece.reason, shown._written(piece))
        for prose in proses_of(findings)
        for piece in prose
        if isinstance(piece, Marked)
    )


def refuse_open(report: Any, sought: tuple[tuple[str, str], ...]) -> None:
    """Refuse a public report in which the words of a passage also stand unmarked. The message does not repeat them.

    ``sought`` are passages with their reasons, as `passages_of` gives them, or ids that are to stay hidden. Letters
    are compared without regard to case and width, blanks as one; passages with fewer than SHORTEST_SOUGHT letters and
    digits are not looked for, nor are ids that are a short number. Parts of a passage that stand elsewhere are not
    found: no program knows which of its words tell the secret.
    """
    texts = [(place, _folded(text)) for place, text in _strings(report, "")]
    whole = "\n".join(text for _place, text in texts)
    for reason, passage in sought:
        words = _folded(passage)
        is_short = _letters(words) < SHORTEST_SOUGHT and (reason != HIDDEN_FILES or words.isdigit())
        if is_short or words not in whole:
            continue
        pattern = _pattern(words)
        if pattern.search(whole):
            place = next((place for place, text in texts if pattern.search(text)), "the report")
            raise BadInput(
                f"Words of a passage marked '{reason}' also stand in the open.",
                place=place,
                do="mark them there as well, or mark the passage more widely, then write the public edition again.",
            )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


def _letters(text: str) -> int:
    return sum(sign.isalnum() for sign in text)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a value with its place; the runs of a paragraph as one text, for words can span them."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, tuple) and value and all(isinstance(each, Run) for each in value):
        yield place, "".join("\x00" if run.is_withheld else run.text for run in value)
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value, start=1):
            yield from _strings(each, f"{place} {number}")
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each, place)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _strings(getattr(value, field.name), f"{place}, {field.name}" if place else field.name)


def _on_a_line(text: str) -> str:
    """Return a text with its line breaks as blanks and unseen signs spelled out."""
    return seen_text(re.sub(r"[ \t]*[\n\t][ \t\n]*", " ", text.replace("\r\n", "\n")))


def _trimmed(runs: list[Run]) -> list[Run]:
    """Return the runs of a paragraph without blanks at its ends, [] if nothing is left."""
    found = list(runs)
    while found and not found[0].text.strip():
        found.pop(0)
    while found and not found[-1].text.strip():
        found.pop()
    if found and not found[0].figure and not found[0].reason:
        found[0] = Run(found[0].text.lstrip())
    if found and not found[-1].figure and not found[-1].reason:
        found[-1] = Run(found[-1].text.rstrip())
    return found
