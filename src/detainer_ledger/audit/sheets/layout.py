"""How test sheets are laid out: their sheets and columns, what the hidden one says, and who tests which files.

Writing and reading both go by this, so that what is written is what is read.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from detainer_ledger.audit.values import Answer, Frame, Mark, Programme, Sample, Unit
from detainer_ledger.terms import BadInput

Test = tuple[str, str]
"""The ids of a unit and of an attribute."""

SHEETS_FOLDER = "sheets"
SETTLEMENT = "settlement.xlsx"
"""The sheet on which tests are settled that two auditors answered otherwise."""

READ_ME, CRITERIA, TESTS, MANIFEST, RECORD = "Read me", "Criteria", "Tests", "_manifest", "_record"
LONGEST_TEXT = 2_000
"""Most characters of an evidence or a remark."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All control characters but the tab and the line feed, which a cell may hold."""

LONGEST_NAME = 60
MOST_TESTS = 200_000
"""Most tests of one sheet: what is sure to be read back within the limit of what a workbook may unpack to."""

NEEDS_REMARK = (Answer.NOT_TESTABLE, Answer.NOT_APPLICABLE)
"""Answers that need a remark: without it a file that nobody looked at is like one that tells nothing."""

_IS_SHEET = "test sheet of detainer audit"
_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """One column of the tests: its name, its width in characters, and whether the auditor fills it."""

    name: str
    width: int
    is_filled_in: bool = False


_TEST = (
    SheetColumn(name="unit", width=20),
    SheetColumn(name="stratum", width=14),
    SheetColumn(name="attribute", width=28),
    SheetColumn(name="question", width=54),
)
_ANSWER = (
    SheetColumn(name="answer", width=16, is_filled_in=True),
    SheetColumn(name="evidence", width=34, is_filled_in=True),
    SheetColumn(name="remark", width=40, is_filled_in=True),
)
TEST_COLUMNS = (*_TEST, *_ANSWER, SheetColumn(name="answered by", width=16))
"""Columns of a test sheet; the last says which answers are the record's."""

SETTLEMENT_COLUMNS = (
    *_TEST,
    SheetColumn(name="first answer", width=16),
    SheetColumn(name="first evidence", width=26),
    SheetColumn(name="first remark", width=26),
    SheetColumn(name="second answer", width=16),
    SheetColumn(name="second evidence", width=26),
    SheetColumn(name="second remark", width=26),
    *_ANSWER,
    SheetColumn(name="settled by", width=20, is_filled_in=True),
)
"""Columns of the sheet of settlement."""


