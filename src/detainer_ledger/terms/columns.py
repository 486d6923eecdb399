"""The detainers table: its columns, their types and what they mean. Add, never rename."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the detainers table: name, DuckDB type, and its meaning for the reader of an export."""

    name: str
    sql_type: str
    meaning: str


DETAINERS: tuple[Column, ...] = (
    Column("detainer_id", "VARCHAR", "Unique: release, sheet and row, parted by '/'."),
    Column("release_id", "VARCHAR", "The release; its manifest has file names, SHA-256, layout and read time."),
    Column("source_file", "VARCHAR", "Name of the file the row stands in."),
    Column(
        "source_sheet", "VARCHAR", "Sheet of the workbook; for text and Parquet files the file name without ending."
    ),
    Column(
        "source_row", "INTEGER", "Row in the sheet or record in the text file, 1-based, preamble and header counted."
    ),
    Column("person_key", "VARCHAR", "The release's own anonymised identifier; valid within that release only."),
    Column("issued_on", "DATE", "Prepare date of the detainer."),
    Column("issued_year", "SMALLINT", "Calendar year of issued_on."),
    Column(
        "issued_fiscal_year", "SMALLINT", "Federal fiscal year of issued_on (October to September, named by its end)."
    ),
    Column("issued_month", "VARCHAR", "Month of issued_on as YYYY-MM."),
    Column("form", "VARCHAR", "Form: I-247, I-247D, I-247N, I-247X, I-247A, I-247G or unknown."),
    Column("form_raw", "VARCHAR", "Form as published."),
    Column("facility_name", "VARCHAR", "Facility as published, outer blanks removed."),
    Column("facility_code", "VARCHAR", "Facility code as published."),
    Column("facility_city", "VARCHAR", "City as published; can be a mailing address."),
    Column("facility_state", "VARCHAR", "USPS code of the published state; empty where unknown."),
    Column("area_of_responsibility", "VARCHAR", "ICE field office area as published."),
    Column("lift_reason_raw", "VARCHAR", "Lift reason as published."),
    Column("lift_reason", "VARCHAR", "Code of the lift reason in the project's table; empty where blank or unknown."),
    Column("lift_reason_2_raw", "VARCHAR", "Second lift reason as published; never added to the first."),
    Column("lifted_on", "DATE", "Date on which the detainer was lifted, in the layouts that have it."),
    Column("request_accepted", "BOOLEAN", "Whether the request is marked as accepted, in the layouts that have it."),
    Column("criminality", "VARCHAR", "Criminality as published."),
    Column("threat_level", "VARCHAR", "Threat level as published."),
    Column("citizenship_country", "VARCHAR", "Country of citizenship as published."),
    Column("birth_year", "SMALLINT", "Year of birth."),
    Column("gender", "VARCHAR", "Gender as published."),
    Column("basis_final_order", "BOOLEAN", "Probable-cause box on the form: final order of removal. Blank is not no."),
    Column("basis_proceedings", "BOOLEAN", "Probable-cause box on the form: pending removal proceedings."),
    Column("basis_biometric", "BOOLEAN", "Probable-cause box on the form: biometric match."),
    Column("basis_statements", "BOOLEAN", "Probable-cause box on the form: statements or other reliable evidence."),
    Column("final_order_on", "DATE", "Date of the final order."),
    Column("apprehended_on", "DATE", "Date of apprehension."),
    Column("warrant_served_on", "DATE", "Date on which the arrest warrant was served."),
    Column("departed_on", "DATE", "Date of departure from the United States."),
    Column("duplicate_of", "VARCHAR", "detainer_id of the row that this one repeats, within its release."),
    Column(
        "duplicate_kind", "VARCHAR", "exact: every published column equal; likely: identifier and issue date equal."
    ),
    Column("quality", "VARCHAR[]", "Named defects of the row."),
    Column("jurisdiction_id", "VARCHAR", "Open Civic Data division of the government answerable for the agency."),
    Column("jurisdiction_name", "VARCHAR", "Its name."),
    Column("jurisdiction_level", "VARCHAR", "Who runs the place: federal, state, county, municipal, and so on."),
    Column("county_fips", "VARCHAR", "County in which the facility stands, which is not who runs it."),
    Column("match_confidence", "FLOAT", "Probability that the jurisdiction is right."),
    Column("match_reason", "VARCHAR", "Rule or evidence of the attribution, or why there is none."),
    Column("outcome", "VARCHAR", "What became of the detainer, one of eight outcomes."),
    Column("outcome_detail", "VARCHAR", "The outcome in more detail."),
    Column("outcome_basis", "VARCHAR", "recorded: the lift reason; linked: a stay in the same release; none: neither."),
    Column("custody_linked_on", "DATE", "First day of the stay that answers the detainer, where one was linked."),
)
"""All columns in their written order. The contract's columns and the additions to it stand together."""

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in DETAINERS)
"""Names of ``DETAINERS``, in order."""

OVERRIDDEN = "policy/overridden"
"""The quality of a detainer that was issued in an agency's record after a supervisor overrode a rule of the policy."""

PLACEMENT_COLUMNS = (
    "jurisdiction_id",
    "jurisdiction_name",
    "jurisdiction_level",
    "county_fips",
    "match_confidence",
    "match_reason",
)
"""The columns that placing fills in the detainers table."""
