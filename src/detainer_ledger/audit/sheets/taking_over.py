"""Taking filled sheets over into an audit: results, or what is still to be settled before there can be any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detainer_ledger.audit.folder import PROGRAMME, RECORDED, read_recorded, write_whole
from detainer_ledger.audit.programme import programme_of, read_programme
from detainer_ledger.audit.sheets.inconsistencies import refusal
from detainer_ledger.audit.sheets.layout import Test, settlement_path
from detainer_ledger.audit.sheets.reading import SheetMarks
from detainer_ledger.audit.sheets.settlement import read_settlement, write_settlement
from detainer_ledger.audit.sheets.settling import Pair, differing, keep_results, pairs_of, results_of
from detainer_ledger.audit.values import Frame, Mark, Programme, Results, Sample
from detainer_ledger.terms import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What became of filled sheets.

    ``results`` is None while tests that two auditors answered otherwise are not settled; ``n_unsettled`` are those,
    of ``n_differing``, and ``n_both`` the tests that both answered. ``is_new`` tells whether results.json was written.
    """

    results: Results | None
    n_both: int
    n_differing: int
    n_unsettled: int
    is_new: bool


def take_over(
    folder: Path,
    sheets: Sequence[SheetMarks],
    frame: Frame,
    sample: Sample,
    programme: Programme,
    *,
    replacing: str | None = None,
) -> TakenOver:
    """Write results.json from sheets, as ``read_sheets`` or ``set_aside`` returns them.

    Where two auditors differ, sheets/settlement.xlsx is written, and nothing is taken over until it is filled in.
    ``replacing`` is the reason to replace other results. Raises BadInput for a settlement that is inconsistent or of
    other answers, and for results that are there already and say something else.
    """
    both = pairs_of(sheets)
    differ = differing(both)
    settled, n_unsettled = _settled(folder, frame, sample, programme, differ)
    if n_unsettled:
        return TakenOver(results=None, n_both=len(both), n_differing=len(differ), n_unsettled=n_unsettled, is_new=False)
    results = results_of(frame, sample, programme, sheets, settled=settled)
    written = keep_results(folder, results, replacing=replacing)
    return TakenOver(
        results=results, n_both=len(both), n_differing=len(differ), n_unsettled=0, is_new=written is not None
    )


def _settled(
    folder: Path, frame: Frame, sample: Sample, programme: Programme, differ: Sequence[Pair]
) -> tuple[dict[Test, Mark], int]:
    """Return what is settled, and how many tests are not; write the sheet of settlement where there is none of them."""
    path = settlement_path(folder)
    if path.exists():
        found = read_settlement(path, frame, sample, programme, differ)
        if found.inconsistencies:
            raise refusal(found.inconsistencies)
        if found.is_stale and found.is_filled:
            raise BadInput(
                "The settlement is of other answers than the sheets have now.",
                file=str(path),
                do="move it away and read again; a new one is written if there is still something to settle.",
            )
        if not found.is_stale:
            return dict(found.marks), found.n_open
    if differ:
        write_settlement(folder, frame, sample, programme, differ)
    return {}, len(differ)


def choose_programme(folder: Path, text: str | None, *, named: str) -> Programme:
    """Return an audit's programme, copying ``text`` into its folder as programme.toml; None means the one there.

    ``named`` is what errors call the text. Raises BadInput where the audit has another programme already, or none.
    """
    path = folder / PROGRAMME
    if text is None:
        if not path.exists():
            raise BadInput(
                "The audit has no programme: what is to be tested.",
                folder=str(folder),
                do="name one with --programme, or take the illustrative one with --illustrative.",
            )
        return read_programme(path)
    programme = programme_of(text, file=named)
    if not path.exists():
        write_whole(path, text.encode())
    elif read_programme(path).sha256 != programme.sha256:
        raise BadInput(
            "The audit has another programme already.",
            file=str(path),
            do="begin another audit folder: what is tested is not changed after the draw.",
        )
    return programme


def recorded_answers(folder: Path, frame: Frame, sample: Sample, programme: Programme) -> dict[Test, Mark]:
    """Return what a record answered by itself of the tests of a sample; nothing where no record was asked.

    Raises BadInput where the answers are of another frame or programme.
    """
    recorded = read_recorded(folder)
    if recorded is None:
        return {}
    for what, here, there in (
        ("frame", frame.sha256, recorded.frame_sha256),
        ("programme", programme.sha256, recorded.programme_sha256),
    ):
        if here != there:
            raise BadInput(
                f"The answers of the record are of another {what} than the audit's.",
                file=str(folder / RECORDED),
                do="ask the record again with 'detainer audit from-record' in another audit folder.",
            )
    drawn = {unit.id for unit in sample.units}
    return {(mark.unit, mark.attribute): mark for mark in recorded.marks if mark.unit in drawn}
