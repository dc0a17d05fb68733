"""The plain tables that the floor, SQLAlchemy Core and the ORM work on, and how they are filled: in SQL, in seconds.

Two designs stand side by side: the next check on the measure's own row, and a narrow timer table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    cast,
    create_engine,
    event,
    func,
    insert,
    literal,
    select,
    text,
)

TODAY, NEXT = date(2025, 9, 10), date(2025, 9, 24)
LATER = tuple(date(2025, 12, 1) + timedelta(days=number) for number in range(20))  #: when what is not due will be
TEXT = (
    "修订完善局机关公务接待管理办法并组织全体干部学习培训建立台账逐项对照自查自纠形成长效机"
    "制每季度向党组报告执行情况接受驻局纪检组监督检查确保整改落实到位见底到边不"
)  #: 80 characters
UNITS, SUPERIORS, PEOPLE = 50, 500, 2000

metadata = MetaData()
_Id = BigInteger().with_variant(Integer(), "sqlite")

person = Table(
    "person",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(50), nullable=False),
    Column("superior_id", _Id, nullable=False),
)
measure = Table(
    "measure",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("text", Text, nullable=False),
    Column("owner_id", _Id, nullable=False),
    Column("unit_id", _Id, nullable=False),
    Column("state", String(20), nullable=False),
    Column("due", Date, nullable=False),
    Column("level", Integer, nullable=False),
    Column("next_check", Date, nullable=False),
    Index("ix_measure_next_check", "next_check"),
    Index("ix_measure_unit_state_due", "unit_id", "state", "due"),
)
timer = Table(
    "timer",
    metadata,
    Column("fires_on", Date, primary_key=True),
    Column("measure_id", _Id, primary_key=True),
    Column("level", Integer, nullable=False),
    sqlite_with_rowid=False,
)
escalation = Table(
    "escalation",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("measure_id", _Id, nullable=False),
    Column("level", Integer, nullable=False),
    Column("at", Date, nullable=False),
    UniqueConstraint("measure_id", "level"),
)
audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("measure_id", _Id, nullable=False),
    Column("actor_id", _Id),
    Column("from_state", String(20)),
    Column("to_state", String(20)),
    Column("at", Date, nullable=False),
    Index("ix_audit_measure_id", "measure_id"),
)
notification = Table(
    "notification",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("measure_id", _Id, nullable=False),
    Column("person_id", _Id, nullable=False),
    Column("level", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Index("ix_notification_person_id", "person_id"),
)
counter = Table(
    "counter",
    metadata,
    Column("unit_id", _Id, primary_key=True),
    Column("state", String(20), primary_key=True),
    Column("measures", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a ledger is, and how much of it is due today."""

    measures: int
    due: int


def fill_plain(url: str, size: Size, *, state: str = "in_progress") -> None:
    """Create the tables in an empty database and fill them."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
    metadata.create_all(engine)
    with engine.begin() as connection:
        _fill(connection, size, state)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _fill(connection: Connection, size: Size, state: str) -> None:
    people = numbers(PEOPLE)
    connection.execute(
        insert(person).from_select(
            ["id", "name", "superior_id"],
            select(people.c.n, literal("干部") + cast(people.c.n, String), people.c.n % SUPERIORS + 1),
        )
    )
    each = numbers(size.measures)
    later = case({number: literal(day) for number, day in enumerate(LATER)}, value=each.c.n % len(LATER))
    next_check = case((is_due(each.c.n, size), literal(TODAY)), else_=later)
    connection.execute(
        insert(measure).from_select(
            ["id", "text", "owner_id", "unit_id", "state", "due", "level", "next_check"],
            select(
                each.c.n,
                literal(TEXT),
                each.c.n % PEOPLE + 1,
                each.c.n % UNITS + 1,
                literal(state),
                next_check,
                literal(0),
                next_check,
            ),
        )
    )
    connection.execute(
        insert(timer).from_select(
            ["fires_on", "measure_id", "level"],
            select(measure.c.next_check, measure.c.id, literal(0)).order_by(measure.c.next_check, measure.c.id),
        )
    )
    connection.execute(
        insert(counter).from_select(
            ["unit_id", "state", "measures"],
            select(measure.c.unit_id, measure.c.state, func.count()).group_by(measure.c.unit_id, measure.c.state),
        )
    )


def numbers(count: int) -> CTE:
    """Return the numbers 1 to `count` as rows, in either database."""
    rows = select(literal(1).label("n")).cte("numbers", recursive=True)
    return rows.union_all(select(rows.c.n + 1).where(rows.c.n < count))


def is_due(number: ColumnElement[int], size: Size) -> ColumnElement[bool]:
    """Return whether measure `number` is due today: `size.due` of all, strewn over the whole ledger."""
    strewn = (cast(number, BigInteger) * 618_033_989) % size.measures  # a prime: every remainder comes once
    return strewn < literal(size.due)
