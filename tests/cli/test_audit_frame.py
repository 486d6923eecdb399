"""``detainer audit frame``: a list becomes a frame whose digest anybody can reckon."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tests.conftest import WriteText
from tests.running import detainer, tree

LIST = "case,office\nF-2,north\nF-1,south\nF-3,north\n"


def test_the_digest_told_is_that_of_frame_csv(tmp_path: Path, write_text: WriteText) -> None:
    audit = tmp_path / "audit"
    asked = (write_text("files.csv", LIST), "--id", "case", "--by", "office", "--title", "Synthetic", "--audit", audit)
    done = detainer("audit", "frame", *asked)
    digest = sha256((audit / "frame.csv").read_bytes()).hexdigest()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"Frame: Synthetic. Units: 3.\nStrata: north 2, south 1.\nSHA-256 of {audit / 'frame.csv'}: {digest}\n"
    )
    before = tree(audit)
    again = detainer("audit", "frame", *asked, "--json")
    assert json.loads(again.out)["sha256"] == digest
    assert "has this frame already" in again.err
    assert tree(audit) == before


def test_another_population_in_one_audit_is_refused(tmp_path: Path, write_text: WriteText) -> None:
    audit = tmp_path / "audit"
    detainer("audit", "frame", write_text("a.csv", "id\nF-1\n"), "--title", "Synthetic", "--audit", audit)
    before = tree(audit)
    done = detainer("audit", "frame", write_text("b.csv", "id\nF-2\n"), "--title", "Synthetic", "--audit", audit)
    assert done.code == 2
    assert "has a frame already, and it lists other units" in done.err
    assert tree(audit) == before


def test_a_bad_row_leaves_nothing_behind(tmp_path: Path, write_text: WriteText) -> None:
    path = write_text("files.csv", "id\nF-1\nF-1\n")
    done = detainer("audit", "frame", path, "--title", "Synthetic", "--audit", tmp_path / "audit")
    assert (done.code, done.err) == (
        2,
        (
            "detainer: The id stands in row 2 already.\n  where: file files.csv, row 3, column id\n"
            "  to do: correct the list; no row is left out for you.\n"
        ),
    )
    assert not (tmp_path / "audit").exists()


def test_one_list_is_needed(tmp_path: Path, write_text: WriteText) -> None:
    path = write_text("files.csv", LIST)
    for lists in ((), (path, "--store", tmp_path)):
        done = detainer("audit", "frame", *lists, "--title", "Synthetic", "--audit", tmp_path / "audit")
        assert done.code == 2
        assert "One list is needed." in done.err
    done = detainer("audit", "frame", path, "--title", " ", "--id", "case", "--audit", tmp_path / "audit")
    assert "needs a title" in done.err
    assert detainer("audit", "frame", path, "--title", "x", "--release", "r", "--audit", tmp_path / "a").code == 2
    asked = ("--store", tmp_path, "--id", "case", "--title", "x", "--audit", tmp_path / "a")
    assert "ids of a store" in detainer("audit", "frame", *asked).err
