"""The auditors' prose: words, figures as ``{files.exceptions}``, marked passages as ``[[redact:REASON|text]]``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from detainer_ledger.audit.findings.figures import KnownFigure
from detainer_ledger.audit.findings.values import FigureName, Marked, Prose, Words
from detainer_ledger.terms import BadInput

MARKER = "«write"
"""Begins what a template leaves to be written; no report is written while one stands."""

_TOKEN = re.compile(r"\[\[redact:|\]\]|\{\{|\}\}|\{|\}")
_REASON = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\|")
_UNSEEN = r"[\s\u200b-\u200f\u2060\ufeff]*"
_ALMOST = re.compile(
    rf"[\[［]{_UNSEEN}[\[［]|[\[［]\s*redact\w*\s*[:|]|[\]］]{_UNSEEN}[\]］]",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w./-]{1,100}")
_HOW = "write [[redact:REASON|the passage]], where REASON is the id of a [[redaction-reason]]."


def prose_of(text: str, figures: Mapping[str, KnownFigure], reasons: frozenset[str]) -> Prose:
    """Read a text. Every figure in it must be one of ``figures`` and have a value, every reason one of ``reasons``.

    Two braces stand for one. Raises BadInput, without the text of any passage, for a passage that is not closed, is
    empty, lies in another, or looks like one and is not written as one: a slip must not publish what is withheld.
    """
    pieces: list[Words | FigureName | Marked] = []
    inside: list[Words | FigureName] = []
    reason = ""
    for kind, value in _tokens(text):
        if kind == "open":
            if reason:
                raise BadInput("A marked passage begins inside another.", do="end the first with ]] before it.")
            reason = _known(value, reasons)
        elif kind == "close":
            if not reason:
                raise BadInput("There is a ]] that ends no passage.", do=f"{_HOW} No ]] can stand inside it.")
            if not any(isinstance(each, FigureName) or each.text.strip() for each in inside):
                raise BadInput(f"A passage marked '{reason}' is empty.", do=_HOW)
            pieces.append(Marked(reason, tuple(inside)))
            inside, reason = [], ""
        else:
            piece = _figure(value, figures) if kind == "figure" else Words(value)
            _join(inside if reason else pieces, piece)
    if reason:
        raise BadInput(f"A passage marked '{reason}' is not closed.", do="end it with ]].")
    return tuple(pieces)


def words_of(text: str) -> str:
    """Return a text that may hold neither figures nor marked passages. Raises BadInput if it does."""
    if _ALMOST.search(text):
        raise BadInput("This field cannot hold a marked passage.", do="leave the passage out, or move it to a text.")
    if "{" in text or "}" in text:
        raise BadInput("This field cannot hold a figure.", do="leave the braces out, or move it to a text.")
    return text.strip()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in parts: words, figure, open (with the reason), close."""
    at = 0
    while at < len(text):
        found = _TOKEN.search(text, at)
        between = text[at : found.start()] if found else text[at:]
        if _ALMOST.search(between):
            raise BadInput("Something looks like a marked passage and is not written as one.", do=_HOW)
        if between:
            yield "words", between
        if found is None:
            return
        kind, value, at = _token(text, found)
        yield kind, value


def _token(text: str, found: re.Match[str]) -> tuple[str, str, int]:
    sign = found.group()
    if sign in {"{{", "}}"}:
        return "words", sign[0], found.end()
    if sign == "]]":
        return "close", sign, found.end()
    if sign == "[[redact:":
        reason = _REASON.match(text, found.end())
        if reason is None:
            raise BadInput("A marked passage does not name its reason.", do=_HOW)
        return "open", reason.group(1), reason.end()
    end = text.find("}", found.end())
    if sign == "}" or end < 0:
        raise BadInput(f"There is a '{sign}' that belongs to no figure.", do="write two of them for one brace.")
    return "figure", text[found.end() : end].strip(), end + 1


def _join(pieces: list[Words | FigureName | Marked] | list[Words | FigureName], piece: Words | FigureName) -> None:
    last = pieces[-1] if pieces else None
    if isinstance(piece, Words) and isinstance(last, Words):
        pieces[-1] = Words(last.text + piece.text)
    else:
        pieces.append(piece)


def _figure(name: str, figures: Mapping[str, KnownFigure]) -> FigureName:
    found = figures.get(name)
    if found is None:
        # What does not look like a name may be words of a passage, and is not repeated.
        told = f" {{{name}}}" if _NAME.fullmatch(name) else " of this name"
        near = get_close_matches(name[:80], figures, n=1, cutoff=0.5)
        do = f"did you mean {{{near[0]}}}? " if near else ""
        raise BadInput(f"There is no figure{told}.", do=f"{do}Names are as {{files.exceptions}}; two braces are one.")
    if found.value is None:
        raise BadInput(f"The figure {{{name}}} has no value.", do=f"{found.why_none}; leave it out.")
    return FigureName(name)


def _known(reason: str, reasons: frozenset[str]) -> str:
    if reason in reasons:
        return reason
    near = get_close_matches(reason[:60], sorted(reasons), n=1, cutoff=0.4)
    do = f"did you mean '{near[0]}'?" if near else "add a [[redaction-reason]] with this id, text and basis."
    raise BadInput(f"A passage is marked with the reason '{reason[:60]}', which is not given.", do=do)
