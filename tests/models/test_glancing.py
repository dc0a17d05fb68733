"""A glance reads what is committed, on both databases, and leaves the connection as it was."""

from __future__ import annotations

from sqlalchemy import Engine, text

from models.database import glancing, open_database, sessions_of
from tests.factories import build_unit


def test_glance_when_a_unit_was_added_meanwhile_sees_it_and_holds_up_nobody(database: Engine) -> None:
    sessions = sessions_of(database)
    count = text("SELECT count(*) FROM unit")
    with glancing(sessions) as looking:
        before = looking.scalar(count)
    with sessions.begin() as writing:
        build_unit(writing)
        with glancing(sessions) as looking:
            assert looking.scalar(count) == before
    with glancing(sessions) as looking:
        assert looking.scalar(count) == before + 1


def test_glance_when_it_is_over_the_next_who_writes_has_a_transaction_again(postgres_database: Engine) -> None:
    engine = open_database(postgres_database.url.render_as_string(hide_password=False))
    sessions = sessions_of(engine)
    with glancing(sessions) as looking:
        raw = looking.connection().connection.driver_connection
        assert raw.autocommit, "no transaction, and no round trips for one"
    with sessions() as writing:
        assert writing.connection().connection.driver_connection is raw, "the same one of the pool"
        build_unit(writing)
        writing.rollback()
    with glancing(sessions) as looking:
        assert looking.scalar(text("SELECT count(*) FROM unit")) == 0
    engine.dispose()
