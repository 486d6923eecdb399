"""The values of a command on a case, as they are typed or stand in a file."""

from __future__ import annotations

from pathlib import Path

from detainer_ledger.cli.record.group import read_json
from detainer_ledger.terms import BadInput


def values_given(file: Path | None, typed: tuple[str, ...]) -> dict[str, object]:
    """Return what a JSON file says with what was typed as field=value, which comes before it. Raises BadInput."""
    return _with_arguments(_from_file(file), typed)


def _with_arguments(said: dict[str, object], values: tuple[str, ...]) -> dict[str, object]:
    """Return what a file says with what was typed, which comes before it; nothing is typed twice."""
    typed: dict[str, object] = {}
    for each in values:
        name, mark, value = each.partition("=")
        if not mark:
            raise BadInput("A field is given as field=value.", field=name[:60], do=f"write {name[:60]}=….")
        outer, dot, inner = name.partition(".")
        into: object = typed.setdefault(outer, {}) if dot else typed
        if not isinstance(into, dict) or (inner if dot else outer) in into:
            raise BadInput("The field is given twice.", field=name[:60], do="give it once, whole or in parts.")
        into[inner if dot else outer] = value
    for field, given in typed.items():
        before = said.get(field)
        said[field] = {**before, **given} if isinstance(before, dict) and isinstance(given, dict) else given
    return said


def _from_file(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    said = read_json(file, do='write {"field": "value"}.')
    if not isinstance(said, dict):
        raise BadInput("The JSON is no object with fields.", file=str(file), do='write {"field": "value"}.')
    return said
