"""Units, people, what they may be asked for, and who stands in for whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.rules.vocabulary import Role, UnitKind
from models.base import Base, Code, Id, Short, refers_to


class Unit(Base):
    """A unit (单位) in the organisation's tree."""

    __tablename__ = "unit"
    id: Mapped[Id]
    name: Mapped[Short]
    kind: Mapped[UnitKind]
    parent_id: Mapped[int | None] = refers_to("unit.id")
    __table_args__ = (UniqueConstraint("name"),)


class Person(Base):
    """A person who signs in, owns, verifies or decides."""

    __tablename__ = "person"
    id: Mapped[Id]
    code: Mapped[Code]  #: sign-in name
    name: Mapped[Short]
    unit_id: Mapped[int] = refers_to("unit.id", index=True)
    email: Mapped[Short | None]
    language: Mapped[Code | None]  #: zh_CN or en; None: the house's default
    came_in_at: Mapped[datetime | None]  #: when they first signed in, by whichever way
    shut_out_at: Mapped[datetime | None]  #: None: not, or a coordinator has let them in again
    __table_args__ = (UniqueConstraint("code"), Index("ix_person_name", "name"))


class FormerUnit(Base):
    """A unit that somebody was in, and the day on which they left it for another."""

    __tablename__ = "former_unit"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id", index=True)
    unit_id: Mapped[int] = refers_to("unit.id")
    left_on: Mapped[date] = mapped_column(index=True)


class RoleGrant(Base):
    """A role granted to a person; for UNIT_HEAD the unit it is granted for."""

    __tablename__ = "role_grant"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    role: Mapped[Role]
    unit_id: Mapped[int | None] = refers_to("unit.id")
    __table_args__ = (UniqueConstraint("person_id", "role", "unit_id"), Index("ix_role_grant_role", "role"))


class Absence(Base):
    """A dated absence with a substitute, who receives and may act in the person's place."""

    __tablename__ = "absence"
    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id", index=True)
    substitute_id: Mapped[int] = refers_to("person.id", index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    lends_trust: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: the substitute holds the trusted roles, too: a second person has confirmed it
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("person_id <> substitute_id", name="substitute_is_another"),
    )
