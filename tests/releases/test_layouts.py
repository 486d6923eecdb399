"""Recognising a layout from the names in a header."""

from __future__ import annotations

import random

import pytest

from detainer_ledger.releases import layouts
from detainer_ledger.releases.layouts import fold_header, layout, match_header
from detainer_ledger.terms import BadInput

DETAINER_LAYOUTS = [each for each in layouts().values() if each.kind == "detainers"]


def headers_of(layout_id: str) -> list[str]:
    return [column.header for column in layout(layout_id).columns]


@pytest.mark.parametrize("described", DETAINER_LAYOUTS, ids=lambda each: each.id)
def test_every_layout_is_recognised_by_its_own_header(described: object) -> None:
    match = match_header([headers_of(described.id)])  # type: ignore[attr-defined]
    assert match is not None
    assert match.layout is described
    assert match.unknown == ()
    assert match.missing == ()


@pytest.mark.parametrize("described", DETAINER_LAYOUTS, ids=lambda each: each.id)
def test_the_order_of_columns_and_the_preamble_do_not_matter(described: object) -> None:
    shuffled = headers_of(described.id)  # type: ignore[attr-defined]
    random.Random(7).shuffle(shuffled)
    preamble: list[list[str | None]] = [
        ["Enforcement and Removal Operations"],
        [None],
        ["As of", "2026-03-11"],
        [],
        [""],
        [],
    ]
    match = match_header([*preamble, shuffled])
    assert match is not None
    assert match.row == 7
    if described.id != "cilp-2025":  # type: ignore[attr-defined]
        assert match.layout is described


NPR_SPELLINGS = [
    "Prepare Date,Detainer Type,Detainer Detention Facility,State,City,Detainer Lift Reason",
    "date,lift_reason,det_facility,city,state,detainer_type",
    "prepare_date,detainer_type,det_facility,state,city,lift_reason",
    "source_row,prepare_date,detainer_type,det_facility,state,city,lift_reason",
]


@pytest.mark.parametrize("header", NPR_SPELLINGS)
def test_npr_2015_is_recognised_in_all_its_spellings(header: str) -> None:
    match = match_header([header.split(",")])
    assert match is not None
    assert match.layout.id == "npr-2015"
    assert {each.column.name for each in match.columns} >= {"issued_on", "facility_name", "lift_reason_raw", "form_raw"}


def test_the_two_columns_of_one_header_in_cilp_2025_are_told_apart_by_their_order() -> None:
    header = headers_of("cilp-2025")
    match = match_header([header])
    assert match is not None
    places = {each.column.name: each.position + 1 for each in match.columns}
    assert places["case_final_order"] == 33
    assert places["basis_final_order"] == 56
    assert len(places) == 65


def test_the_file_without_birth_date_is_the_same_layout() -> None:
    header = [each for each in headers_of("icli-2026-03") if each != "Birth Date"]
    assert len(header) == 64
    match = match_header([header])
    assert match is not None
    assert match.layout.id == "icli-2026-03"
    assert match.missing == ()


def test_a_column_that_no_layout_knows_is_reported_and_not_fatal() -> None:
    match = match_header([[*headers_of("npr-2015"), "Shoe Size", "Detainer Type"]])
    assert match is not None
    assert match.unknown == ("Shoe Size", "Detainer Type")


def test_an_unknown_layout_names_the_nearest_and_what_differs() -> None:
    with pytest.raises(BadInput) as caught:
        match_header([["Detainer Prepare Date", "Facility State", "Facility City", "Shoe Size"]])
    message = caught.value.message()
    assert "The nearest is" in message
    assert "'Shoe Size'" in message
    assert "--layout" in message


def test_rows_without_known_names_are_no_header() -> None:
    assert match_header([["Notes"], ["This workbook was made by hand"], []]) is None


def test_a_forced_layout_takes_what_it_finds() -> None:
    match = match_header(
        [["Detainer Prepare Date", "Facility State", "Facility City", "Shoe Size"]], forced=layout("cilp-2025")
    )
    assert match is not None
    assert len(match.columns) == 3
    assert "Detention Facility" in match.missing


def test_an_unknown_layout_id_lists_the_known_ones() -> None:
    with pytest.raises(BadInput, match="npr-2015"):
        layout("npr-1999")


@pytest.mark.parametrize("described", list(layouts().values()), ids=lambda each: each.id)
def test_no_layout_ingests_what_is_withheld_by_policy(described: object) -> None:
    sensitive = ("religion", "ethnic", "marital", "terrorist", "race", "subject name", "birth date")
    for column in described.columns:  # type: ignore[attr-defined]
        if any(word in fold_header(column.header) for word in sensitive):
            assert column.type == "withheld", column.header


@pytest.mark.parametrize(
    ("header", "kind", "said", "helps"),
    [
        (
            [
                "Stay Book In Date Time",
                "Book In Date Time",
                "Detention Facility",
                "Detention Facility Code",
                "Anonymized Identifier",
            ],
            "detainers",
            "file of detentions",
            "--detentions",
        ),
        (
            ["Apprehension Date", "Apprehension Method", "Citizenship Country", "Gender", "Anonymized Identifier"],
            "detainers",
            "file of arrests",
            "--arrests",
        ),
        (
            [*NPR_SPELLINGS[0].split(","), "Detention Facility", "Detention Facility Code", "Book In Date Time"],
            "detentions",
            "file of detainers",
            "detainer ingest",
        ),
    ],
)
def test_a_file_of_another_kind_is_sent_to_the_command_that_reads_it(
    header: list[str], kind: str, said: str, helps: str
) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        match_header([header], kind=kind)
    assert helps in caught.value.message()
