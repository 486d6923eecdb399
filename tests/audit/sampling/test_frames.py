"""Frames: canonical text and digest, and every row that cannot be in one named by file, row and column."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.audit.sampling.frames import (
    NOT_RECORDED,
    fault_of_id,
    frame_of_csv,
    frame_of_store,
    frame_of_units,
    frame_text,
    units_of_text,
)
from detainer_ledger.audit.values import Frame, Unit
from detainer_ledger.intake import ingest
from detainer_ledger.terms import BadInput
from tests.audit.making import NOW
from tests.conftest import WriteCsv, WriteText

IDS = st.text(min_size=1, max_size=12).filter(lambda text: not fault_of_id(text))


def frame_of(*ids: str) -> Frame:
    return frame_of_units(
        (Unit(id=each) for each in ids), title="Synthetic", source="tests", source_sha256=None, made_at=NOW
    )


def test_the_canonical_text_is_as_documented() -> None:
    units = [Unit(id="b"), Unit(id="a,1"), Unit(id='a"2'), Unit(id="é")]
    made = frame_of_units(units, title="Synthetic", source="tests", source_sha256=None, made_at=NOW)
    text = b'id,stratum\n"a""2",\n"a,1",\nb,\n\xc3\xa9,\n'
    assert frame_text(made.units) == text
    assert made.sha256 == sha256(text).hexdigest()


@given(st.lists(IDS, min_size=1, max_size=30, unique=True), st.randoms())
def test_the_order_of_a_list_does_not_change_its_frame(ids: list[str], random) -> None:  # type: ignore[no-untyped-def]
    mixed = list(ids)
    random.shuffle(mixed)
    assert frame_of(*ids) == frame_of(*mixed)


@given(st.dictionaries(IDS, IDS, min_size=1, max_size=30))
def test_units_come_back_from_their_canonical_text(strata: dict[str, str]) -> None:
    units = (Unit(id=each, stratum=stratum) for each, stratum in strata.items())
    made = frame_of_units(units, title="Synthetic", source="tests", source_sha256=None, made_at=NOW)
    assert units_of_text(frame_text(made.units)) == made.units


def test_one_unit_or_stratum_other_is_another_digest() -> None:
    one = frame_of_units([Unit(id="a", stratum="x")], title="t", source="s", source_sha256=None, made_at=NOW)
    other = frame_of_units([Unit(id="a", stratum="y")], title="t", source="s", source_sha256=None, made_at=NOW)
    assert len({one.sha256, other.sha256, frame_of("a").sha256, frame_of("b").sha256, frame_of("a", "b").sha256}) == 5


@pytest.mark.parametrize(
    ("units", "what"),
    [
        ([], "no unit"),
        ([Unit(id="a"), Unit(id="a")], "twice"),
        ([Unit(id="a", stratum="x"), Unit(id="b")], "some have none"),
        ([Unit(id="")], "empty"),
        ([Unit(id="a" * 201)], "201 characters"),
        ([Unit(id="a\tb")], "cannot be seen"),
        ([Unit(id="a\u200b")], "cannot be seen"),
        ([Unit(id=" a")], "cannot be seen"),
        ([Unit(id="=1+1")], "formula"),
        ([Unit(id="a", stratum="@x")], "formula"),
    ],
)
def test_units_that_cannot_be_a_frame_are_refused(units: list[Unit], what: str) -> None:
    with pytest.raises(BadInput, match=what):
        frame_of_units(units, title="Synthetic", source="tests", source_sha256=None, made_at=NOW)


# ---------------------------------------------------------------- CSV


def read(path: Path, *, id_column: str = "id", by: str | None = None) -> Frame:
    return frame_of_csv(path, title="Synthetic", id_column=id_column, by=by, made_at=NOW)


def test_a_csv_is_read_with_its_digest_as_it_stands(write_text: WriteText) -> None:
    text = "\ufeffoffice, case \r\nnorth, F-2 \r\n,\r\nsouth,F-1\r\n"
    made = read(write_text("files.csv", text), id_column="case", by="office")
    assert made.units == (Unit(id="F-1", stratum="south"), Unit(id="F-2", stratum="north"))
    assert made.source == "files.csv"
    assert made.source_sha256 == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", {}, "empty"),
        ("\n \n", {}, "empty"),
        ("id\n", {}, "no row"),
        ("case\nF-1\n", {}, "no column 'id'"),
        ("id,id\nF-1,F-2\n", {"column": "id"}, "two columns"),
        ("id;office\nF-1;north\n", {}, "no column 'id'"),
        ("id,office\nF-1,north\nF-2\n", {"row": 3}, "1 cells where the header has 2"),
        ("id,office\nF-1,north\n,south\n", {"row": 3, "column": "id"}, "empty"),
        ("id,office\nF-1,north\nF-1,south\n", {"row": 3, "column": "id"}, "row 2 already"),
        ("id,office\nF-1,north\nF-2,\n", {"row": 3, "column": "office"}, "empty"),
        ('id,office\n"F\n1",north\n', {"row": 2, "column": "id"}, "cannot be seen"),
        ("id,office\nF-1,north\n=F-2,south\n", {"row": 3, "column": "id"}, "formula"),
        ('id,office\n"F-1,north\n', {}, "no CSV"),
        ("id,office\nF-1,n\xf6rd\n".encode("latin-1"), {"row": 2}, "not UTF-8"),
    ],
)
def test_a_list_that_is_no_frame_names_file_row_and_column(
    write_text: WriteText, text: str | bytes, where: dict[str, object], what: str
) -> None:
    path = write_text("files.csv", text)
    with pytest.raises(BadInput, match=what) as refused:
        read(path, by="office" if b"office" in path.read_bytes() and b";" not in path.read_bytes() else None)
    assert refused.value.where == {"file": "files.csv", **where}
    assert refused.value.do


def test_several_bad_rows_are_told_at_once(write_text: WriteText) -> None:
    rows = "".join(f"F-{number % 3}\n" for number in range(12))
    with pytest.raises(BadInput) as refused:
        read(write_text("files.csv", "id\n" + rows))
    assert refused.value.what == (
        "The id stands in row 2 already. Something is wrong in these rows, too: 6, 7, 8, 9, 10 and 3 more."
    )
    assert refused.value.where["row"] == 5


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "none.csv")


@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=3), max_size=8))
def test_any_table_is_a_frame_of_all_its_rows_or_refused(rows: list[list[str]]) -> None:
    import tempfile

    target = io.StringIO(newline="")
    csv.writer(target).writerows([["id", "office"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "files.csv"
        path.write_bytes(target.getvalue().encode("utf-8", "surrogatepass"))
        try:
            made = read(path)
        except BadInput:
            return
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert sorted(unit.id for unit in made.units) == sorted(row[0].strip() for row in filled)


# ---------------------------------------------------------------- store


def test_a_store_is_a_frame_of_its_detainers_by_state(tmp_path: Path, write_csv: WriteCsv) -> None:
    rows = [["2014-01-02", "I-247", "Synthetic Jail", state, "Synthetic City", ""] for state in ("PA", "PA", "NJ", "")]
    ingest([write_csv(rows)], tmp_path / "store")
    made = frame_of_store(tmp_path / "store", title="Synthetic", by="state", made_at=NOW)
    assert made.strata == {"NJ": 1, "PA": 2, NOT_RECORDED: 1}
    assert made.source_sha256 is not None
    alone = frame_of_store(tmp_path / "store", title="Synthetic", by=None, made_at=NOW)
    assert [unit.id for unit in alone.units] == [unit.id for unit in made.units]
    assert alone.strata == {"": 4}
    by_year = frame_of_store(tmp_path / "store", title="Synthetic", by="year", made_at=NOW)
    assert by_year.strata == {"2014": 4}
    with pytest.raises(BadInput, match="no column 'shoe'"):
        frame_of_store(tmp_path / "store", title="Synthetic", by="shoe", made_at=NOW)
    with pytest.raises(BadInput, match="no release 'other'"):
        frame_of_store(tmp_path / "store", title="Synthetic", by=None, made_at=NOW, releases=("other",))
