"""What every table shares: the declarative base, names for constraints, and the column types.

Moments are stored as UTC and come back aware; enumerations are stored by value, held by a check constraint.
"""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Enum, ForeignKey, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from engine.rules.vocabulary import Level, MeasureClass, Role, Slip, State, UnitKind, WaitsFor

#: SQLite only counts up an INTEGER primary key; PostgreSQL gets the wide one.
BigId = BigInteger().with_variant(Integer(), "sqlite")

#: Marks a table (`info`) that triggers fill from the others: it is in no backup.
FOLLOWS = "follows"


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; hand an aware one on in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive moment {value!r}: every stored moment is aware"
            raise ValueError(msg)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def kept_by_value(kind: type[enum.StrEnum], *, name: str | None = None) -> Enum:
    """Return the column type for an enumeration: short text, its values held by a check constraint.

    A table with two columns of one kind gives each constraint its own `name`: PostgreSQL wants them distinct.
    """
    return Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to declare it
        datetime: UtcMoment,
        date: Date,
        str: Text,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        State: kept_by_value(State),
        MeasureClass: kept_by_value(MeasureClass),
        Level: kept_by_value(Level),
        UnitKind: kept_by_value(UnitKind),
        Role: kept_by_value(Role),
        WaitsFor: kept_by_value(WaitsFor),
        Slip: kept_by_value(Slip),
    }


Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Code = Annotated[str, mapped_column(String(64))]
#: A code that is sorted sign by sign everywhere, so that an index finds all that begin alike.
InOrder = Annotated[str, mapped_column(String(64).with_variant(String(64, collation="C"), "postgresql"))]
Short = Annotated[str, mapped_column(String(200))]


def refers_to(target: str, *, index: bool = False) -> Any:
    """Return a foreign-key column; deleting what others refer to is refused by the database."""
    return mapped_column(BigId, ForeignKey(target, ondelete="RESTRICT"), index=index)
