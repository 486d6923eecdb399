"""The headline: the figure under every definition side by side, and the key figures behind the sentences."""

from __future__ import annotations

from typing import Any

from detainer_ledger.measures import Definition, definitions
from detainer_ledger.reports.columns import (
    DECLINED,
    DECLINED_HIGH,
    DECLINED_LOW,
    DENOMINATOR,
    RATES,
    UNKNOWN,
    note_under,
)
from detainer_ledger.reports.formats import count
from detainer_ledger.reports.reading import MIN_N, Reading
from detainer_ledger.reports.texts import texts
from detainer_ledger.reports.value import Column, Kind, ReportTable, table_of

_DEFINITION = Column("definition", "Definition", "Id of the definition.", Kind.CODE)

_COLUMNS = (
    Column("definition", "Id", "Id of the definition.", Kind.CODE, under="title"),
    Column("title", "Definition", "What the definition is called.", Kind.TEXT),
    Column("used_by", "Used by:", "Who counts so.", Kind.TEXT, under="title"),
    Column(
        "not_computable", "Not computed:", "Why there is no figure; empty where there is one.", Kind.TEXT, under="title"
    ),
    DECLINED,
    DECLINED_LOW,
    DECLINED_HIGH,
    DENOMINATOR,
    Column("denominator_kind", "Share of", "What the share is a share of.", Kind.TEXT, under="denominator"),
    *RATES,
    UNKNOWN,
    Column(
        "unknown_level",
        "Level unknown",
        "Detainers at facilities of which it is unknown who runs them, where the definition leaves some agencies out.",
        Kind.COUNT,
        "detainers",
    ),
    Column("clock", "Clock:", "The day that decides whether a detainer is in the period.", Kind.TEXT, under="title"),
    note_under("title"),
)


def definitions_table(reading: Reading) -> ReportTable:
    """Return the headline under every definition, in the order of the definitions."""
    return table_of(
        "definitions",
        "Declined, under every definition in use",
        "One row for each definition of declined: the count, the share with its interval, and how far both could move.",
        _COLUMNS,
        (_under(reading, each) for each in definitions().values()),
        note=(
            "The interval is for chance alone. The bounds tell what the unknown outcomes allow: the least if none of"
            " these detainers was declined, the most if every one was. A dash marks what a definition does not give."
        ),
    )


def terms_table() -> ReportTable:
    """Return what each definition counts, its version, source and caveats."""
    columns = (
        _DEFINITION,
        Column("version", "Version", "Version of the definition.", Kind.YEAR),
        Column("numerator", "Counts as declined", "What is counted as declined.", Kind.TEXT),
        Column("population", "Among", "Detainers that the definition looks at.", Kind.TEXT),
        Column("source", "Source", "Document that the definition is taken from.", Kind.TEXT),
        Column("caveats", "To bear in mind", "What limits the definition.", Kind.TEXT),
    )
    records = (
        {
            "definition": each.id,
            "version": each.version,
            "numerator": each.numerator_in_words().replace("_", " "),
            "population": _population(each),
            "source": each.source,
            "caveats": " ".join(each.caveats) or None,
        }
        for each in definitions().values()
    )
    return table_of(
        "definition_terms",
        "What each definition means",
        "The terms of each definition, with the document that it is taken from.",
        columns,
        records,
    )


def key_figures_table(reading: Reading, headline: ReportTable) -> ReportTable:
    """Return the figures that the sentences are made of: how rows become detainers, and detainers an answer."""
    whole = dict(reading.figures().rows[0])
    accounts = [manifest["account"] for manifest in reading.manifests]
    seen, kept, aside = (sum(each[name] for each in accounts) for name in ("rows_seen", "kept", "set_aside"))
    outside = kept - int(reading.rows("COUNT(*)")[0][0])
    placeholders = reading.rows(
        "COUNT(*)", where="list_contains(quality, 'facility/placeholder') AND duplicate_kind IS NULL"
    )
    base = headline.count("recorded", "denominator")
    detainers = whole["detainers"]
    entries: list[tuple[str, str, int, int | None, str | None]] = [
        ("rows_seen", "Rows in the files", seen, None, None),
        ("rows_set_aside", "Rows set aside, each with its reason", aside, seen, "rows in the files"),
        ("rows_kept", "Rows kept as records", kept, seen, "rows in the files"),
        ("outside_period", "Kept rows outside the period", outside, kept, "rows kept"),
        ("duplicates_excluded", "Repeats left out of the figures", whole["duplicates_excluded"], kept, "rows kept"),
        ("detainers", "Detainers counted", detainers, kept, "rows kept"),
        ("denominator", "Detainers that shares are shares of", base, detainers, "detainers counted"),
        ("declined", "Recorded as declined", headline.count("recorded", "declined"), base, "that denominator"),
        (
            "declined_most",
            "Declined at the most",
            headline.count("recorded", "declined_high"),
            base,
            "that denominator",
        ),
        ("taken_into_custody", "Taken into custody", whole["taken_into_custody"], detainers, "detainers counted"),
        ("unknown", "Outcome unknown", headline.count("recorded", "unknown"), base, "that denominator"),
        ("immature", "Too young to be judged", whole["immature"], detainers, "detainers counted"),
        ("placeholder", "At a placeholder, not a place", int(placeholders[0][0]), detainers, "detainers counted"),
        ("unattributed", "Without a jurisdiction", whole["unattributed"], detainers, "detainers counted"),
    ]
    columns = (
        Column("figure", "Id", "Id of the figure.", Kind.CODE, under="title"),
        Column("title", "Figure", "What is counted.", Kind.TEXT),
        Column("count", "Count", "The count.", Kind.COUNT, "rows"),
        Column("share", "Share", "The count as a share.", Kind.SHARE, "1"),
        Column("of", "Share of", "What the share is a share of.", Kind.TEXT),
    )
    records = (
        {"figure": key, "title": title, "count": n, "share": n / total if total else None, "of": of if total else None}
        for key, title, n, total, of in entries
    )
    return table_of(
        "key_figures",
        "From rows to figures",
        "How the rows of the files become the detainers that are counted, and what is known of them.",
        columns,
        records,
        note="Rows kept are the detainers counted, the repeats left out and the rows outside the period, together.",
    )


def _under(reading: Reading, each: Definition) -> dict[str, Any]:
    words = texts()
    base = {
        "definition": each.id,
        "title": each.title,
        "used_by": each.used_by,
    }
    if each.not_computable:
        return {**base, "not_computable": each.not_computable}
    base["denominator_kind"] = words.denominators[each.denominator]
    row = dict(reading.figures(declined=each.id).rows[0])
    clock = words.clocks["unstated" if each.clock == "unstated" else row["clock"]]
    if each.clock == "recorded" and row["clock"] != "recorded":
        clock += " (the releases have no day of recording)"
    small = row["denominator"] is not None and row["denominator"] < MIN_N
    note = f"Only {count(row['denominator'])} in the denominator: the share says little." if small else None
    return {
        **row,
        **base,
        "clock": clock,
        "note": note,
        "unknown_level": row["unknown_level"] if each.excluded_levels else None,
    }


def _population(each: Definition) -> str:
    parts = []
    if each.excluded_levels:
        parts.append("agencies that are not " + " or ".join(each.excluded_levels))
    if each.above_detainers is not None:
        parts.append(f"facilities with more than {each.above_detainers} detainers in the period")
    return "; ".join(parts) or "every facility"
