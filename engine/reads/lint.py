"""Finds, before it matters, what would fall silent: empty rungs, absences in a circle, a calendar that ends.

`duban lint` prints the findings.  Changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.reads.due_timers import DueTimer, measure_codes, read_timers, timers_query
from engine.reads.grants import read_grants, read_members
from engine.reads.left_open import UNREACHED, read_left_open
from engine.reads.open_matters import IS_IDLE_TASK, open_matters
from engine.reads.other_waits import STANDS, OtherTold, read_others
from engine.reads.people_names import People, read_people
from engine.reads.trust import read_holders
from engine.reads.work_record import present_of, read_work_of_round
from engine.rules.ladder import LadderBook, parse_ladders
from engine.rules.names import ROLE_NAMES, WAIT_NAMES
from engine.rules.notice_season import provisional_words
from engine.rules.recipients import is_held
from engine.rules.recusal import recused_of
from engine.rules.text import N_, Text
from engine.rules.trust import is_alone
from engine.rules.vocabulary import OPEN_STATES, AnyWait, MeasureClass, Role, State
from engine.rules.working_days import WorkingCalendar
from models import (
    Decision,
    DecisionKind,
    Measure,
    Meeting,
    OtherTimer,
    Person,
    Policy,
    RoleGrant,
    StuckTimer,
    Timer,
    Unit,
)

CALENDAR_RESERVE = timedelta(days=366)  #: how far past the last deadline the calendar must reach

TOLD = 10  #: of the people concerned, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing to mend."""

    is_grave: bool  #: something will be missed; else it merely deserves a look
    text: Text
    codes: tuple[str, ...] = ()  #: the measures concerned, at most ten
    count: int = 0  #: how many measures are concerned


def lint_round(session: Session, *, round_id: int, calendar: WorkingCalendar, as_of: date) -> list[LintFinding]:
    """Return all findings, the grave ones first.  A constant number of statements."""
    codes = measure_codes(session, round_id)
    others = read_others(session, OtherTimer.round_id == round_id, STANDS)
    measures = read_timers(session, timers_query().where(Measure.round_id == round_id))
    timers = [*measures, *(one.timer for one in others)]
    people = read_people(session)
    found = [
        *_without_timer(session, round_id),
        *_others_without_timer(session, round_id, others, as_of),
        *_empty_rungs(session, timers, codes),
        *_without_coordinator(session, timers),
        *_trust(session),
        *_left_open(session, codes, as_of),
        *_without_head(session, round_id),
        *_without_judges(session, round_id, as_of),
        *_absences(people, as_of),
        *_calendar(calendar, timers),
        *_provisional(calendar, timers, codes, as_of),
        *_stuck(session, codes, as_of),
        *_stuck_others(session, others, as_of),
        *_incomplete(session, round_id),
    ]
    return sorted(found, key=lambda finding: not finding.is_grave)


def _finding(text: Text, codes: list[str], *, is_grave: bool) -> LintFinding:
    return LintFinding(is_grave=is_grave, text=text, codes=tuple(sorted(codes)[:10]), count=len(codes))


def _without_timer(session: Session, round_id: int) -> Iterator[LintFinding]:
    lost = session.scalars(
        select(Measure.code).where(
            Measure.round_id == round_id,
            Measure.state.in_(OPEN_STATES),
            ~select(Timer.measure_id).where(Timer.measure_id == Measure.id).exists(),
        )
    ).all()
    if lost:
        yield _finding(N_("open measures that wait for nothing: nobody will be reminded"), list(lost), is_grave=True)


def _others_without_timer(
    session: Session, round_id: int, others: Sequence[OtherTold], as_of: date
) -> Iterator[LintFinding]:
    """Find what waits besides measures and has no ladder yet, or never will: the record names neither who nor when."""
    stands = Counter(one.waits_for for one in others)
    waits = Counter(one.waits_for for one in open_matters(session, as_of) if one.round == round_id)
    for wait, count in (waits - stands).items():
        text = N_(
            "{wait}: {count} without a ladder; the next daily run gives it",
            wait=WAIT_NAMES[wait],
            count=count,
        )
        yield _finding(text, [], is_grave=False)
    nobody = session.execute(
        select(Meeting.period, Decision.number)
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(IS_IDLE_TASK, Meeting.round_id == round_id)
        .order_by(Meeting.period, Decision.number)
    ).tuples()
    if codes := [f"{period}/{number}" for period, number in nobody]:
        text = N_("tasks of meetings that name neither an owner nor a day: nobody is reminded")
        yield _finding(text, codes, is_grave=False)


