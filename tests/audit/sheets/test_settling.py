"""Two auditors on every file: what they agree on is taken over, what they differ on is settled by a person first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.audit.folder import read_results, write_recorded
from detainer_ledger.audit.recorded import Recorded
from detainer_ledger.audit.sheets.layout import Sharing, manifest_of
from detainer_ledger.audit.sheets.reading import SheetMarks, look_at_sheets, read_sheets, set_aside
from detainer_ledger.audit.sheets.settlement import read_settlement, write_settlement
from detainer_ledger.audit.sheets.settling import differing, keep_results, pairs_of, results_of
from detainer_ledger.audit.sheets.taking_over import TakenOver, choose_programme, recorded_answers, take_over
from detainer_ledger.audit.sheets.writing import write_sheets
from detainer_ledger.audit.statistics.agreement import agreements
from detainer_ledger.audit.values import Answer, Mark
from detainer_ledger.terms import BadInput
from tests.audit.filling import Audit, Filled, fill, put, small_audit, spoil, told
from tests.running import tree

FIRST = {("F-1", "a-1"): ("not_met", "p. 1", "late"), ("F-3", "a-2"): ("not_met", "p. 3", "")}
SECOND = {("F-2", "a-2"): ("not_applicable", "", "no custody"), ("F-3", "a-2"): ("not_met", "p. 4", "")}
DIFFER = [("F-1", "a-1"), ("F-2", "a-2")]


def two_sheets(folder: Path, first: Filled, second: Filled, **more: Any) -> tuple[Audit, tuple[Path, ...]]:
    audit = small_audit()
    paths = write_sheets(
        folder,
        audit.frame,
        audit.sample,
        audit.programme,
        auditors=("Ana", "Ben"),
        sharing=Sharing.TWO_EACH,
        **more,
    )
    for path, said in zip(paths, (first, second), strict=True):
        fill(path, said)
    return audit, paths


def taken(folder: Path, audit: Audit, paths: tuple[Path, ...], **more: Any) -> TakenOver:
    sheets = read_sheets(paths, audit.frame, audit.sample, audit.programme)
    return take_over(folder, sheets, audit.frame, audit.sample, audit.programme, **more)


def settle(folder: Path, answers: dict[tuple[str, str], dict[str, str]]) -> Path:
    """Fill the settlement in: for a test, the texts of columns by their names."""
    path = folder / "sheets" / "settlement.xlsx"

    def change(book: Any) -> None:
        sheet = book["Tests"]
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(names, row, strict=True))
            for column, text in answers.get((cells["unit"].value, cells["attribute"].value), {}).items():
                put(cells[column], text)

    spoil(path, change)
    return path


SETTLED = {
    ("F-1", "a-1"): {"answer": "not_met", "settled by": "Cy"},
    ("F-2", "a-2"): {"answer": "met", "evidence": "p. 9", "settled by": "Ana and Ben"},
}


# ---------------------------------------------------------------- the road


def test_where_two_auditors_differ_nothing_is_taken_over_until_it_is_settled(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    done = taken(tmp_path, audit, paths)
    assert (done.results, done.n_both, done.n_differing, done.n_unsettled) == (None, 6, 2, 2)
    assert not (tmp_path / "results.json").exists()

    settle(tmp_path, {DIFFER[0]: SETTLED[DIFFER[0]]})
    assert taken(tmp_path, audit, paths).n_unsettled == 1
    assert not (tmp_path / "results.json").exists()

    settle(tmp_path, SETTLED)
    done = taken(tmp_path, audit, paths)
    assert done.is_new
    assert done.results == read_results(tmp_path)


def test_the_settled_answers_count_and_both_originals_are_kept(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    settle(tmp_path, SETTLED)
    results = taken(tmp_path, audit, paths).results
    assert results is not None
    marks = {(mark.unit, mark.attribute): mark for mark in results.marks}
    # Evidence that the settlement leaves out is that of the auditor whose answer it is.
    assert marks["F-1", "a-1"] == Mark(
        unit="F-1", attribute="a-1", answer=Answer.NOT_MET, auditor="Cy", evidence="p. 1", remark="late"
    )
    assert marks["F-2", "a-2"] == Mark(
        unit="F-2", attribute="a-2", answer=Answer.MET, auditor="Ana and Ben", evidence="p. 9"
    )
    # Where both agree, the mark is the first one's.
    assert (marks["F-3", "a-2"].auditor, marks["F-3", "a-2"].evidence) == ("Ana", "p. 3")
    assert {mark.auditor for mark in results.first} == {"Ana"}
    assert {mark.auditor for mark in results.second} == {"Ben"}
    assert {test: said for test, said in told(results.first).items() if said[0] != "met"} == FIRST
    assert {test: said for test, said in told(results.second).items() if said[0] != "met"} == SECOND


def test_agreement_is_that_of_the_original_answers(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    settle(tmp_path, SETTLED)
    results = taken(tmp_path, audit, paths).results
    assert results is not None
    one, other = agreements(audit.programme, results)
    # On a-1 they said (not_met, met), (met, met), (met, met): 2 of 3 agree, and as many would by chance.
    assert [one.units, one.agreed, one.kappa] == pytest.approx([3, 2 / 3, 0])
    # On a-2: (met, met), (met, not_applicable), (not_met, not_met): (2/3 - 3/9) / (1 - 3/9).
    assert [other.units, other.agreed, other.kappa] == pytest.approx([3, 2 / 3, 0.5])


def test_marks_stand_in_the_order_of_sample_and_programme(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, {}, {})
    results = taken(tmp_path, audit, paths).results
    assert results is not None
    order = [(unit.id, each.id) for unit in audit.sample.units for each in audit.programme.attributes]
    for marks in (results.marks, results.first, results.second):
        assert [(mark.unit, mark.attribute) for mark in marks] == order


def test_auditors_who_agree_need_no_settlement(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, FIRST)
    done = taken(tmp_path, audit, paths)
    assert (done.n_differing, done.is_new) == (0, True)
    assert not (tmp_path / "sheets" / "settlement.xlsx").exists()


def test_what_the_record_answered_is_no_agreement(tmp_path: Path) -> None:
    mark = Mark(unit="F-1", attribute="a-1", answer=Answer.MET, auditor="record")
    audit, paths = two_sheets(tmp_path, {}, {}, prefilled={("F-1", "a-1"): mark})
    done = taken(tmp_path, audit, paths)
    assert done.results is not None
    assert (len(done.results.marks), len(done.results.first), len(done.results.second)) == (6, 5, 5)
    assert done.results.marks[0].is_from_record


def test_a_test_that_was_set_aside_on_one_sheet_is_not_testable_and_needs_no_settlement(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, {}, {("F-1", "a-1"): ("well", "", "")})
    looked = look_at_sheets(paths, audit.frame, audit.sample, audit.programme)
    done = take_over(tmp_path, set_aside(looked), audit.frame, audit.sample, audit.programme)
    assert done.results is not None
    assert done.n_differing == 0
    mark = done.results.marks[0]
    reason = "sheet-ben.xlsx, sheet Tests, row 2, column answer: This is no answer."
    assert (mark.answer, mark.remark) == (Answer.NOT_TESTABLE, f"set aside: {reason}")
    assert done.results.set_aside == (reason,)
    assert (len(done.results.first), len(done.results.second)) == (5, 5)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Answer)), st.sampled_from(list(Answer)), st.booleans()),
        min_size=6,
        max_size=6,
    )
)
def test_every_test_has_one_mark_whatever_two_auditors_found(said: list[tuple[Answer, Answer, bool]]) -> None:
    audit = small_audit()
    tests = [(unit.id, each.id) for unit in audit.sample.units for each in audit.programme.attributes]

    def sheet(place: int, name: str) -> SheetMarks:
        return SheetMarks(
            file=name,
            manifest=manifest_of(
                audit.frame,
                audit.sample,
                audit.programme,
                auditor=name,
                auditors=("Ana", "Ben"),
                sharing=Sharing.TWO_EACH,
            ),
            marks=tuple(
                Mark(unit=unit, attribute=name_of, answer=(one, other)[place], auditor=name)
                for (unit, name_of), (one, other, _) in zip(tests, said, strict=True)
            ),
            aside=frozenset(test for test, (*_, is_aside) in zip(tests, said, strict=True) if is_aside and place == 1),
        )

    sheets = (sheet(0, "Ana"), sheet(1, "Ben"))
    pairs = pairs_of(sheets)
    settled = {pair.test: replace(pair.second, auditor="Cy") for pair in differing(pairs)}
    results = results_of(audit.frame, audit.sample, audit.programme, sheets, settled=settled)
    assert [(mark.unit, mark.attribute) for mark in results.marks] == tests
    for mark, (one, other, is_aside) in zip(results.marks, said, strict=True):
        expected = "Ben" if is_aside else "Ana" if one == other else "Cy"
        assert (mark.auditor, mark.answer) == (expected, other)
    assert len(pairs) == sum(not is_aside for *_, is_aside in said)
    if settled:
        with pytest.raises(BadInput, match="The two auditors differ on a test, and it is not settled"):
            results_of(audit.frame, audit.sample, audit.programme, sheets)


# ---------------------------------------------------------------- the sheet of settlement


def test_the_settlement_shows_the_differing_tests_alone_with_what_both_wrote(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    sheet = openpyxl.load_workbook(tmp_path / "sheets" / "settlement.xlsx")["Tests"]
    names, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [(row[0], row[2]) for row in rows] == DIFFER
    shown = dict(zip(names, rows[0], strict=True))
    assert (shown["first answer"], shown["first evidence"], shown["first remark"]) == ("not_met", "p. 1", "late")
    assert (shown["second answer"], shown["second evidence"]) == ("met", None)
    assert [name for name, cell in zip(names, sheet[2], strict=True) if not cell.protection.locked] == [
        "answer",
        "evidence",
        "remark",
        "settled by",
    ]


def change(column: str, text: object) -> Callable[[Any], None]:
    def spoilt(book: Any) -> None:
        sheet = book["Tests"]
        names = [cell.value for cell in sheet[1]]
        sheet.cell(row=2, column=names.index(column) + 1).value = text

    return spoilt


@pytest.mark.parametrize(
    ("spoilt", "column", "what"),
    [
        (change("answer", "metn"), "answer", "This is no answer."),
        (change("answer", "=A1"), "answer", "The cell holds a formula."),
        (change("settled by", None), "settled by", "The test is settled by nobody."),
        (change("settled by", 7), "settled by", "The cell holds a number, not text."),
        (change("settled by", "x" * 61), "settled by", "This is no name."),
        (change("answer", "not_testable"), "remark", "The answer is not_testable, and no remark says why."),
        (change("first answer", "met"), "first answer", "The first answer was changed."),
        (change("question", "Is it?"), "question", "The question was changed."),
        (change("evidence", "x" * 2_001), "evidence", "The text has 2,001 characters, and 2,000 are the most."),
    ],
)
def test_a_settlement_that_is_inconsistent_is_named_by_its_place(
    tmp_path: Path, spoilt: Callable[[Any], None], column: str, what: str
) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    spoil(settle(tmp_path, SETTLED), spoilt)
    with pytest.raises(BadInput) as caught:
        taken(tmp_path, audit, paths)
    assert caught.value.what == what
    assert caught.value.where == {"file": "settlement.xlsx", "sheet": "Tests", "row": 2, "column": column}
    assert "--set-aside" not in caught.value.do
    assert not (tmp_path / "results.json").exists()


def test_a_remark_is_taken_over_from_the_auditor_whose_answer_it_is(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    settle(tmp_path, {**SETTLED, DIFFER[1]: {"answer": "not_applicable", "settled by": "Cy"}})
    results = taken(tmp_path, audit, paths).results
    assert results is not None
    assert told(results.marks)["F-2", "a-2"] == ("not_applicable", "", "no custody")


def test_a_settlement_of_other_answers_is_written_again_unless_it_was_filled_in(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    spoil(paths[0], lambda book: book["Tests"].__setitem__("E7", "met"))
    assert taken(tmp_path, audit, paths).n_unsettled == 3

    path = settle(tmp_path, SETTLED)
    spoil(paths[0], lambda book: book["Tests"].__setitem__("E7", "not_met"))
    before = path.read_bytes()
    with pytest.raises(BadInput, match="The settlement is of other answers than the sheets have now"):
        taken(tmp_path, audit, paths)
    assert path.read_bytes() == before


def test_evidence_that_is_added_later_leaves_the_settlement_as_it_is(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    settle(tmp_path, SETTLED)
    spoil(paths[0], lambda book: book["Tests"].__setitem__("F2", "p. 1 and 2"))
    results = taken(tmp_path, audit, paths).results
    assert results is not None
    assert results.marks[0].evidence == "p. 1 and 2"


def test_what_is_no_settlement_is_refused(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    path = tmp_path / "sheets" / "settlement.xlsx"
    path.write_bytes(path.read_bytes()[:999])
    with pytest.raises(BadInput, match="The workbook is damaged or cut off"):
        taken(tmp_path, audit, paths)


def test_a_settlement_is_no_test_sheet(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    taken(tmp_path, audit, paths)
    with pytest.raises(BadInput, match="This is the sheet of settlement, not a test sheet"):
        read_sheets([tmp_path / "sheets" / "settlement.xlsx"], audit.frame, audit.sample, audit.programme)


def test_a_settlement_written_and_read_at_once_is_open(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, SECOND)
    sheets = read_sheets(paths, audit.frame, audit.sample, audit.programme)
    pairs = differing(pairs_of(sheets))
    path = write_settlement(tmp_path, audit.frame, audit.sample, audit.programme, pairs)
    found = read_settlement(path, audit.frame, audit.sample, audit.programme, pairs)
    assert (found.n_open, found.marks, found.inconsistencies, found.is_stale) == (2, {}, (), False)


# ---------------------------------------------------------------- keeping


def test_the_same_sheets_again_change_nothing(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, FIRST, FIRST)
    assert taken(tmp_path, audit, paths).is_new
    before = tree(tmp_path)
    assert not taken(tmp_path, audit, paths).is_new
    assert not taken(tmp_path, audit, paths, replacing="no need").is_new
    assert tree(tmp_path) == before


def test_other_results_are_replaced_only_with_a_reason_and_are_kept(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, {}, {})
    taken(tmp_path, audit, paths)
    earlier = (tmp_path / "results.json").read_bytes()
    for path in paths:
        spoil(path, lambda book: book["Tests"].__setitem__("E2", "not_met"))
    with pytest.raises(BadInput, match="There are results already, and they say something else than these sheets"):
        taken(tmp_path, audit, paths)
    for reason in ("", "  ", "a\x07b", "x" * 501):
        with pytest.raises(BadInput, match="A reason to replace results is needed"):
            taken(tmp_path, audit, paths, replacing=reason)
    assert (tmp_path / "results.json").read_bytes() == earlier

    assert taken(tmp_path, audit, paths, replacing="a file  was found").is_new
    assert (tmp_path / "results-1.json").read_bytes() == earlier
    assert read_results(tmp_path).replaced == ("results-1.json: a file was found",)
    assert not taken(tmp_path, audit, paths).is_new

    for path in paths:
        spoil(path, lambda book: book["Tests"].__setitem__("E2", "met"))
    assert taken(tmp_path, audit, paths, replacing="it was not").is_new
    assert read_results(tmp_path).replaced == ("results-1.json: a file was found", "results-2.json: it was not")
    assert json.loads((tmp_path / "results-2.json").read_text())["replaced"] == ["results-1.json: a file was found"]


def test_a_reason_is_not_needed_where_there_are_no_results(tmp_path: Path) -> None:
    audit, paths = two_sheets(tmp_path, {}, {})
    results = results_of(
        audit.frame,
        audit.sample,
        audit.programme,
        read_sheets(paths, audit.frame, audit.sample, audit.programme),
    )
    assert keep_results(tmp_path, results, replacing="first") == tmp_path / "results.json"
    assert read_results(tmp_path) == results


# ---------------------------------------------------------------- what the record answered


def test_the_answers_of_a_record_are_those_of_the_sample_and_of_this_audit(tmp_path: Path) -> None:
    audit = small_audit()
    asked = (tmp_path, audit.frame, audit.sample, audit.programme)
    assert recorded_answers(*asked) == {}
    marks = tuple(
        Mark(unit=unit, attribute="a-1", answer=Answer.MET, auditor="record", is_from_record=True)
        for unit in ("F-1", "not drawn")
    )
    recorded = Recorded(
        frame_sha256=audit.frame.sha256,
        programme_sha256=audit.programme.sha256,
        at=datetime(2026, 3, 2, tzinfo=UTC),
        marks=marks,
    )
    write_recorded(tmp_path, recorded)
    assert recorded_answers(*asked) == {("F-1", "a-1"): marks[0]}
    others = {
        "frame": replace(recorded, frame_sha256="f" * 64),
        "programme": replace(recorded, programme_sha256="f" * 64),
    }
    for what, other in others.items():
        write_recorded(tmp_path, other)
        with pytest.raises(BadInput, match=f"The answers of the record are of another {what} than the audit's"):
            recorded_answers(*asked)


# ---------------------------------------------------------------- the programme of an audit

PROGRAMME = (
    'id = "p"\nversion = "1"\ntitle = "Tests"\n[[attribute]]\nid = "a"\ntitle = "A"\nquestion = "Is it?"\n'
    'criterion = "It is."\nsource = "Law, 1"\n'
)


def test_a_programme_is_copied_to_the_byte_and_not_replaced_by_another(tmp_path: Path) -> None:
    text = PROGRAMME.replace("\n", "\r\n")
    chosen = choose_programme(tmp_path, text, named="mine.toml")
    assert (tmp_path / "programme.toml").read_bytes() == text.encode()
    assert choose_programme(tmp_path, None, named="") == chosen
    assert choose_programme(tmp_path, text, named="mine.toml") == chosen
    with pytest.raises(BadInput, match="The audit has another programme already"):
        choose_programme(tmp_path, PROGRAMME, named="mine.toml")


def test_an_audit_without_a_programme_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The audit has no programme") as caught:
        choose_programme(tmp_path, None, named="")
    assert "--programme" in caught.value.do


def test_a_programme_that_is_none_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        choose_programme(tmp_path, "id = ", named="mine.toml")
    assert caught.value.where["file"] == "mine.toml"
    assert tree(tmp_path) == {}
