"""The clock's lease: whoever holds it ticks; a second process finds it taken and does nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from models import Lease
from models.database import Sessions


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
