"""Measuring the placing of facilities against facilities whose place is known."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detainer_ledger.places.placing import Facility, Placement, Placer
from detainer_ledger.terms import BadInput, state_code, wilson

NAME_COLUMNS = ("facility_name", "facility", "name", "det_facility")
"""Columns that hold a facility's name, the first that a file has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A facility whose place is known.

    ``counties`` are the codes that are right, none where it is not known; ``levels`` who may be said to run it, none
    where that is not known; ``must_abstain`` says that no answer is right. ``weight`` is its number of detainers.
    """

    facility: Facility
    counties: frozenset[str]
    levels: frozenset[str]
    must_abstain: bool
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its 95 % Wilson interval; all three are None where nothing was counted."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Return the share."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the least and the most of the 95 % Wilson interval."""
        return wilson(self.part, self.whole) if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one question was answered over some facilities.

    ``precision`` is right among answers, ``recall`` right among all, ``answered`` answers among all, and
    ``false_attribution`` wrong among all.
    """

    precision: Share
    recall: Share
    answered: Share
    false_attribution: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of about one confidence: its mean, how many, and the share of them that are right."""

    confidence: float
    right: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was found: the score of each question, in all, weighted by detainers, by state, and by level.

    The questions are ``county``, where a facility stands, and ``level``, who runs it. ``declinable`` counts facilities
    that must not be answered, and those of them that were. ``confusions`` counts wrong levels as (right, answered);
    ``wrong`` lists the facilities credited to a wrong county; ``reliability`` is that of the confidence.
    """

    facilities: int
    county: Score
    county_weighted: Score
    level: Score
    level_weighted: Score
    declinable: Share
    by_state: Mapping[str, Score]
    by_level: Mapping[str, Score]
    confusions: Mapping[tuple[str, str], int]
    wrong: tuple[tuple[Facility, Placement, str], ...]
    reliability: tuple[Bin, ...]


def read_truth(path: Path) -> tuple[Truth, ...]:
    """Read facilities whose place is known from a CSV file in UTF-8.

    Columns: a name (NAME_COLUMNS) and ``county_fips`` or ``expected_county_fips``; and, where there are any, ``city``,
    ``state``, ``facility_code``, ``agency_level`` or ``expected_level`` (several parted by a bar), ``also_ok_fips``,
    ``must_abstain`` (true or false), ``detainers_seen`` or ``detainers``. Raises BadInput for anything else.
    """
    return tuple(_truths(path))


def is_fitted(truth: Truth) -> bool:
    """Tell whether a facility is one on which the confidence was fitted: six counties in ten, by their digest."""
    code = min(truth.counties, default="")
    return int(hashlib.sha256(code.encode()).hexdigest(), 16) % 10 < 6


def evaluate(
    placer: Placer,
    truths: Sequence[Truth],
    *,
    without_city: bool = False,
    progress: Callable[[int], None] = lambda _count: None,
) -> Evaluation:
    """Place every facility and compare. ``without_city`` takes the city away first."""
    placed: list[tuple[Truth, Placement]] = []
    for count, truth in enumerate(truths, start=1):
        facility = truth.facility
        if without_city:
            facility = Facility(name=facility.name, code=facility.code, state=facility.state)
        placed.append((truth, placer.place(facility)))
        progress(count)
    known = [(truth, placement) for truth, placement in placed if truth.counties and not truth.must_abstain]
    levelled = [(truth, placement) for truth, placement in placed if truth.levels and not truth.must_abstain]
    declinable = [placement for truth, placement in placed if truth.must_abstain]
    by_state: dict[str, list[tuple[Truth, Placement]]] = defaultdict(list)
    by_level: dict[str, list[tuple[Truth, Placement]]] = defaultdict(list)
    for truth, placement in known:
        by_state[state_code(truth.facility.state) or "none"].append((truth, placement))
    for truth, placement in levelled:
        by_level["|".join(sorted(truth.levels))].append((truth, placement))
    return Evaluation(
        facilities=len(placed),
        county=_score(known, _county_right, lambda placement: placement.county_fips, weighted=False),
        county_weighted=_score(known, _county_right, lambda placement: placement.county_fips, weighted=True),
        level=_score(levelled, _level_right, lambda placement: placement.level, weighted=False),
        level_weighted=_score(levelled, _level_right, lambda placement: placement.level, weighted=True),
        declinable=Share(part=sum(not placement.abstained for placement in declinable), whole=len(declinable)),
        by_state={
            state: _score(rows, _county_right, lambda placement: placement.county_fips, weighted=False)
            for state, rows in sorted(by_state.items())
        },
        by_level={
            level: _score(rows, _level_right, lambda placement: placement.level, weighted=False)
            for level, rows in sorted(by_level.items())
        },
        confusions=Counter(
            ("|".join(sorted(truth.levels)), placement.level)
            for truth, placement in levelled
            if placement.level and not _level_right(truth, placement)
        ),
        wrong=tuple(
            (truth.facility, placement, "|".join(sorted(truth.counties)))
            for truth, placement in known
            if placement.county_fips and not _county_right(truth, placement)
        ),
        reliability=_reliability(known),
    )


def _truths(path: Path) -> Iterator[Truth]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.", file=str(path), do="look at the spelling of the path."
        ) from None
    except UnicodeDecodeError:
        raise BadInput("The file is not UTF-8 text.", file=path.name, do="save it as CSV in UTF-8.") from None
    reader = csv.DictReader(lines)
    columns = reader.fieldnames or ()
    name = next((column for column in NAME_COLUMNS if column in columns), None)
    fips = next((column for column in ("county_fips", "expected_county_fips") if column in columns), None)
    if name is None or fips is None:
        raise BadInput(
            "The file does not say what the right answers are.",
            file=path.name,
            row=1,
            do="give a CSV file with the columns facility_name, city, state, county_fips, agency_level.",
        )
    for number, row in enumerate(reader, start=2):
        codes = [row[fips] or "", *(row.get("also_ok_fips") or "").split("|")]
        wrong = next((code for code in codes if code and not (code.isdigit() and len(code) == 5)), None)
        if wrong is not None:
            raise BadInput(
                "A county code is not of five digits.",
                file=path.name,
                row=number,
                column=fips,
                do="write 06037, for one.",
            )
        weight = row.get("detainers_seen") or row.get("detainers") or ""
        yield Truth(
            facility=Facility(
                name=row[name] or "",
                code=row.get("facility_code") or "",
                city=row.get("city") or "",
                state=row.get("state") or "",
            ),
            counties=frozenset(code for code in codes if code),
            levels=frozenset(
                level for level in (row.get("agency_level") or row.get("expected_level") or "").split("|") if level
            ),
            must_abstain=(row.get("must_abstain") or "").strip().lower() == "true",
            weight=int(weight) if weight.isdigit() else 0,
        )


def _county_right(truth: Truth, placement: Placement) -> bool:
    return placement.county_fips in truth.counties


def _level_right(truth: Truth, placement: Placement) -> bool:
    return placement.level in truth.levels


def _score(
    rows: Iterable[tuple[Truth, Placement]],
    is_right: Callable[[Truth, Placement], bool],
    answer: Callable[[Placement], str | None],
    *,
    weighted: bool,
) -> Score:
    every = answered = right = 0
    for truth, placement in rows:
        weight = truth.weight if weighted else 1
        every += weight
        if answer(placement):
            answered += weight
            right += weight * is_right(truth, placement)
    return Score(
        precision=Share(part=right, whole=answered),
        recall=Share(part=right, whole=every),
        answered=Share(part=answered, whole=every),
        false_attribution=Share(part=answered - right, whole=every),
    )


_EDGES = (0.0, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.01)


def _reliability(rows: Sequence[tuple[Truth, Placement]]) -> tuple[Bin, ...]:
    """Return the reliability of the confidence: an answer is right where all that it says is."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for truth, placement in rows:
        if placement.confidence is None or not placement.county_fips:
            continue
        right = _county_right(truth, placement)
        if placement.level and truth.levels:
            right = right and _level_right(truth, placement)
        place = max(index for index, edge in enumerate(_EDGES) if placement.confidence >= edge)
        bins[place].append((placement.confidence, right))
    return tuple(
        Bin(
            confidence=sum(value for value, _ in found) / len(found),
            right=Share(part=sum(right for _, right in found), whole=len(found)),
        )
        for _, found in sorted(bins.items())
    )
