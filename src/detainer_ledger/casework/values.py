"""Reading what a command says: every field is checked by its kind, and refused with its name and the reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from msgspec import Struct

from detainer_ledger.casework.access import Agency
from detainer_ledger.casework.lifecycle import CommandKind, Field
from detainer_ledger.clock import read_instant, to_the_second, zone_named
from detainer_ledger.policy import decisions, instruments, rules
from detainer_ledger.terms import BadInput, forms, lift_reasons

LONGEST_TEXT = 2_000
"""Most characters of a text that somebody writes."""

_MOST_SHOWN = 20
_LONGEST_ZONE = 60

MOST_REFERENCES = 50
"""Most references to documents in one field."""

PERSON_FIELDS = ("name", "birth_date", "citizenship_country", "gender", "file_number", "booking_number")
"""Personal fields that can be kept, apart from events and encrypted."""

GENERAL_BASES = ("local_ordinance", "agency_policy", "fourth_amendment", "none_stated")
"""Legal bases of an answer that are no instrument or decision of the tables."""


AGENCY_ZONE = "agency"
"""In the place of a zone's name: that of the agency of the case."""


class Known(Struct, frozen=True, kw_only=True):
    """What values are checked against: the agencies, the zone of the case, and the present.

    Times come back in ``zone``. A time without an offset is one of ``wall_zone``; where that is None, it is refused.
    """

    agencies: Mapping[str, Agency]
    zone: ZoneInfo | None
    wall_zone: ZoneInfo | None
    now: datetime


def wall_zone(told: str | None, agency_zone: ZoneInfo | None) -> ZoneInfo | None:
    """Return the zone of times without an offset, as a command names it. Raises BadInput for a zone there is not."""
    if told is None:
        return None
    return agency_zone if told == AGENCY_ZONE else zone_of(told)


def read_values(kind: CommandKind, given: Mapping[str, object], known: Known) -> dict[str, object]:
    """Return the values of a command as its event will say them.

    Instants come back in ISO 8601 with their offset, days as YYYY-MM-DD. Raises BadInput, naming the field, for a
    field that is missing or not the command's, and for a value that its kind does not allow.
    """
    names = [field.name for field in kind.fields]
    for name in given:
        if name not in names:
            close = get_close_matches(str(name), names, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(names) or 'none'}."
            raise BadInput(f"The command {kind.id} has no such field.", field=shown(name), do=hint)
    read: dict[str, object] = {}
    for field in kind.fields:
        value = given.get(field.name)
        if value is None or value == "":
            if not field.optional:
                choices = f": {', '.join(field.choices)}" if field.choices else ""
                raise BadInput(
                    f"The command {kind.id} needs this field: {field.says}.",
                    field=field.name,
                    do=f"{_FORMS.get(field.kind, 'write it')}{choices}.",
                )
            continue
        read[field.name] = _READERS[field.kind](value, field, known)
    return read


_FORMS: Mapping[str, str] = {
    "instant": "write it as 2026-03-06T15:00-06:00",
    "day": "write it as 2026-03-06",
    "flag": "write yes or no",
    "choice": "choose one of these",
    "choices": "write some of these, with commas between",
    "references": "write references to documents, with commas between",
    "agency": "write the id of an agency; 'detainer record agency list' names them",
    "form": "write it as I-247A",
    "version": "take the number from the timeline",
    "values": "write values.FIELD=…",
}
"""How a field that is missing is written."""


def text_of(value: object, field: str) -> str:
    """Return a text as it is kept: trimmed, of reasonable length, without control characters. Raises BadInput."""
    if not isinstance(value, str):
        raise BadInput("This has to be text.", field=field, do="write it as text.")
    if len(value) > LONGEST_TEXT:
        raise BadInput(
            f"The text has {len(value):,} characters, and {LONGEST_TEXT:,} are the most.",
            field=field,
            do="keep long text as a document, and refer to it.",
        )
    trimmed = value.strip()
    # Nearly every text is of printed characters alone; the others are looked at one by one.
    for place, character in enumerate("" if trimmed.isprintable() else trimmed, start=1):
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} and character != "\n":
            raise BadInput(
                f"The text has a control character (U+{ord(character):04X}) at place {place}.",
                field=field,
                do="remove it.",
            )
    if not (trimmed[:1].isalnum() or any(character.isalnum() for character in trimmed)):
        raise BadInput("The text says nothing.", field=field, do="write it, or leave the field out where it may be.")
    return trimmed


