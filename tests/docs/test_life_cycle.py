"""The picture of the life cycle shows what the commands do: every stage, every transition, and what a reader hears."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from detainer_ledger.casework import ACTS, Act, Role, command_kinds, diagram, stages, state_reports
from tests.docs.test_docs import DOCS, has_row, headings, reference

SVG = "{http://www.w3.org/2000/svg}"
TRANSITIONS = {
    (origin, kind.to_stage, kind.id)
    for kind in command_kinds().values()
    for origin in kind.from_stages
    if kind.to_stage not in {None, origin} and origin not in kind.stays_in
}


def picture() -> ElementTree.Element:
    return ElementTree.fromstring((DOCS / "reference" / "life-cycle.svg").read_text("utf-8"))


def texts(kind: str) -> list[ElementTree.Element]:
    return [each for each in picture().iter(f"{SVG}text") if each.get("class") == kind]


def test_the_picture_has_every_stage_once_from_top_to_bottom() -> None:
    found = texts("stage")
    assert [each.text for each in found] == [stage.replace("_", " ") for stage in stages()]
    heights = [float(each.get("y", "nan")) for each in found]
    assert heights == sorted(heights)


def test_the_picture_has_an_arrow_for_each_two_stages_with_the_names_of_its_commands() -> None:
    arrows = [each for each in picture().iter(f"{SVG}path") if each.get("marker-end")]
    assert len(arrows) == len({(origin, end) for origin, end, _ in TRANSITIONS})
    names = [name for each in texts("name") for name in re.findall(r"\w+", each.text or "")]
    assert sorted(names) == sorted(command for _, _, command in TRANSITIONS)


def test_an_arrow_begins_and_ends_at_its_stages() -> None:
    tops = {each.text: float(each.get("y", "nan")) for each in texts("stage")}
    drawn = set()
    for arrow in picture().iter(f"{SVG}path"):
        if arrow.get("marker-end"):
            path = arrow.get("d", "")
            start = float(re.findall(r"[\d.]+", path)[1])
            end = float(re.findall(r"[\d.]+", path)[-2 if "H" in path else -1])
            drawn.add((nearest(tops, start), nearest(tops, end)))
    words = {stage: stage.replace("_", " ") for stage in stages()}
    assert drawn == {(words.get(origin, "begin"), words[end]) for origin, end, _ in TRANSITIONS}


def nearest(tops: Mapping[str | None, float], height: float) -> str | None:
    name = min(tops, key=lambda each: abs(tops[each] - height))
    return name if abs(tops[name] - height) < 40 else "begin"


def test_no_name_of_the_picture_covers_another_or_leaves_it() -> None:
    width, height = (float(each) for each in picture().get("viewBox", "").split()[2:])
    boxes = []
    for each in texts("name"):
        length = 7.3 * len(each.text or "")
        x, y = float(each.get("x", "nan")), float(each.get("y", "nan"))
        left = x - length if each.get("text-anchor") == "end" else x
        boxes.append((left, y - 10, left + length, y + 3))
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert 0 < left < right < width
        assert 0 < top < bottom < height
        for other in boxes[place + 1 :]:
            assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top


def test_the_picture_is_told_to_those_who_cannot_see_it() -> None:
    root = picture()
    assert root.get("role") == "img"
    told = {each.get("id"): each.text or "" for each in root if each.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert root.get("aria-labelledby", "").split() == list(told)
    described = told["life-cycle-desc"]
    for origin, end, command in TRANSITIONS:
        begin = "No case yet" if origin == "none" else origin.replace("_", " ").capitalize()
        sentence = next(each for each in described.split(". ") if each.startswith(f"{begin} leads to {words(end)} "))
        assert words(command) in sentence


def words(name: str) -> str:
    return name.replace("_", " ")


def test_the_text_for_mermaid_has_the_same_transitions() -> None:
    assert diagram() in reference("life-cycle")
    found = set(re.findall(r"(?m)^    (\S+) --> (\S+): (\S+)$", diagram()))
    assert found == {("[*]" if origin == "none" else origin, end, command) for origin, end, command in TRANSITIONS}


def test_every_command_on_a_case_has_a_heading_and_a_row_for_every_field() -> None:
    text = reference("life-cycle")
    assert set(command_kinds()) <= set(headings(text))
    for kind in command_kinds().values():
        section = text.partition(f"\n### {kind.id}\n")[2].partition("\n### ")[0]
        assert [field.name for field in kind.fields if not has_row(section, field.name)] == []
    assert [stage for stage in stages() if not has_row(text, stage)] == []


def test_the_grids_of_roles_say_what_the_code_says() -> None:
    rows = {
        row[1].strip("`"): row[2:-1]
        for line in reference("roles").splitlines()
        if (row := [cell.strip() for cell in line.split("|")]) and len(row) == 8
    }
    for kind in command_kinds().values():
        assert rows[kind.id] == ["yes" if role.value in kind.roles else "no" for role in Role]
    acts = [cells for first, cells in rows.items() if first not in command_kinds() and cells[0] in {"yes", "no"}]
    assert acts == [["yes" if act in ACTS[role] else "no" for role in Role] for act in Act]


def test_every_report_of_a_state_has_its_law_and_its_fields() -> None:
    text = reference("state-reports")
    for each in state_reports().values():
        section = text.partition(f"\n## {each.id}\n")[2].partition("\n## ")[0]
        assert f"“{each.citation}” ({each.trust})" in section
        assert all(field["title"] in section for field in each.fields)
        assert all(name in section for name in each.outside)
