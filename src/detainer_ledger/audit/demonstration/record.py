"""An invented population of screening cases in a record of its own, with lapses that are known. All of it is synthetic.

What the audit then finds by a sample can be held against what is so, which no audit of real files can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from detainer_ledger.casework import Command, DemonstrationClock, Record, Refused, add_actor, create_record
from detainer_ledger.casework.screening import Screenings, adopt, illustrative_protocol

ORIGIN = "synthetic.example/screening"
ADMINISTRATOR, OFFICER, SUPERVISOR, AUDITOR = (
    "administrator (synthetic)",
    "officer (synthetic)",
    "supervisor (synthetic)",
    "auditor (synthetic)",
)
OFFICES = ("North office (synthetic)", "River office (synthetic)", "South office (synthetic)")
ZONE = "America/Chicago"
N_CASES = 142
"""As many as the files that OIG-18-36 drew from; nothing else is like them."""

_LAPSE = {"late": 0.10, "undocumented": 0.06, "missing": 0.05}
"""Share of steps with each lapse; invented."""

_PERIOD = timedelta(days=90)
"""That of the illustrative protocol's rescreening."""

_Said = Mapping[str, object]


def lapsed_record(url: str, keys: Path, *, seed: int = 2018) -> tuple[Record, datetime]:
    """Make a record with ``N_CASES`` invented screening cases, and return it with the instant at which all is over.

    The same seed makes the same cases. Raises BadInput where there is a record already.
    """
    clock = DemonstrationClock()
    record = create_record(url, keys, origin=ORIGIN, administrator=ADMINISTRATOR, now=clock)
    for name, role in ((OFFICER, "issuing_officer"), (SUPERVISOR, "supervisor"), (AUDITOR, "auditor")):
        add_actor(record, ADMINISTRATOR, name=name, role=role)
    adopt(record, illustrative_protocol().text, SUPERVISOR, where="illustrative.toml")
    chance = Random(seed)  # noqa: S311 - it makes invented cases, and draws no sample
    numbers = count(1)
    cases = Screenings(record, ids=lambda: f"S-SYNTHETIC-{next(numbers):03}")
    begins = clock.at
    ends = begins + timedelta(days=200)
    for place in range(N_CASES):
        _walk(cases, clock, begins + timedelta(hours=7 * place), ends, OFFICES[place % len(OFFICES)], chance)
    clock.at = ends
    return record, clock.at


def _walk(
    cases: Screenings, clock: DemonstrationClock, at: datetime, until: datetime, office: str, chance: Random
) -> None:
    """Take one invented case from custody to its end, with lapses by chance."""
    case: str | None = None

    def give(kind: str, who: str, when: datetime, said: _Said) -> None:
        nonlocal case
        clock.at = max(clock.at, when)
        done = cases.do(Command(kind=kind, case=case, values={"at": when.isoformat(), **said}), who)
        if isinstance(done, Refused):
            raise RuntimeError(f"{kind} was refused: {done.reason}")
        case = done.case

    def step(step_id: str, who: str, since: datetime, hours: float) -> datetime | None:
        lapse = chance.random()
        if lapse < _LAPSE["missing"]:
            return None
        is_late = lapse < _LAPSE["missing"] + _LAPSE["late"]
        when = since + timedelta(hours=hours * (1.5 if is_late else 0.4))
        is_bare = chance.random() < _LAPSE["undocumented"]
        evidence: _Said = {} if is_bare else {"evidence": [f"file (synthetic), {step_id}"]}
        give("do_step", who, when, {"step": step_id, **evidence})
        return when

    give("begin", OFFICER, at, {"office": office, "zone": ZONE})
    step("initial-checks", OFFICER, at, 24)
    is_pending = chance.random() < 0.2
    result = "pending_authority" if is_pending else "no_match"
    answered = at + timedelta(hours=20)
    give("record_result", OFFICER, answered, {"step": "initial-checks", "result": result})
    if is_pending:
        step("authority-contacted", OFFICER, answered, 24)
        later = answered + timedelta(hours=40)
        give("record_result", OFFICER, later, {"step": "authority-contacted", "result": "not_confirmed"})
    step("oversight-review", SUPERVISOR, at, 200)
    released = at + timedelta(days=20)
    if chance.random() < 0.4:
        give("release_to_supervision", OFFICER, released, {})
        step("supervision-checks", OFFICER, released, 48)
        screened: datetime | None = released
        while screened is not None and screened + _PERIOD < until:
            screened = step("rescreen", OFFICER, screened, _PERIOD / timedelta(hours=1))
    else:
        give("end", OFFICER, released, {"how": "removed"})
