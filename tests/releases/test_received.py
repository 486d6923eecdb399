"""What is found out about a text while its bytes pass: long lines, and blanks beside quotation marks."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from detainer_ledger.releases import received as room
from detainer_ledger.releases.received import Received, receive
from detainer_ledger.releases.values import LONGEST_CELL

LENGTHS = st.sampled_from([0, 1, 90, LONGEST_CELL - 1, LONGEST_CELL, LONGEST_CELL + 1, 3 * LONGEST_CELL])
PIECE_BYTES = st.sampled_from([997, 8000, LONGEST_CELL, 1 << 22])


def looked_at(content: bytes, piece_bytes: int) -> Received:
    """Look at a file with this content, so many bytes at a time."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(room, "_CHUNK_BYTES", piece_bytes):
        path = Path(folder) / "x.csv"
        path.write_bytes(content)
        return receive(path)


@settings(deadline=None)
@given(st.lists(LENGTHS, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n", "\r"]), PIECE_BYTES)
def test_no_line_longer_than_a_cell_can_be_goes_unseen(lengths: list[int], end: str, piece_bytes: int) -> None:
    text = looked_at((end.join("a" * length for length in lengths) + end).encode(), piece_bytes)
    assert text.has_long_line or max(lengths) <= LONGEST_CELL
    # A line that comes within two bytes of the limit may be taken for one that is over it, and is looked at closely.
    assert not text.has_long_line or max(lengths) >= LONGEST_CELL - 2 or end == "\r\n"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(['"', " ", ",", "\t", "\n", "a"]), max_size=12),
    st.booleans(),
    st.sampled_from([5, 1 << 22]),
)
def test_a_blank_between_a_quotation_mark_and_the_end_of_its_cell_is_never_overlooked(
    signs: list[str],
    among_many: bool,
    piece_bytes: int,
) -> None:
    content = "x," + "".join(signs) + ",x" + ('"a",' * 11_000 if among_many else "")
    text = looked_at(content.encode(), piece_bytes)
    assert text.has_odd_quotes or not re.search(r'[,\t\n] "|" [,\t\n]|" $', content)
    if not re.search(r' "|" ', content):
        assert not text.has_odd_quotes
