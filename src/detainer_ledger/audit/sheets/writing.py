"""Test sheets: one workbook for each auditor, to be filled in off-line and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detainer_ledger.audit.sheets.drawing import Drawn, TestRow, draw
from detainer_ledger.audit.sheets.layout import (
    CONTROL_CHARACTERS,
    LONGEST_TEXT,
    SHEETS_FOLDER,
    TEST_COLUMNS,
    Sharing,
    Test,
    checked_auditors,
    manifest_of,
    settlement_path,
    share_out,
    sheet_path,
    sheet_paths,
)
from detainer_ledger.audit.values import Attribute, Frame, Mark, Programme, Sample, Unit
from detainer_ledger.terms import BadInput


def write_sheets(
    folder: Path,
    frame: Frame,
    sample: Sample,
    programme: Programme,
    *,
    auditors: Sequence[str],
    sharing: Sharing = Sharing.SHARED,
    prefilled: Mapping[Test, Mark] | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> tuple[Path, ...]:
    """Write a test sheet for each auditor into ``folder``/sheets and return their paths, in the order of auditors.

    Each has one row for each unit and attribute that the auditor tests. ``prefilled`` has, by unit and attribute, the
    answers that the record gives by itself: they are locked, and named as the record's. Raises BadInput, before
    anything is written, where test sheets stand in the folder already, and for names, tests and texts that cannot be.
    """
    names = checked_auditors(auditors)
    shares = share_out(sample, names, sharing)
    answered = _checked_prefilled(prefilled or {}, sample, programme)
    refuse_other_sheets(folder)
    common = _Common(frame=frame, sample=sample, programme=programme, names=names, sharing=sharing, answered=answered)
    drawings = [_drawn(common, name, units) for name, units in shares.items()]
    return draw_all({sheet_path(folder, each.manifest.auditor): each for each in drawings}, progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What all sheets of one audit have in common."""

    frame: Frame
    sample: Sample
    programme: Programme
    names: tuple[str, ...]
    sharing: Sharing
    answered: Mapping[Test, Mark]


def _drawn(common: _Common, name: str, units: Sequence[Unit]) -> Drawn:
    """Return the sheet of one auditor."""
    if not units:
        raise BadInput(
            f"There is no file left for {name}: the sample has {len(common.sample.units):,}.",
            do="name no more auditors than there are files.",
        )
    frame, programme = common.frame, common.programme
    tests = [(unit, each) for unit in units for each in programme.attributes]
    marks = [common.answered.get((unit.id, each.id)) for unit, each in tests]
    from_record = tuple(mark for mark in marks if mark is not None)
    return Drawn(
        title="Test sheet",
        lines=_LINES,
        facts=(
            ("auditor", name),
            ("population", f"{frame.title}: {len(frame.units):,} files, {len(units):,} of them on this sheet"),
            ("who tests", _who(common.names, common.sharing)),
            *facts_of(frame, common.sample, programme),
        ),
        programme=programme,
        columns=TEST_COLUMNS,
        rows=tuple(_row(unit, each, mark) for (unit, each), mark in zip(tests, marks, strict=True)),
        manifest=manifest_of(
            frame,
            common.sample,
            programme,
            auditor=name,
            auditors=common.names,
            sharing=common.sharing,
            from_record=from_record,
        ),
        from_record=from_record,
    )


