"""The SQLAlchemy ORM on the plain tables, object by object, with everything loaded beforehand (eager)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, foreign, joinedload, relationship

from bench import plain
from bench.core import opened
from bench.floor import ACTOR, DIGEST, STATES
from bench.plain import NEXT, TODAY, UNITS
from bench.timing import stopwatch


class Base(DeclarativeBase):
    """The plain tables as classes."""

    metadata = plain.metadata


class Person(Base):
    """Who owns measures, and whose superior hears of them."""

    __table__ = plain.person


class Measure(Base):
    """One measure, its next check on its own row."""

    __table__ = plain.measure
    owner: Mapped[Person] = relationship(
        primaryjoin=lambda: foreign(plain.measure.c.owner_id) == plain.person.c.id, viewonly=True
    )


class Escalation(Base):
    """One rung."""

    __table__ = plain.escalation


class Audit(Base):
    """One thing that happened."""

    __table__ = plain.audit


class Notification(Base):
    """One thing to be said."""

    __table__ = plain.notification
    measure: Mapped[Measure] = relationship(
        primaryjoin=lambda: foreign(plain.notification.c.measure_id) == plain.measure.c.id, viewonly=True
    )
    person: Mapped[Person] = relationship(
        primaryjoin=lambda: foreign(plain.notification.c.person_id) == plain.person.c.id, viewonly=True
    )


def lifecycle(url: str, order: Sequence[tuple[int, int]]) -> float:
    """W1: load, change, add an audit record, commit."""
    with opened(url) as engine, stopwatch() as watch:
        for number, step in order:
            with Session(engine) as session, session.begin():
                measure: Any = session.get_one(Measure, number)
                assert measure.state == STATES[step]
                measure.state = STATES[step + 1]
                session.add(
                    Audit(
                        measure_id=number,
                        actor_id=ACTOR,
                        from_state=STATES[step],
                        to_state=STATES[step + 1],
                        at=TODAY,
                    )
                )
    return watch.seconds


def sweep(url: str) -> float:
    """W2: load what is due with its owner, and write for each one in a loop; one commit."""
    query = select(Measure).where(plain.measure.c.next_check <= TODAY).options(joinedload(Measure.owner))
    with opened(url) as engine, stopwatch() as watch, Session(engine) as session, session.begin():
        found: Sequence[Any] = session.scalars(query).all()
        for measure in found:
            session.add(Escalation(measure_id=measure.id, level=measure.level, at=TODAY))
            session.add(Audit(measure_id=measure.id, at=TODAY))
            session.add(
                Notification(
                    measure_id=measure.id, person_id=measure.owner.superior_id, level=measure.level, state="pending"
                )
            )
            measure.level += 1
            measure.next_check = NEXT
    return watch.seconds


def digest(url: str) -> float:
    """W3: load what waits with its measure and person, render, mark each."""
    query = (
        select(Notification)
        .where(plain.notification.c.state == "pending")
        .options(joinedload(Notification.measure), joinedload(Notification.person))
        .order_by(plain.notification.c.person_id, plain.notification.c.id)
    )
    with opened(url) as engine, stopwatch() as watch, Session(engine) as session, session.begin():
        messages: dict[int, tuple[str, list[dict[str, Any]]]] = {}
        found: Sequence[Any] = session.scalars(query).all()
        for one in found:
            line = {"level": one.level, "measure": one.measure.id, "text": one.measure.text}
            messages.setdefault(one.person_id, (one.person.name, []))[1].append(line)
            one.state = "sent"
        for name, lines in messages.values():
            DIGEST.render(name=name, lines=lines)
    return watch.seconds


def page(url: str, times: int) -> float:
    """W4: return the mean seconds of a unit's first 50 open measures by due date."""
    with opened(url) as engine, stopwatch() as watch:
        for number in range(times):
            query = (
                select(Measure)
                .where(plain.measure.c.unit_id == number % UNITS + 1, plain.measure.c.state == "in_progress")
                .options(joinedload(Measure.owner))
                .order_by(plain.measure.c.due)
                .limit(50)
            )
            with Session(engine) as session:
                session.connection(execution_options={"reads_only": True})
                session.scalars(query).all()
    return watch.seconds / times
