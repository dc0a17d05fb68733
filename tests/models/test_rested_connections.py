"""A connection of the pool that has lost its server while it rested is replaced, not handed out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from models import database
from models.database import open_database

OWN = text("SELECT pg_backend_pid()")


@pytest.fixture
def lost(postgres_database: Engine) -> Iterator[Engine]:
    """Give an engine whose only connection, back in the pool, was ended by the server."""
    url = postgres_database.url.render_as_string(hide_password=False)
    engine, others = open_database(url), create_engine(postgres_database.url)
    with engine.connect() as connection:
        number = connection.scalar(OWN)
    with others.connect() as other:
        assert other.scalar(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
    yield engine
    engine.dispose()
    others.dispose()


def test_connection_when_it_has_rested_is_replaced(lost: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "RESTED_SECONDS", 0)
    with lost.connect() as connection:
        assert connection.scalar(OWN)


def test_connection_when_it_was_in_use_just_now_is_not_looked_at(lost: Engine) -> None:
    with lost.connect() as connection, pytest.raises(OperationalError):
        connection.scalar(OWN)
    with lost.connect() as connection:
        assert connection.scalar(OWN), "the pool has thrown it away"
