"""Somebody keeps a way to look at a ledger, or drops it again: their own alone."""

from __future__ import annotations

from sqlalchemy import delete, select

from engine.actions.desk import Desk, find_actor, find_round
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import SavedView

LONGEST_NAME, LONGEST_QUERY, MOST = 60, 2000, 30


def save_view(desk: Desk, *, name: str, query: str) -> None:
    """Keep `query` under `name`; a view of this name is replaced.  Raises NotReady."""
    person, round_ = find_actor(desk).person, find_round(desk.session, desk.round)
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= LONGEST_NAME:
        raise NotReady(N_("a name of at most {most} characters was expected", most=LONGEST_NAME))
    if len(query) > LONGEST_QUERY:
        raise NotReady(N_("this view is too long to be kept"))
    own = list(
        desk.session.scalars(select(SavedView).where(SavedView.person_id == person, SavedView.round_id == round_.id))
    )
    for view in own:
        if view.name == plain:
            view.query = query
            return
    if len(own) >= MOST:
        raise NotReady(N_("at most {most} views are kept; drop one first", most=MOST))
    desk.session.add(SavedView(person_id=person, round_id=round_.id, name=plain, query=query))


def drop_view(desk: Desk, number: int) -> None:
    """Drop a view of one's own; nothing happens when there is none."""
    person = find_actor(desk).person
    desk.session.execute(delete(SavedView).where(SavedView.id == number, SavedView.person_id == person))
