"""Random commands of all roles, good and bad, against a simple model: no forbidden state is ever reached."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from detainer_ledger.casework import Command, Done, Refused, rebuild
from detainer_ledger.ledger import verify
from detainer_ledger.terms import BadInput
from tests.casework.build import (
    ADMINISTRATOR,
    AGENCY,
    AUDITOR,
    ELM,
    GIVEN,
    OAK,
    OFFICER,
    OTHER_AGENCY,
    PERSON,
    SUPERVISOR,
    Office,
    new_office,
    with_changes,
)
from tests.casework.test_lifecycle import ALLOWED_FROM, STAGE, leads
from tests.casework.test_roles import COMMANDS, ROLE, WHO, grid
from tests.records import Clock, place_of_record

FIRST = datetime(2026, 2, 20, 9, 0, tzinfo=timezone(timedelta(hours=-6)))
"""No time of the machine lies before."""

SOUND_ARREST = {"arrest_kind": "arrest", "criminal_offence": "yes", "independent_authority": "yes"}

MOST_CASES = 2
"""So many cases are on the way at once."""

EVERYBODY = (OFFICER, SUPERVISOR, AGENCY, OTHER_AGENCY, AUDITOR, ADMINISTRATOR)

MAY = {(kind, WHO[letter]) for kind, letter, allowed in grid(COMMANDS) if allowed}
MAY |= {(kind, OTHER_AGENCY) for kind, who in MAY if who == AGENCY}

_HEAD, *_LINES = [line.split() for line in ALLOWED_FROM.strip().splitlines()]
FROM = {
    kind: {STAGE[letter] for letter, mark in zip(_HEAD, marks, strict=True) if mark == "x"} for kind, *marks in _LINES
} | {
    "record_lift": {"served", "acknowledged", "answered", "held"},
    "close_incident": {"ended", "closed"},
    "end_hold": {"ended"},
    "void": {"arrest_recorded", "served", "acknowledged", "answered"},
}

FLAGS = st.sampled_from(["yes", "yes", "yes", "no"])
FORMS = ("I-247A", "I-247A", "I-247A", "I-247D", "I-247G")
NOTICE_ALONE = {"I-247G", "I-247N"}

SAID: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "record_arrest": {
        "arrest_kind": st.sampled_from(["arrest", "arrest", "arrest", "stop", "temporary_detention"]),
        "criminal_offence": FLAGS,
        "independent_authority": FLAGS,
        "person": st.sampled_from([PERSON, None]),
    },
    "receive": {"form": st.sampled_from(["I-247A", "I-247G"]), "person": st.sampled_from([PERSON, None])},
    "examine_citizenship": {
        "result": st.sampled_from(["no_indication", "no_indication", "unfounded", "probative_evidence", "citizen"])
    },
    "establish_probable_cause": {
        "bases": st.sampled_from(["final_order", "biometric", "biometric,statements", "proceedings"]),
        "records_check_affirmative": st.sampled_from(["yes", "no", None]),
        "investigation_only": st.sampled_from([None, None, "yes", "no"]),
        "foreign_birth_and_no_record_only": st.sampled_from([None, None, "yes", "no"]),
    },
    "attach_warrant": {"signed": FLAGS, "signed_on": st.sampled_from(["2026-02-20", "2026-02-21", "2026-02-27"])},
    "review": {"reviewer": st.sampled_from(["supervisor", "neutral"]), "approved": FLAGS},
    "override": {
        "rule": st.sampled_from(
            [
                "forms/in-force",
                "I-247A/earlier-forms-remain",
                "10074.2/warrant-accompanies",
                "I-247A/box1-xor-box2",
                "10074.2/arrest-required",
                "10074.2/probable-cause",
                "16001.2/usc-claim",
            ]
        )
    },
    "issue": {"form": st.sampled_from(FORMS), "box1": FLAGS, "box2": st.sampled_from(["no", "no", "yes"])},
    "answer": {
        "answer": st.sampled_from(["honor", "honor", "notify_only", "decline", "no_answer"]),
        "reason": st.sampled_from([None, "state_law"]),
    },
}
"""What a command says that matters to the model, beside its time."""

CORRECTED: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "arrest_recorded": {"arrest_kind": st.sampled_from(["arrest", "stop"]), "criminal_offence": FLAGS},
    "answered": {"answer": st.sampled_from(["honor", "decline", "notify_only"])},
    "citizenship_examined": {"result": st.sampled_from(["unfounded", "citizen"])},
}
"""What corrections say, by the kind of event that they correct; other events are corrected in their time."""


@dataclass
class Model:
    """What is known of a case, by the simplest rules that say what must never be."""

    id: str
    agency: str
    kind_of_begin: str
    stage: str
    told: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Commands that were done, each with the kind of its event and what it says now; refused ones are among them."""

    @property
    def version(self) -> int:
        return len(self.told)

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [said for told, _, said in self.told if told == kind]

    def last(self, kind: str) -> dict[str, Any] | None:
        return next((said for told, _, said in reversed(self.told) if told == kind), None)

    @property
    def latest(self) -> datetime:
        return max((said["at"] for _, _, said in self.told if "at" in said), default=FIRST)

    @property
    def form(self) -> str | None:
        found = self.last("issue") or self.last("receive")
        return found["form"] if found else None

    @property
    def asks_for_a_hold(self) -> bool:
        issued = self.last("issue")
        return self.form not in NOTICE_ALONE and (issued is None or issued["box1"] == "yes")

    @property
    def answer(self) -> str | None:
        found = self.last("answer")
        return found["answer"] if found else None

    @property
    def overridden(self) -> set[str]:
        return {said["rule"] for said in self.all("override")}

    def citizenship_settled(self) -> bool | None:
        """Tell whether examinations settle every indication and none found a citizen; None without any."""
        places = [(place, kind, said) for place, (kind, _, said) in enumerate(self.told)]
        examined = [
            (said["at"], place, said["result"]) for place, kind, said in places if kind == "examine_citizenship"
        ]
        indicated = [(said["at"], place) for place, kind, said in places if kind == "indicate_citizenship"]
        if not examined:
            return False if indicated else None
        at, place, _ = max(examined)
        is_open = any(each > (at, place) or each[1] > place for each in indicated)
        return not is_open and {"probative_evidence", "citizen"}.isdisjoint(result for _, _, result in examined)

    def is_held(self) -> bool:
        """Tell whether the person is held, also after the detainer was lifted."""
        if self.last("begin_hold") is None or self.last("end_hold") is not None:
            return False
        return self.stage == "held" or self.last("lift") is not None or self.last("record_lift") is not None

    def is_approved(self) -> bool:
        """Tell whether no reviewer's last review refused."""
        return "no" not in {said["reviewer"]: said["approved"] for said in self.all("review")}.values()

    def has_arrest(self) -> bool:
        arrest = self.last("record_arrest")
        return arrest is not None and (
            arrest["arrest_kind"] == "arrest"
            and arrest["criminal_offence"] == "yes"
            and arrest["independent_authority"] == "yes"
        )

    def has_cause(self, at: datetime) -> bool:
        cause = self.last("establish_probable_cause")
        return cause is not None and (
            cause["at"].date() <= at.date()
            and cause.get("investigation_only") != "yes"
            and cause.get("foreign_birth_and_no_record_only") != "yes"
            and (cause["bases"] != "biometric" or cause.get("records_check_affirmative") == "yes")
        )

    def has_warrant(self, at: datetime) -> bool:
        warrant = self.last("attach_warrant")
        return warrant is not None and warrant["signed"] == "yes" and warrant["signed_on"] <= at.date().isoformat()

    def can_issue(self, said: Mapping[str, Any]) -> bool:
        """Tell whether the rules let a detainer be issued that says this."""
        at, form = said["at"], said["form"]
        fits = self.has_arrest() and self.citizenship_settled() is True and self.is_approved()
        fits = fits and (said["box1"] == "no" if form == "I-247G" else self.has_cause(at))
        if form == "I-247D":
            fits = fits and {"forms/in-force", "I-247A/earlier-forms-remain"} <= self.overridden
        if form == "I-247A":
            fits = fits and (self.has_warrant(at) or "10074.2/warrant-accompanies" in self.overridden)
            both = said["box1"] == "yes" and said["box2"] == "yes"
            fits = fits and (not both or "I-247A/box1-xor-box2" in self.overridden)
        return fits


