"""An audit folder up to its draw, made by the commands."""

from __future__ import annotations

from pathlib import Path

from tests.running import detainer

PROGRAMME = """\
id = "files"
version = "1"
title = "Invented tests"

[[attribute]]
id = "present"
title = "Present"
question = "Is the record of the checks in the file?"
criterion = "The checks are recorded."
source = "Invented, 1"

[[attribute]]
id = "reviewed"
title = "Reviewed"
question = "Was the file reviewed?"
criterion = "A second person reviewed it."
source = "Invented, 2"
required = false
"""


def drawn(folder: Path, *, size: int = 4) -> Path:
    """Make a frame of ten invented files and draw some; return the audit's folder."""
    files = folder / "files.csv"
    files.write_text("id\n" + "".join(f"F-{number:02}\n" for number in range(1, 11)))
    (folder / "mine.toml").write_text(PROGRAMME)
    audit = folder / "audit"
    for arguments in (
        ("frame", files, "--title", "Synthetic files", "--audit", audit),
        ("draw", "--audit", audit, "--size", str(size), "--seed", "invented seed of the tests"),
    ):
        ran = detainer("audit", *arguments)
        assert ran.code == 0, ran.err
    return audit
