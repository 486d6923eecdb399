"""What is wrong with filled sheets: each inconsistency with its place, and all of them in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from detainer_ledger.terms import BadInput, LedgerError

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconsistency:
    """One thing that is wrong, the place, and what helps. None of it repeats what an auditor wrote.

    ``unit`` and ``attribute`` name the test that it is about, "" where it is about none or it cannot be told.
    ``is_structural`` says that the sheet as a whole cannot be trusted: such a thing cannot be set aside.
    """

    what: str
    do: str
    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    unit: str = ""
    attribute: str = ""
    is_structural: bool = False

    @property
    def where(self) -> str:
        """Return the place in one line: file, sheet, row and column."""
        parts = (("sheet", self.sheet), ("row", self.row), ("column", self.column))
        return ", ".join([self.file, *(f"{name} {value}" for name, value in parts if value is not None)])

    @property
    def sentence(self) -> str:
        """Return place, what is wrong and what helps in one line."""
        return f"{self.where}: {self.what} To do: {self.do}"


def structural(error: LedgerError, file: str) -> Inconsistency:
    """Return an error that a file met with as an inconsistency, which cannot be set aside."""
    where = error.where
    row, column, sheet = where.get("row"), where.get("column"), where.get("sheet")
    return Inconsistency(
        what=error.what,
        do=error.do,
        file=file,
        sheet=str(sheet) if sheet is not None else None,
        row=row if isinstance(row, int) else None,
        column=str(column) if column is not None else None,
        is_structural=True,
    )


def refusal(found: Sequence[Inconsistency]) -> BadInput:
    """Return the one error that names all inconsistencies, of which the first hundred are shown."""
    can_be_set_aside = not any(each.is_structural for each in found)
    offer = "mend the sheets and read them again" + (
        ", or leave these rows out on purpose with --set-aside: their tests then count as not testable."
        if can_be_set_aside
        else "."
    )
    if len(found) == 1:
        (one,) = found
        return BadInput(
            one.what,
            file=one.file,
            sheet=one.sheet,
            row=one.row,
            column=one.column,
            do=f"{one.do} Nothing was read: {offer}",
        )
    shown = [f"  {each.sentence}" for each in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        shown.append(f"  and {len(found) - MOST_SHOWN:,} more.")
    return BadInput("\n".join([f"The sheets have {len(found):,} inconsistencies; nothing was read.", *shown]), do=offer)


def inconsistency_json(found: Inconsistency) -> dict[str, object]:
    """Return an inconsistency as it is printed for programs."""
    return asdict(found)
