"""Reading release files into a store."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from detainer_ledger.intake.jurisdictions import placed, placer_for, places_record
from detainer_ledger.intake.overlaps import Overlap, overlaps_in
from detainer_ledger.intake.writing import MEMORY_LIMIT, write_detainers
from detainer_ledger.outcomes import classified_sql
from detainer_ledger.places import Placer
from detainer_ledger.releases import (
    Received,
    ReleaseAccount,
    ReleaseParts,
    parts_of,
    read_files,
    receive_all,
    releases_in,
    take_account,
    with_defects,
)
from detainer_ledger.tables import Store, Writing, connect
from detainer_ledger.terms import VERSION, BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What an ingest did: the accounts of the releases that are new, and what it noticed.

    ``known_files`` are files that the store or the same call already had, to the byte; they were not counted twice.
    """

    accounts: tuple[ReleaseAccount, ...]
    known_files: tuple[str, ...]
    overlaps: tuple[Overlap, ...]


def ingest(
    paths: Sequence[str | Path],
    store_path: str | Path,
    *,
    layout_id: str | None = None,
    release_name: str | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> IngestResult:
    """Read files and append them to a store as releases, one for each layout among them.

    All of it counts or none: the store is unchanged until every file has been read. Raises BadInput for a file that
    cannot be read, StoreError for a store that cannot be written.
    """
    if release_name is not None:
        _check_name(release_name)
    store_path = Path(store_path)
    received, repeated = receive_all(Path(path) for path in paths)
    store = Store.open_or_create(store_path)
    known = _known_digests(store)
    fresh = tuple(each for each in received if each.sha256 not in known)
    known_files = (*repeated, *(each.name for each in received if each.sha256 in known))
    if not fresh:
        store.tidy()
        return IngestResult(accounts=(), known_files=known_files, overlaps=())
    with store.writing() as writing:
        accounts = _ingest_fresh(store, writing, fresh, layout_id, release_name, progress)
    new_ids = {account.release_id for account in accounts}
    overlaps = tuple(each for each in overlaps_in(store_path) if {each.one, each.other, each.within} & new_ids)
    return IngestResult(accounts=accounts, known_files=known_files, overlaps=overlaps)


def _ingest_fresh(
    store: Store,
    writing: Writing,
    fresh: Sequence[Received],
    layout_id: str | None,
    release_name: str | None,
    progress: Callable[[str], None],
) -> tuple[ReleaseAccount, ...]:
    now = datetime.now(UTC)
    placer = placer_for(store)
    files = read_files(fresh, writing.staging, layout_id=layout_id, read_on=now.date(), progress=progress)
    grouped = releases_in(files, name=release_name)
    taken = {manifest["release_id"] for manifest in store.manifests()}
    for release_id in grouped:
        if release_id in taken:
            raise BadInput(
                f"The store already has a release '{release_id}'.",
                do="read all files of one release in one call, or name this one otherwise with --release.",
            )
    manifests = []
    accounts = []
    connection = connect(memory_limit=MEMORY_LIMIT, spill_to=writing.staging)
    try:
        for release_id, members in grouped.items():
            release = parts_of(connection, release_id, members)
            detainers = writing.staging / "detainers.parquet"
            with_places = placed(connection, f"({release.detainers_sql})", placer)
            write_detainers(connection, classified_sql(with_places), detainers)
            accounts.append(with_defects(connection, take_account(connection, release), detainers))
            manifests.append(_manifest(writing, release, accounts[-1], detainers, now, placer))
    finally:
        connection.close()
    for manifest in manifests:
        writing.commit(manifest)
    return tuple(accounts)


def _manifest(
    writing: Writing, release: ReleaseParts, account: ReleaseAccount, detainers: Path, now: datetime, placer: Placer
) -> dict[str, Any]:
    """Move a release's files into the store and return its manifest."""
    return {
        "release_id": release.release_id,
        "layout": release.layout.id,
        "read_at": now.isoformat(timespec="microseconds"),
        "program_version": VERSION,
        "issued_first": release.issued_first.isoformat() if release.issued_first else None,
        "issued_last": release.issued_last.isoformat() if release.issued_last else None,
        "account": account.to_json(),
        "parts": [writing.place_read(release.release_id, Path(part)) for part in release.parts],
        "detainers": writing.place_classified(release.release_id, detainers),
        "links": None,
        "places": places_record(placer, now),
    }


def _known_digests(store: Store) -> frozenset[str]:
    return frozenset(file["sha256"] for manifest in store.manifests() for file in manifest["account"]["files"])


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[\w][\w.-]{0,99}", name):
        raise BadInput(
            f"'{name[:120]}' cannot name a release.",
            do="use at most 100 letters, digits, hyphens, dots and underscores, and begin with a letter or a digit.",
        )