def _empty_rungs(session: Session, timers: list[DueTimer], codes: dict[int, str]) -> Iterator[LintFinding]:
    books: dict[int, LadderBook] = {
        policy.id: parse_ladders(policy.ladder) for policy in session.scalars(select(Policy))
    }
    grants = read_grants(session)
    units = dict(session.execute(select(Unit.id, Unit.name)).tuples().all())
    empty: dict[tuple[AnyWait, int, tuple[Role, ...], int | None], list[str]] = defaultdict(list)
    for timer in timers:
        ladder = books[timer.policy].ladders[timer.waits_for]
        held = is_held(timer.addressed, grants)
        for number in range(min(timer.rung, len(ladder.rungs) - 1), len(ladder.rungs)):
            if not held(rung := ladder.rung(number)):
                to = rung.to
                unit = timer.addressed.unit if Role.UNIT_HEAD in to else None
                empty[timer.waits_for, number, to, unit].append(timer.code or codes[timer.measure])
    for (waits_for, number, to, unit), concerned in empty.items():
        text = N_(
            "{wait}, step {step}: nobody is {roles}{unit}",
            wait=WAIT_NAMES[waits_for],
            step=number + 1,
            roles=tuple(ROLE_NAMES[role] for role in to),
            unit=N_(" ({unit})", unit=units[unit]) if unit in units else "",
        )
        is_last = Role.LEADING_GROUP in to or Role.COORDINATOR in to
        yield _finding(text, concerned, is_grave=is_last)


def _without_coordinator(session: Session, timers: list[DueTimer]) -> Iterator[LintFinding]:
    held = session.scalar(select(func.count()).where(RoleGrant.role == Role.COORDINATOR))
    if timers and not held:
        text = N_("nobody is coordinator: empty steps and failures would be reported to nobody")
        yield _finding(text, [], is_grave=True)


def _trust(session: Session) -> Iterator[LintFinding]:
    """Say that one person acts alone, or that nobody else could confirm anything."""
    holders = read_holders(session)
    if not holders:
        return
    if is_alone(holders):
        names = tuple(holder.name for holder in holders.values())
        text = N_("only one person holds trust ({names}) and acts without a second person's word", names=names)
        yield _finding(text, [], is_grave=False)
    elif is_alone(number for number, holder in holders.items() if not holder.is_shut_out):
        text = N_("of those who hold trust all but one are shut out: nothing can be confirmed")
        yield _finding(text, [], is_grave=True)


def _left_open(session: Session, codes: dict[int, str], as_of: date) -> Iterator[LintFinding]:
    known = set(codes.values())
    for one in read_left_open(session, as_of):
        text = N_(
            "{person} is shut out, and {count} open matters wait for them; duban person hand-over gives them to others",
            person=one.name,
            count=one.count,
        )
        yield _finding(text, sorted(one.codes & known), is_grave=True)
    if unreached := read_left_open(session, as_of, UNREACHED):
        text = N_(
            "nothing reaches {count} people for whom open matters wait, without e-mail or a way in: {people}; "
            "duban person invite lets them in, duban person hand-over gives to others what waits for them",
            people=tuple(one.name for one in unreached[:TOLD]),
            count=len(unreached),
        )
        concerned = {code for one in unreached for code in one.codes}
        yield _finding(text, sorted(concerned & known), is_grave=True)


def _without_head(session: Session, round_id: int) -> Iterator[LintFinding]:
    """Find units whose head nobody is: no rung may be empty, as the owner hears each that speaks to the head."""
    headed = [unit for role, unit in read_grants(session) if role is Role.UNIT_HEAD]
    rows = session.execute(
        select(Unit.name, Measure.code)
        .join(Unit, Unit.id == Measure.unit_id)
        .where(Measure.round_id == round_id, Measure.state.in_(OPEN_STATES), Unit.id.not_in(headed))
        .order_by(Unit.name)
    ).tuples()
    of_units: dict[str, list[str]] = defaultdict(list)
    for unit, code in rows:
        of_units[unit].append(code)
    if of_units:
        text = N_(
            "{count} units have no head, who would hear what is overdue and sign off what is submitted: {units}",
            count=len(of_units),
            units=tuple(of_units)[:TOLD],
        )
        yield _finding(text, [code for codes in of_units.values() for code in codes], is_grave=False)


