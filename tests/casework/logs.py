"""An agency's log of invented detainers, a mapping for it, and what an import of it did."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from detainer_ledger.casework import ImportResult, import_file, read_mapping, try_file
from detainer_ledger.casework.importing import RowResult
from tests.casework.build import AGENCY, Office

HEADER = (
    "Booking No", "Received", "Form", "Issued", "Warrant", "Answer", "Answered", "Why", "Otherwise released", "Outcome",
    "Outcome at",
)  # fmt: skip

MAPPING = """
agency = "oak-jail"
key = ["Booking No"]
zone = "agency"
time_format = "%m/%d/%Y %H:%M"
day_format = "%m/%d/%Y"

[receive]
at = "Received"
form = "Form"
issued_on = "Issued"
warrant_kind = "Warrant"
reference = "Booking No"

[answer]
at = "Answered"
answer = { column = "Answer", values = { Honored = "honor", Declined = "decline" } }
reason = { column = "Why", values = { policy = "local_law_or_policy" } }
legal_basis = { column = "Why", values = { policy = "agency_policy" } }

[begin_hold]
at = "Otherwise released"

[take_custody]
only_where = { column = "Outcome", is = ["ICE"] }
at = "Outcome at"

[release]
only_where = { column = "Outcome", is = ["Released", "Bailed"] }
at = "Outcome at"
notice_given = { is = false }
"""

RECEIVED = ("B-0", "02/20/2026 09:00", "I-247A", "02/19/2026", "I-200")
TAKEN = ("B-1", *RECEIVED[1:], "Honored", "02/20/2026 10:00", "", "02/25/2026 08:00", "ICE", "02/26/2026 07:30")
DECLINED = ("B-2", *RECEIVED[1:], "Declined", "02/20/2026 12:00", "policy", "", "Released", "02/22/2026 08:30")
WAITING = ("B-3", *RECEIVED[1:])
BAD = ("B-4", "13/05/2026 11:00", "I-247A", "02/19/2026")

Row = Sequence[object]


def log(folder: Path, *rows: Row, name: str = "log.csv", header: Row = HEADER, delimiter: str = ",") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows([*row, *[""] * (len(header) - len(row))] for row in rows)
    return path


def mapping_file(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text)
    return path


def imported(office: Office, path: Path, mapping: str = MAPPING, *, by: str = AGENCY) -> ImportResult:
    done = import_file(office.record, path, read_mapping(mapping_file(path.parent, mapping)), by)
    assert isinstance(done, ImportResult), done
    return done


def tried(office: Office, path: Path, mapping: str = MAPPING, *, by: str = AGENCY) -> ImportResult:
    done = try_file(office.record, path, read_mapping(mapping_file(path.parent, mapping)), by)
    assert isinstance(done, ImportResult), done
    return done


def results(done: ImportResult) -> list[str]:
    return [row.result for row in done.rows]


def only(done: ImportResult) -> RowResult:
    (row,) = done.rows
    return row


def what_is_kept(office: Office) -> dict[str, list[tuple[str, str]]]:
    """Return each case by the agency's own number: kinds of events with what they say."""
    kept: dict[str, list[tuple[str, str]]] = {}
    for case in office.record.every_case():
        number = str(case.beginning.body["reference"])
        assert number not in kept
        kept[number] = [(told.kind, json.dumps(told.body, sort_keys=True)) for told in case.told]
    return kept


def kinds(office: Office) -> dict[str, list[str]]:
    return {number: [kind for kind, _ in events] for number, events in what_is_kept(office).items()}


def says(office: Office, number: str, kind: str) -> Mapping[str, object]:
    told: Mapping[str, object] = json.loads(dict(what_is_kept(office)[number])[kind])
    return told
