"""The error family. Everything that a user can cause ends in one of these, with a sentence that says what to do.

``LedgerError``
    ├── ``BadInput``        a file, a value or an option that cannot be used (exit code 2)
    └── ``StoreError``      the store cannot be read or written (exit code 2)
"""

from __future__ import annotations

from typing import Self


class LedgerError(Exception):
    """Base of all errors that are told to the user without a traceback.

    ``what`` says what is wrong, ``where`` the place in the user's own terms (file, sheet, row, column),
    ``do`` what helps. None of the three may hold a personal value.
    """

    def __init__(self, what: str, *, do: str = "", **where: object) -> None:
        self.what = what
        self.do = do
        self.where = {key: value for key, value in where.items() if value is not None}
        super().__init__(self.message())

    def message(self) -> str:
        """Return the whole message: what, where and what to do, one part a line."""
        lines = [self.what]
        if self.where:
            lines.append("  where: " + ", ".join(f"{key} {value}" for key, value in self.where.items()))
        if self.do:
            lines.append("  to do: " + self.do)
        return "\n".join(lines)

    def at(self, **where: object) -> Self:
        """Return the same error with its place told more fully; what it already knows of the place stands."""
        return type(self)(self.what, do=self.do, **{**where, **self.where})

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the parts when the error crosses from a reading process to the main one."""
        return (_rebuild, (type(self), self.what, self.do, self.where))


def _rebuild(kind: type[LedgerError], what: str, do: str, where: dict[str, object]) -> LedgerError:
    return kind(what, do=do, **where)


class BadInput(LedgerError):  # noqa: N818 - it names what went wrong, as the message does
    """A file, a value or an option that cannot be used."""


class StoreError(LedgerError):
    """A store that cannot be read or written."""
