"""What an audit consists of, as frozen values: frame, sample, test programme, results, estimates.

Terms as auditors use them: a *unit* is one file that could be tested, the *frame* the list of all of them, the *sample*
those drawn, an *attribute* one thing that each file is tested for, an *exception* an attribute that is not met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Design(StrEnum):
    """How a sample is drawn."""

    SIMPLE = "simple"
    STRATIFIED = "stratified"
    SYSTEMATIC = "systematic"
    ALL = "all"


class Allocation(StrEnum):
    """How a stratified sample is shared out among strata."""

    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"


class Answer(StrEnum):
    """What the test of one attribute on one file found. ``not_testable`` is never counted as met or as not met."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_TESTABLE = "not_testable"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One file that could be drawn: its id, which tells nothing about a person, and its stratum, "" without strata."""

    id: str
    stratum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The population that a sample is drawn from: every unit once, in the order of ids.

    ``source`` says where the list came from, ``source_sha256`` the digest of that file (None for a record);
    ``sha256`` is the digest of the units alone, which every later step names: another frame cannot be mistaken for it.
    """

    title: str
    source: str
    source_sha256: str | None
    made_at: datetime
    units: tuple[Unit, ...]
    sha256: str

    @property
    def strata(self) -> Mapping[str, int]:
        """Return how many units each stratum has, in the order of names; {"": n} without strata."""
        found: dict[str, int] = {}
        for unit in self.units:
            found[unit.stratum] = found.get(unit.stratum, 0) + 1
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample with all that is needed to draw it again: its manifest.

    ``strata`` has the size of each stratum in the frame, ``drawn`` how many were drawn of each. ``seed`` is the text
    from which the draw follows; ``commitment`` its digest that was published beforehand, None where none was.
    ``units`` stand in the order in which they were drawn. ``deviations`` are the standard deviations that a Neyman
    allocation went by. ``salt`` opens the commitment together with the seed; "" without one. ``number`` counts the
    draws in one folder from 1, ``again`` says why there was another, ``earlier`` has the digests of those before.
    """

    frame_sha256: str
    frame_size: int
    design: Design
    allocation: Allocation | None
    deviations: Mapping[str, float]
    strata: Mapping[str, int]
    drawn: Mapping[str, int]
    seed: str
    commitment: str | None
    units: tuple[Unit, ...]
    sha256: str
    salt: str = ""
    number: int = 1
    again: str = ""
    earlier: tuple[str, ...] = ()

    @property
    def is_random(self) -> bool:
        """Tell whether every unit had a known chance to be drawn, on which bounds rest; not so where all were taken."""
        return self.design is not Design.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One thing that every file is tested for: the question, the criterion that it is held against, and its source.

    A file fails where a ``is_required`` attribute is not met; others are reported and fail no file.
    """

    id: str
    title: str
    question: str
    criterion: str
    source: str
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The attributes that an audit tests, with a version; ``sha256`` is the digest of its text."""

    id: str
    version: str
    title: str
    attributes: tuple[Attribute, ...]
    sha256: str

    def attribute(self, attribute_id: str) -> Attribute | None:
        """Return an attribute by its id."""
        return next((each for each in self.attributes if each.id == attribute_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the test of one attribute on one file found, by whom, with references to the evidence, never its content.

    ``is_from_record`` says that the record answered by itself.
    """

    unit: str
    attribute: str
    answer: Answer
    auditor: str
    evidence: str = ""
    remark: str = ""
    is_from_record: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The tests of a sample: one mark for each unit and attribute, in their order.

    ``second`` has the marks of a second auditor, of which those that differ were settled in ``marks``; () without one.
    ``first`` has those of the first as they were before that; both leave out what the record answered and what was set
    aside, in which nobody agreed with anybody. ``set_aside`` names the rows of the sheets that were left out on
    purpose, each with its reason: their tests count as not testable. ``replaced`` names the earlier results that these
    took the place of, each with the reason.
    """

    frame_sha256: str
    sample_sha256: str
    programme_sha256: str
    marks: tuple[Mark, ...]
    second: tuple[Mark, ...] = ()
    set_aside: tuple[str, ...] = ()
    first: tuple[Mark, ...] = ()
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A limit of what the whole population can hold: a count of units, None where its size is unknown, and a share."""

    count: int | None
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """How many units of a population have an exception, from a sample.

    ``subject`` is ``file`` or the id of an attribute. ``tested`` = ``exceptions`` + those met; ``not_testable`` and
    ``not_applicable`` stand apart. ``rate`` is exceptions of tested, None where none was tested; ``standard_error``
    only for stratified samples. ``lower`` counts none of those not testable as exceptions, ``upper`` all of them.
    ``sides`` is 1 or 2: one-sided bounds hold each with ``confidence``, two-sided ones together. ``condition`` says in
    a sentence when the bounds hold.
    """

    subject: str
    population: int | None
    tested: int
    exceptions: int
    not_testable: int
    not_applicable: int
    rate: float | None
    standard_error: float | None
    lower: Bound
    upper: Bound
    confidence: float
    sides: int
    method: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two auditors agreed on one attribute: units that both tested, share of equal answers, Cohen's kappa.

    ``kappa`` is None where it is not defined: both gave one and the same answer throughout.
    """

    attribute: str
    units: int
    agreed: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a sample shows about its population: of files, of each attribute, and of the files of each stratum.

    ``exceptions_per_file`` has how many files had 0, 1, 2, … required attributes not met: "at least one" hides whether
    lapses were few.
    """

    frame_sha256: str
    sample_sha256: str
    programme_sha256: str
    design: Design
    population: int
    sampled: int
    files: Estimate
    attributes: tuple[Estimate, ...]
    strata: Mapping[str, Estimate]
    exceptions_per_file: Mapping[int, int]
    agreements: tuple[Agreement, ...] = ()
