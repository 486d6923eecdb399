"""Settling: what two auditors answered otherwise is settled by a person, and all sheets become one set of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detainer_ledger.audit.folder import RESULTS, read_results, write_results, write_whole
from detainer_ledger.audit.sheets.layout import Sharing, Test
from detainer_ledger.audit.sheets.reading import SheetMarks
from detainer_ledger.audit.values import Frame, Mark, Programme, Results, Sample
from detainer_ledger.terms import BadInput

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One test as two auditors answered it."""

    first: Mark
    second: Mark

    @property
    def test(self) -> Test:
        """Return the ids of unit and attribute."""
        return self.first.unit, self.first.attribute


def pairs_of(sheets: Sequence[SheetMarks]) -> tuple[Pair, ...]:
    """Return the tests that two auditors both answered, in the order of the sheets; () where one tests each file.

    What the record answered, and what was set aside on either sheet, is left out: nobody agreed with anybody in it.
    """
    if not _are_two_each(sheets):
        return ()
    first, second = sheets
    seconds = {(mark.unit, mark.attribute): mark for mark in second.marks}
    pairs = [Pair(first=mark, second=seconds[mark.unit, mark.attribute]) for mark in first.marks]
    aside = first.aside | second.aside
    return tuple(each for each in pairs if each.test not in aside and not each.first.is_from_record)


def differing(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the tests whose two answers are not the same."""
    return tuple(each for each in pairs if each.first.answer != each.second.answer)


def results_of(
    frame: Frame,
    sample: Sample,
    programme: Programme,
    sheets: Sequence[SheetMarks],
    *,
    settled: Mapping[Test, Mark] | None = None,
) -> Results:
    """Return the results of all sheets, one mark for each unit and attribute in the order of sample and programme.

    Where two auditors agree, the mark is the first one's; where not, the settled one; a test that was set aside on
    either sheet is not testable. ``sheets`` are whole, and of one call, as ``read_sheets`` returns them. Raises
    BadInput for a test that is not settled.
    """
    marks = {(mark.unit, mark.attribute): mark for sheet in reversed(sheets) for mark in sheet.marks}
    for sheet in sheets:
        marks |= {
            (mark.unit, mark.attribute): mark for mark in sheet.marks if (mark.unit, mark.attribute) in sheet.aside
        }
    pairs = pairs_of(sheets)
    for pair in differing(pairs):
        if settled is None or pair.test not in settled:
            raise BadInput(
                "The two auditors differ on a test, and it is not settled.",
                unit=pair.test[0],
                attribute=pair.test[1],
                do="settle it first.",
            )
        marks[pair.test] = settled[pair.test]
    tests = [(unit.id, each.id) for unit in sample.units for each in programme.attributes]
    both = {pair.test: pair for pair in pairs}
    return Results(
        frame_sha256=frame.sha256,
        sample_sha256=sample.sha256,
        programme_sha256=programme.sha256,
        marks=tuple(marks[test] for test in tests),
        first=tuple(both[test].first for test in tests if test in both),
        second=tuple(both[test].second for test in tests if test in both),
        set_aside=tuple(reason for sheet in sheets for reason in sheet.reasons),
    )


def _are_two_each(sheets: Sequence[SheetMarks]) -> bool:
    return len(sheets) == 2 and sheets[0].manifest.sharing is Sharing.TWO_EACH


# ---------------------------------------------------------------- keeping


def keep_results(folder: Path, results: Results, *, replacing: str | None = None) -> Path | None:
    """Write results.json; return its path, None where it says the same already and nothing was changed.

    ``replacing`` is the reason to replace results that say something else: these are kept as results-1.json, and so
    on, and named in the new ones. Raises BadInput where there are others and no reason is given.
    """
    path = folder / RESULTS
    if not path.exists():
        write_results(folder, results)
        return path
    before = read_results(folder)
    if replace(before, replaced=()) == results:
        return None
    if replacing is None:
        raise BadInput(
            "There are results already, and they say something else than these sheets.",
            file=str(path),
            do="if these are to count, read them with --replace and the reason; the earlier ones are kept.",
        )
    reason = " ".join(replacing.split())
    if not reason or not reason.isprintable() or len(reason) > _LONGEST_REASON:
        raise BadInput(
            "A reason to replace results is needed.",
            do=f"write it in 1 to {_LONGEST_REASON} characters, for the reader of the report.",
        )
    number = 1
    while (kept := folder / f"results-{number}.json").exists():
        number += 1
    write_whole(kept, path.read_bytes())
    write_results(folder, replace(results, replaced=(*before.replaced, f"{kept.name}: {reason}")))
    return path
