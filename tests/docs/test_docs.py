"""The documentation says what the program does: nothing is left out, nothing is out of date, and examples run."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest

import detainer_ledger as dl
from detainer_ledger.cli.main import COMMANDS
from detainer_ledger.measures import FIGURE_COLUMNS, GROUPS, Denominator
from detainer_ledger.releases.synthetic import synthesize
from detainer_ledger.reports.texts import texts
from detainer_ledger.terms import COLUMN_NAMES, VERSION, LedgerError, forms, lift_reasons

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its neighbours are imported from its own folder, as they are when it is run.
    sys.path.insert(0, str(DOCS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


def command_tree(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Give a command and all those beneath it, each with its words."""
    yield name, command
    if isinstance(command, click.Group):
        for each, member in generator().members_of(command).items():
            yield from command_tree(f"{name} {each}", member)


def all_commands() -> dict[str, click.Command]:
    return {words: each for name in COMMANDS for words, each in command_tree(name, generator().command_of(name))}


def reference(page: str) -> str:
    return (DOCS / "reference" / f"{page}.md").read_text("utf-8")


def headings(text: str) -> list[str]:
    return [line.lstrip("#").strip() for line in without_code(text).splitlines() if re.match("#+ ", line)]


def without_code(text: str) -> str:
    return re.sub(r"(?ms)^ *```.*?^ *```", "", text)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def has_row(text: str, first_cell: str) -> bool:
    return any(re.match(rf"\| \[?`{re.escape(first_cell)}`", line) for line in text.splitlines())


# ---------------------------------------------------------------- nothing is left out


@pytest.mark.parametrize("words", all_commands())
def test_every_command_has_a_heading_an_example_and_a_row_for_every_option(words: str) -> None:
    command = all_commands()[words]
    found = re.search(rf"(?ms)^#+ detainer {words}$(.*?)(?=^#+ |\Z)", reference("commands"))
    assert found is not None
    section = found[1]
    assert f"$ detainer {words}" in section
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    for parameter in command.params:
        context = click.Context(command, help_option_names=["-h", "--help"])
        wanted = parameter.opts if isinstance(parameter, click.Option) else [parameter.make_metavar(context)]
        is_group = isinstance(command, click.Group)
        assert is_group or any(f"`{word}`" in row.split(" | ")[0] for word in wanted for row in rows), parameter.name


@pytest.mark.parametrize("layout_id", dl.layouts())
def test_every_layout_has_a_heading_and_a_row_for_every_column(layout_id: str) -> None:
    section = reference("layouts").partition(f"\n### {layout_id}\n")[2].partition("\n### ")[0]
    for column in dl.layouts()[layout_id].columns:
        assert re.search(rf"^\| `{re.escape(column.header)}`.* \| `{column.name}` \|", section, re.MULTILINE), column


def test_every_definition_has_a_heading_and_every_denominator_a_row() -> None:
    text = reference("definitions")
    assert set(dl.definitions()) <= set(headings(text))
    assert all(has_row(text, denominator) for denominator in Denominator)


def test_every_column_has_a_row() -> None:
    assert [name for name in COLUMN_NAMES if not has_row(reference("detainers-table"), name)] == []
    figures = reference("measure-columns")
    assert [name for name in (*GROUPS, *FIGURE_COLUMNS) if not has_row(figures, name)] == []


def test_every_outcome_lift_reason_and_form_has_a_row() -> None:
    text = reference("lift-reasons-and-outcomes")
    assert [outcome for outcome in texts().outcomes if not has_row(text, outcome)] == []
    assert [form.code for form in forms() if not has_row(text, form.code)] == []
    for reason in lift_reasons():
        assert all(f"“{label}”" in text for label in reason.labels)
        assert f"| `{reason.code}` | `{reason.outcome}` | `{reason.detail}` |" in text


def test_every_kind_of_defect_and_every_reason_to_set_a_row_aside_has_a_row() -> None:
    text = (DOCS / "how-to" / "read-the-account.md").read_text("utf-8")
    kinds = generator().defect_kinds()
    assert set(kinds) == set(texts().defects)
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src/detainer_ledger/releases").glob("*.py"))
    reasons = set(re.findall(r"['\"]((?:row|sheet)/[a-z-]+)['\"]", source))
    assert reasons == set(texts().set_aside)
    assert [kind for kind in (*kinds, *reasons) if not has_row(text, kind)] == []


