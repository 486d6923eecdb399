"""What is marked is gone from the public edition: from every byte of every file, and its length with it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from detainer_ledger.audit.findings.reading import FILE, findings_of
from detainer_ledger.reports.audit import (
    AuditReportFiles,
    Edition,
    UnitsShown,
    audit_report_of,
    write_audit_report,
)
from detainer_ledger.terms import BadInput
from tests.reports.audit.invented import COMMAND, MADE, SECRET, findings_text, invented, sampled_of

OF_PASSAGES = (
    "Harbor",
    "Street",
    "annex",
    "relay",
    "987654321",
    "987,654,321",
    "draft instruction",
    "moved the deadline",
)
"""Words and figures that stand in marked passages only; the last figure's row tells nothing else."""


def streams(pdf: Path) -> Iterator[bytes]:
    """Yield every object of a PDF as bytes, streams decompressed."""
    from pypdf import PdfReader
    from pypdf.generic import StreamObject

    reader = PdfReader(pdf)
    for number in sorted({*reader.xref_objStm, *(number for each in reader.xref.values() for number in each)}):
        found = reader.get_object(number)
        if found is None:
            continue
        yield repr(found).encode("utf-8", "surrogateescape")
        if isinstance(found, StreamObject):
            yield found.get_data()
    yield repr(reader.metadata).encode()
    yield repr(reader.outline).encode()
    for page in reader.pages:
        yield page.extract_text().encode()
    assert not dict(reader.attachments)


def everything(written: AuditReportFiles) -> bytes:
    """Return all bytes of a report, and all that is inside of its PDF."""
    files = sorted(each for each in written.folder.rglob("*") if each.is_file())
    return b"\0".join([*(each.read_bytes() for each in files), *streams(written.pdf)])


def forms(text: str) -> list[bytes]:
    """Return the ways in which a text can stand in a file."""
    plain = [text, text.upper(), text.lower(), text[::-1]]
    coded = [each.encode(coding) for each in plain for coding in ("utf-8", "utf-16-le", "utf-16-be")]
    # In base64 the text can begin at three places; its inner part is the same whatever stands before.
    shifted = [base64.b64encode(b"\0" * at + text.encode())[4 if at else 0 : -4] for at in range(3)]
    numbered = "".join(f"&#{ord(sign)};" for sign in text).encode()
    digits = [
        text.encode().hex().encode(),
        text.encode().hex().upper().encode(),
        text.encode("utf-16-be").hex().encode(),
    ]
    return [*coded, *(each for each in shifted if len(each) > 8), *digits, numbered]


def test_nothing_of_a_marked_passage_is_in_any_byte_of_the_public_edition(public: AuditReportFiles) -> None:
    found = everything(public)
    for secret in (SECRET, *OF_PASSAGES):
        for form in forms(secret):
            assert form not in found, (secret, form)


def test_the_search_finds_the_passages_of_the_full_edition(full: AuditReportFiles) -> None:
    found = everything(full)
    for secret in (*OF_PASSAGES[:4], "987,654,321"):
        assert secret.encode() in found
    assert SECRET.encode() in b" ".join(found.split())


def test_no_length_of_a_passage_shows(tmp_path: Path) -> None:
    audited, programme = sampled_of(142, 40)
    digests = (("results.json", "1" * 64), (FILE, "2" * 64))
    pages = []
    for name, secret in (("short", "Nine"), ("long", "A much longer passage.\n\nOf two paragraphs. " * 40)):
        findings = findings_of(findings_text(programme, secret), audited.evaluation, programme)
        report = audit_report_of(
            replace(audited, digests=digests), findings, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND
        )
        written = write_audit_report(report, tmp_path / name)
        pages.append({each.name: each.read_bytes() for each in written.folder.iterdir()})
    assert pages[0] == pages[1]


def test_each_block_tells_its_reason_and_the_appendix_the_law(public: AuditReportFiles) -> None:
    page = public.page.read_text("utf-8")
    assert re.findall(r'<span class="withheld">([^<]*)</span>', page) == [
        "Withheld: Law enforcement technique",
        "Withheld: Deliberation within the agency",
    ]
    assert "5 U.S.C. 552(b)(7)(E)" in page
    assert "Some passages are withheld from this edition." in page


def test_the_public_edition_has_neither_the_findings_nor_their_digest(
    public: AuditReportFiles, full: AuditReportFiles
) -> None:
    assert {each.name for each in public.folder.iterdir()} == {
        "index.html",
        "report.pdf",
        "report.json",
        "provenance.json",
    }
    names = [
        [each["name"] for each in json.loads(one.provenance.read_bytes())["entity"]["inputs"]] for one in (public, full)
    ]
    assert names == [["results.json"], ["results.json", FILE]]
    digest = f"{2:064x}"
    assert digest.encode() not in everything(public)
    assert digest in full.page.read_text("utf-8")


def test_the_full_edition_says_on_each_page_that_it_is_not_for_release(full: AuditReportFiles) -> None:
    from pypdf import PdfReader

    pages = [page.extract_text().lower() for page in PdfReader(full.pdf).pages]
    assert len(pages) > 5
    assert all("full edition – not for release" in page for page in pages)
    assert '<p class="running">Synthetic data · Full edition – not for release</p>' in full.page.read_text("utf-8")


def test_a_passage_that_also_stands_in_the_open_is_refused_without_being_told() -> None:
    audited, programme = sampled_of(142, 40)
    text = findings_text(programme).replace(
        "Errors of the first review stay unknown.", "It runs through A  RELAY through the\\nharbor street annex."
    )
    findings = findings_of(text, audited.evaluation, programme)
    with pytest.raises(BadInput, match="also stand in the open") as refused:
        audit_report_of(audited, findings, edition=Edition.PUBLIC, made_at=MADE, command=COMMAND)
    assert "harbor" not in refused.value.message().lower()
    assert "findings 2" in str(refused.value.where["place"])
    assert audit_report_of(audited, findings, edition=Edition.FULL, made_at=MADE, command=COMMAND).findings


def test_the_command_that_made_a_report_is_looked_through_as_well() -> None:
    audited, findings = invented()
    with pytest.raises(BadInput, match="also stand in the open"):
        audit_report_of(audited, findings, edition=Edition.PUBLIC, made_at=MADE, command=f"detainer --out '{SECRET}'")


def test_ids_of_files_can_be_hidden(hidden: AuditReportFiles, public: AuditReportFiles) -> None:
    audited, _findings = invented()
    found, shown = everything(hidden), public.page.read_text("utf-8")
    for unit in audited.sample.units:
        assert unit.id in shown
        assert unit.id.encode() not in found
    assert audited.sample.sha256.encode() in found
    assert b"40 files of 142 were drawn" in found


def test_an_id_that_is_to_stay_hidden_is_refused_where_a_finding_tells_it() -> None:
    audited, programme = sampled_of(142, 40)
    told = audited.sample.units[3].id
    text = findings_text(programme).replace("Errors of the first", f"In {told} errors of the first")
    findings = findings_of(text, audited.evaluation, programme)
    with pytest.raises(BadInput, match="hidden files") as refused:
        audit_report_of(
            audited, findings, edition=Edition.PUBLIC, units=UnitsShown.HIDDEN, made_at=MADE, command=COMMAND
        )
    assert told not in refused.value.message()
