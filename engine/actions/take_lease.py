"""The clock's lease: whoever holds it ticks; a second process finds it taken and does nothing.

A process holds it for a while and renews it.  Deployments on a Prefect server, which are no process, hold it until
it is given up for them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models import Lease
from models.database import Sessions, reading

FOR_GOOD = datetime(9999, 12, 31, tzinfo=UTC)


def take_lease(sessions: Sessions, *, name: str, holder: str, at: datetime, lasts: timedelta) -> bool:
    """Take or renew the lease; return whether `holder` has it until `at + lasts`.  One statement, on both databases."""
    with sessions.begin() as session:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = dialect.insert(Lease).values(name=name, holder=holder, until=at + lasts)
        taken = session.execute(
            fresh.on_conflict_do_update(
                index_elements=[Lease.name],
                set_={"holder": fresh.excluded.holder, "until": fresh.excluded.until},
                where=or_(Lease.holder == holder, Lease.until < at),
            ).returning(Lease.holder)
        )
        return taken.first() is not None


def drop_lease(sessions: Sessions, *, name: str, holder: str, at: datetime) -> None:
    """Give the lease back, so that another process need not wait for its end."""
    with sessions.begin() as session:
        mine = and_(Lease.name == name, Lease.holder == holder)
        session.execute(update(Lease).where(mine).values(until=at - timedelta(seconds=1)))


def keep_lease(sessions: Sessions, *, name: str, holder: str) -> None:
    """Give the lease to `holder` for good, whoever has it now: that process finds it taken at its next tick."""
    with sessions.begin() as session:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = dialect.insert(Lease).values(name=name, holder=holder, until=FOR_GOOD)
        session.execute(
            fresh.on_conflict_do_update(
                index_elements=[Lease.name], set_={"holder": fresh.excluded.holder, "until": fresh.excluded.until}
            )
        )


def lease_keeper(sessions: Sessions, *, name: str) -> str | None:
    """Return who holds the lease for good, if anybody does."""
    with reading(sessions) as session:
        return session.scalar(select(Lease.holder).where(Lease.name == name, Lease.until == FOR_GOOD))


def free_lease(sessions: Sessions, *, name: str) -> bool:
    """End what `keep_lease` began; return whether there was anything to end."""
    with sessions.begin() as session:
        kept = delete(Lease).where(Lease.name == name, Lease.until == FOR_GOOD).returning(Lease.name)
        return session.execute(kept).first() is not None
