"""What a test programme can say, and what somebody is told whose programme cannot be used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.audit.programme import (
    LARGEST_BYTES,
    MOST_ATTRIBUTES,
    illustrative_programme,
    illustrative_text,
    programme_of,
    read_programme,
)
from detainer_ledger.terms import BadInput

HEAD = 'id = "p"\nversion = "1"\ntitle = "Tests"\n'
ATTRIBUTE = '[[attribute]]\nid = "a"\ntitle = "A"\nquestion = "Is it?"\ncriterion = "It is."\nsource = "Law, 1"\n'


def test_a_programme_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_bytes((HEAD + ATTRIBUTE + ATTRIBUTE.replace('"a"', '"b"') + "required = false\n").encode())
    programme = read_programme(path)
    assert (programme.id, programme.version, programme.title) == ("p", "1", "Tests")
    assert [(each.id, each.is_required) for each in programme.attributes] == [("a", True), ("b", False)]
    first = programme.attributes[0]
    assert (first.title, first.question, first.criterion, first.source) == ("A", "Is it?", "It is.", "Law, 1")
    assert programme.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_digest_is_that_of_the_bytes_whatever_the_editor(tmp_path: Path, ends: str, mark: str) -> None:
    path = tmp_path / "programme.toml"
    path.write_bytes((mark + (HEAD + ATTRIBUTE).replace("\n", ends)).encode())
    assert read_programme(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_lines_that_were_broken_to_be_read_are_joined() -> None:
    text = HEAD + ATTRIBUTE.replace('"Is it?"', '"""\nIs it\n    there?"""')
    assert programme_of(text, file="p.toml").attributes[0].question == "Is it there?"


def test_a_version_may_be_a_number() -> None:
    assert programme_of(HEAD.replace('"1"', "2") + ATTRIBUTE, file="p.toml").version == "2"


@pytest.mark.parametrize(
    ("text", "what", "where", "do"),
    [
        (HEAD, "The programme has no attributes.", {"entry": "attribute"}, "add a table [[attribute]] for each."),
        (
            HEAD + "attribute = 3\n",
            "The programme has no attributes.",
            {"entry": "attribute"},
            "add a table [[attribute]] for each.",
        ),
        (
            HEAD.replace("title", "titles") + ATTRIBUTE,
            "A programme has no such entry.",
            {"entry": "titles"},
            "did you mean 'title'?",
        ),
        (
            HEAD + ATTRIBUTE.replace("criterion", "criterium"),
            "An attribute has no such entry.",
            {"attribute": "1 ('a')", "entry": "criterium"},
            "did you mean 'criterion'?",
        ),
        (
            HEAD + ATTRIBUTE + "xyz = 1\n",
            "An attribute has no such entry.",
            {"attribute": "1 ('a')", "entry": "xyz"},
            "the entries are id, title, question, criterion, source, required.",
        ),
        (
            HEAD.replace('id = "p"\n', "") + ATTRIBUTE,
            "This entry is missing.",
            {"entry": "id"},
            'write id = "…"; every one is needed.',
        ),
        (
            HEAD + ATTRIBUTE.replace('question = "Is it?"\n', ""),
            "This entry is missing.",
            {"attribute": "1 ('a')", "entry": "question"},
            'write question = "…"; every one is needed.',
        ),
        (
            HEAD + ATTRIBUTE.replace('"Law, 1"', '" \\n "'),
            "This entry is empty.",
            {"attribute": "1 ('a')", "entry": "source"},
            'write source = "…".',
        ),
        (
            HEAD + ATTRIBUTE.replace('"It is."', "7"),
            "This has to be text.",
            {"attribute": "1 ('a')", "entry": "criterion"},
            'write criterion = "…".',
        ),
        (
            HEAD + ATTRIBUTE.replace('"It is."', '"It\\u0007 is."'),
            "This text holds characters that cannot be seen, such as control characters.",
            {"attribute": "1 ('a')", "entry": "criterion"},
            "write the text again without them.",
        ),
        (
            HEAD + ATTRIBUTE.replace('"A"', '"' + "A" * 201 + '"'),
            "This text has 201 characters, and 200 are the most.",
            {"attribute": "1 ('a')", "entry": "title"},
            "shorten it; it has to be read in a cell of the test sheet.",
        ),
        (
            HEAD + ATTRIBUTE.replace('"a"', '"A b"'),
            "This is no id.",
            {"attribute": "1", "entry": "id"},
            "write small letters, digits, and - . _ / between them, such as 'kst/initial-checks/in-time'.",
        ),
        (
            HEAD + ATTRIBUTE + 'required = "no"\n',
            "Whether an attribute is required is true or false, without quotation marks.",
            {"attribute": "1 ('a')", "entry": "required"},
            "write required = true, or leave it out, which means the same.",
        ),
        (
            HEAD + ATTRIBUTE + ATTRIBUTE.replace('"a"', '"b"') + ATTRIBUTE,
            "The id 'a' stands twice.",
            {"attribute": "1 and 3", "entry": "id"},
            "give each attribute an id of its own.",
        ),
        (
            HEAD + "[[attribute]]\n" * (MOST_ATTRIBUTES + 1),
            "The programme has 201 attributes, and 200 are the most.",
            {},
            "test less at once: each file is tested for every attribute.",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(text: str, what: str, where: dict[str, object], do: str) -> None:
    with pytest.raises(BadInput) as caught:
        programme_of(text, file="p.toml")
    assert (caught.value.what, caught.value.where, caught.value.do) == (what, {"file": "p.toml", **where}, do)


def test_text_that_is_no_toml_is_named_by_line_and_column() -> None:
    with pytest.raises(BadInput) as caught:
        programme_of('id = "p"\nversion = 1\ntitle = Tests\n', file="p.toml")
    assert caught.value.where == {"file": "p.toml", "line": 3, "column": 9}
    assert caught.value.what == "The programme is no TOML: Invalid value."


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"The programme cannot be read: No such file or directory\."):
        read_programme(tmp_path / "none.toml")
    with pytest.raises(BadInput, match=r"The programme cannot be read: Is a directory\."):
        read_programme(tmp_path)


def test_another_encoding_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_bytes((HEAD + ATTRIBUTE).encode().replace(b"Law", b"Gesetz \xa7"))
    with pytest.raises(BadInput) as caught:
        read_programme(path)
    assert caught.value.what == "The programme is not written in UTF-8."
    assert caught.value.where == {"file": "programme.toml", "line": 9}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "programme.toml"
    path.write_bytes(b"#" * (LARGEST_BYTES + 1))
    with pytest.raises(BadInput, match="The programme has more than 1,048,576 bytes"):
        read_programme(path)


@given(st.text(max_size=200))
def test_any_text_is_a_programme_or_refused(text: str) -> None:
    with pytest.raises(BadInput):
        programme_of(text, file="p.toml")


@given(st.fixed_dictionaries({name: st.text(min_size=1) for name in ("title", "question", "criterion", "source")}))
def test_any_texts_of_an_attribute_are_kept_or_refused(entries: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return "".join(f"\\U{ord(sign):08X}" for sign in text if not 0xD800 <= ord(sign) <= 0xDFFF)

    text = (
        HEAD + '[[attribute]]\nid = "a"\n' + "".join(f'{name} = "{quoted(said)}"\n' for name, said in entries.items())
    )
    try:
        (read,) = programme_of(text, file="p.toml").attributes
    except BadInput:
        return
    assert all(getattr(read, name).split() == said.split() for name, said in entries.items())


def test_the_programme_that_ships_says_that_it_is_illustrative_and_where_each_attribute_comes_from() -> None:
    programme = illustrative_programme()
    assert "illustrative, not KSTEP" in programme.title
    assert "# Illustrative, not KSTEP." in illustrative_text()
    assert programme.sha256 == hashlib.sha256(illustrative_text().encode()).hexdigest()
    ends = {each.id.rpartition("/")[2] for each in programme.attributes}
    assert ends == {"present", "in-time", "authorised-role", "evidence", "reviewed"}
    assert all(
        each.source.startswith(("[HST-1836]", "[HONOLULU]", "[OIG-18-36]", "Not confirmed"))
        for each in programme.attributes
    )
    assert all(not each.is_required for each in programme.attributes if each.source.startswith("Not confirmed"))
