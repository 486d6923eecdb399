"""Drawing a sample that anybody can draw again, in any language, from its manifest and the frame.

Every unit has a *draw number*: the SHA-256 of the seed, a zero byte, the frame's digest in hexadecimal, a zero byte,
and the unit's id, all as UTF-8. A simple random sample of n units are the n with the least draw numbers, in their
order; a stratified one the same within each stratum. A larger sample from the same seed therefore holds the smaller
one. For a systematic sample of n of N units, v is the first of the draw numbers in which "start 0", "start 1", … stand
for the id that is below the greatest multiple of N up to 2^256, and u = v mod N; the units at the places
floor((u + i N) / n) for i from 0 to n - 1 are drawn, counted from 0 in the order of the frame, so that each has the
chance n / N even where n does not divide N.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256

from detainer_ledger.audit.sampling.allocation import neyman, proportional
from detainer_ledger.audit.values import Allocation, Design, Frame, Sample, Unit
from detainer_ledger.terms import BadInput

SHORTEST_SEED = 8
"""Characters that a seed has at least."""


# ---------------------------------------------------------------- seeds and commitments


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The digest of a seed, published before the draw, and the digest of the frame that it binds, None without one."""

    sha256: str
    frame_sha256: str | None
    made_at: datetime


def new_seed() -> str:
    """Return a seed of 256 random bits from the operating system."""
    return secrets.token_hex(32)


def new_salt() -> str:
    """Return a salt of 128 random bits: a seed that is short cannot be guessed from its commitment."""
    return secrets.token_hex(16)


def seed_digest(seed: str, *, salt: str, frame_sha256: str | None) -> str:
    """Return what is published: the SHA-256 of salt, zero byte, frame's digest or nothing, zero byte, and seed."""
    return sha256("\0".join((salt, frame_sha256 or "", seed)).encode()).hexdigest()


def checked_seed(seed: str) -> str:
    """Return a seed that can be used. Raises BadInput for one that is too short or cannot be read out."""
    if len(seed) < SHORTEST_SEED:
        raise BadInput(
            f"The seed has {len(seed)} characters.", option="--seed", do=f"give one of at least {SHORTEST_SEED}."
        )
    if not seed.isprintable() or seed != seed.strip():
        raise BadInput(
            "The seed has characters that cannot be seen, or a blank at its end.",
            option="--seed",
            do="write it in one line, so that it can be published and typed again.",
        )
    return seed


def opens(commitment: Commitment, *, seed: str, salt: str) -> bool:
    """Tell whether seed and salt are those of a commitment."""
    return seed_digest(seed, salt=salt, frame_sha256=commitment.frame_sha256) == commitment.sha256


# ---------------------------------------------------------------- drawing


def draw(
    frame: Frame,
    *,
    design: Design,
    seed: str,
    size: int | None = None,
    allocation: Allocation | None = None,
    deviations: Mapping[str, float] | None = None,
    commitment: Commitment | None = None,
    salt: str = "",
) -> Sample:
    """Draw a sample from a frame.

    ``size`` is the number of units, not needed where all are taken; ``allocation`` shares it out among strata
    (proportional unless said), ``deviations`` are the standard deviations by stratum that Neyman's needs. Raises
    BadInput for a size that the frame has not, a design that does not fit the frame or what was said besides, and for a
    seed that is not the one of the ``commitment``.
    """
    _refuse_mismatch(frame, design, allocation, deviations)
    asked = _size(frame, design, size)
    checked_seed(seed)
    if commitment is not None:
        _refuse_other(frame, commitment, seed=seed, salt=salt)
    if design is Design.STRATIFIED and allocation is None:
        allocation = Allocation.PROPORTIONAL
    shares = _shares(frame, asked, allocation, deviations or {})
    units = _drawn(frame, design, asked, seed, shares)
    counts = dict.fromkeys(frame.strata, 0)
    for unit in units:
        counts[unit.stratum] += 1
    sample = Sample(
        frame_sha256=frame.sha256,
        frame_size=len(frame.units),
        design=design,
        allocation=allocation,
        deviations={name: float(value) for name, value in sorted((deviations or {}).items())},
        strata=frame.strata,
        drawn=counts,
        seed=seed,
        commitment=commitment.sha256 if commitment else None,
        units=units,
        sha256="",
        salt=salt if commitment else "",
    )
    return _sealed(sample)


def drawn_after(sample: Sample, *, earlier: Sample, reason: str) -> Sample:
    """Return a sample as the one that follows an earlier draw in the same folder, with the reason for another."""
    if not reason.strip() or not reason.isprintable():
        raise BadInput(
            "Another draw needs a reason.", option="--again", do="say in a line why the sample is drawn anew."
        )
    return _sealed(
        replace(
            sample,
            number=earlier.number + 1,
            again=reason.strip(),
            earlier=(*earlier.earlier, earlier.sha256),
            sha256="",
        )
    )


def is_same_draw(frame: Frame, sample: Sample) -> bool:
    """Tell whether the frame, drawn from by what a manifest says, gives the units of the manifest in their order."""
    if sample.frame_sha256 != frame.sha256:
        return False
    try:
        again = draw(
            frame,
            design=sample.design,
            seed=sample.seed,
            size=len(sample.units),
            allocation=sample.allocation,
            deviations=sample.deviations,
        )
    except BadInput:
        return False
    same_sizes = again.drawn == sample.drawn and again.strata == sample.strata
    return again.units == sample.units and same_sizes and sample.frame_size == len(frame.units)


