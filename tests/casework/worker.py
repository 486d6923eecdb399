"""A process that gives commands on a record until it is killed, and prints the key of each when it is acknowledged.

Run as ``python -m tests.casework.worker URL KEYS_FOLDER SEED COMMANDS``: some threads give so many commands each. What
it prints on one line is a key and the kind of event that was recorded; a command that was refused is an event too.
"""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

from detainer_ledger.casework import Command, Done, Record, open_record
from detainer_ledger.terms import LedgerError
from tests.casework.build import GIVEN, PERSON, WAY, with_changes
from tests.records import Clock


def plan(chance: random.Random) -> list[tuple[str, dict[str, object]]]:
    """Return the commands of one case: on the way to its end, with detours, refusals and repetitions."""
    steps: list[tuple[str, dict[str, object]]] = [("record_arrest", {"person": chance.choice([PERSON, None])})]
    for kind in WAY["closed"][1 : chance.randint(2, len(WAY["closed"]))]:
        if chance.random() < 0.15:
            steps.append(("issue", {"form": "I-247D"}))
        if chance.random() < 0.15:
            steps.append(("indicate_citizenship", {}))
        if chance.random() < 0.1:
            steps.append(("correct", {"values": {"offence": f"theft {chance.random()}"}}))
        steps.append((kind, {}))
    return [*steps, ("erase_person", {})]


THREADS = 4


def run(record: Record, seed: str, commands: int, printing: threading.Lock) -> None:
    chance = random.Random(seed)
    given = 0
    while given < commands:
        case: str | None = None
        for kind, changed in plan(chance):
            who, values = GIVEN[kind]
            key = f"{seed}-{given}"
            given += 1
            try:
                found = record.do(
                    Command(kind=kind, case=case, values=with_changes(values, changed), key=key, zone="agency"), who
                )
            except LedgerError:
                # What does not fit the case is not stored, and not acknowledged.
                continue
            case = found.case
            event = found.events[0].kind if isinstance(found, Done) else "refused"
            with printing:
                sys.stdout.write(f"{key} {event}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    url, keys, seed_text, commands_text = sys.argv[1:]
    shared, lock = open_record(url, Path(keys), now=Clock()), threading.Lock()
    for number in range(THREADS):
        asked = (shared, f"{seed_text}-{number}", int(commands_text), lock)
        threading.Thread(target=run, args=asked).start()
