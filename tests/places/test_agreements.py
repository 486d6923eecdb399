"""Agreements are placed by their agency and annotated only from the day on which they began."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from detainer_ledger.places import add_agreements, agreements_by_jurisdiction, agreements_in, registers_in
from detainer_ledger.terms import BadInput
from tests.conftest import WriteText

HEADER = "state,agency,agency_type,county,model,signed,first_seen_in_list,last_seen_in_list\n"
LIST = (
    HEADER + "ALABAMA,Autauga County Sheriff's Office,County,Autauga County,Task Force Model,2025-09-22,2025-09-24,\n"
    "ALABAMA,Autauga County Sheriff's Office,County,Autauga County,Jail Enforcement Model,7/72025,2025-03-01,\n"
    "TEXAS,Some Office,State,,Task Force Model,2025-01-01,2025-02-21,\n"
)
AUTAUGA = "ocd-division/country:us/state:al/county:autauga"


def test_an_agreement_counts_from_its_day_and_an_impossible_day_is_the_lists(
    write_text: WriteText, tmp_path: Path
) -> None:
    found = add_agreements(write_text("agreements.csv", LIST), tmp_path / "kept")
    assert [each.jurisdiction_id for each in found] == [AUTAUGA, AUTAUGA, None]
    assert [each.signed for each in found] == [date(2025, 9, 22), None, date(2025, 1, 1)]
    assert agreements_by_jurisdiction(found, date(2025, 2, 28)) == {}
    assert [each.model for each in agreements_by_jurisdiction(found, date(2025, 9, 21))[AUTAUGA]] == [
        "Jail Enforcement Model"
    ]
    assert [each.model for each in agreements_by_jurisdiction(found, date(2025, 9, 22))[AUTAUGA]] == [
        "Jail Enforcement Model",
        "Task Force Model",
    ]


def test_a_list_of_agreements_is_kept_beside_registers_and_is_none(write_text: WriteText, tmp_path: Path) -> None:
    add_agreements(write_text("agreements.csv", LIST), tmp_path / "kept")
    assert len(agreements_in(tmp_path / "kept")) == 3
    assert registers_in(tmp_path / "kept") == ()


def test_what_is_no_list_of_agreements_is_refused(write_text: WriteText, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no list of agreements"):
        add_agreements(write_text("x.csv", "state,agency\n"), tmp_path)


@pytest.mark.shared
def test_most_published_agreements_find_their_jurisdiction(shared: Path, tmp_path: Path) -> None:
    found = add_agreements(shared / "agencies" / "agreements_287g_panel.csv", tmp_path)
    assert len(found) == 2_534
    assert sum(each.jurisdiction_id is not None for each in found) > 2_100
