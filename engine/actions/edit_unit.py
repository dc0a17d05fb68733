"""A coordinator adds a unit, or mends its name, its kind or its place in the tree: by hand, without a workbook."""

from __future__ import annotations

from sqlalchemy import select

from engine.actions.change_house import (
    changes_since,
    coordinator,
    find_unit,
    is_free,
    lock_unit,
    look,
    one_line,
    tell,
)
from engine.actions.desk import Desk
from engine.actions.expect_version import expect_seen, mark_seen
from engine.reads.house_at import NEW
from engine.rules.refusal import Conflict
from engine.rules.text import N_
from engine.rules.vocabulary import UnitKind
from models import Unit

ACTION = "edit_units"


def add_unit(desk: Desk, *, name: str, kind: UnitKind, parent: str | None = None) -> Unit:
    """Put a unit on record.  For coordinators.  Raises Refusal."""
    actor = coordinator(desk, ACTION)
    above = find_unit(desk.session, parent).id if parent else None
    unit = Unit(name=_free_name(desk, name), kind=kind, parent_id=above)
    desk.session.add(unit)
    desk.session.flush()
    tell(desk, "unit:record:create", actor, {NEW: {"units": unit.id}}, unit=unit.name)
    return unit


def edit_unit(desk: Desk, unit: str, *, name: str, kind: UnitKind, parent: str | None, seen: str | None = None) -> Unit:
    """Bring a unit up to date; never below itself.  For coordinators.  Raises Refusal.

    `seen` marks what the coordinator has seen of it (`unit_mark`).
    """
    actor = coordinator(desk, ACTION)
    session = desk.session
    parents = dict(session.execute(select(Unit.id, Unit.parent_id).with_for_update(key_share=True)).tuples().all())
    found = lock_unit(session, unit)  # nobody moves another unit meanwhile: two moves could close a circle
    former = session.get_one(Unit, found.parent_id).name if found.parent_id else None
    expect_seen(seen, found.name, found.kind.value, former)
    before = look(session, "units", found.id)
    above = find_unit(session, parent) if parent else None
    step = above.id if above else None
    while step is not None:
        if step == found.id:
            raise Conflict(N_("{unit} cannot lie below itself", unit=found.name))
        step = parents.get(step)
    if name.strip() != found.name:
        found.name = _free_name(desk, name, but=found.id)
    found.kind, found.parent_id = kind, above.id if above else None
    changed = changes_since(session, before)
    if changed:
        tell(desk, "unit:record:update", actor, changed, unit=found.name)
    return found


def unit_mark(*, name: str, kind: UnitKind, parent: str | None) -> str:
    """Return the mark of what is shown of a unit to whoever edits it."""
    return mark_seen(name, kind.value, parent)


def _free_name(desk: Desk, name: str, *, but: int | None = None) -> str:
    plain = one_line(name, N_("name"))
    if not is_free(desk.session, Unit.name, plain, but=but):
        raise Conflict(N_("there is a unit {name} already", name=plain))
    return plain
