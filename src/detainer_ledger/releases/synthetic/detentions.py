"""The detentions file that belongs to a synthetic release, and which detainers its stays answer.

Stays are made so that every sound way of linking them finds the same. A detainer is answered by the earliest stay of
its person that begins from two days before to so many days after the issue date; a stay answers one detainer. No stay
begins within a day of the end of a window. Where one stay could answer either of two detainers of a person, both are
unresolved, so that the counts do not depend on the choice; these are listed as contested.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from detainer_ledger.releases.layouts import layout
from detainer_ledger.releases.synthetic.cells import WITHHELD_CANARY, person_sql
from detainer_ledger.releases.synthetic.logic import RECORD, Logic
from detainer_ledger.releases.synthetic.plan import (
    MOST_EXCEL_ROWS,
    Plan,
    detention_identifier_header,
    plan_release,
)
from detainer_ledger.releases.synthetic.release import prepared_connection, write_tables
from detainer_ledger.releases.synthetic.roles import LIKELY, REPEAT, roster
from detainer_ledger.releases.synthetic.truth import meaning_sql
from detainer_ledger.releases.synthetic.words import SYNTHETIC_NOTE, picked, vocabulary
from detainer_ledger.releases.synthetic.writing import Table, write_json
from detainer_ledger.tables import literal
from detainer_ledger.terms import BadInput, Outcome

DETENTIONS_LAYOUT = "icli-2026-03-detentions"

WINDOWS = (30, 90, 180, 365)
"""Days after the issue date within which a stay answers a detainer (domain reference 5.7)."""

LISTED_WINDOW = 180

MOST_ROWS_LISTED = 1_000_000
"""Above so many rows of the release the answered rows are counted and not listed."""

_FILE = "SYNTHETIC_2026-ICLI-00005_Detentions_20260311_Redacted"

_DELAYS = (*[(-2, 5)] * 9, *[(6, 28)] * 4, *[(32, 88)] * 3, *[(92, 178)] * 2, (183, 363), (368, 500))
"""First and last day, after the issue date, of equally likely spans in which a stay begins."""


def synthesize_detentions(
    *, rows: int, seed: int, layout_id: str, file_format: str, out: Path, defects: bool = True
) -> tuple[Path, ...]:
    """Write the detentions file of the release that ``synthesize`` makes of the same arguments, and its truth.

    Returns the file and ``detentions_truth.json``. The file also has columns that must not be ingested. Raises
    BadInput for a layout without an identifier, since nothing can be linked there.
    """
    plan = plan_release(rows=rows, seed=seed, layout_id=layout_id, file_format=file_format, defects=defects)
    header = detention_identifier_header(layout_id)
    if header is None:
        raise BadInput(
            f"Layout '{layout_id}' has no identifier, so no detentions belong to it.",
            do="choose a layout that has one, such as icli-2026-03.",
        )
    logic = Logic(plan, roster(plan))
    out.mkdir(parents=True, exist_ok=True)
    connection = prepared_connection(logic)
    try:
        _make_stays(connection, logic)
        table = _table(connection, logic, header)
        if file_format == "xlsx" and table.rows + plan.style.preamble + 1 > MOST_EXCEL_ROWS:
            raise BadInput(
                f"The sheet would have {table.rows:,} rows, and Excel holds {MOST_EXCEL_ROWS:,}.",
                do="ask for fewer rows, or for csv or parquet.",
            )
        target = out / f"{_FILE}.{file_format}"
        write_tables(connection, plan, [table], target)
        truth = out / "detentions_truth.json"
        write_json(truth, _truth(connection, logic, table, target.name))
    finally:
        connection.close()
    return target, truth


def _make_stays(connection: Any, logic: Logic) -> None:
    """Make the tables ``detainers``, those that a stay can answer, and ``stays``.

    ``answers`` is the row of the detainer that a stay was made for, NULL if it answers none.
    """
    plan = logic.plan
    each = " UNION ALL ".join(
        f"SELECT i, {number} AS sheet, s1, s2, e1, e2, role, t_issued, t_outcome, t_duplicate, t_identified"
        f" FROM ({meaning_sql(logic, sheet)}) WHERE kind = {RECORD}"
        for number, sheet in enumerate(plan.sheets)
    )
    connection.execute(f"CREATE TEMP TABLE records AS {each}")
    connection.execute(
        f"""CREATE TEMP TABLE detainers AS
        SELECT *, count(*) OVER person AS n, max(t_issued) OVER person AS latest, min(t_issued) OVER person AS first,
               bool_and(t_outcome = '{Outcome.PENDING_OR_UNRECORDED.value}') OVER person AS all_pending
        FROM records
        WHERE t_identified AND t_issued IS NOT NULL AND t_duplicate IS NULL AND role <> {logic.roster.number(LIKELY)}
        WINDOW person AS (PARTITION BY s1, s2)"""
    )
    connection.execute(f"CREATE TEMP TABLE planned AS {_planned_sql(logic)}")
    connection.execute(
        f"""CREATE TEMP TABLE stays AS
        SELECT * FROM ({_stays_sql(logic)}) WHERE book_in < {literal(plan.style.window[1])} + INTERVAL 1 DAY"""
    )


def _planned_sql(logic: Logic) -> str:
    """Decide for each detainer whether a stay answers it, and after how many days it begins."""
    draw = logic.mixer.draw
    repeat = logic.roster.number(REPEAT)
    first = ", ".join(str(low) for low, _ in _DELAYS)
    spans = ", ".join(str(high - low + 1) for low, high in _DELAYS)
    bucket = draw("stay span", len(_DELAYS))
    return f"""
    SELECT *,
           CASE WHEN way = 'alone' THEN [{first}][1 + {bucket}] + floor({draw("stay day", 1000)}
                     * [{spans}][1 + {bucket}] / 1000)::INTEGER
                WHEN way = 'each' THEN 0 WHEN way = 'contested' THEN 5 END AS delay,
           {draw("prior stay", 100)} < 8 AND n = 1 AS has_prior
    FROM (SELECT *,
           CASE WHEN n = 1 AND role <> {repeat} AND {draw("stay", 1000)} < CASE t_outcome
                     WHEN '{Outcome.TAKEN_INTO_CUSTODY.value}' THEN 920
                     WHEN '{Outcome.DECLINED_BY_AGENCY.value}' THEN 80
                     WHEN '{Outcome.PENDING_OR_UNRECORDED.value}' THEN 300 ELSE 100 END THEN 'alone'
                WHEN n = 2 AND {draw("pair stay", 100)} < 30 AND latest - first > 41 THEN 'each'
                WHEN n = 2 AND {draw("pair stay", 100)} < 70 AND all_pending AND t_issued = latest THEN 'contested'
           END AS way FROM detainers)"""


def _stays_sql(logic: Logic) -> str:
    """Return the stays: those that answer, earlier and later ones of the same people, and those of other people.

    All but the last stay of a person have ended before the next begins.
    """
    draw = logic.mixer.draw
    second = f"INTERVAL 1 SECOND * {draw('stay second', 80000, own=True)}"
    length = f"1 + {draw('stay length', 39, own=True)}"
    is_open = f"{draw('stay open', 100)} < 8"
    later = f"way = 'alone' AND delay <= 28 AND {draw('later stay', 100)} < 6"
    keep = "s1, s2, e1, e2"
    others = logic.mixer.with_state(f"SELECT range + 3000000000 AS j FROM range({logic.plan.rows // 4})", key="j")
    return f"""
    SELECT {keep}, i AS answers, way, {person_sql()} AS person, t_issued + delay + {second} AS book_in,
           {length} AS days, {is_open} AND NOT ({later}) AND way = 'alone' AS is_open FROM planned WHERE way IS NOT NULL
    UNION ALL
    SELECT {keep}, NULL, 'prior', {person_sql()}, t_issued - 60 - {draw("prior day", 300)} + {second}, {length}, false
    FROM planned WHERE has_prior
    UNION ALL
    SELECT {keep}, NULL, 'later', {person_sql()}, t_issued + delay + 400 + {second}, {length}, {is_open}
    FROM planned WHERE {later}
    UNION ALL
    SELECT {keep}, NULL, 'other', CASE WHEN {draw("other named", 10)} > 1 THEN {person_sql()} END,
           {literal(logic.plan.style.window[0])} + {draw("other day", logic.plan.sheets[0].days)} + {second}, {length},
           {is_open} FROM (SELECT *, s1 AS e1, s2 AS e2 FROM ({others}))"""


def _table(connection: Any, logic: Logic, header: str) -> Table:
    """Make the stints, one to three for each stay, and describe how they are published."""
    words = vocabulary()["detentions"]
    mixer, plan = logic.mixer, logic.plan
    connection.execute(
        f"""CREATE TEMP TABLE stints AS
        SELECT row_number() OVER (ORDER BY s1, s2, book_in, stint) AS place, *,
               book_in + INTERVAL 1 HOUR * (days * 24 * stint // stints) AS stint_in,
               CASE WHEN NOT (is_open AND stint = stints - 1)
                    THEN book_in + INTERVAL 1 HOUR * (days * 24 * (stint + 1) // stints) END AS stint_out,
               CASE WHEN NOT is_open THEN book_in + INTERVAL 1 HOUR * (days * 24) END AS book_out,
               {picked(mixer, "stay facility", words["facilities"], shift="(stint & 1)")} AS place_name,
               {picked(mixer, "release reason", words["release_reasons"], own=True)} AS release_reason
        FROM (SELECT *, unnest(range(stints))::INTEGER AS stint
              FROM (SELECT *, 1 + {mixer.draw("stints", 3)} AS stints FROM stays))"""
    )
    (count,) = connection.execute("SELECT count(*) FROM stints").fetchone()
    moment = "{}" if plan.is_typed else "strftime({}, '%Y-%m-%d %H:%M:%S')"
    named = {column.name: column.header for column in layout(DETENTIONS_LAYOUT).columns}
    published = (
        (named["stay_book_in_at"], "timestamp", moment.format("book_in")),
        (named["book_in_at"], "timestamp", moment.format("stint_in")),
        (named["facility_name"], "text", "place_name"),
        (named["facility_code"], "text", "'SYN' || substr(place_name, 5, 4)"),
        (named["book_out_at"], "timestamp", moment.format("stint_out")),
        ("Detention Release Reason", "text", "CASE WHEN stint_out IS NOT NULL THEN release_reason END"),
        (named["stay_book_out_at"], "timestamp", moment.format("book_out")),
        ("Religion", "text", literal(WITHHELD_CANARY)),
        ("Known Terrorist Yes No", "text", literal(WITHHELD_CANARY)),
        (header, "text", "person"),
    )
    return Table(
        sheet="Detentions" if plan.file_format == "xlsx" else _FILE,
        headers=tuple(each[0] for each in published),
        types=tuple(each[1] for each in published),
        expressions=tuple(each[2] for each in published),
        source="SELECT * FROM stints ORDER BY place",
        number="place",
        rows=int(count),
    )


def _truth(connection: Any, logic: Logic, table: Table, file_name: str) -> dict[str, Any]:
    """Return what linking has to find."""
    plan = logic.plan
    persons, stays = connection.execute("SELECT count(DISTINCT person), count(*) FROM stays").fetchone()
    truth: dict[str, Any] = {
        "synthetic": True,
        "note": SYNTHETIC_NOTE,
        "layout": plan.layout.id,
        "detentions_layout": DETENTIONS_LAYOUT,
        "seed": plan.seed,
        "rows": plan.rows,
        "format": plan.file_format,
        "files": [{"name": file_name, "sheets": [{"name": table.sheet, "rows": table.rows, "records": table.rows}]}],
        "stays": stays,
        "persons": persons,
        "windows": {str(days): _within(connection, days) for days in WINDOWS},
        "contested": connection.execute("SELECT count(*) FROM stays WHERE way = 'contested'").fetchone()[0],
    }
    if plan.rows <= MOST_ROWS_LISTED:
        truth |= _listed(connection, plan)
    return truth


def _within(connection: Any, days: int) -> dict[str, Any]:
    """Count what the stays change within a window: no recorded reason is overwritten (domain reference 4.3)."""
    rows = connection.execute(
        f"""SELECT r.t_outcome, r.t_duplicate IS NULL, COALESCE(p.delay <= {days}, false), count(*)
        FROM records r LEFT JOIN (planned p JOIN stays s ON s.answers = p.i) ON p.i = r.i GROUP BY ALL"""
    ).fetchall()
    pending, taken = Outcome.PENDING_OR_UNRECORDED.value, Outcome.TAKEN_INTO_CUSTODY.value
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    answered: Counter[str] = Counter()
    for outcome, is_first, is_answered, n in rows:
        if is_answered:
            answered[outcome] += n
        after = taken if is_answered and outcome == pending else outcome
        counts[False][after] += n
        counts[True][after] += n * is_first
    return {
        "answered": sum(answered.values()),
        "newly_taken_into_custody": answered[pending],
        "later_custody": answered[Outcome.DECLINED_BY_AGENCY.value],
        "outcomes": {each.value: counts[False][each.value] for each in Outcome},
        "outcomes_without_duplicates": {each.value: counts[True][each.value] for each in Outcome},
    }


def _listed(connection: Any, plan: Plan) -> dict[str, Any]:
    """List the answered detainers, with the day on which the stay begins, and the contested couples."""

    def place(sheet_number: int, i: int) -> list[str | int]:
        sheet = plan.sheets[sheet_number]
        return [sheet.file, sheet.name, i - sheet.start + 1 + plan.header_rows]

    found = connection.execute(
        f"""SELECT p.sheet, p.i, p.t_outcome, CAST(CAST(s.book_in AS DATE) AS VARCHAR)
        FROM planned p JOIN stays s ON s.answers = p.i WHERE s.way <> 'contested' AND p.delay <= {LISTED_WINDOW}
        ORDER BY p.i"""
    ).fetchall()
    couples = connection.execute(
        """SELECT p.sheet, p.i, o.sheet, o.i, CAST(CAST(s.book_in AS DATE) AS VARCHAR) FROM planned p JOIN stays s
        ON s.answers = p.i AND s.way = 'contested' JOIN planned o ON o.s1 = p.s1 AND o.s2 = p.s2 AND o.i <> p.i
        WHERE s.book_in < o.t_issued + INTERVAL 178 DAY ORDER BY p.i"""
    ).fetchall()
    return {
        "listed_window": LISTED_WINDOW,
        "answered_rows": [[*place(sheet, i), day, outcome] for sheet, i, outcome, day in found],
        "contested_rows": [[place(sheet, i), place(other, k), day] for sheet, i, other, k, day in couples],
    }