def facts_of(frame: Frame, sample: Sample, programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return what every sheet says of its origin."""
    return (
        ("programme", f"{programme.title} ({programme.id}, version {programme.version})"),
        ("frame, SHA-256", frame.sha256),
        ("sample, SHA-256", sample.sha256),
        ("programme, SHA-256", programme.sha256),
    )


def draw_all(drawings: Mapping[Path, Drawn], progress: Callable[[str], None]) -> tuple[Path, ...]:
    """Write workbooks aside, and put them in their places when all of them are whole."""
    asides = {path: path.with_name(f".{path.name}.part") for path in drawings}
    try:
        for path, drawn in drawings.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(drawn, asides[path])
            progress(path.name)
        for path, aside in asides.items():
            aside.replace(path)
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)
    return tuple(drawings)


def refuse_other_sheets(folder: Path) -> None:
    """Raise BadInput if test sheets stand in the folder already: they may be filled in."""
    there = [*sheet_paths(folder), *(path for path in (settlement_path(folder),) if path.exists())]
    if there:
        names = ", ".join(path.name for path in there[:5]) + (" and others" if len(there) > 5 else "")
        raise BadInput(
            f"Test sheets stand there already, and may be filled in: {names}.",
            folder=str(folder / SHEETS_FOLDER),
            do="read them with 'detainer audit read', or move them away and write new ones.",
        )


def _checked_prefilled(prefilled: Mapping[Test, Mark], sample: Sample, programme: Programme) -> dict[Test, Mark]:
    tests = {(unit.id, each.id) for unit in sample.units for each in programme.attributes}
    for test, mark in prefilled.items():
        if test not in tests or test != (mark.unit, mark.attribute):
            raise BadInput(
                "An answer of the record is of no test of this sample.",
                unit=test[0][:80],
                attribute=test[1][:80],
                do="answer tests of files that were drawn, by attributes of the programme.",
            )
    return {
        test: replace(mark, evidence=_clean(mark, "evidence"), remark=_clean(mark, "remark"))
        for test, mark in prefilled.items()
    }


def _clean(mark: Mark, name: str) -> str:
    """Return a text of the record as a sheet can show it and give it back."""
    told: str = getattr(mark, name)
    text = CONTROL_CHARACTERS.sub("\ufffd", told.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > LONGEST_TEXT:
        raise BadInput(
            f"The {name} of an answer of the record has {len(text):,} characters, and {LONGEST_TEXT:,} are the most.",
            unit=mark.unit[:80],
            attribute=mark.attribute[:80],
            do="name where it stands instead.",
        )
    return text


def _row(unit: Unit, attribute: Attribute, mark: Mark | None) -> TestRow:
    told = (unit.id, unit.stratum, attribute.id, attribute.question)
    if mark is None:
        return TestRow(cells=(*told, "", "", "", ""))
    return TestRow(
        cells=(
            *told,
            mark.answer,
            mark.evidence,
            mark.remark,
            "record" if mark.auditor == "record" else f"record ({mark.auditor})",
        ),
        is_from_record=True,
    )


def _who(names: Sequence[str], sharing: Sharing) -> str:
    if len(names) == 1:
        return f"{names[0]} tests every file of the sample."
    if sharing is Sharing.TWO_EACH:
        return f"{names[0]} and {names[1]} test every file, each without knowing what the other finds."
    return f"The files are shared out among {', '.join(names[:-1])} and {names[-1]}."


_LINES = tuple(
    " ".join(said.split())
    for said in """
1. On the sheet 'Tests', answer every row: whether this file meets this attribute. The sheet 'Criteria' says what each
attribute is held against, and where that stands.

2. Choose the answer from the list. met: the file shows that the criterion is met. not_met: it shows that it is not met,
or does not show what it has to. not_testable: it cannot be found out, for example because the file is gone.
not_applicable: the criterion does not reach this file.

3. Under 'evidence' name where it can be found again (document, page, entry of the record). Under 'remark' say what the
next reader has to know. not_testable and not_applicable need a remark that says why.

4. Write references, never what they hold: no name, number or birth date of a person, nothing from a list.

5. Blue rows were answered by the record itself. They are locked; if one is wrong, say so to whoever leads the audit,
because the record has to be mended.

6. Leave rows and columns as they are: add none, delete none, write no formulas. Rows can be filtered.

7. Save the workbook under its own name, as .xlsx, and give it back.

The sheets are protected without a password. That guards against slips, not against intent: what is read back is
compared with the frame, the sample and the programme whose digests stand above.
""".split("\n\n")
)