def _without_judges(session: Session, round_id: int, as_of: date) -> Iterator[LintFinding]:
    """Find measures that nobody may verify, and those on which no member of the leading group could decide."""
    verifiers = session.execute(
        select(Person.id, Person.unit_id).where(
            Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == Role.VERIFIER))
        )
    ).all()
    measures = session.scalars(
        select(Measure).where(Measure.round_id == round_id, Measure.state.in_(OPEN_STATES))
    ).all()
    works = read_work_of_round(session, round_id, {one.id: present_of(one) for one in measures}, as_of)
    stranded = [
        one.code
        for one in measures
        if one.owner_id is not None
        and one.state is not State.VERIFIED
        and all(works[one.id].ground_of(person, home) is not None for person, home in verifiers)
    ]
    if stranded:
        yield _finding(N_("nobody may verify: every verifier is too near"), stranded, is_grave=True)
    members = read_members(session)
    undecided = [
        one.code
        for one in measures
        if members and len(recused_of(DecisionKind.CLOSE.value, works[one.id], members)) == len(members)
    ]
    if undecided:
        text = N_(
            "nobody could decide: everybody of the leading group ({names}) has worked on it",
            names=tuple(members.values()),
        )
        yield _finding(text, undecided, is_grave=True)


def _absences(people: People, as_of: date) -> Iterator[LintFinding]:
    for person, spans in people.absences.items():
        for first, last, _ in spans:
            day = max(first, as_of)
            if day <= last and people.receiver(person, day) == person:
                text = N_(
                    "{person} is away from {first} to {last}, and so is everyone who stands in",
                    person=people.names[person],
                    first=first,
                    last=last,
                )
                yield _finding(text, [], is_grave=False)


def _calendar(calendar: WorkingCalendar, timers: list[DueTimer]) -> Iterator[LintFinding]:
    if not timers:
        return
    latest = max(timer.deadline for timer in timers)
    if calendar.last < latest + CALENDAR_RESERVE:
        text = N_("the calendar ends on {last}, too near to the deadline {latest}", last=calendar.last, latest=latest)
        yield _finding(text, [], is_grave=True)


def _provisional(
    calendar: WorkingCalendar, timers: list[DueTimer], codes: dict[int, str], as_of: date
) -> Iterator[LintFinding]:
    years: dict[int, set[str]] = defaultdict(set)
    for timer in timers:
        if calendar.is_provisional(timer.deadline):
            years[timer.deadline.year].add(timer.code or codes[timer.measure])
    for year, concerned in sorted(years.items()):
        is_grave = year <= as_of.year  # days off are counted as worked already
        yield _finding(provisional_words(year, as_of), list(concerned), is_grave=is_grave)


def _stuck(session: Session, codes: dict[int, str], as_of: date) -> Iterator[LintFinding]:
    recent = as_of - timedelta(days=7)
    stuck = session.execute(
        select(StuckTimer.measure_id, func.max(StuckTimer.error))
        .where(StuckTimer.on >= recent)
        .group_by(StuckTimer.measure_id)
    ).all()
    for measure, error in stuck:
        if measure in codes:
            yield _finding(N_("a deadline could not be handled: {error}", error=error), [codes[measure]], is_grave=True)


def _stuck_others(session: Session, others: Sequence[OtherTold], as_of: date) -> Iterator[LintFinding]:
    codes = {one.timer.measure: str(one.timer.code) for one in others}
    stuck = session.execute(
        select(StuckTimer.other_timer_id, func.max(StuckTimer.error))
        .where(StuckTimer.on >= as_of - timedelta(days=7), StuckTimer.other_timer_id.in_(codes))
        .group_by(StuckTimer.other_timer_id)
    ).tuples()
    for timer, error in stuck:
        if timer is not None:
            yield _finding(N_("a deadline could not be handled: {error}", error=error), [codes[timer]], is_grave=True)


def _incomplete(session: Session, round_id: int) -> Iterator[LintFinding]:
    rows = session.execute(
        select(
            Measure.code, Measure.owner_id, Measure.lead_id, Measure.unit_id, Measure.due, Measure.measure_class
        ).where(Measure.round_id == round_id, Measure.state.in_(OPEN_STATES))
    ).all()
    for name, text in (
        ("owner_id", N_("measures without an owner")),
        ("lead_id", N_("measures without a responsible leader")),
        ("unit_id", N_("measures without a responsible unit")),
        ("due", N_("measures without a due date that are not continuous")),
    ):
        open_ended = MeasureClass.CONTINUOUS if name == "due" else None
        lacking = [row.code for row in rows if getattr(row, name) is None and row.measure_class is not open_ended]
        if lacking:
            yield _finding(text, lacking, is_grave=False)
