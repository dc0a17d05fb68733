"""Whether anything was changed: a fingerprint of every table."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Engine, select

from models import Base
from models.base import FOLLOWS


def fingerprints(engine: Engine) -> dict[str, str]:
    """Return table → hash of all its rows, in the order of their keys; not of what follows from other tables."""
    with engine.connect() as connection:
        return {
            table.name: sha256(
                repr(connection.execute(select(table).order_by(*table.primary_key.columns)).all()).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
            if not table.info.get(FOLLOWS)
        }