def faults_of_draw(
    frame: Frame, sample: Sample, commitment: Commitment | None, earlier: Sequence[Sample | None] = ()
) -> tuple[str, ...]:
    """Return what of a manifest does not hold, () if all does: the draw, the commitment, the draws before it.

    ``earlier`` are the manifests that were kept of those, in their order, None for one that is missing.
    """
    faults = []
    if sample.frame_sha256 != frame.sha256:
        faults.append("The sample was drawn from another frame.")
    elif not is_same_draw(frame, sample):
        faults.append("Drawn again from this seed and frame, the units are others.")
    if commitment is not None and not opens(commitment, seed=sample.seed, salt=sample.salt):
        faults.append("Seed and salt are not those whose digest was published.")
    if (commitment.sha256 if commitment else None) != sample.commitment:
        faults.append("The manifest does not name the commitment that is in the folder.")
    kept = tuple(each.sha256 if each and manifest_sha256(each) == each.sha256 else None for each in earlier)
    if kept != sample.earlier or len(kept) != sample.number - 1:
        faults.append("The manifests of the earlier draws are not all there as they were.")
    return tuple(faults)


def manifest_sha256(sample: Sample) -> str:
    """Return the digest of a manifest: the SHA-256 of its fields without ``sha256`` as JSON.

    The JSON has its keys in order at every level, no blank between signs, and is UTF-8 without escapes beyond those
    that JSON needs.
    """
    said = asdict(sample)
    del said["sha256"]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode()).hexdigest()


def _sealed(sample: Sample) -> Sample:
    return replace(sample, sha256=manifest_sha256(sample))


def _drawn(frame: Frame, design: Design, size: int, seed: str, shares: Mapping[str, int]) -> tuple[Unit, ...]:
    if design is Design.ALL:
        return frame.units
    if design is Design.SYSTEMATIC:
        start = _start(frame, seed)
        return tuple(frame.units[(start + each * len(frame.units)) // size] for each in range(size))
    if design is Design.SIMPLE:
        return _least(frame, frame.units, size, seed)
    members: dict[str, list[Unit]] = {name: [] for name in frame.strata}
    for unit in frame.units:
        members[unit.stratum].append(unit)
    return tuple(unit for name, share in shares.items() for unit in _least(frame, members[name], share, seed))


def _least(frame: Frame, units: Sequence[Unit], size: int, seed: str) -> tuple[Unit, ...]:
    """Return the units with the least draw numbers, in their order."""
    before = f"{seed}\0{frame.sha256}\0".encode()
    numbered = sorted((sha256(before + unit.id.encode()).digest(), place) for place, unit in enumerate(units))
    return tuple(units[place] for _number, place in numbered[:size])


def _start(frame: Frame, seed: str) -> int:
    """Return where a systematic sample starts: uniform from 0 to N - 1, numbers beyond a multiple of N passed over."""
    size = len(frame.units)
    limit = (1 << 256) // size * size
    attempt = 0
    while True:
        text = f"{seed}\0{frame.sha256}\0start {attempt}"
        number = int.from_bytes(sha256(text.encode()).digest(), "big")
        if number < limit:
            return number % size
        attempt += 1


def _shares(
    frame: Frame, size: int, allocation: Allocation | None, deviations: Mapping[str, float]
) -> Mapping[str, int]:
    if allocation is Allocation.NEYMAN:
        return neyman(frame.strata, size, deviations)
    return proportional(frame.strata, size) if allocation else {}


def _refuse_mismatch(
    frame: Frame, design: Design, allocation: Allocation | None, deviations: Mapping[str, float] | None
) -> None:
    if design is Design.STRATIFIED and "" in frame.strata:
        raise BadInput("The frame has no strata.", option="--design", do="make it with --by COLUMN, or draw simple.")
    if design is not Design.STRATIFIED and (allocation or deviations):
        raise BadInput(
            f"A {design} sample is not shared out among strata.", option="--allocation", do="draw --design stratified."
        )
    if deviations and allocation is not Allocation.NEYMAN:
        raise BadInput(
            "Standard deviations are for Neyman's allocation alone.",
            option="--deviation",
            do="add --allocation neyman, or leave them out.",
        )


def _size(frame: Frame, design: Design, size: int | None) -> int:
    whole = len(frame.units)
    if design is Design.ALL:
        if size not in (None, whole):
            raise BadInput(f"All {whole:,} units are taken, not {size:,}.", option="--size", do="leave --size out.")
        return whole
    if size is None:
        raise BadInput("How many units to draw was not said.", option="--size", do="ask 'detainer audit size'.")
    if not 1 <= size <= whole:
        raise BadInput(
            f"A sample of {size:,} cannot be drawn from {whole:,} units.", option="--size", do=f"draw 1 to {whole:,}."
        )
    return size


def _refuse_other(frame: Frame, commitment: Commitment, *, seed: str, salt: str) -> None:
    if commitment.frame_sha256 not in (None, frame.sha256):
        raise BadInput(
            "The commitment was made for another frame: its digest is not this one's.",
            file="commitment.json",
            do="draw from the frame as it was when the seed was chosen.",
        )
    if not opens(commitment, seed=seed, salt=salt):
        raise BadInput(
            "Seed and salt are not those whose digest was published.",
            file="commitment.json",
            do="give those of seed.txt; a draw from another seed would break the commitment.",
        )
