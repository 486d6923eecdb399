"""The protocols of a record: adopted as events, each in force from its day, none ever changed."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache

from detainer_ledger.casework.access import Act
from detainer_ledger.casework.giving import Refused
from detainer_ledger.casework.record import Record
from detainer_ledger.casework.screening.protocol import Protocol
from detainer_ledger.casework.screening.reading import protocol_of
from detainer_ledger.ledger import NewEvent
from detainer_ledger.terms import BadInput

PROTOCOLS = "protocols"
"""Stream of the protocols that a record adopted."""


def adopt(record: Record, text: str, by: str, *, where: str) -> Protocol | Refused:
    """Adopt a version of a protocol, which cases follow that begin on its first day or later.

    Cases that began before keep theirs. A supervisor does it. Raises BadInput for a document that cannot be used (see
    ``protocol_of``), and for a version that is there already.
    """
    if (refused := record.may(by, Act.ADOPT_PROTOCOL)) is not None:
        return refused
    protocol = protocol_of(text, where=where)
    # Before what it holds is looked at: whoever adopts another meanwhile is in conflict with this one.
    head = record.ledger.head(PROTOCOLS)
    adopted = protocols_of(record)
    if same := next((each for each in adopted if each.name == protocol.name), None):
        is_equal = same.sha256 == protocol.sha256
        raise BadInput(
            f"The record has {protocol.name} already{'' if is_equal else ', with another text'}.",
            file=where,
            key="version",
            do="nothing is left to do." if is_equal else "give the new text a version of its own.",
        )
    actor = record.actor(by)
    record.ledger.append(
        PROTOCOLS,
        [NewEvent(kind="protocol_adopted", body={"name": protocol.name, "sha256": protocol.sha256, "text": text})],
        head=head,
        actor=actor.name,
        role=actor.role.value,
        command=record.ledger.new_key(),
    )
    return protocol


def protocols_of(record: Record) -> tuple[Protocol, ...]:
    """Return the protocols that a record adopted, in the order in which it did."""
    bodies = [json.loads(event.body) for event in record.ledger.events(PROTOCOLS)]
    return tuple(_read(body["text"], body["name"]) for body in bodies)


@lru_cache(maxsize=256)
def _read(text: str, name: str) -> Protocol:
    """Return an adopted protocol, which never changes: every command on a case asks for it."""
    return protocol_of(text, where=name)


def protocol_on(protocols: tuple[Protocol, ...], day: date) -> Protocol:
    """Return the protocol that applies to a case that begins on a day: the one that came into force last.

    Of two from the same day, the one adopted last. Raises BadInput where none is in force.
    """
    in_force = [(each.in_force_from, place, each) for place, each in enumerate(protocols) if each.in_force_from <= day]
    if not in_force:
        what = "No protocol is in force on that day." if protocols else "The record has adopted no protocol."
        raise BadInput(what, field="at", do="a supervisor adopts one with 'detainer screening adopt FILE'.")
    return max(in_force, key=lambda each: each[:2])[2]


def protocol_named(protocols: tuple[Protocol, ...], name: str) -> Protocol:
    """Return a protocol by its name with version, or by its version alone. Raises BadInput."""
    found = [each for each in protocols if name in {each.name, each.version}]
    if len(found) != 1:
        what = "More than one protocol has this version." if found else "There is no such version of the protocol."
        known = ", ".join(each.name for each in found or protocols) or "none"
        raise BadInput(what, field="version", do=f"the record has: {known}.")
    return found[0]
