"""What else happens in the office of a seeded year: absences, grants, calendar, policy, meetings, tasks and papers."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine.actions.call_off_meeting import call_off_meeting
from engine.actions.change_policy import change_policy
from engine.actions.decide_trust import confirm_request
from engine.actions.desk import Desk
from engine.actions.draft_agenda import move_meeting, set_meeting
from engine.actions.edit_calendar import edit_days, withdraw_day
from engine.actions.edit_person import edit_person
from engine.actions.end_absence import end_absence
from engine.actions.freeze_agenda import period_of
from engine.actions.grant_role import grant_role, revoke_role
from engine.actions.keep_minutes import finish_task
from engine.actions.record_decision import record_decision
from engine.actions.return_paper import return_paper
from engine.actions.set_absence import set_absence
from engine.actions.withdraw_paper import withdraw_paper
from engine.rules.signing import PaperState
from engine.rules.trust import TrustState
from engine.rules.vocabulary import Role, State
from engine.rules.working_days import DayRow
from flows.monthly import run_monthly
from flows.papers import approve, draw_up, submit
from models import (
    Absence,
    Decision,
    DecisionDone,
    DecisionKind,
    Document,
    Meeting,
    Paper,
    Person,
    TrustRequest,
    WorkingDay,
)
from models.database import reading
from tests.year.cast import MEASURES, OWNERS, PEOPLE, import_ledger, plan_measure
from tests.year.people import Staff, holders, standings

MEETS_ON = 12  #: of the month, about
GONE = "gone-{}@office.example"


class Housekeeping:
    """Everything that is not work on one's own measures."""

    def __init__(self, staff: Staff) -> None:
        self.staff, self.office, self.dice = staff, staff.office, staff.office.dice
        self.measures = [plan_measure(self.dice, number, self.office.today) for number in range(1, MEASURES + 1)]

    def begin(self) -> None:
        """Read the ledger in."""
        import_ledger(self.office, self.measures)

    def tend(self) -> Iterator[None]:
        """Let what happens today happen; yield after each step."""
        steps = (
            (0.08, self._somebody_is_away),
            (0.01, self._somebody_is_back),
            (0.012, self._another_head),
            (0.01, self._another_address),
            (0.03, self._trust_somebody),
            (0.3, self._answer_for_trust),
            (0.015, self._edit_calendar),
            (0.01, self._edit_ladder),
            (0.02, self._more_measures),
            (0.03, self._move_meeting),
            (0.02, self._call_off),
            (0.15, self._tasks),
            (0.12, self._papers),
        )
        for chance, step in steps:
            if self.dice.random() < chance:
                step()
                yield
        if self._meeting() is None and self.office.today.day < MEETS_ON:
            self.draw_up_month()
            yield
        if self._meets_today():
            yield from self._meet()

    # People

    def _somebody_is_away(self) -> None:
        who, other = self.dice.sample(list(PEOPLE), 2)
        first = self.office.today + timedelta(days=self.dice.randint(0, 5))
        last = first + timedelta(days=self.dice.randint(0, 14))
        asks = self.dice.choice((who, who, "lin"))
        self.staff.do(asks, "away", set_absence, person=who, substitute=other, first_day=first, last_day=last)

    def _somebody_is_back(self) -> None:
        with reading(self.office.house.sessions) as session:
            query = select(Absence.id).where(Absence.last_day > self.office.today).order_by(Absence.id)
            found = list(session.scalars(query))
        if found:
            self.staff.do("fang", "back", end_absence, self.dice.choice(found))

    def _another_head(self) -> None:
        former = self.dice.choice([code for code, (_, roles) in PEOPLE.items() if Role.UNIT_HEAD in roles])
        unit = PEOPLE[former][0]
        follower = self.dice.choice([code for code, (name, _) in PEOPLE.items() if name == unit])
        self.staff.do("lin", "grant", grant_role, follower, Role.UNIT_HEAD, unit=unit)
        self.staff.do("lin", "revoke", revoke_role, former, Role.UNIT_HEAD, unit=unit)

    def _trust_somebody(self) -> None:
        """Give a role that decides or checks, or take one away that was given so."""
        who, role = self.dice.choice(OWNERS), self.dice.choice((Role.VERIFIER, Role.LEADING_GROUP, Role.COORDINATOR))
        if who in holders(self.office, role) and role not in PEOPLE[who][1]:
            self.staff.do("fang", "revoke", revoke_role, who, role)
        else:
            self.staff.do(self.dice.choice(("lin", "fang", who)), "grant", grant_role, who, role)

    def _answer_for_trust(self) -> None:
        """Let somebody answer what waits for a second person: often one who may not."""
        query = select(TrustRequest.id).where(TrustRequest.state == TrustState.WAITING).order_by(TrustRequest.id)
        with reading(self.office.house.sessions) as session:
            found = list(session.scalars(query))
        if found:
            who = self.dice.choice(("lin", "fang", "zhao", "jian", *PEOPLE))
            self.staff.do(who, "confirm trust", confirm_request, self.dice.choice(found))

    def _another_address(self) -> None:
        """Give somebody an address at which nobody is, or the right one again."""
        who = self.dice.choice(OWNERS)
        email = f"{who}@office.example" if self.dice.random() < 0.7 else GONE.format(self.dice.randint(1, 99))
        fields = {"code": who, "name": f"{who}同志", "unit": PEOPLE[who][0], "language": None}
        self.staff.do("fang", "address", edit_person, who, email=email, **fields)

    # Rules

    def _edit_calendar(self) -> None:
        day = self.office.today + timedelta(days=self.dice.randint(-2, 40))
        with reading(self.office.house.sessions) as session:
            stands = session.get(WorkingDay, day)
        if stands is None:
            return
        if stands.source == "own":
            otherwise = DayRow(day, day.weekday() < 5, None, "official")
            self.staff.do("lin", "withdraw day", withdraw_day, day, otherwise=otherwise)
        else:
            self.staff.do("lin", "own day", edit_days, [DayRow(day, not stands.is_working, "校庆", "own")])

    def _edit_ladder(self) -> None:
        """Put another ladder in force: what comes from now on begins with it."""
        ladder: dict[str, Any] = deepcopy(dict(self.office.policies.ladder))
        due_date = ladder["waits"]["due_date"]
        due_date["repeat_every"] = self.dice.randint(5, 12)
        due_date["rungs"][0]["at"] = f"T-{self.dice.randint(15, 30)}"
        self.staff.do(
            "lin", "ladder", change_policy, lifecycle=self.office.policies.lifecycle, ladder=ladder, reason="调整提醒"
        )

    def _more_measures(self) -> None:
        self.measures.append(plan_measure(self.dice, len(self.measures) + 1, self.office.today))
        import_ledger(self.office, self.measures)

    # Meetings

    def draw_up_month(self) -> None:
        """Draw up the month's agenda: freeze, print, invite."""
        held_on = self._working(self.office.today.replace(day=MEETS_ON))
        self.office.run("monthly", lambda house, moment: run_monthly(house, moment, held_on=held_on))

    def _working(self, day: date) -> date:
        return self.office.house.calendar().on_or_after(day)

    def _meeting(self) -> Meeting | None:
        """Return this month's meeting."""
        with reading(self.office.house.sessions) as session:
            return session.scalar(select(Meeting).where(Meeting.period == period_of(self.office.today)))

    def _meets_today(self) -> bool:
        meeting = self._meeting()
        return meeting is not None and meeting.held_on == self.office.today

    def _move_meeting(self) -> None:
        meeting = self._meeting()
        day = self.office.today + timedelta(days=self.dice.randint(1, 6))
        if meeting is None or meeting.held_on <= self.office.today or self.dice.random() < 0.3:
            self.staff.do("lin", "set meeting", set_meeting, day)
        elif self.dice.random() < 0.5:
            self.staff.do("lin", "move meeting", _move, meeting.id, day)
        else:
            self.office.run("monthly again", lambda house, moment: run_monthly(house, moment, again=True, held_on=day))

    def _call_off(self) -> None:
        meeting = self._meeting()
        if meeting is not None:
            self.staff.do("lin", "call off", call_off_meeting, meeting.held_on, reason="另行安排")

    def _meet(self) -> Iterator[None]:
        """Decide what is verified, and give tasks where somebody is late."""
        today = self.office.today
        for one in standings(self.office):
            common = {"meeting": today, "measure": one.code}
            if one.state is State.VERIFIED and self.dice.random() < 0.8:
                self._decide(DecisionKind.CLOSE, text="同意销号", **common)
                yield
            elif one.state is State.IN_PROGRESS and one.due is not None and one.due < today:
                if self.dice.random() < 0.2:
                    due = today + timedelta(days=self.dice.randint(5, 20))
                    self._decide(DecisionKind.TASK, text="专题研究", owner=one.owner, due=due, **common)
                    yield
                elif self.dice.random() < 0.1:
                    due = today + timedelta(days=self.dice.randint(20, 60))
                    self._decide(DecisionKind.EXTEND, text="同意延期", due=due, **common)
                    yield

    def _decide(self, kind: DecisionKind, **told: Any) -> None:
        who = self.dice.choice(("lin", "fang", "zhao", "shen"))
        self.staff.do(who, f"decide {kind.value}", record_decision, kind=kind, **told)

    def _tasks(self) -> None:
        """Finish a task that a meeting gave."""
        query = (
            select(Decision.meeting_id, Decision.number, Person.code)
            .join(Person, Person.id == Decision.owner_id)
            .outerjoin(DecisionDone, DecisionDone.decision_id == Decision.id)
            .where(Decision.kind == DecisionKind.TASK, DecisionDone.decision_id.is_(None))
            .order_by(Decision.id)
        )
        with reading(self.office.house.sessions) as session:
            found = session.execute(query).tuples().all()
        if found:
            meeting, number, owner = self.dice.choice(found)
            self.staff.do(owner, "finish task", _finish, meeting, number)

    # Papers

    def _papers(self) -> None:
        """Draw up a paper, or bring one of those that there are a step on."""
        with reading(self.office.house.sessions) as session:
            found = session.execute(select(Paper.draft_id, Paper.final_id, Paper.state).order_by(Paper.id)).all()
            drafts = list(session.scalars(select(Document.id).order_by(Document.id)))
        who = self.dice.choice(holders(self.office, Role.LEADING_GROUP))
        if not found or self.dice.random() < 0.3:
            self.staff.do("lin", "draw up", lambda desk: draw_up(self.office.house, desk, "lists"))
            return
        number, final, state = self.dice.choice(found)
        if state in {PaperState.DRAFT, PaperState.RETURNED}:
            self.staff.do("fang", "submit paper", submit, self.dice.choice([number, *drafts[-1:]]))
        elif state is PaperState.SUBMITTED and self.dice.random() < 0.7:
            self.staff.do(who, "approve paper", lambda desk: approve(self.office.house, desk, number))
        elif state is PaperState.SUBMITTED:
            self.staff.do(who, "return paper", return_paper, number, reason="数据有误")
        elif state is PaperState.APPROVED and self.dice.random() < 0.1:
            self.staff.do(who, "withdraw paper", withdraw_paper, final, reason="重新印发")


def _move(desk: Desk, meeting: int, day: date) -> None:
    move_meeting(desk, desk.session.get_one(Meeting, meeting), day)


def _finish(desk: Desk, meeting: int, number: int) -> None:
    finish_task(desk, desk.session.get_one(Meeting, meeting), number, note="已办结")