class Sharing(StrEnum):
    """Who tests which files: each file once, by one of the auditors; or each file twice, by both of two."""

    SHARED = "shared"
    TWO_EACH = "two_each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a test sheet says of itself: of which frame, sample and programme it is, for whom, and beside whom.

    ``auditor`` is "" on the sheet of settlement. ``record_sha256`` is the digest of the answers that the record gave.
    """

    frame_sha256: str
    sample_sha256: str
    programme_sha256: str
    auditor: str
    auditors: tuple[str, ...]
    sharing: Sharing
    record_sha256: str


def manifest_of(
    frame: Frame,
    sample: Sample,
    programme: Programme,
    *,
    auditor: str,
    auditors: Sequence[str],
    sharing: Sharing,
    from_record: Sequence[Mark] = (),
) -> Manifest:
    """Return what a sheet has to say of itself. Raises BadInput for a sample that was drawn from another frame."""
    if sample.frame_sha256 != frame.sha256:
        raise BadInput(
            "The sample was drawn from another frame.",
            frame=frame.sha256[:12],
            sample_of=sample.frame_sha256[:12],
            do="draw from this frame, or use the frame that the sample was drawn from.",
        )
    return Manifest(
        frame_sha256=frame.sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        auditor=auditor,
        auditors=tuple(auditors),
        sharing=sharing,
        record_sha256=record_digest(from_record),
    )


def manifest_rows(manifest: Manifest) -> list[tuple[str, str]]:
    """Return the rows of the hidden sheet."""
    return [
        ("what", _IS_SHEET),
        ("version", _VERSION),
        ("frame_sha256", manifest.frame_sha256),
        ("sample_sha256", manifest.sample_sha256),
        ("programme_sha256", manifest.programme_sha256),
        ("auditor", manifest.auditor),
        ("auditors", json.dumps(manifest.auditors, ensure_ascii=False)),
        ("sharing", manifest.sharing),
        ("record_sha256", manifest.record_sha256),
    ]


def manifest_from(rows: Mapping[str, str]) -> Manifest | None:
    """Return what the rows of a hidden sheet say, None if they are not those of a test sheet."""
    if rows.get("what") != _IS_SHEET or rows.get("version") != _VERSION:
        return None
    try:
        auditors = json.loads(rows["auditors"])
        if not isinstance(auditors, list) or not all(isinstance(each, str) for each in auditors):
            return None
        return Manifest(
            frame_sha256=rows["frame_sha256"],
            sample_sha256=rows["sample_sha256"],
            programme_sha256=rows["programme_sha256"],
            # An empty cell has no row.
            auditor=rows.get("auditor", ""),
            auditors=tuple(auditors),
            sharing=Sharing(rows["sharing"]),
            record_sha256=rows["record_sha256"],
        )
    except (KeyError, ValueError, RecursionError):
        return None


def record_digest(marks: Sequence[Mark]) -> str:
    """Return the digest of answers that the record gave, whatever their order."""
    told = sorted([each.unit, each.attribute, each.answer, each.evidence, each.remark, each.auditor] for each in marks)
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


# ---------------------------------------------------------------- auditors


def share_out(sample: Sample, auditors: Sequence[str], sharing: Sharing) -> dict[str, tuple[Unit, ...]]:
    """Return which files each auditor tests, in the order in which they were drawn.

    Files that are shared are dealt like cards: so each share is as random as the sample. Raises BadInput where two
    auditors are needed and are not named.
    """
    if sharing is Sharing.SHARED:
        if not auditors:
            raise BadInput("Nobody is named who tests.", do="name an auditor.")
        return {name: sample.units[place :: len(auditors)] for place, name in enumerate(auditors)}
    if len(auditors) != 2:
        raise BadInput(
            f"Each file is to be tested by two auditors, and {len(auditors)} are named.",
            do="name two; agreement is reckoned between two who test the same files.",
        )
    return dict.fromkeys(auditors, sample.units)


def checked_auditors(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with their blanks trimmed. Raises BadInput for one that is no name, and for two alike."""
    trimmed = tuple(" ".join(unicodedata.normalize("NFC", each).split()) for each in names)
    slugs: dict[str, str] = {}
    for name in trimmed:
        if not name.isprintable() or len(name) > LONGEST_NAME or not _slug(name):
            raise BadInput(
                "This is no name of an auditor.",
                auditor=ascii(name[:LONGEST_NAME]),
                do=f"write a name of 1 to {LONGEST_NAME} characters with a letter or digit in it.",
            )
        if _slug(name) in slugs:
            raise BadInput(
                f"Two auditors have names that cannot be told apart: '{slugs[_slug(name)]}' and '{name}'.",
                do="name each once, and so that their sheets have different names.",
            )
        slugs[_slug(name)] = name
    return trimmed


def sheet_path(folder: Path, auditor: str) -> Path:
    """Return where the sheet of an auditor stands in an audit's folder; signs that file names mind become hyphens."""
    return folder / SHEETS_FOLDER / f"sheet-{_slug(auditor)}.xlsx"


def sheet_paths(folder: Path) -> tuple[Path, ...]:
    """Return the test sheets of an audit's folder, by name: all workbooks but the settlement and open ones' locks."""
    found = (folder / SHEETS_FOLDER).glob("*.xlsx")
    return tuple(sorted(path for path in found if path.name != SETTLEMENT and not path.name.startswith(("~$", "."))))


def settlement_path(folder: Path) -> Path:
    """Return where the sheet of settlement stands in an audit's folder."""
    return folder / SHEETS_FOLDER / SETTLEMENT


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
