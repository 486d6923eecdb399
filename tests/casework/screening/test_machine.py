"""Random commands of all roles on screening cases, good and bad, against a model of what must never be."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from detainer_ledger.casework import Command, Done, Refused, screening_command_kinds
from detainer_ledger.casework.comparing import held_against_events
from detainer_ledger.casework.lists import rebuild
from detainer_ledger.casework.screening import (
    Status,
    compliance_of,
    due_steps,
    illustrative_protocol,
    step_rows,
    table_of,
)
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    AUDITOR,
    OFFICER,
    OTHER_AGENCY,
    SUPERVISOR,
    new_office,
    with_changes,
)
from tests.casework.screening.build import GIVEN, Room, with_protocols
from tests.casework.screening.test_roles import COMMANDS
from tests.casework.test_roles import ROLE, WHO, grid
from tests.records import Clock, place_of_record

FIRST = datetime.fromisoformat("2026-02-02T09:00-06:00")
EVERYBODY = (OFFICER, OFFICER, SUPERVISOR, SUPERVISOR, AGENCY, OTHER_AGENCY, AUDITOR, ADMINISTRATOR)
MAY = {(kind, WHO[letter]) for kind, letter, allowed in grid(COMMANDS) if allowed}
STEPS = [step.id for step in illustrative_protocol().steps]
SUPERVISORS_ALONE = {step.id for step in illustrative_protocol().steps if step.roles == ("supervisor",)}
GIVEN_BY_STEP = {"do_step", "notify", "second_review"}

FROM = {
    "end": {"in_custody", "under_supervision"},
    "release_to_supervision": {"in_custody"},
    "return_to_custody": {"under_supervision"},
    **{
        kind: {"in_custody", "under_supervision"}
        for kind in ("do_step", "record_result", "notify", "decide_custody", "move_protocol", "void")
    },
    **{
        kind: {"in_custody", "under_supervision", "closed"}
        for kind in ("document", "second_review", "correct", "erase_person")
    },
}
TO = {
    "release_to_supervision": "under_supervision",
    "return_to_custody": "in_custody",
    "end": "closed",
    "void": "closed",
}
SAID: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "do_step": {
        "step": st.sampled_from([*STEPS, "no-such-step"]),
        "evidence": st.sampled_from([None, "file-1", "file-1,file-2"]),
    },
    "record_result": {
        "step": st.sampled_from(STEPS),
        "result": st.sampled_from(["no_match", "pending_authority", "confirmed_by_authority", "not_run", "match"]),
        "reason": st.sampled_from([None, None, "No network."]),
    },
    "notify": {"step": st.sampled_from([None, *STEPS])},
    "document": {"step": st.sampled_from(STEPS)},
    "second_review": {
        "step": st.sampled_from([None, *STEPS]),
        "outcome": st.sampled_from(["in_order", "not_in_order"]),
        "reason": st.sampled_from([None, "A reference is missing."]),
    },
    "move_protocol": {"version": st.sampled_from(["1", "2", "illustrative@1", "illustrative@2", "3"])},
}


@dataclass
class Model:
    """What is known of a case: its stage, and the kinds of its events."""

    id: str
    stage: str = "in_custody"
    kinds: list[str] = field(default_factory=lambda: ["screening_began"])


@settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
class ScreeningMachine(RuleBasedStateMachine):
    """Everybody gives commands on a few screening cases of one record."""

    cases = Bundle("cases")
    engine = "sqlite"

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.stack.callback(shutil.rmtree, folder)
        place = self.stack.enter_context(contextmanager(place_of_record)(self.engine, folder))
        office = new_office(place, Clock())
        self.stack.callback(office.record.close)
        self.room: Room = with_protocols(office)
        self.models: list[Model] = []
        self.noted = 0

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        try:
            record = self.room.office.record
            assert verify(record.ledger).holds
            found = held_against_events(record)
            assert (found.stale_cases, found.n_unread_persons) == ((), 0)
            before = self.room.office.everything()["view"]
            rebuild(record)
            assert self.room.office.everything()["view"] == before
            self.see_that_counts_add_up()
        finally:
            self.stack.close()

    def see_that_counts_add_up(self) -> None:
        """See that every step stands in exactly one status, the same in the table as in the cases."""
        now = self.room.office.clock()
        found = compliance_of(table_of(step_rows(self.room.screenings.every_case(), now)), at=now).all
        rows = [
            row.status(now)
            for case, protocol in self.room.screenings.every_case()
            for row in due_steps(case, protocol, at=now)
        ]
        assert found.steps == {status: rows.count(status) for status in Status}

    @precondition(lambda machine: len(machine.models) < 3)
    @rule(target=cases, who=st.sampled_from([OFFICER, SUPERVISOR]))
    def begin_case(self, who: str) -> Model:
        model = Model(id=self.room.done("begin", by=who).case)
        self.models.append(model)
        return model

    @rule(model=cases, data=st.data(), turns=st.integers(1, 8), later=st.sampled_from([0, 1, 20, 100]))
    def go_on(self, model: Model, data: st.DataObject, turns: int, later: int) -> None:
        """Give commands that fit, by those who may, one after the other."""
        kinds = ("do_step", "do_step", "record_result", "document", "notify", *TO, "move_protocol")
        for _ in range(turns):
            fitting = [kind for kind in kinds if model.stage in FROM[kind] and kind not in {"void", "end"}]
            kind = data.draw(st.sampled_from(fitting or ["document"]), label="kind")
            drawn = {name: data.draw(strategy, label=name) for name, strategy in SAID.get(kind, {}).items()}
            values = with_changes(GIVEN[kind][1], drawn)
            if "at" in values:
                case = self.room.shown(model.id).case
                latest = max(told.at for told in case.told if told.at is not None)
                at = min(latest + timedelta(hours=later), self.room.office.clock())
                values["at"] = at.astimezone(FIRST.tzinfo).isoformat(timespec="seconds")
            self.give(model, SUPERVISOR if kind == "move_protocol" else OFFICER, kind, values)

    @rule(
        model=cases,
        data=st.data(),
        who=st.sampled_from(EVERYBODY),
        kind=st.sampled_from([kind for kind in GIVEN if kind not in {"begin", "correct"}]),
        hours=st.integers(-3, 600),
    )
    def anything(self, model: Model, data: st.DataObject, who: str, kind: str, hours: int) -> None:
        """Give any command by anybody, at any time."""
        drawn = {name: data.draw(strategy, label=name) for name, strategy in SAID.get(kind, {}).items()}
        values = with_changes(GIVEN[kind][1], drawn)
        if "at" in values:
            values["at"] = (FIRST + timedelta(hours=hours)).isoformat()
        self.give(model, who, kind, values)

    @rule(model=cases, data=st.data(), who=st.sampled_from([OFFICER, SUPERVISOR, AUDITOR]), hours=st.integers(-3, 600))
    def correct(self, model: Model, data: st.DataObject, who: str, hours: int) -> None:
        """Correct any event, in its time, its step or what it says."""
        values = data.draw(
            st.sampled_from(
                [
                    {"at": (FIRST + timedelta(hours=hours)).isoformat()},
                    {"step": "initial-checks"},
                    {"step": "oversight-review"},
                    {"result": "pending_authority"},
                    {"result": "not_run", "reason": "No network."},
                    {"evidence": "file-9"},
                    {"evidence": ""},
                ]
            )
        )
        version = str(data.draw(st.integers(1, len(model.kinds) + 1)))
        self.give(model, who, "correct", {"version": version, "values": values, "reason": "Misread."})

    @rule(hours=st.sampled_from([1, 30, 300]))
    def time_passes(self, hours: int) -> None:
        self.room.office.clock.forward(hours=hours)

    @rule(model=cases, who=st.sampled_from(EVERYBODY))
    def read(self, model: Model, who: str) -> None:
        found = self.room.screenings.show(model.id, who)
        assert isinstance(found, Refused) == (who in {AGENCY, OTHER_AGENCY, ADMINISTRATOR})
        self.noted += isinstance(found, Refused)

    @invariant()
    def everything_acknowledged_is_there_and_nothing_else(self) -> None:
        for model in getattr(self, "models", []):
            case = self.room.shown(model.id).case
            assert (case.stage, [told.kind for told in case.told]) == (model.stage, model.kinds)
            assert case.head.version == len(model.kinds)

    @invariant()
    def every_refusal_is_recorded_and_nothing_else_is(self) -> None:
        if hasattr(self, "room"):
            people = dict.fromkeys(EVERYBODY)
            assert sum(len(self.room.office.access(who)) for who in people) == self.noted

    @invariant()
    def what_nobody_did_is_never_in_time(self) -> None:
        now = self.room.office.clock() if hasattr(self, "room") else FIRST
        for model in getattr(self, "models", []):
            shown = self.room.shown(model.id)
            for row in shown.steps:
                assert row.done_at is None or row.done_at <= now
                assert row.done_at is not None or row.status(now) not in {Status.IN_TIME, Status.LATE}

    @invariant()
    def nothing_falls_due_in_a_closed_case(self) -> None:
        if not hasattr(self, "room"):
            return
        found = self.room.screenings.due(AUDITOR)
        assert isinstance(found, tuple)
        closed = {model.id for model in self.models if model.stage == "closed"}
        assert closed.isdisjoint(each.case for each in found)
        assert [each.due_at for each in found] == sorted(each.due_at for each in found)

    def give(self, model: Model, who: str, kind: str, values: dict[str, Any]) -> None:
        """Give a command, and see that what came of it is what may come of it."""
        before = self.room.events(model.id)
        try:
            found: Done | Refused | None = self.room.screenings.do(
                Command(kind=kind, case=model.id, values=values), who
            )
        except BadInput:
            found = None
        events = self.room.events(model.id)
        if isinstance(found, Done):
            assert (kind, who) in MAY
            assert model.stage in FROM[kind]
            assert events[:-1] == before
            role = ROLE[next(letter for letter, name in WHO.items() if name == who)]
            assert (events[-1].kind, events[-1].actor, events[-1].role) == (
                screening_command_kinds()[kind].event, who, role,
            )  # fmt: skip
            self.check_said(who, kind, values)
            model.kinds.append(events[-1].kind)
            model.stage = TO.get(kind, model.stage)
            return
        assert events == before
        if isinstance(found, Refused):
            self.noted += 1
            assert (kind, who) not in MAY or (
                who == OFFICER and (kind == "correct" or values["step"] in SUPERVISORS_ALONE)
            )
        else:
            assert (kind, who) in MAY

    def check_said(self, who: str, kind: str, values: dict[str, Any]) -> None:
        """See that what was recorded can be said, by whoever said it."""
        if kind in GIVEN_BY_STEP and values.get("step") in SUPERVISORS_ALONE:
            assert who == SUPERVISOR
        if "step" in values:
            assert values["step"] in STEPS
        if kind == "record_result":
            assert values["result"] != "match"
            assert (values["result"] == "not_run") == ("reason" in values)
        if kind == "second_review":
            assert values["outcome"] == "in_order" or "reason" in values
        if "at" in values:
            assert FIRST <= datetime.fromisoformat(values["at"]) <= self.room.office.clock()


class PostgresScreeningMachine(ScreeningMachine):
    """The same on PostgreSQL."""

    engine = "postgres"


TestScreenings = ScreeningMachine.TestCase
TestPostgresScreenings = pytest.mark.postgres(pytest.mark.slow(PostgresScreeningMachine.TestCase))
TestPostgresScreenings.settings = settings(TestScreenings.settings, max_examples=8)