class CaseMachine(RuleBasedStateMachine):
    """Everybody gives commands on a few cases of one record."""

    cases = Bundle("cases")
    engine = "sqlite"

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.stack.callback(shutil.rmtree, folder)
        place = self.stack.enter_context(contextmanager(place_of_record)(self.engine, folder))
        self.office: Office = new_office(place, Clock())
        self.stack.callback(self.office.record.close)
        self.models: list[Model] = []
        self.noted: Counter[str] = Counter()
        self.successor = self.office.successor()

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        try:
            assert verify(self.office.record.ledger).holds
            other = self.office.again()
            for model in self.models:
                found = other.show(model.id, AUDITOR)
                assert not isinstance(found, Refused)
                assert found.case == self.office.case(model.id)
            other.close()
        finally:
            self.stack.close()

    @precondition(lambda machine: len(machine.models) < MOST_CASES)
    @rule(
        target=cases,
        data=st.data(),
        kind=st.sampled_from(["record_arrest", "record_arrest", "record_arrest", "receive"]),
        is_plain=st.sampled_from([True, True, False]),
    )
    def begin_case(self, data: st.DataObject, kind: str, is_plain: bool) -> Model:
        values = self.values(data, kind, FIRST + timedelta(hours=1), is_plain=is_plain)
        if kind == "receive":
            values |= {"issued_on": "2026-02-20", "warrant_signed_on": "2026-02-20"}
        done = self.office.give(GIVEN[kind][0], kind, None, said_of(values))
        assert isinstance(done, Done)
        model = Model(id=done.case, agency=OAK.id, kind_of_begin=kind, stage=leads(kind, "none"))
        model.told.append((kind, done.events[0].kind, values))
        self.models.append(model)
        return model

    @rule(
        model=cases,
        data=st.data(),
        steps=st.integers(1, 8),
        later=st.sampled_from([0, 30, 600, 3000]),
        is_plain=st.sampled_from([True, True, False]),
    )
    def go_on(self, model: Model, data: st.DataObject, steps: int, later: int, is_plain: bool) -> None:
        """Give commands that bring a case further, by those who may: plain ones, or some that say anything."""
        for _ in range(steps):
            if model.kind_of_begin == "record_arrest" and not model.has_arrest():
                self.correct_event(model, OFFICER, 0, SOUND_ARREST)
            kind = self.next_kind(model, data)
            if kind is None:
                return
            at = min(model.latest + timedelta(minutes=later), self.office.clock() - timedelta(minutes=1))
            values = self.values(data, kind, at.astimezone(FIRST.tzinfo), is_plain=is_plain)
            self.give(model, GIVEN[kind][0], kind, values)

    @rule(
        model=cases,
        data=st.data(),
        who=st.sampled_from(EVERYBODY),
        kind=st.sampled_from([kind for kind in GIVEN if kind not in {"record_arrest", "receive", "correct"}]),
        minutes=st.integers(-600, 14_000),
    )
    def anything(self, model: Model, data: st.DataObject, who: str, kind: str, minutes: int) -> None:
        """Give any command by anybody, at any time."""
        self.give(model, who, kind, self.values(data, kind, FIRST + timedelta(minutes=minutes), is_plain=False))

    @rule(model=cases, data=st.data(), who=st.sampled_from(EVERYBODY), minutes=st.integers(-600, 600))
    def correct(self, model: Model, data: st.DataObject, who: str, minutes: int) -> None:
        """Correct any event, in its time or in what it says."""
        place = data.draw(st.integers(0, model.version - 1))
        _, event, said = model.told[place]
        values: dict[str, Any] = {
            name: data.draw(strategy, label=name) for name, strategy in CORRECTED.get(event, {}).items()
        }
        if "at" in said and not values:
            values["at"] = said["at"] + timedelta(minutes=minutes)
        self.correct_event(model, who, place, values or {"reason": "Misread."})

    def correct_event(self, model: Model, who: str, place: int, values: Mapping[str, Any]) -> None:
        kind, event, said = model.told[place]
        given = {"version": str(place + 1), "values": said_of(values), "reason": "Misread."}
        if self.try_command(model, who, "correct", given):
            model.told[place] = (kind, event, {**said, **values})
            model.told.append(("correct", "corrected", {}))
            self.see_answer(model)

    def see_answer(self, model: Model) -> None:
        """See that a hold against the agency's own answer, as it stood then, is an incident."""
        hold = model.last("begin_hold")
        answers = [] if hold is None else [each for each in model.all("answer") if each["at"] <= hold["at"]]
        # Of two at one instant the later recorded stands.
        answer = max(enumerate(answers), key=lambda each: (each[1]["at"], each[0]))[1]["answer"] if answers else None
        if answer in {"decline", "notify_only"}:
            assert "held-against/answer" in {each.id for each in self.office.shown(model.id).incidents}

    @rule(hours=st.sampled_from([1, 30, 100, -2]))
    def time_passes(self, hours: int) -> None:
        self.office.clock.forward(hours=hours)

    @rule(model=cases, who=st.sampled_from(EVERYBODY))
    def read(self, model: Model, who: str) -> None:
        """Read a person: whoever reads, and whoever may not, is noted."""
        found = self.office.record.person(model.id, who, purpose="to test")
        self.noted[who] += 1
        is_own = who != OTHER_AGENCY
        assert isinstance(found, Refused) == (who == ADMINISTRATOR or not is_own)
        if not isinstance(found, Refused):
            is_kept = model.told[0][2].get("person") is not None and model.last("erase_person") is None
            assert found == (PERSON if is_kept else None)

    @invariant()
    def everything_acknowledged_is_there_and_nothing_else(self) -> None:
        for model in getattr(self, "models", []):
            case = self.office.case(model.id)
            assert (case.stage, case.head.version) == (model.stage, model.version)
            assert [told.kind for told in case.told] == [event for _, event, _ in model.told]

    @invariant()
    def what_was_denied_or_read_is_noted(self) -> None:
        for who in EVERYBODY if hasattr(self, "noted") else ():
            assert len(self.office.access(who)) == self.noted[who]

    @invariant()
    def views_are_those_that_the_events_make(self) -> None:
        if hasattr(self, "office"):
            before = self.office.everything()["view"]
            rebuild(self.office.record)
            assert self.office.everything()["view"] == before

    def values(self, data: st.DataObject, kind: str, at: datetime, *, is_plain: bool) -> dict[str, Any]:
        """Return what a command says, with its time as an instant."""
        strategies = {} if is_plain else SAID.get(kind, {})
        drawn = {name: data.draw(strategy, label=name) for name, strategy in strategies.items()}
        values = with_changes(GIVEN[kind][1], drawn)
        if "at" in values:
            values["at"] = at
        if kind == "expect_release":
            values["noticed_at"] = FIRST
        if kind == "issue" and values["form"] == "I-247G":
            values["covered_by_gonzalez"] = "yes"
        if drawn.get("reason") is not None:
            basis = data.draw(st.sampled_from(["none_stated", "none_stated", None]), label="legal_basis")
            values |= with_changes({}, {"legal_basis": basis})
        if kind == "supersede":
            values["by_case"] = self.successor
        return values

    def next_kind(self, model: Model, data: st.DataObject) -> str | None:
        """Return a command that brings a case further from where it is."""
        if model.stage == "arrest_recorded":
            needed = ("examine_citizenship", "establish_probable_cause", "attach_warrant")
            missing = [kind for kind in needed if model.last(kind) is None]
            if missing:
                return missing[0]
            is_sound = model.can_issue({"at": model.latest, "form": "I-247A", "box1": "yes", "box2": "no"})
            return "issue" if is_sound else data.draw(st.sampled_from(["issue", "override", *needed]))
        if model.is_held() and model.stage == "ended":
            return "end_hold"
        if model.stage in {"ended", "closed"} and any(
            each.closed_by is None for each in self.office.shown(model.id).incidents
        ):
            return "close_incident"
        further = {
            "issued": ["serve_agency", "serve_agency", "serve_person", "lift"],
            "served": ["acknowledge", "answer", "answer", "expect_release", "begin_hold"],
            "acknowledged": ["answer", "answer", "begin_hold", "indicate_citizenship"],
            "answered": ["begin_hold", "begin_hold", "release", "examine_citizenship"],
            "held": ["take_custody", "expire", "release", "lift", "examine_citizenship", "answer"],
            "ended": ["close"],
            "closed": ["erase_person"] if model.last("erase_person") is None else [],
        }[model.stage]
        return data.draw(st.sampled_from(further)) if further else None

    def give(self, model: Model, who: str, kind: str, values: dict[str, Any]) -> None:
        """Give a command, and see that what came of it is what may come of it."""
        if kind == "close_incident":
            open_ones = [each.id for each in self.office.shown(model.id).incidents if each.closed_by is None]
            values["incident"] = open_ones[0] if open_ones else "none"
        can_issue = kind != "issue" or model.can_issue(values)
        settled, answer, was_held = model.citizenship_settled(), model.answer, model.is_held()
        open_ones = [each.id for each in self.office.shown(model.id).incidents if each.closed_by is None]
        if not self.try_command(model, who, kind, said_of(values)):
            return
        event = self.office.events(model.id)[-1].kind
        if event == "refused":
            model.told.append(("refused", "refused", {}))
            assert kind in {"issue", "begin_hold", "override"}
            assert kind != "issue" or not can_issue
            assert kind != "begin_hold" or settled is False or not model.asks_for_a_hold
            return
        assert can_issue
        if kind == "override":
            assert values["rule"] not in {"10074.2/arrest-required", "10074.2/probable-cause", "16001.2/usc-claim"}
        if kind == "begin_hold":
            assert answer not in {"decline", "notify_only"}
            assert settled is not False
            assert model.asks_for_a_hold
        if kind == "close":
            assert open_ones == []
            assert not was_held
        if kind == "end_hold":
            assert was_held
        if kind == "answer" and values["answer"] == "decline":
            assert {"reason", "legal_basis"} <= set(values)
        model.told.append((kind, event, values))
        model.stage = leads(kind, model.stage)
        self.see_answer(model)

    def try_command(self, model: Model, who: str, kind: str, said: dict[str, Any]) -> bool:
        """Give a command; return whether an event of the case came of it, and see who and what may not."""
        may = (kind, who) in MAY and (who != OTHER_AGENCY or model.agency == ELM.id)
        fits = model.stage in FROM[kind]
        before = self.office.events(model.id)
        found: Done | Refused | None
        try:
            found = self.office.record.do(Command(kind=kind, case=model.id, values=said, zone="agency"), who)
        except BadInput:
            found = None
        if found is None:
            assert may, (kind, who)
            assert self.office.events(model.id) == before
            return False
        if not may:
            assert isinstance(found, Refused)
            assert found.findings == ()
            self.noted[who] += 1
            assert self.office.events(model.id) == before
            return False
        assert fits, (kind, model.stage)
        events = self.office.events(model.id)
        assert events[:-1] == before
        role = ROLE[next(letter for letter, name in WHO.items() if name == who)]
        assert (events[-1].actor, events[-1].role) == (who, role)
        assert isinstance(found, Refused) == (events[-1].kind == "refused")
        return True


def said_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as somebody writes them: instants as text with their offset."""
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}


class PostgresCaseMachine(CaseMachine):
    """The same on PostgreSQL."""

    engine = "postgres"


TestCases = CaseMachine.TestCase
TestCases.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestPostgresCases = pytest.mark.postgres(pytest.mark.slow(PostgresCaseMachine.TestCase))
TestPostgresCases.settings = TestCases.settings