def name_of(value: object, field: str) -> str:
    """Return a name as it is kept: a text of one line. Raises BadInput."""
    name = text_of(value, field)
    if "\n" in name:
        raise BadInput("A name is written on one line.", field=field, do="remove the line break.")
    return name


def _text(value: object, field: Field, _known: Known) -> str:
    return text_of(value, field.name)


def _line(value: object, field: Field, _known: Known) -> str:
    return " ".join(text_of(value, field.name).split())


def _instant(value: object, field: Field, known: Known) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise BadInput(
            "This is no time.", field=field.name, do="write it as 2026-03-06T15:00-05:00, with the offset of its zone."
        )
    text = value if value.isprintable() and value[:1].isdigit() else text_of(value, field.name)
    instant = _in_a_zone(text, field.name, known)
    if (offset := instant.utcoffset()) and offset.seconds % 60:
        # Zones had offsets with seconds before they were laid down in whole hours; ISO 8601 has no way to write them.
        instant = instant.astimezone(UTC)
    if not field.may_be_future and instant.astimezone(UTC) > known.now:
        raise BadInput(
            f"The time lies in the future: it is {known.now.astimezone(instant.tzinfo).isoformat(timespec='minutes')}.",
            field=field.name,
            do="look at the date and the zone; a command says what has happened.",
        )
    return to_the_second(instant)


def _in_a_zone(text: str, field: str, known: Known) -> datetime:
    """Return the instant of a text in the zone of the case. Raises BadInput for one that does not say its zone."""
    if known.wall_zone is not None and known.wall_zone is known.zone:
        return read_instant(text, known.zone, field=field)
    try:
        read = read_instant(text, known.wall_zone, field=field)
    except BadInput:
        if known.wall_zone is not None or known.zone is None:
            raise
        # Where the text is no time at all, or happens twice, this says so.
        there = read_instant(text, known.zone, field=field)
        raise BadInput(
            "The time does not say its zone.",
            field=field,
            do=f"write it with its offset, {there.isoformat(timespec='minutes')} for the time in {known.zone.key};"
            " or say once of which place such times are: --zone agency for the agency's own.",
        ) from None
    return read.astimezone(known.zone) if known.zone else read


def _day(value: object, field: Field, known: Known) -> str:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise BadInput("This is no day.", field=field.name, do="write it as YYYY-MM-DD.") from None
    here = known.now.astimezone(known.zone) if known.zone else known.now
    if day > here.date():
        raise BadInput("The day lies in the future.", field=field.name, do="look at the date.")
    return day.isoformat()


def _flag(value: object, field: Field, _known: Known) -> bool:
    if isinstance(value, bool):
        return value
    told = {"yes": True, "true": True, "no": False, "false": False}.get(str(value).strip().lower())
    if told is None:
        raise BadInput("This has to be yes or no.", field=field.name, do="write yes or no.")
    return told


def _choice(value: object, field: Field, _known: Known) -> str:
    return _one_of(value, field.choices, field.name)


def _choices(value: object, field: Field, _known: Known) -> list[str]:
    found = [_one_of(each, field.choices, field.name) for each in _list(value, field.name)]
    return sorted(set(found), key=field.choices.index)


def _references(value: object, field: Field, _known: Known) -> list[str]:
    found = [text_of(each, field.name) for each in _list(value, field.name) if each != ""]
    if not found:
        raise BadInput("The list is empty.", field=field.name, do="give at least one reference to a document.")
    return found


def _agency(value: object, field: Field, known: Known) -> str:
    if str(value) not in known.agencies:
        close = get_close_matches(str(value)[:100], list(known.agencies), n=1)
        hint = f"did you mean '{close[0]}'?" if close else "'detainer record agency list' names those that are known."
        raise BadInput("There is no such agency in the record.", field=field.name, do=hint)
    return str(value)


def _form(value: object, field: Field, _known: Known) -> str:
    return _one_of(value, [form.code for form in forms()], field.name)


