"""Marking repeats, against an oracle that compares whole rows in plain Python."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import detainer_ledger as dl
from detainer_ledger.releases.layouts import layout
from tests.conftest import WriteCsv

NEEDED = {"issued_on", "criminality", "facility_name", "threat_level", "person_key", "lift_reason_raw"}
COLUMNS = [column.name for column in layout("icli-2026-03").columns if column.name in NEEDED]
HEADER = [column.header for column in layout("icli-2026-03").columns if column.name in NEEDED]


def mark_by_hand(rows: Sequence[dict[str, str]]) -> list[tuple[int | None, str | None]]:
    """Return for each row the place of the row it repeats, and how, straight from the rule."""
    marks: list[tuple[int | None, str | None]] = []
    for place, row in enumerate(rows):
        mark: tuple[int | None, str | None] = (None, None)
        if row["person_key"]:
            earlier = range(place)
            exact = next((each for each in earlier if rows[each] == row), None)
            likely = next(
                (
                    each
                    for each in earlier
                    if rows[each]["person_key"] == row["person_key"]
                    and rows[each]["issued_on"] == row["issued_on"] != ""
                ),
                None,
            )
            if exact is not None:
                mark = (exact, "exact")
            elif likely is not None:
                mark = (likely, "likely")
        marks.append(mark)
    return marks


few = st.fixed_dictionaries(
    {
        "person_key": st.sampled_from(["", "a", "b"]),
        "issued_on": st.sampled_from(["2024-05-06", "2024-05-07", ""]),
        "facility_name": st.sampled_from(["X JAIL", "Y JAIL"]),
        "lift_reason_raw": st.sampled_from(["", "Lifted"]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(few, min_size=1, max_size=12))
def test_repeats_are_marked_as_the_rule_says(write_csv: WriteCsv, rows: list[dict[str, str]]) -> None:
    path = write_csv([[row.get(name, "") for name in COLUMNS] for row in rows], header=HEADER)
    table = dl.read(path).table.to_pylist()
    ids = [row["detainer_id"] for row in table]
    expected = [(None if first is None else ids[first], kind) for first, kind in mark_by_hand(rows)]
    assert [(row["duplicate_of"], row["duplicate_kind"]) for row in table] == expected


def test_rows_without_identifier_are_never_marked(write_csv: WriteCsv) -> None:
    cells = {"issued_on": "2024-05-06", "facility_name": "X JAIL"}
    path = write_csv([[cells.get(name, "") for name in COLUMNS]] * 5, header=HEADER)
    release = dl.read(path)
    assert release.account.duplicates == {"exact": 0, "likely": 0}
    assert release.account.kept == 5


def test_no_row_of_npr_2015_is_ever_marked(write_csv: WriteCsv) -> None:
    path = write_csv([["1/2/14", "", "OTHER-OTHER FACILITY", "", "", ""]] * 58)
    release = dl.read(path)
    assert release.account.duplicates == {"exact": 0, "likely": 0}
    assert release.table.num_rows == 58


def test_a_difference_in_a_column_that_no_layout_knows_makes_a_row_likely_and_not_exact(write_csv: WriteCsv) -> None:
    cells = {"issued_on": "2024-05-06", "facility_name": "X JAIL", "person_key": "p"}
    row = [cells.get(name, "") for name in COLUMNS]
    path = write_csv([[*row, "left"], [*row, "right"]], header=[*HEADER, "Shoe"])
    release = dl.read(path)
    assert release.account.duplicates == {"exact": 0, "likely": 1}
    assert release.account.unknown_columns == ("Shoe",)


def test_repeats_are_found_across_the_files_of_a_release_and_the_first_in_file_order_is_kept(
    write_csv: WriteCsv,
) -> None:
    cells = {"issued_on": "2024-05-06", "facility_name": "X JAIL", "person_key": "p"}
    row = [cells.get(name, "") for name in COLUMNS]
    first = write_csv([row], header=HEADER, name="b.csv")
    second = write_csv([row, row], header=HEADER, name="a.csv", line_end="\r\n")
    release = dl.read(first, second)
    table = release.table.to_pylist()
    assert [each["source_file"] for each in table] == ["b.csv", "a.csv", "a.csv"]
    assert [each["duplicate_of"] for each in table] == [None, table[0]["detainer_id"], table[0]["detainer_id"]]
    assert release.account.duplicates == {"exact": 2, "likely": 0}


def test_a_bulk_entry_day_is_flagged_and_ordinary_days_are_not(write_csv: WriteCsv) -> None:
    random.seed(1)
    rows = [
        [f"{1 + day % 12}/{1 + day % 28}/14", "", "X JAIL", "MINNESOTA", "", ""]
        for day in range(28 * 12)
        for _ in range(random.randint(3, 7))
    ]
    rows += [["2/11/14", "", "Y JAIL", "MINNESOTA", "", ""]] * 238
    table = dl.read(write_csv(rows)).table.to_pylist()
    flagged = {row["issued_on"].isoformat() for row in table if "date/bulk-entry" in row["quality"]}
    assert flagged == {"2014-02-11"}