def test_every_class_of_error_has_a_row() -> None:
    text = reference("errors")
    assert has_row(text, LedgerError.__name__)
    for each in LedgerError.__subclasses__():
        assert has_row(text, each.__name__)


@pytest.mark.shared
def test_every_failure_mode_of_the_domain_reference_has_a_row(shared: Path) -> None:
    domain = (shared.parent / "domain.md").read_text("utf-8")
    text = (DOCS / "method" / "failure-modes.md").read_text("utf-8")
    modes = re.findall(r"(?m)^\| `(fm/[a-z-]+)` \|", domain)
    assert len(modes) > 20
    assert [mode for mode in modes if not has_row(text, mode)] == []


# ---------------------------------------------------------------- nothing is out of date


def test_the_generated_parts_are_current() -> None:
    stale = [named(page) for page in generator().stale_pages()]
    assert not stale, f"run python docs/generate.py: {', '.join(stale)}"


def test_a_generated_part_that_was_changed_by_hand_is_noticed(tmp_path: Path) -> None:
    copied = tmp_path / "docs"
    shutil.copytree(DOCS, copied)
    page = copied / "reference" / "detainers-table.md"
    page.write_text(page.read_text("utf-8").replace("`person_key`", "`person`"), "utf-8")
    assert list(generator().stale_pages(copied)) == [page]


def test_a_picture_or_a_page_on_rules_that_is_not_current_is_noticed(tmp_path: Path) -> None:
    copied = tmp_path / "docs"
    shutil.copytree(DOCS, copied)
    picture, rule = copied / "reference" / "life-cycle.svg", copied / "rules" / "states.md"
    for path in (picture, rule):
        path.write_text(path.read_text("utf-8").replace("a", "e", 1), "utf-8")
    too_many = copied / "rules" / "gone.md"
    too_many.write_text("# Gone\n", "utf-8")
    stale = generator().stale_pages(copied)
    assert set(stale) == {picture, rule, too_many}
    assert stale[too_many] == ""