def _rule(value: object, field: Field, _known: Known) -> str:
    return _one_of(value, [rule.id for rule in rules()], field.name)


def _lift_reason(value: object, field: Field, _known: Known) -> str:
    return _one_of(value, [reason.code for reason in lift_reasons()], field.name)


def _legal_basis(value: object, field: Field, _known: Known) -> str:
    known = [*(each.id for each in instruments()), *(each.id for each in decisions()), *GENERAL_BASES]
    return _one_of(value, known, field.name)


def _version(value: object, field: Field, _known: Known) -> int:
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 9:
        raise BadInput("This has to be the number of an event.", field=field.name, do="take it from the timeline.")
    return int(str(value))


def _case(value: object, field: Field, _known: Known) -> str:
    return text_of(value, field.name)


def _zone(value: object, field: Field, _known: Known) -> str:
    return zone_named(text_of(value, field.name), field=field.name).key


def _mapping(value: object, field: Field, _known: Known) -> dict[str, object]:
    if not isinstance(value, Mapping) or not value:
        raise BadInput(
            "This has to name fields with their values.",
            field=field.name,
            do=f'write {field.name}.FIELD=…, or {{"FIELD": "…"}} in a file of values.',
        )
    return {str(name): each for name, each in value.items()}


def _person(value: object, field: Field, known: Known) -> dict[str, str]:
    given = _mapping(value, field, known)
    for name in given:
        if name not in PERSON_FIELDS:
            raise BadInput(
                "No such personal field is kept.",
                field=f"{field.name}.{shown(name)}",
                do=f"keep {', '.join(PERSON_FIELDS)}.",
            )
    return {name: text_of(each, f"{field.name}.{name}") for name, each in given.items()}


def _one_of(value: object, choices: tuple[str, ...] | list[str], field: str) -> str:
    if value not in choices or not isinstance(value, str):
        raise BadInput("This is none of the values that are allowed.", field=field, do=_hint(str(value)[:100], choices))
    return value


def _hint(value: str, choices: Sequence[str]) -> str:
    """Return what was perhaps meant: the same word written otherwise, else those that are near, else all or many."""
    same = [each for each in choices if each.casefold() == value.casefold()]
    if close := same or get_close_matches(value, choices, n=3):
        return f"did you mean {' or '.join(repr(each) for each in close)}?"
    more = len(choices) - _MOST_SHOWN
    return f"it can be {', '.join(choices[:_MOST_SHOWN])}{f', and {more} more' if more > 0 else ''}."


def _list(value: object, field: str) -> list[object]:
    found = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else None
    if found is None or len(found) > MOST_REFERENCES:
        raise BadInput(
            f"This has to be a list of at most {MOST_REFERENCES}.", field=field, do="separate its members with commas."
        )
    return [each.strip() if isinstance(each, str) else each for each in found]


def shown(name: object) -> str:
    """Return a field's name as a message can show it."""
    return "".join(character if character.isprintable() else "?" for character in str(name)[:60])


_READERS: Mapping[str, Callable[[object, Field, Known], object]] = {
    "text": _text,
    "line": _line,
    "instant": _instant,
    "day": _day,
    "flag": _flag,
    "choice": _choice,
    "choices": _choices,
    "references": _references,
    "agency": _agency,
    "form": _form,
    "rule": _rule,
    "lift_reason": _lift_reason,
    "legal_basis": _legal_basis,
    "version": _version,
    "case": _case,
    "incident": _case,
    "step": _line,
    "zone": _zone,
    "values": _mapping,
    "person": _person,
}


def zone_of(name: str) -> ZoneInfo:
    """Return a zone by its name. Raises BadInput."""
    return zone_named(name if len(name) <= _LONGEST_ZONE else f"{name[:_MOST_SHOWN]}…", field="zone")


CLOSED_KINDS = frozenset({"flag", "choice", "choices", "form", "lift_reason", "legal_basis"})
"""Kinds of fields of which it can be told without a case whether a value is one of theirs."""


def read_closed(value: object, field: Field) -> object:
    """Return a value of one of CLOSED_KINDS as an event says it. Raises BadInput for one that is none."""
    nothing_known = Known(agencies={}, zone=None, wall_zone=None, now=datetime.now(UTC))
    return _READERS[field.kind](value, field, nothing_known)
