"""What the people of the sample do on a day: every step is one of the product's own actions, by the person it is for.

The play calls `act` once a day, after the morning's run.  Texts of reports and decisions are Chinese by nature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from sqlalchemy import select

from demo.sample import CourseKind, Sample, SampleMeasure
from demo.verdicts import pass_it, return_it
from engine.actions.accept_measure import accept_measure
from engine.actions.attach_evidence import attach_evidence
from engine.actions.confirm_co_unit import confirm_co_unit
from engine.actions.decide_extension import decide_extension
from engine.actions.desk import Desk, find_round
from engine.actions.record_decision import record_decision
from engine.actions.report_progress import report_progress
from engine.actions.request_extension import request_extension
from engine.actions.start_verification import start_verification, waiting_for_verifier
from engine.actions.submit_measure import submit_measure
from engine.now import moment_on
from engine.rules.vocabulary import Role, State
from engine.rules.working_days import WorkingCalendar
from flows.house import House
from models import DecisionKind, Measure, Person, Timer, Verification
from models.database import reading

VERDICT_AFTER = 2  #: working days that a verifier takes
RULING_AFTER = 2  #: working days that an approver takes
REPORT_BEFORE = 2  #: working days before the report day on which most people report
AFTERNOON = 15  #: o'clock: people act after the morning's run
EVIDENCE = ("印发文件及会议纪要", "现场核查记录和照片", "制度文本和培训签到表", "整改前后对比材料", "验收意见书")

Step = Callable[[Desk], object]


@dataclass(slots=True)
class Cast:
    """Everybody of the sample, ready to act in a house."""

    house: House
    sample: Sample
    calendar: WorkingCalendar
    round: str  #: code
    steps: dict[date, list[tuple[str, Step]]] = field(default_factory=lambda: defaultdict(list))
    by_code: dict[str, SampleMeasure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_code = {measure.code: measure for measure in self.sample.measures()}
        for measure in self.by_code.values():
            self._plan(measure)

    def act(self, day: date) -> None:
        """Let everybody do what they do on `day`."""
        for person, step in self.steps.pop(day, ()):
            self._do(day, person, step)
        if self.calendar.is_working(day):
            self._trigger_verification(day)
            self._judge(day)
            self._report(day)

    def _do(self, day: date, person: str, step: Step) -> None:
        moment = moment_on(day, self.house.zone, hour=AFTERNOON)
        with self.house.sessions.begin() as session:
            step(Desk(session=session, moment=moment, calendar=self.calendar, person=person, round=self.round))

    def _plan(self, measure: SampleMeasure) -> None:
        course, code = measure.course, measure.code
        self._at(course.accepts_on, measure.owner, partial(accept_measure, code=code))
        for number, day in enumerate(one for one in (course.first_submits_on, course.submits_on) if one):
            if number == 0:
                for unit in measure.co_units:
                    self._at(day, self._voice_of(unit), partial(confirm_co_unit, code=code))
            name = f"{EVIDENCE[hash_of(code, number)]}({code})"
            self._at(day, measure.owner, partial(attach_evidence, code=code, name=name))
            self._at(day, measure.owner, partial(submit_measure, code=code))
        if course.asks_on and course.asks_for:
            self._at(
                course.asks_on,
                measure.owner,
                partial(request_extension, code=code, new_due=course.asks_for, reason=course.reason or "申请延期"),
            )
            ruling = partial(
                decide_extension, code=code, approve=course.answer is None, reason=course.answer or "同意延期"
            )
            self._at(self.calendar.shift(course.asks_on, RULING_AFTER), measure.lead, ruling)

    def _at(self, day: date, person: str, step: Step) -> None:
        self.steps[day].append((person, step))

    def _voice_of(self, unit: str) -> str:
        """Return who speaks for a co-unit: its head, or the first person it has."""
        people = [person for person in self.sample.people if person.unit == unit]
        return min(people, key=lambda person: Role.UNIT_HEAD not in person.roles).code

    @property
    def coordinator(self) -> str:
        """The coordinator who does the daily work."""
        return self.sample.holders(Role.COORDINATOR)[0].code

    def _trigger_verification(self, day: date) -> None:
        def trigger(desk: Desk) -> None:
            codes = waiting_for_verifier(desk, find_round(desk.session, self.round).id)
            start_verification(
                desk,
                [code for code in codes if self.by_code[code].course.submits_on != self.sample.ends_on],
                checklist=self.house.policies.checklist,
            )

        self._do(day, self.coordinator, trigger)

    def _judge(self, day: date) -> None:
        checklist = self.house.policies.checklist
        with reading(self.house.sessions) as session:
            waiting = session.execute(
                select(Measure.code, Verification.requested_on, Verification.started_on, Person.code)
                .join(Verification, Verification.measure_id == Measure.id)
                .join(Person, Person.id == Verification.verifier_id)
                .where(Verification.verdict.is_(None), Measure.state == State.SUBMITTED)
                .order_by(Measure.position)
            ).all()
        for code, requested_on, started_on, verifier in waiting:
            measure = self.by_code[code]
            course = measure.course
            if course.first_submits_on == requested_on:
                if course.returned_on == day:
                    step = partial(return_it, measure=measure, checklist=checklist, reason=course.reason)
                    self._do(day, verifier, step)
            elif course.kind is not CourseKind.OPEN_SUBMITTED and day >= self.calendar.shift(started_on, VERDICT_AFTER):
                step = partial(pass_it, measure=measure, checklist=checklist, number=sum(map(ord, code)))
                self._do(day, verifier, step)

    def _report(self, day: date) -> None:
        """Let owners report shortly before the report day; those in trouble forget it every other month."""
        due = self.calendar.shift(day, REPORT_BEFORE)
        with reading(self.house.sessions) as session:
            waiting = session.execute(
                select(Measure.code, Person.code)
                .join(Timer, (Timer.measure_id == Measure.id) & (Timer.waits_for == "monthly_report"))
                .join(Person, Person.id == Measure.owner_id)
                .where(Timer.deadline <= due, Measure.state == State.IN_PROGRESS)
                .order_by(Measure.position)
            ).all()
        for code, owner in waiting:
            measure = self.by_code[code]
            in_trouble = measure.course.kind in {CourseKind.ESCALATED, CourseKind.OPEN_OVERDUE}
            if in_trouble and day.month % 2 and day.day <= 30:  # noqa: PLR2004 - the month's last days catch up
                continue
            percent, text = progress_on(measure, day, self.sample.ends_on)
            self._do(day, owner, partial(report_progress, code=code, percent=percent, text=text))

    def decide(self, day: date) -> None:
        """Record the meeting's decisions: close what is verified, set a task for what was escalated."""
        with reading(self.house.sessions) as session:
            rows = session.execute(
                select(Measure.code, Measure.state, Measure.due)
                .where(Measure.state.in_({State.VERIFIED, State.IN_PROGRESS}))
                .order_by(Measure.position)
            ).all()
        for code, state, due in rows:
            if state is State.VERIFIED:
                step = partial(
                    record_decision, meeting=day, kind=DecisionKind.CLOSE, measure=code, text="核验通过，同意销号。"
                )
                self._do(day, self.coordinator, step)
            elif due is not None and self.calendar.between(due, day) > LATE_FOR_THE_GROUP and day < self.sample.ends_on:
                lead = self.by_code[code].lead
                step = partial(
                    record_decision,
                    meeting=day,
                    kind=DecisionKind.TASK,
                    measure=code,
                    text=f"由{lead}牵头专题研究，限期拿出推进办法，下次会议报告结果。",
                    owner=lead,
                    due=self.calendar.shift(day, 10),
                )
                self._do(day, self.coordinator, step)


LATE_FOR_THE_GROUP = 10  #: working days after which a measure is the leading group's


def hash_of(code: str, number: int) -> int:
    """Return a small number that is the same in every play."""
    return (sum(map(ord, code)) + number) % len(EVIDENCE)


def progress_on(measure: SampleMeasure, day: date, ends_on: date) -> tuple[int, str]:
    """Return what the owner would report on `day`: a percentage that grows with time, and a text."""
    course = measure.course
    until = course.submits_on or ends_on
    share = (day - course.accepts_on).days / max((until - course.accepts_on).days, 1)
    percent = max(5, min(95, round(share * 95 / 5) * 5))
    if course.reason and measure.due and day > measure.due and course.kind is not CourseKind.RETURNED_ONCE:
        return percent, course.reason
    if percent < 35:  # noqa: PLR2004 - stages of the work
        return percent, "已明确任务分工和时间节点，正在调研摸底，起草初稿。"
    if percent < 70:  # noqa: PLR2004 - stages of the work
        return percent, "初稿已形成，正在征求意见、修改完善，相关工作按计划推进。"
    return percent, "主体工作基本完成，正在收尾并整理佐证材料，准备申请核验。"
