"""What a user is told where the database of a record is full, gone, or may not be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detainer_ledger.terms import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


def place_of(engine: Engine) -> str:
    """Return where a record is as its user writes it, without any password."""
    query = {name: "***" if "pass" in name.lower() else value for name, value in engine.url.query.items()}
    url = engine.url.set(query=query).render_as_string(hide_password=True)
    return url.replace("postgresql+psycopg://", "postgresql://")


def unreachable(error: Exception, place: str) -> StoreError:
    """Return the error of a database that cannot be opened."""
    said = "; ".join(line.strip() for line in str(getattr(error, "orig", error)).splitlines() if line.strip())
    return _known(said, place) or StoreError(
        f"The database cannot be used: {said.rstrip('.')}.",
        record=place,
        do="see that it is there, that you may use it, and that the address is right.",
    )


def unusable(error: Exception, place: str) -> StoreError:
    """Return the error of a database that was opened and cannot be read or written."""
    said = " ".join(str(error).split())
    if "append-only" in said:
        return StoreError("Events cannot be changed or removed.", record=place, do="record a correction.")
    return _known(said, place) or StoreError(
        f"The record cannot be read or written: {said}. Nothing was stored.",
        record=place,
        do="see that the database is there and may be written, and repeat the command with its key.",
    )


def _known(said: str, place: str) -> StoreError | None:
    if any(words in said for words in ("is full", "No space left", "disk I/O error")):
        return StoreError(
            "There is no space left for the record, or the disk fails. Nothing was stored.",
            record=place,
            do="free space on the disk, and repeat the command.",
        )
    if "Could not decode to UTF-8" in said:
        return StoreError(
            "The database holds text that no event was written with.",
            record=place,
            do="'detainer record verify' tells which event was changed; restore a backup from before.",
        )
    if "readonly" in said or "read-only" in said:
        return StoreError(
            "The database may be read and not written, and a record writes down who looks into it.",
            record=place,
            do="copy its file to a folder that you may write to, and name the copy with --record.",
        )
    return None
