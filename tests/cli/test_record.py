"""``detainer record`` from the first command to the proof, as somebody at a terminal goes through it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click
import pytest

from detainer_ledger.cli.record.group import COMMANDS, command
from tests.cli.record_desk import HELD, PERSON, RELEASED_AFTER_DECLINE, TAKEN, Desk, bare_desk


def test_a_record_is_kept_counted_proven_and_moved_by_commands_alone(desk: Desk, tmp_path: Path) -> None:
    # The people and agencies.
    assert "oak-jail" in desk.record("agency", "list").out
    people = desk.record("actor", "list").out
    assert [line.split()[:2] for line in people.splitlines()[2:]] == [
        ["ada", "administrator"],
        ["olga", "issuing_officer"],
        ["sam", "supervisor"],
        ["aud", "auditor"],
        ["jill", "receiving_agency"],
        ["nora", "receiving_agency"],
    ]

    # Cases, each to an end of its own, and one that is still held.
    taken, declined, held = desk.walk(TAKEN), desk.walk(RELEASED_AFTER_DECLINE), desk.walk(HELD)
    assert {row["case"]: row["stage"] for row in desk.json("list", "--as", "jill")} == {
        taken: "ended",
        declined: "ended",
        held: "held",
    }
    assert desk.json("list", "--as", "nora") == []
    assert [row["case"] for row in desk.json("holds", "--as", "jill")] == [held]
    assert "custody taken" in desk.record("show", taken, "--as", "sam").out
    assert PERSON["name"] in desk.record("person", taken, "--purpose", "service", "--as", "jill").out

    # Proofs.
    published = tmp_path / "published.txt"
    desk.record("checkpoint", "--out", published, "--as", "aud")
    desk.record("prove", taken, "--out", tmp_path / "proof.json", "--as", "olga")
    desk.record("act", held, "release", "at=2026-03-02T08:30", "notice_given=no", "--as", "jill")
    desk.record("prove", "--since", published, "--out", tmp_path / "growth.json", "--as", "aud")
    key = desk.keys / "public-key.pem"
    for proof in ("proof.json", "growth.json"):
        assert "The proof holds" in desk.record("check", tmp_path / proof, "--public-key", key).out
    assert "The record verifies" in desk.record("verify", "--checkpoint", published).out

    # Figures and a state's report.
    store = tmp_path / "store"
    assert "3 detainers are written" in desk.record("extract", "--store", store, "--as", "aud").out
    (row,) = json.loads(desk.run("measure", "--store", store, "--json").out)
    counted = {name: row[name] for name in ("detainers", "taken_into_custody", "declined", "released_before_pickup")}
    assert counted == {"detainers": 3, "taken_into_custody": 1, "declined": 1, "released_before_pickup": 1}
    period = ("--from", "2026-01-01", "--to", "2026-12-31")
    written = desk.record("report", "write", "illinois", *period, "--as", "jill").out
    assert len(list(csv.DictReader(io.StringIO(written)))) == 3

    # The whole of it moved into an SQLite file, whatever it stood in.
    desk.record("backup", tmp_path / "backup.gz", "--as", "ada")
    moved = str(tmp_path / "moved.db")
    restored = desk.record(
        "restore", tmp_path / "backup.gz", "--persons", tmp_path / "backup.gz.keys", "--record", moved
    )
    assert "The record verifies" in restored.out
    assert desk.json("show", taken, "--record", moved, "--as", "sam") == desk.json("show", taken, "--as", "sam")
    assert PERSON["name"] in desk.record("person", taken, "--purpose", "service", "--as", "jill", "--record", moved).out
    before = desk.json("list", "--as", "sam")
    desk.record("rebuild", "--as", "ada")
    assert desk.json("list", "--as", "sam") == before


def test_every_command_of_the_group_has_help_an_example_and_help_for_its_options() -> None:
    for name, each in _commands().items():
        assert each.help, name
        assert f"detainer record {name}" in (each.epilog or ""), f"{name} has no example of its own"
        for parameter in each.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"


def _commands() -> Mapping[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(command, help_option_names=["-h", "--help"])
    for name in COMMANDS:
        module = "import_" if name == "import" else name
        each = import_module(f"detainer_ledger.cli.record.{module}").command
        assert isinstance(each, click.Command)
        assert command.get_command(context, name) is each
        found[name] = each
        if isinstance(each, click.Group):
            found |= {f"{name} {inner}": part for inner, part in each.commands.items()}
    return found


def test_help_of_the_group_lists_every_command_in_order(tmp_path: Path) -> None:
    shown = bare_desk(tmp_path).record("--help").out
    places = [shown.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_given_without_a_record(tmp_path: Path, name: str) -> None:
    shown = bare_desk(tmp_path).record(name, "--help").out
    assert shown.startswith(f"Usage: detainer record {name}")
