"""What people of a seeded year do on a day with the measures that are theirs; late, at once, twice, and now and then
what is not theirs.

Each has a pace of their own: the chance that they do today what waits for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.attach_evidence import attach_evidence
from engine.actions.close_measure import close_measure
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.decide_extension import decide_extension
from engine.actions.judge_verification import pass_verification, return_measure
from engine.actions.many_measures import remind_owners
from engine.actions.reassign_measure import reassign_measure
from engine.actions.rebound_measure import rebound_measure
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification
from engine.actions.submit_measure import submit_measure
from engine.actions.write_opinion import write_opinion
from engine.rules.vocabulary import Role, State, WaitsFor
from models import CoUnit, Extension, Measure, Person, RoleGrant, Ruling, Unit, Verification
from models.database import reading
from tests.year.cast import OWNERS, PEOPLE
from tests.year.office import Office

KILLED = 0.012  #: the chance that the process is killed while it does what somebody asked
TWICE = 0.05  #: the chance that somebody clicks twice


class Standing(NamedTuple):
    """One measure as somebody finds it who looks at the list."""

    code: str
    state: State
    due: date | None
    reported_on: date | None
    owner: str | None
    lead: str | None
    unit: str | None
    verifier: str | None
    approver: Role | None


def standings(office: Office) -> list[Standing]:
    owner, lead, verifier = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(
            Measure.code,
            Measure.state,
            Measure.due,
            Measure.reported_on,
            owner.code,
            lead.code,
            Unit.name,
            verifier.code,
            Extension.approver_role,
        )
        .outerjoin(owner, owner.id == Measure.owner_id)
        .outerjoin(lead, lead.id == Measure.lead_id)
        .outerjoin(Unit, Unit.id == Measure.unit_id)
        .outerjoin(Verification, and_(Verification.measure_id == Measure.id, Verification.verdict.is_(None)))
        .outerjoin(verifier, verifier.id == Verification.verifier_id)
        .outerjoin(Extension, and_(Extension.measure_id == Measure.id, Extension.ruling == Ruling.PENDING))
        .order_by(Measure.id)
    )
    with reading(office.house.sessions) as session:
        return [Standing(*row) for row in session.execute(query)]


def holders(office: Office, role: Role) -> list[str]:
    granted = select(RoleGrant.person_id).where(RoleGrant.role == role)
    with reading(office.house.sessions) as session:
        return list(session.scalars(select(Person.code).where(Person.id.in_(granted)).order_by(Person.id)))


class Staff:
    """Everybody who works on measures."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.pace = {code: office.dice.choice((0.02, 0.1, 0.25, 0.6)) for code in PEOPLE}

    def do(self, person: str, name: str, action: Any, /, *args: Any, **kwargs: Any) -> bool:
        """Do something, now and then with a kill in the middle; refused or not, the day goes on."""
        dice, office = self.office.dice, self.office
        office.pass_minutes(dice.randint(1, 9))
        if dice.random() < KILLED:
            office.killer.arm(dice.choice(("write", "write", "commit", "committed")), dice.randint(1, 6))
        clicks = 2 if dice.random() < TWICE else 1
        return office.act(person, name, action, *args, clicks=clicks, **kwargs)

    def work(self) -> Iterator[None]:
        """Let everybody do what waits for them today; yield after each step."""
        dice = self.office.dice
        for one in standings(self.office):
            for _ in self._on(one):
                yield
        if dice.random() < 0.3:
            self._stray(dice.choice(standings(self.office)))
            yield

    def _will(self, person: str | None, share: float = 1.0) -> bool:
        return person is not None and self.office.dice.random() < self.pace.get(person, 0.2) * share

    def _on(self, one: Standing) -> Iterator[None]:
        """Do what the state of a measure asks for."""
        dice, today, code = self.office.dice, self.office.today, one.code
        if one.approver is not None:
            who = one.lead if one.approver is Role.LEADER else dice.choice(holders(self.office, Role.LEADING_GROUP))
            if self._will(who):
                self.do(who or "zhao", "rule", decide_extension, code, approve=dice.random() < 0.6, reason="按期完成")
                yield
        if one.state is State.ASSIGNED and one.owner is None and dice.random() < 0.15:
            self.do("lin", "assign", reassign_measure, code, owner=dice.choice(OWNERS))
            yield
        elif one.state is State.ASSIGNED and self._will(one.owner):
            self.do(one.owner or "", "accept", accept_measure, code)
            yield
        elif one.state is State.IN_PROGRESS:
            yield from self._progress(one)
        elif one.state is State.SUBMITTED:
            yield from self._check(one)
        elif one.state is State.VERIFIED and dice.random() < 0.02:
            self.do(dice.choice(holders(self.office, Role.LEADING_GROUP)), "close", close_measure, code)
            yield
        elif one.state is State.CLOSED and dice.random() < 0.001:
            due = today + timedelta(days=dice.randint(10, 60))
            self.do("jian", "rebound", rebound_measure, code, due=due, reason="问题反弹")
            yield

    def _progress(self, one: Standing) -> Iterator[None]:
        """Report, ask for more time, hand in: the nearer the due date, the more of it."""
        dice, today, code, owner = self.office.dice, self.office.today, one.code, one.owner or ""
        left = (one.due - today).days if one.due else 90
        if (today.day >= 15 or left < 10) and self._will(owner, 0.4) and one.reported_on != today:
            self.do(owner, "report", report_progress, code, percent=dice.randint(0, 100), text="按计划推进")
            yield
        if 0 < left < 40 and self._will(owner, 0.05):
            new_due = today + timedelta(days=left + dice.randint(5, 60))
            self.do(owner, "ask", request_extension, code, new_due=new_due, reason="流标")
            yield
        if self._will(owner, 0.25 if left < 15 else 0.02):
            if dice.random() < 0.9:
                self.do(owner, "attach", attach_evidence, code, name=f"材料{dice.randint(1, 9)}", sha256="ab" * 32)
            for who in self._co_units(code):
                self.do(who, "confirm", confirm_co_unit, code)
            self.do(owner, "submit", submit_measure, code)
            yield

    def _check(self, one: Standing) -> Iterator[None]:
        dice, code = self.office.dice, one.code
        if one.verifier is None and dice.random() < 0.5:
            self.do(dice.choice(holders(self.office, Role.COORDINATOR)), "trigger", start_verification, [code])
            yield
        elif one.verifier is not None and self._will(one.verifier, 0.5):
            if dice.random() < 0.7:
                self.do(one.verifier, "pass", pass_verification, code)
            else:
                self.do(one.verifier, "return", return_measure, code, reason="佐证材料不充分")
            yield
        elif dice.random() < 0.04:  # somebody who was not asked
            self.do(dice.choice(holders(self.office, Role.VERIFIER)), "pass", pass_verification, code)
            yield
        elif dice.random() < 0.01:  # the evidence changes under a verification
            self.do(one.owner or "lin", "attach", attach_evidence, code, name="补充材料")
            yield

    def _co_units(self, code: str) -> list[str]:
        """Return one of each co-unit that has not confirmed yet."""
        query = (
            select(Unit.name)
            .join(CoUnit, CoUnit.unit_id == Unit.id)
            .join(Measure, Measure.id == CoUnit.measure_id)
            .where(Measure.code == code, CoUnit.done_on.is_(None))
        )
        with reading(self.office.house.sessions) as session:
            names = list(session.scalars(query.order_by(Unit.id)))
        return [next(code for code, (unit, _) in PEOPLE.items() if unit == name) for name in names]

    def _stray(self, one: Standing) -> None:
        """Do something off the beaten track, often what one may not."""
        dice, code, who = self.office.dice, one.code, self.office.dice.choice(list(PEOPLE))
        owner, days = dice.choice(OWNERS), dice.randint(1, 3)
        strays: list[tuple[str, Any, dict[str, Any]]] = [
            ("accept", accept_measure, {}),
            ("submit", submit_measure, {}),
            ("pass", pass_verification, {}),
            ("pass", pass_verification, {}),
            ("close", close_measure, {}),
            ("rule", decide_extension, {"approve": True, "reason": "同意"}),
            ("report", report_progress, {"percent": 50, "text": "代为填报"}),
            ("attach", attach_evidence, {"name": "他人材料"}),
            ("say", write_opinion, {"text": f"请@{owner}同志抓紧"}),
            ("hold", acknowledge_timer, {"waits_for": dice.choice(list(WaitsFor)), "working_days": days}),
        ]
        name, action, more = dice.choice(strays)
        if name == "hold":
            who = dice.choice((one.owner or who, "lin", "li", "qian"))
        if one.state is State.IN_PROGRESS and dice.random() < 0.2:  # a verifier helps, and has worked on it then
            name, action, more, who = (
                "attach",
                attach_evidence,
                {"name": "核验人员补充"},
                dice.choice(("zhou", "wu", "xu")),
            )
        if dice.random() < 0.25:
            name, action, more, who = "reassign", reassign_measure, {"owner": owner, "reason": "调岗"}, "lin"
        self.do(who, name, action, code, **more)
        if dice.random() < 0.1:
            self.do("lin", "remind", remind_owners, [code, "1-01", "1-02"])