def test_changelog_and_citation_name_the_version() -> None:
    assert re.search(rf"(?m)^## \[?{re.escape(VERSION)}\]?\b", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


# ---------------------------------------------------------------- links


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as MyST and code hosts make them."""
    plain = [re.sub(r"[`*]", "", heading).lower() for heading in headings(page.read_text("utf-8"))]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
        if re.match("(https?|mailto):", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(found), target


def test_every_page_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        text = page.read_text("utf-8")
        linked = [page.parent / target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+\.md[^)\s]*)\)", text)]
        for tree in re.findall(r"(?ms)^```\{toctree\}\n(.*?)^```", text):
            entries = [line for line in tree.splitlines() if line and not line.startswith(":")]
            linked += [found for entry in entries for found in page.parent.glob(f"{entry}.md")]
        waiting += [found.resolve() for found in linked if found.resolve().is_relative_to(DOCS)]
    assert sorted(map(named, set(DOCS.rglob("*.md")) - reached)) == []


# ---------------------------------------------------------------- examples


def printed_commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in re.findall(r"(?ms)^ *```(?:sh|console|bash)\n(.*?)^ *```", page.read_text("utf-8")):
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                command = line.strip().removeprefix("$ ")
                if command.startswith("detainer ") and not command.startswith("detainer: "):
                    yield named(page), command


def parse(command: click.Command, name: str, arguments: list[str]) -> None:
    """Parse the arguments of a command, and of a group's commands down to the last. Raises ClickException."""
    context = command.make_context(name, list(arguments))
    if isinstance(command, click.Group):
        found, member, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert member is not None
        parse(member, found or "", rest)


def test_every_command_that_is_printed_is_understood() -> None:
    commands = list(printed_commands())
    assert len(commands) > 100
    for page, command in commands:
        _program, name, *arguments = shlex.split(re.sub(r" [<>|] .*", "", command), comments=True)
        if name.startswith("-"):
            continue
        assert name in COMMANDS, f"{page}: {command}"
        try:
            parse(generator().command_of(name), name, arguments)
        except click.ClickException as error:
            pytest.fail(f"{page}: {command}: {error.message}")


@pytest.mark.parametrize("page", [DOCS / name for name in generator().SESSIONS], ids=named)
def test_what_a_session_prints_is_what_its_page_says(page: Path) -> None:
    if "openssl" in page.read_text("utf-8") and shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    text = page.read_text("utf-8")
    assert generator().replayed(text) == text, "run python docs/generate.py"


def test_what_a_session_prints_otherwise_is_noticed() -> None:
    text = (DOCS / "how-to" / "import-a-spreadsheet.md").read_text("utf-8")
    said = "oak-jail is added."
    assert generator().replayed(text.replace(said, "oak-jail is gone.")) == text
    assert generator().replayed(text.replace(said, "oak-… added.")) == text.replace(said, "oak-… added.")


def test_the_python_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made, *_ = synthesize(rows=300, seed=1, layout_id="npr-2015", file_format="csv", out=tmp_path / "made")
    made.rename(tmp_path / "release.csv")
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    for page in ("use-from-python", "run-on-spark-or-your-own-database"):
        text = (DOCS / "how-to" / f"{page}.md").read_text("utf-8")
        for place, block in enumerate(blocks(text, "python"), start=1):
            exec(compile(block, f"{page}, example {place}", "exec"), known)
    assert capsys.readouterr().out
    assert (tmp_path / "report" / "index.html").is_file()
    in_database = dl.measure("store", by=["year"], engine="sqlite:///detainers.sqlite")
    assert in_database.num_rows > 0
    assert in_database.to_pylist() == dl.measure("store", by=["year"]).to_pylist()


def test_every_python_example_can_be_compiled() -> None:
    for page in PAGES:
        for block in blocks(page.read_text("utf-8"), "python"):
            compile(block, named(page), "exec")


def test_the_layout_that_is_shown_is_recognised_and_read(tmp_path: Path) -> None:
    shown = re.search(r"(?ms)^( *)```toml\n(.*?)^ *```", (DOCS / "how-to" / "add-a-layout.md").read_text("utf-8"))
    assert shown is not None
    description = "\n".join(line.removeprefix(shown[1]) for line in shown[2].splitlines())
    identity = re.search(r'(?m)^id = "(.*)"$', description)
    assert identity is not None
    shutil.copytree(Path(dl.__file__).parent, tmp_path / "detainer_ledger")
    described = tmp_path / "detainer_ledger" / "releases" / "layouts" / f"{identity[1]}.toml"
    described.write_text(description, "utf-8")
    asked = (
        "import csv, sys, detainer_ledger as dl\n"
        "layout = dl.layouts()[sys.argv[1]]\n"
        "with open('release.csv', 'w', newline='') as opened:\n"
        "    rows = csv.writer(opened)\n"
        "    rows.writerow([column.header for column in layout.columns])\n"
        "    rows.writerow(['2026-02-03' if column.type == 'date' else '' for column in layout.columns])\n"
        "release = dl.read('release.csv')\n"
        "print(release.layout, release.account.kept, release.table['issued_on'][0])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", asked, identity[1]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split() == [identity[1], "1", "2026-02-03"], ran.stderr


# ---------------------------------------------------------------- form and words


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_its_four_headings(page: Path) -> None:
    title, *rest = headings(page.read_text("utf-8"))
    assert title
    assert rest == ["Context", "Choice", "What it costs", "What would change our mind"]


def test_decisions_are_numbered_one_by_one() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


# Written in pieces, so that the repository itself names no registry.
REGISTRIES = re.compile(r"py(?:pi|thonhosted)[.]org|npm(?:js)[.]|anaconda[.]org|crates[.]io", re.IGNORECASE)
MACHINE_PATHS = re.compile(r"(?<![\w:/.])/(?:home|work|tmp|Users|root|mnt|opt|srv|var)/")
SOURCES_WORDS = re.compile(r"\b(?:sanctuar(?:y|ies)|aliens?|illegals?|refusal to honor)\b", re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_name_no_registry_and_no_path_of_a_machine(page: Path) -> None:
    text = page.read_text("utf-8")
    assert REGISTRIES.findall(text) == []
    assert MACHINE_PATHS.findall(text) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_words_of_a_source_stand_in_quotations_and_raw_values_alone(page: Path) -> None:
    text = without_code(page.read_text("utf-8"))
    # Raw values stand as code, quotations in quotation marks; names of repositories are names.
    plain = re.sub(r"`[^`\n]*`|“[^”\n]*”|\"[^\"\n]*\"|\b[\w.-]+/[\w.-]+", "", text)
    assert SOURCES_WORDS.findall(plain) == []
