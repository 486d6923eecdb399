"""The store: a folder in which each step of the road has its own sub-folder, written so that nothing is half done.

A release is in the store when its manifest ``1-received/<release>.json`` is. All data are written aside first; the
manifest comes last and by rename, so that an interrupted command leaves the old state. What an interrupted command
left behind is swept up by the next one that writes.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from detainer_ledger.terms import StoreError

STORE_FORMAT = 1
"""Version of the folder's shape; a store of a newer version is refused, never guessed at."""

_MARK = "detainer-store.json"
_RECEIVED, _READ, _CLASSIFIED, _STAGING = "1-received", "2-read", "4-classified", ".staging"


@dataclass(frozen=True, slots=True)
class Store:
    """A store that exists. Build it with ``Store.open`` or ``Store.open_or_create``."""

    path: Path
    made: tuple[Path, ...] = ()
    """Folders that were made for it just now, the innermost first; they are taken away if nothing comes into it."""

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open an existing store. Raises StoreError if there is none, or if a newer program wrote it."""
        mark = path / _MARK
        try:
            found = json.loads(mark.read_text("utf-8"))
        except FileNotFoundError:
            raise StoreError(
                "There is no store in this folder.",
                folder=str(path),
                do=f"make one with: detainer ingest FILE --store {path}",
            ) from None
        except NotADirectoryError:
            raise _not_a_folder(path) from None
        except OSError as error:
            raise StoreError(
                f"The store cannot be opened: {error.strerror}.", folder=str(path), do="look at its permissions."
            ) from None
        except ValueError:
            raise _damaged("The file that marks the folder as a store is damaged.", mark) from None
        version = found.get("format") if isinstance(found, dict) else None
        if not isinstance(version, int):
            raise _damaged("The file that marks the folder as a store does not tell its format.", mark)
        if version > STORE_FORMAT:
            raise StoreError(
                f"The store was written by a newer version of this program (format {version}; this one knows"
                f" {STORE_FORMAT}).",
                folder=str(path),
                do="upgrade this program, or read the releases into a new store.",
            )
        return cls(path)

    @classmethod
    def open_or_create(cls, path: Path) -> Store:
        """Open a store, or make an empty one in a folder that is missing or empty.

        Raises StoreError if the folder cannot be written or holds other things.
        """
        with _writing(path):
            if (path / _MARK).exists():
                return cls.open(path)
            if path.exists() and not path.is_dir():
                raise _not_a_folder(path)
            store = cls(path, made=tuple(each for each in (path, *path.parents) if not each.exists()))
            try:
                path.mkdir(parents=True, exist_ok=True)
                if any(not entry.name.startswith(".") for entry in path.iterdir()):
                    raise StoreError(
                        "The folder holds other things and is not a store.",
                        folder=str(path),
                        do="name a new or an empty folder with --store.",
                    )
                _write_atomically(path / _MARK, json.dumps({"format": STORE_FORMAT, "what": "Detainer Ledger store"}))
            except BaseException:
                store._take_away_folders()
                raise
        return store

    def manifests(self) -> tuple[dict[str, Any], ...]:
        """Return the manifests of all releases, oldest first by the time they were read."""
        folder = self.path / _RECEIVED
        if not folder.exists():
            return ()
        found = [self._manifest(entry) for entry in folder.glob("*.json")]
        return tuple(sorted(found, key=lambda each: (each["read_at"], each["release_id"])))

    def _manifest(self, entry: Path) -> dict[str, Any]:
        """Read one manifest. Raises StoreError if it, or a file that it names, is not as it was written."""
        try:
            manifest = json.loads(entry.read_text("utf-8"))
            named = [*manifest["parts"], manifest["detainers"]]
        except OSError as error:
            raise StoreError(f"The store cannot be read: {error.strerror}.", file=str(entry)) from None
        except (ValueError, KeyError, TypeError):
            raise _damaged("The record of a release is damaged.", entry) from None
        for relative in named:
            if not self.resolve(relative).exists():
                raise _damaged(f"A file of release '{entry.stem}' is missing.", self.resolve(relative))
        return cast("dict[str, Any]", manifest)

    def resolve(self, relative: str) -> Path:
        """Return the path of a file that a manifest names."""
        return self.path / relative

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Lock the store for one writer and give it a staging folder; sweep up when done or failed.

        Raises StoreError if the store cannot be written, if the disk is full, or if another command is writing.
        """
        import fcntl

        with _writing(self.path), (self.path / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    "Another command is writing to this store.",
                    folder=str(self.path),
                    do="wait until it is done, and run the command again.",
                ) from None
            if not (self.path / _MARK).exists():
                raise StoreError(
                    "Another command took the store away, since it could put nothing into it.",
                    folder=str(self.path),
                    do="run the command again.",
                )
            try:
                self._sweep()
                staging = self.path / _STAGING / uuid.uuid4().hex
                staging.mkdir(parents=True)
                yield Writing(store=self, staging=staging)
            finally:
                with suppress(OSError):
                    self._sweep()
                    self._take_away_if_empty()

    def tidy(self) -> None:
        """Remove what a writer that was killed has left, unless another one is writing now.

        Raises StoreError if the store cannot be written.
        """
        import fcntl

        if not (self.path / _STAGING).exists():
            return
        with _writing(self.path), (self.path / ".lock").open("a") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sweep()

    def _sweep(self) -> None:
        """Remove what no manifest names: the leavings of commands that were interrupted."""
        shutil.rmtree(self.path / _STAGING, ignore_errors=True)
        named = {
            (self.path / relative).resolve()
            for manifest in self.manifests()
            for relative in [*manifest["parts"], manifest["detainers"]]
        }
        for step in (_READ, _CLASSIFIED):
            for entry in (self.path / step).glob("*/*.parquet"):
                if entry.resolve() not in named:
                    entry.unlink()
        for leaving in self.path.glob("1-received/*.part"):
            leaving.unlink()
        for pattern in (f"{_READ}/*", f"{_CLASSIFIED}/*", _RECEIVED, _READ, _CLASSIFIED):
            for folder in self.path.glob(pattern):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()

    def _take_away_if_empty(self) -> None:
        """Take a store that was made just now away again if no release came into it."""
        if self.made and not self.manifests():
            (self.path / _MARK).unlink(missing_ok=True)
            (self.path / ".lock").unlink(missing_ok=True)
            self._take_away_folders()

    def _take_away_folders(self) -> None:
        (self.path / f"{_MARK}.part").unlink(missing_ok=True)
        with suppress(OSError):
            for folder in self.made:
                folder.rmdir()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One writer's turn: files are made in ``staging`` and moved into place; ``commit`` makes them count."""

    store: Store
    staging: Path

    def place_read(self, release_id: str, part: Path) -> str:
        """Move a part of the read rows into place and return its path as manifests write it."""
        return self._place(_READ, release_id, part)

    def place_classified(self, release_id: str, detainers: Path) -> str:
        """Move a classified table into place under a name that no manifest has, and return that path."""
        return self._place(_CLASSIFIED, release_id, detainers)

    def commit(self, manifest: dict[str, Any]) -> None:
        """Write the release's manifest: from here on the release, or its new state, counts."""
        folder = self.store.path / _RECEIVED
        folder.mkdir(exist_ok=True)
        _write_atomically(folder / f"{manifest['release_id']}.json", json.dumps(manifest, indent=1, ensure_ascii=False))

    def _place(self, step: str, release_id: str, source: Path) -> str:
        folder = self.store.path / step / release_id
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{source.stem}-{uuid.uuid4().hex[:8]}.parquet"
        _sync(source)
        source.rename(target)
        _sync(folder)
        return target.relative_to(self.store.path).as_posix()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into messages for the user."""
    try:
        yield
    except OSError as error:
        raise _refusal(path, error.errno, str(error.strerror or error)) from error
    except Exception as error:
        # The table engine reports a full disk in words of its own.
        if "No space left on device" in str(error) or "File too large" in str(error):
            raise _refusal(path, errno.ENOSPC, "") from error
        if "Out of Memory Error" in str(error):
            raise StoreError(
                "There is not enough memory, or no space on the disk for what does not fit into it; the store is as it"
                " was before.",
                folder=str(path),
                do="free some of both, or read fewer files in one call.",
            ) from error
        raise


def _not_a_folder(path: Path) -> StoreError:
    return StoreError("There is a file where the store's folder should be.", path=str(path), do="name another folder.")


def _damaged(what: str, file: Path) -> StoreError:
    return StoreError(
        what, file=str(file), do="bring the store back from a copy, or read the releases into a new store."
    )


def _refusal(path: Path, number: int | None, words: str) -> StoreError:
    if number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreError(
            "There is no space left on the disk; the store is as it was before.",
            folder=str(path),
            do="free some space, or put the store on another disk, and run the command again.",
        )
    if number in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreError(
            "The store cannot be written: the folder is read-only for this user.",
            folder=str(path),
            do="change its permissions, or name another folder with --store.",
        )
    return StoreError(f"The store cannot be written: {words}.", folder=str(path))


def _write_atomically(path: Path, text: str) -> None:
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    aside.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Make sure that the file, or the folder's list of files, is on the disk and not only on its way."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
