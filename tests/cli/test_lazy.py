"""Groups that import a command only when it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from detainer_ledger.cli.lazy import LazyGroup
from detainer_ledger.cli.main import COMMANDS
from detainer_ledger.cli.record.group import COMMANDS as RECORD_COMMANDS

PACKAGE = "lazily_imported_commands"
TABLE = {"eat": "Eat something.", "drink-up": "Drink it all.", "import": "Import something.", "broken": "Cannot be."}


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LazyGroup:
    """Give a group over a package of its own, whose modules say when they are imported."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    source = "import click\n\n@click.command(name={name!r})\ndef command():\n    click.echo('this is {name}')\n"
    for module, name in (("eat", "eat"), ("drink_up", "drink-up"), ("import_", "import")):
        (folder / f"{module}.py").write_text(source.format(name=name))
    (folder / "broken.py").write_text("command = 'no command'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each.split(".")[0] == PACKAGE]:
        monkeypatch.delitem(sys.modules, name)
    return LazyGroup("meal", table=TABLE, package=PACKAGE)


def imported() -> set[str]:
    return {name.removeprefix(f"{PACKAGE}.") for name in sys.modules if name.startswith(f"{PACKAGE}.")}


def test_help_lists_the_table_in_its_order_and_imports_no_command(group: LazyGroup) -> None:
    shown = CliRunner().invoke(group, ["--help"]).output
    places = [shown.index(f"  {name} ") for name in TABLE]
    assert places == sorted(places)
    assert all(says in shown for says in TABLE.values())
    assert imported() == set()


def test_a_command_that_is_called_is_the_only_one_imported(group: LazyGroup) -> None:
    assert CliRunner().invoke(group, ["eat"]).output == "this is eat\n"
    assert imported() == {"eat"}


@pytest.mark.parametrize("name", ["drink-up", "import"])
def test_hyphens_and_words_of_python_have_modules_too(group: LazyGroup, name: str) -> None:
    assert CliRunner().invoke(group, [name]).output == f"this is {name}\n"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("eet", "There is no command 'eet'. Did you mean 'eat'?"),
        ("drinkup", "There is no command 'drinkup'. Did you mean 'drink-up'?"),
        ("zzz", "There is no command 'zzz'. 'meal --help' lists the commands."),
    ],
)
def test_an_unknown_command_is_answered_with_the_nearest_or_with_the_help(
    group: LazyGroup, typed: str, hint: str
) -> None:
    ran = CliRunner().invoke(group, [typed])
    assert ran.exit_code == 2
    assert hint in ran.output
    assert imported() == set()


def test_an_option_that_the_group_has_not_is_told_as_an_option(group: LazyGroup) -> None:
    ran = CliRunner().invoke(group, ["--eat"])
    assert ran.exit_code == 2
    assert "No such option" in ran.output


def test_a_name_outside_the_table_is_no_command(group: LazyGroup) -> None:
    context = click.Context(group)
    assert group.get_command(context, "sleep") is None
    assert group.list_commands(context) == list(TABLE)


def test_a_module_without_a_command_is_a_fault_of_the_program(group: LazyGroup) -> None:
    with pytest.raises(TypeError, match="has no command"):
        group.get_command(click.Context(group), "broken")


@pytest.mark.parametrize(
    ("asked", "table"),
    [(["--help"], COMMANDS), (["record", "--help"], RECORD_COMMANDS)],
    ids=["detainer", "detainer record"],
)
def test_help_of_the_program_imports_none_of_the_commands_it_lists(asked: list[str], table: Mapping[str, str]) -> None:
    code = (
        "import json, sys; from detainer_ledger.cli.main import group;"
        f"group.main({asked!r}, standalone_mode=False);"
        "print(json.dumps(sorted(name for name in sys.modules if name.split('.')[0] in "
        "('detainer_ledger', 'duckdb', 'pyarrow', 'sqlalchemy', 'cryptography', 'fastexcel'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    package = "detainer_ledger.cli" + (".record" if len(asked) == 2 else "")
    for name in table:
        if name != "record":
            assert f"{package}.{name.replace('-', '_')}" not in loaded
    assert "detainer_ledger.casework" not in loaded
    assert loaded.isdisjoint({"duckdb", "pyarrow", "sqlalchemy", "cryptography", "fastexcel"})
