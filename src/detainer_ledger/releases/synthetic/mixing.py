"""Pseudo-random draws as SQL text: whole-number arithmetic on the seed and the row number, and nothing else.

DuckDB's own ``hash()`` may change from version to version and ``random()`` depends on the order of threads; a release
of one seed has to stay the same for years. The finaliser is Chris Wellons's lowbias32 (public domain), applied twice.
"""

from __future__ import annotations

import hashlib

STATE = ("s1", "s2")
"""Columns that hold the mixed state of a row, 32 bits each."""

OWN_STATE = ("e1", "e2")
"""Columns of the state of the row itself, where ``STATE`` is the person's."""

_LOW_32 = 4294967295


class Mixer:
    """Draws of one seed. Every salt gives a sequence of its own."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def number(self, salt: str, bits: int) -> int:
        """Return a number below ``2 ** bits`` that depends on the seed and the salt only."""
        digest = hashlib.sha256(f"{self._seed}/{salt}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> (64 - bits)

    def with_state(self, source: str, *, key: str) -> str:
        """Return a query over the query ``source`` that adds ``STATE``, computed from the column ``key``.

        It is nested, because an expression that uses its argument twice would double in size at every step.
        """
        first = self._rounds(source, key=key, multiplier=2654435769, offset=self.number("s1", 32), name="s1")
        return self._rounds(first, key="s1", multiplier=747796405, offset=self.number("s2", 32), name="s2")

    def _rounds(self, source: str, *, key: str, multiplier: int, offset: int, name: str) -> str:
        steps = (
            f"({key}::UBIGINT * {multiplier} + {offset}) & {_LOW_32}",
            f"(xor(m, m >> 16) * 2146121005) & {_LOW_32}",
            f"(xor(m, m >> 15) * 2221713035) & {_LOW_32}",
        )
        query = f"SELECT *, {steps[0]} AS m FROM ({source})"
        for step in steps[1:]:
            query = f"SELECT * REPLACE ({step} AS m) FROM ({query})"
        return f"SELECT * EXCLUDE (m), xor(m, m >> 16) AS {name} FROM ({query})"

    def draw(self, salt: str, below: int, *, own: bool = False, shift: str | None = None) -> str:
        """Return SQL of a number in ``0 .. below - 1`` for a row with ``STATE``.

        With ``own`` it is drawn from ``OWN_STATE``, which differs between two rows of one person. ``shift`` names a
        column of 0 or 1 that gives another draw where it is 1.
        """
        return f"({self.word(salt, own=own, shift=shift)} % {below})::INTEGER"

    def word(self, salt: str, *, own: bool = False, shift: str | None = None) -> str:
        """Return SQL of an unsigned number of some 44 bits, drawn as in ``draw``."""
        first, second = self.number(f"{salt}/1", 30) | 1, self.number(f"{salt}/2", 30) | 1
        one, two = OWN_STATE if own else STATE
        moved = f" + {shift} * {self.number(f'{salt}/3', 62)}" if shift else ""
        return f"(({one} * {first} + {two} * {second}{moved}) >> 20)"
