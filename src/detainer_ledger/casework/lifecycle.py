"""Life cycles as data, that of a detainer and that of a screening case: stages, commands, fields, who may give them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

NO_STAGE = "none"
"""Where a case is before its first event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A value that a command says: its name, kind, choices, whether it may be left out, and limits of time.

    ``not_before`` names events before whose ``at`` this instant cannot be; ``may_be_future`` says that it can lie
    ahead.
    """

    name: str
    kind: str
    says: str
    choices: tuple[str, ...] = ()
    optional: bool = False
    may_be_future: bool = False
    not_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandKind:
    """A command: the event that it gives, who may give it, from which stages, to which, and what it says.

    ``to_stage`` is None where the stage stays; from those of ``stays_in`` the case does not go back to it. ``is_gated``
    says that the policy's rules have to be met.
    """

    id: str
    event: str
    says: str
    roles: frozenset[str]
    from_stages: tuple[str, ...]
    to_stage: str | None
    stays_in: frozenset[str]
    is_gated: bool
    fields: tuple[Field, ...]

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the stages that a case leaves by the command."""
        return tuple(stage for stage in self.from_stages if self.after(stage) != stage)

    def after(self, stage: str) -> str:
        """Return the stage in which a case is after the command, given in a stage."""
        return stage if self.to_stage is None or stage in self.stays_in else self.to_stage

    def field(self, name: str) -> Field | None:
        """Return a field by name."""
        return next((field for field in self.fields if field.name == name), None)


@cache
def stages() -> Mapping[str, str]:
    """Return the stages of a detainer in their order, each with the sentence that says what it means."""
    return _stages(_DETAINER)


@cache
def screening_stages() -> Mapping[str, str]:
    """Return the stages of a screening case in their order, each with the sentence that says what it means."""
    return _stages(_SCREENING)


@cache
def command_kinds() -> Mapping[str, CommandKind]:
    """Return the commands on a detainer by id, in the order of the life cycle."""
    return _kinds(_DETAINER)


@cache
def screening_command_kinds() -> Mapping[str, CommandKind]:
    """Return the commands on a screening case by id, in the order of its life."""
    return _kinds(_SCREENING)


@cache
def command_of_event() -> Mapping[str, CommandKind]:
    """Return the commands of both life cycles by the kind of the event that they give.

    Where both give an event of one kind, as with corrections, it does the same to a case.
    """
    kinds = (*screening_command_kinds().values(), *command_kinds().values())
    return {kind.event: kind for kind in kinds}


def diagram() -> str:
    """Return the life cycle of a detainer as a state diagram in Mermaid's text, made from the table of commands."""
    lines = ["stateDiagram-v2"]
    for kind in command_kinds().values():
        for stage in kind.leaves:
            origin = "[*]" if stage == NO_STAGE else stage
            lines.append(f"    {origin} --> {kind.to_stage}: {kind.id}")
    lines.append("    closed --> [*]")
    return "\n".join(lines)


_DETAINER, _SCREENING = ("commands.toml",), ("screening", "commands.toml")


def _stages(file: tuple[str, ...]) -> dict[str, str]:
    return {entry["id"]: entry["says"] for entry in _table(file)["stage"]}


def _kinds(file: tuple[str, ...]) -> dict[str, CommandKind]:
    return {
        entry["id"]: CommandKind(
            id=entry["id"],
            event=entry["event"],
            says=entry["says"],
            roles=frozenset(entry["roles"]),
            from_stages=tuple(entry["from"]),
            to_stage=entry.get("to"),
            stays_in=frozenset(entry.get("stays_in", ())),
            is_gated=entry.get("is_gated", False),
            fields=tuple(
                Field(
                    name=field["name"],
                    kind=field["kind"],
                    says=field["says"],
                    choices=tuple(field.get("choices", ())),
                    optional=field.get("optional", False),
                    may_be_future=field.get("may_be_future", False),
                    not_before=tuple(field.get("not_before", ())),
                )
                for field in entry["fields"]
            ),
        )
        for entry in _table(file)["command"]
    }


def _table(file: tuple[str, ...]) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(*file).read_text("utf-8"))
