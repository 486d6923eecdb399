"""What somebody who has never seen the record is told when something is wrong, and with which exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.record_desk import ARREST, Desk, bare_desk, desk_in, set_up
from tests.records import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    yield from desk_in(request.param, tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def case(desk: Desk) -> str:
    return desk.arrest()


NEW = ("act", "new", "record_arrest")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            ("show", "D-0000000000", "--as", "olga"),
            (
                "detainer: There is no such case.\n"
                "  where: field case\n"
                "  to do: 'detainer record list' shows the cases that you may see.\n"
            ),
        ),
        (
            ("list", "--as", "nobody"),
            (
                "detainer: The record knows nobody of this name.\n"
                "  where: field as\n"
                "  to do: an administrator adds people with 'detainer record actor add'.\n"
            ),
        ),
        (
            ("act", "new", "record_arest", "--as", "olga"),
            (
                "detainer: There is no such command on a case.\n"
                "  where: field command\n"
                "  to do: did you mean 'record_arrest'?\n"
            ),
        ),
        (
            ("act", "record_arrest", "agency=oak-jail", "--as", "olga"),
            (
                "detainer: A command is given on a case, and record_arrest is a command.\n"
                "  where: field case\n"
                "  to do: write the case's id before it, or 'new' for the first of a case:"
                " detainer record act new record_arrest ….\n"
            ),
        ),
        (
            ("act", "new", "zzz", "--as", "olga"),
            (
                "detainer: There is no such command on a case.\n"
                "  where: field command\n"
                "  to do: 'detainer record commands' lists them.\n"
            ),
        ),
        (
            ("commands", "iss"),
            "detainer: There is no command 'iss' on a case.\n  to do: did you mean 'issue'?\n",
        ),
        (
            (*NEW, *ARREST[:1], "--as", "olga"),
            (
                "detainer: The command record_arrest needs this field: when the arrest was made.\n"
                "  where: field at\n"
                "  to do: write it as 2026-03-06T15:00-06:00.\n"
            ),
        ),
        (
            (*NEW, "agency=oak-jale", "--as", "olga"),
            (
                "detainer: There is no such agency in the record.\n"
                "  where: field agency\n"
                "  to do: did you mean 'oak-jail'?\n"
            ),
        ),
        (
            (*NEW, *ARREST, "ofence=x", "--as", "olga"),
            (
                "detainer: The command record_arrest has no such field.\n"
                "  where: field ofence\n"
                "  to do: did you mean 'offence'?\n"
            ),
        ),
        (
            (*NEW, "agency", "--as", "olga"),
            "detainer: A field is given as field=value.\n  where: field agency\n  to do: write agency=….\n",
        ),
        (
            (*NEW, *ARREST[:1], "at=2030-01-01T10:00", *ARREST[2:], "--as", "olga"),
            (
                "detainer: The time lies in the future: it is 2026-03-02T09:00-06:00.\n"
                "  where: field at\n"
                "  to do: look at the date and the zone; a command says what has happened.\n"
            ),
        ),
        (
            (*NEW, *ARREST[:1], "at=yesterday", *ARREST[2:], "--as", "olga"),
            (
                "detainer: 'yesterday' is no day with a time of day.\n"
                "  where: field at\n"
                "  to do: write it as YYYY-MM-DDTHH:MM, for example 2026-03-06T15:00.\n"
            ),
        ),
        (
            (*NEW, *ARREST[:2], "arrest_kind=stoop", *ARREST[3:], "--as", "olga"),
            (
                "detainer: This is none of the values that are allowed.\n"
                "  where: field arrest_kind\n"
                "  to do: did you mean 'stop'?\n"
            ),
        ),
        (
            ("list", "--stage", "jailed", "--as", "sam"),
            (
                "detainer: There is no such stage.\n"
                "  where: field stage\n"
                "  to do: choose one of: arrest_recorded, issued, served, acknowledged, answered, held, ended,"
                " closed.\n"
            ),
        ),
        (
            ("report", "write", "ohio", "--from", "2026-01-01", "--to", "2026-01-31", "--as", "sam"),
            (
                "detainer: There is no such report.\n"
                "  where: field report\n"
                "  to do: choose one of: illinois, oregon, california, new-jersey, georgia.\n"
            ),
        ),
        (
            ("report", "write", "illinois", "--from", "2026-02-01", "--to", "2026-01-31", "--as", "sam"),
            (
                "detainer: The period ends before it begins.\n"
                "  where: field to\n"
                "  to do: give the first day and the last day.\n"
            ),
        ),
        (
            ("actor", "add", "x", "--role", "king", "--as", "ada"),
            (
                "detainer: There is no such role.\n"
                "  where: field role\n"
                "  to do: it can be issuing_officer, supervisor, receiving_agency, auditor, administrator.\n"
            ),
        ),
        (
            ("actor", "add", "x", "--role", "receiving_agency", "--as", "ada"),
            (
                "detainer: A receiving_agency has an agency, and no other role has.\n"
                "  where: field agency\n"
                "  to do: give it, or leave it out.\n"
            ),
        ),
        (
            ("actor", "add", "x", "--role", "receiving_agency", "--agency", "ash-jail", "--as", "ada"),
            "detainer: There is no such agency in the record.\n  where: field agency\n  to do: add the agency first.\n",
        ),
        (
            ("actor", "add", "olga", "--role", "auditor", "--as", "ada"),
            "detainer: Somebody of this name is there already.\n  where: field name\n  to do: choose another name.\n",
        ),
        (
            ("actor", "remove", "ada", "--as", "ada"),
            "detainer: This is the last administrator.\n  where: field name\n  to do: add another first.\n",
        ),
        (
            ("agency", "add", "Oak Jail", "--name", "X", "--state", "MN", "--zone", "America/Chicago", "--as", "ada"),
            (
                "detainer: An agency's id has small letters, digits and hyphens alone.\n"
                "  where: field id\n"
                "  to do: write it as oak-county-jail.\n"
            ),
        ),
        (
            ("agency", "add", "oak-jail", "--name", "X", "--state", "MN", "--zone", "America/Chicago", "--as", "ada"),
            "detainer: There is an agency of this id already.\n  where: field id\n  to do: choose another id.\n",
        ),
        (
            ("agency", "add", "x", "--name", "X", "--state", "Q9", "--zone", "America/Chicago", "--as", "ada"),
            "detainer: This is no state.\n  where: field state\n  to do: give its two letters, for example ND.\n",
        ),
        (
            ("agency", "add", "x", "--name", "X", "--state", "MN", "--zone", "EST", "--as", "ada"),
            (
                "detainer: 'EST' is not the time zone of a place.\n"
                "  where: field zone\n"
                "  to do: name the zone of the facility by its place, for example America/New_York or"
                " America/Phoenix.\n"
            ),
        ),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_in_one_message_with_what_helps(desk: Desk, asked: tuple[str, ...], message: str) -> None:
    assert desk.refusal(*asked) == message


@pytest.mark.parametrize("options", [(), ("--zone", "agency"), ("--zone", "America/New_York"), ("--zone", "EST")])
def test_a_time_says_its_zone_or_is_refused_with_what_to_write(
    desk: Desk, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.cli.record_desk.ZONE", "")
    asked = (*NEW, *ARREST, "--as", "olga", *options)
    if not options:
        assert desk.refusal(*asked) == (
            "detainer: The time does not say its zone.\n"
            "  where: field at\n"
            "  to do: write it with its offset, 2026-02-20T10:00-06:00 for the time in America/Chicago; or say once of"
            " which place such times are: --zone agency for the agency's own.\n"
        )
    elif "EST" in options:
        assert desk.refusal(*asked).startswith(
            "detainer: 'EST' is not the time zone of a place.\n  where: field zone\n"
        )
    else:
        case = str(desk.json(*asked)["case"])
        at = "10:00" if "agency" in options else "09:00"
        assert f"2026-02-20 {at}  arrest recorded" in desk.record("show", case, "--as", "aud").out


def test_a_command_that_does_not_fit_the_stage_says_where_the_case_stands(desk: Desk, case: str) -> None:
    assert desk.refusal("act", case, "serve_agency", "at=2026-02-21T09:00", "--as", "olga") == (
        "detainer: There is no serve agency on a case that is arrest recorded.\n"
        "  where: field command\n"
        "  to do: it can be done where a case is issued.\n"
    )


def test_a_time_before_what_it_follows_on_says_which_event_that_is(desk: Desk, case: str) -> None:
    asked = ("establish_probable_cause", "at=2026-02-20T09:00", "bases=final_order", "evidence=x", "--as", "olga")
    assert "This is before what it follows on: arrest recorded at 2026-02-20T10:00-06:00 (event 1)." in desk.refusal(
        "act", case, *asked
    )


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{'a': 1}", "This is no JSON that can be read: Expecting property name enclosed in double quotes"),
        ("", "This is no JSON that can be read: Expecting value"),
        ("[1, 2]", "The JSON is no object with fields."),
        ('"x"', "The JSON is no object with fields."),
        (b"\xff\xfe\x00", "The file is not UTF-8 text."),
        ('{"at": 5, "agency": "oak-jail"}', "This is no time."),
        ('{"agency": ["oak-jail"]}', "There is no such agency in the record."),
    ],
)
def test_values_that_cannot_be_read_say_why_and_store_nothing(desk: Desk, content: str | bytes, message: str) -> None:
    before = len(desk.json("list", "--as", "sam"))
    said = desk.refusal(*NEW, "--values", desk.file("values.json", content), "--as", "olga")
    assert message in said
    assert "to do: " in said
    assert len(desk.json("list", "--as", "sam")) == before


@pytest.mark.parametrize("place", ["none.json", "."])
def test_a_file_of_values_that_is_not_there_is_named(desk: Desk, place: str) -> None:
    path = desk.folder / place
    assert f"where: file {path}" in desk.refusal(*NEW, "--values", path, "--as", "olga")


def test_values_nested_too_deeply_are_told_as_such(desk: Desk) -> None:
    desk.refusal(*NEW, "--values", desk.file("deep.json", "[" * 200_000), "--as", "olga")


def test_standard_input_that_is_no_json_is_told_as_such(desk: Desk) -> None:
    assert (
        "This is no JSON that can be read"
        in desk.record(*NEW, "--values", "-", "--as", "olga", code=2, typed="hello").err
    )


def test_standard_input_that_is_no_text_is_told_as_such(desk: Desk) -> None:
    desk.record(*NEW, "--values", "-", "--as", "olga", code=2, typed=b"\xff\xfe")


def test_a_folder_for_the_output_that_is_not_there_is_named(desk: Desk, case: str) -> None:
    target = desk.folder / "none" / "proof.json"
    said = desk.refusal("prove", case, "--out", target, "--as", "olga")
    assert f"file {target}" in said
    assert "to do: look at the path" in said


@pytest.mark.parametrize(
    "asked",
    [
        ("backup", "{target}", "--as", "ada"),
        (
            "report",
            "write",
            "illinois",
            "--from",
            "2026-01-01",
            "--to",
            "2026-01-31",
            "--out",
            "{target}",
            "--as",
            "sam",
        ),
    ],
    ids=["backup", "report"],
)
def test_a_target_that_exists_is_not_written_over(desk: Desk, asked: tuple[str, ...]) -> None:
    target = desk.file("there.txt", "mine")
    said = desk.refusal(*(each.format(target=target) for each in asked))
    assert said == f"detainer: There is such a file already.\n  where: file {target}\n  to do: name another.\n"
    assert target.read_text() == "mine"


# ---------------------------------------------------------------- the record and its keys


def test_a_record_that_is_not_there_is_told_with_how_to_make_one(tmp_path: Path) -> None:
    desk = bare_desk(tmp_path)
    set_up(bare_desk(tmp_path))
    for place in ("none.db", "none/none.db", "."):
        said = desk.refusal("verify", "--record", str(tmp_path / place))
        assert "There is no record here." in said
        assert "make one with 'detainer record init', or name another." in said
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_is_told_as_such(desk: Desk) -> None:
    letter = desk.file("letter.db", "Dear reader,\n" * 200)
    assert "file is not a database" in desk.refusal("verify", "--record", str(letter))
    assert letter.read_text().startswith("Dear reader,")


def test_missing_keys_are_told_with_the_option_that_names_them(desk: Desk, tmp_path: Path) -> None:
    said = desk.refusal("list", "--as", "sam", "--keys", tmp_path / "none")
    assert said == (
        "detainer: The record's keys cannot be read: No such file or directory.\n"
        f"  where: folder {tmp_path / 'none'}\n"
        "  to do: name the folder of keys that 'detainer record init' made, with --keys or DETAINER_KEYS.\n"
    )


def test_damaged_keys_are_told_as_such(desk: Desk, tmp_path: Path) -> None:
    for name in ("signing-key.pem", "secret.key"):
        (tmp_path / name).write_bytes((desk.keys / name).read_bytes())
    (tmp_path / "secret.key").write_text("00\n")
    assert "The record's keys are damaged." in desk.refusal("list", "--as", "sam", "--keys", tmp_path)


@pytest.fixture(scope="module")
def other_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = bare_desk(tmp_path_factory.mktemp("other"))
    other.record("init", "--origin", "other.example/record", "--administrator", "eve")
    return other.keys


@pytest.mark.parametrize(
    "asked",
    [
        ("act", "new", "record_arrest", *ARREST, "--as", "olga"),
        ("actor", "add", "x", "--role", "auditor", "--as", "ada"),
        ("list", "--as", "sam"),
        ("verify",),
        ("checkpoint", "--as", "aud"),
    ],
    ids=lambda asked: asked[0],
)
def test_the_keys_of_another_record_are_refused(tmp_path: Path, other_keys: Path, asked: tuple[str, ...]) -> None:
    desk = set_up(bare_desk(tmp_path))
    said = desk.refusal(*asked, "--keys", other_keys)
    assert "keys" in said
    assert "to do: " in said
    assert desk.json("verify")["holds"] is True


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://host/db", "A record can be in SQLite or PostgreSQL, not in 'mysql'."),
        ("ftp://host/db", "A record can be in SQLite or PostgreSQL, not in 'ftp'."),
        ("://", "This is no address of a record."),
        ("sqlite+nothing:///x.db", "This is no address of a record."),
    ],
)
@pytest.mark.parametrize("asked", [("verify",), ("init", "--origin", "x.example/r", "--administrator", "a")])
def test_a_database_of_an_unknown_kind_is_told_with_those_that_are_known(
    desk: Desk, tmp_path: Path, url: str, message: str, asked: tuple[str, ...]
) -> None:
    keys = ("--keys", tmp_path / "new") if asked[0] == "init" else ()
    said = desk.refusal(*asked, "--record", url, *keys)
    assert message in said
    assert "to do: give a path, sqlite:///path or postgresql://user@host/database." in said


@pytest.mark.parametrize("asked", [("verify",), ("init", "--origin", "x.example/r", "--administrator", "a")])
def test_a_server_that_is_not_there_is_told_without_the_password(
    desk: Desk, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    keys = ("--keys", tmp_path / "new") if asked[0] == "init" else ()
    said = desk.refusal(*asked, "--record", "postgresql://me:hunter2@127.0.0.1:1/ledger", *keys)
    assert "The database cannot be used: " in said
    assert "to do: see that it is there, that you may use it, and that the address is right." in said
    assert "hunter2" not in said


def test_a_password_given_as_an_option_of_the_address_is_not_printed(desk: Desk) -> None:
    said = desk.refusal("verify", "--record", "postgresql://127.0.0.1:1/ledger?user=me&password=hunter2")
    assert "hunter2" not in said


def test_init_over_a_record_or_over_keys_is_refused(tmp_path: Path) -> None:
    desk = set_up(bare_desk(tmp_path))
    asked = ("init", "--origin", "x.example/r", "--administrator", "a")
    before = {path.name: path.read_bytes() for path in desk.keys.iterdir()}
    assert "There are keys already." in desk.refusal(*asked, "--record", str(tmp_path / "new.db"))
    assert "There is a record already." in desk.refusal(*asked, "--keys", tmp_path / "new")
    assert {path.name: path.read_bytes() for path in desk.keys.iterdir()} == before
    assert desk.json("verify")["holds"] is True


@pytest.mark.parametrize("url", ["mysql://host/db", "postgresql://127.0.0.1:1/x", "none/record.db"])
def test_an_init_that_fails_can_be_repeated_once_the_address_is_right(tmp_path: Path, url: str) -> None:
    desk = bare_desk(tmp_path)
    asked = ("init", "--origin", "x.example/r", "--administrator", "ada")
    desk.refusal(*asked, "--record", str(tmp_path / url) if url.startswith("none") else url)
    desk.record(*asked)


@pytest.mark.parametrize("origin", ["", "two words", "x" * 3_000, "a\tb"])
def test_a_name_of_a_record_that_cannot_be_meant_is_refused(tmp_path: Path, origin: str) -> None:
    desk = bare_desk(tmp_path)
    said = desk.refusal("init", "--origin", origin, "--administrator", "ada")
    assert "field origin" in said
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("list",), "Missing option '--as'"),
        (("init", "--administrator", "a"), "Missing option '--origin'"),
        (("person", "D-0000000000", "--as", "jill"), "Missing option '--purpose'"),
        (("act", "new"), "Missing argument 'COMMAND'"),
        (("extract", "--as", "aud"), "Missing option '--store'"),
        (("holds", "--ass", "sam"), "No such option"),
        (("lst",), "There is no command 'lst'. Did you mean 'list'?"),
        (("actor", "ad"), "ad"),
        (("act", "new", "issue", "--version", "two", "--as", "olga"), "'two' is not a valid integer"),
        (
            ("report", "write", "illinois", "--from", "soon", "--to", "2026-01-31", "--as", "sam"),
            "'soon' is no day; write it as YYYY-MM-DD",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_in_the_options_is_told_with_the_way_to_the_help(
    desk: Desk, asked: tuple[str, ...], message: str
) -> None:
    said = desk.refusal(*asked)
    assert message in said
    assert "--help" in said


def test_a_file_of_values_says_each_field_once_and_may_begin_with_a_mark_of_its_encoding(desk: Desk) -> None:
    twice = desk.file("twice.json", '{"agency": "oak-jail", "agency": "elm-jail"}')
    assert "it says 'agency' twice" in desk.refusal(*NEW, *ARREST[1:], "--values", twice, "--as", "olga")
    marked = desk.file("marked.json", b"\xef\xbb\xbf" + b'{"agency": "oak-jail"}')
    assert desk.json(*NEW, *ARREST[1:], "--values", marked, "--as", "olga")["events"] == [1]
