"""What is worth looking up: the facilities of a store whose attribution would change most of the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from detainer_ledger.intake.jurisdictions import corrections_in
from detainer_ledger.places import CORRECTION_COLUMNS, Facility, correction_key
from detainer_ledger.tables import Store, connect, parquet

REVIEW_COLUMNS = ("detainers", "declined", "consequence", "confidence", "reason", *CORRECTION_COLUMNS)
"""Columns of the review: what is at stake, and those of the corrections, filled with the present answer."""


def review_of(store_path: str | Path, *, today: date) -> Iterator[dict[str, Any]]:
    """Yield the facilities of a store, those first whose attribution would change most of the figures.

    The ``consequence`` is the number of detainers times the chance that their attribution is wrong or missing:
    detainers x (1 - confidence), where a facility without a jurisdiction has no confidence. Facilities that somebody
    has corrected are left out, and so are those about which nothing is in doubt. ``when`` is ``today``; ``who`` and
    ``why`` are for the reader to fill in, and the row can then stand in the corrections.
    """
    store = Store.open(Path(store_path))
    known = {correction_key(each.facility) for each in corrections_in(store)}
    sources = [store.resolve(manifest["detainers"]) for manifest in store.manifests()]
    if not sources:
        return
    connection = connect()
    try:
        rows = connection.execute(
            "SELECT coalesce(facility_name, ''), coalesce(facility_city, ''), coalesce(facility_state, ''), count(*),"
            " count(*) FILTER (WHERE outcome = 'declined_by_agency'), any_value(jurisdiction_id),"
            " any_value(jurisdiction_name), any_value(jurisdiction_level), any_value(county_fips),"
            " any_value(match_confidence), any_value(match_reason),"
            " count(*) * (1 - CASE WHEN any_value(jurisdiction_id) IS NULL THEN 0"
            " ELSE any_value(match_confidence) END) AS consequence"
            f" FROM {parquet(sources)} GROUP BY 1, 2, 3 HAVING consequence > 0 ORDER BY consequence DESC, 1, 2, 3"
        ).fetchall()
    finally:
        connection.close()
    for name, city, state, count, declined, division, jurisdiction, level, county, confidence, reason, weight in rows:
        if correction_key(Facility(name=name, city=city, state=state)) in known:
            continue
        yield {
            "detainers": count,
            "declined": declined,
            "consequence": round(float(weight), 1),
            "confidence": None if confidence is None else round(float(confidence), 4),
            "reason": reason,
            "facility_name": name,
            "facility_city": city,
            "facility_state": state,
            "jurisdiction_id": division,
            "jurisdiction_name": jurisdiction,
            "jurisdiction_level": level,
            "county_fips": county,
            "who": None,
            "when": today.isoformat(),
            "why": None,
        }
