"""A coordinator adds a person, or mends what is on record of one: by hand, without a workbook.

Nobody is ever taken away: what they did stays theirs.  Roles are given and taken by `grant_role`.
"""

from __future__ import annotations

from engine.actions.ask_trust import WantedTrust, ask_trust
from engine.actions.change_house import (
    changes_since,
    coordinator,
    find_unit,
    is_free,
    lock_person,
    look,
    one_line,
    tell,
)
from engine.actions.desk import Desk
from engine.actions.expect_version import expect_seen, mark_seen
from engine.actions.leave_unit import leave_unit
from engine.reads.house_at import NEW
from engine.reads.trust import guarded
from engine.rules.access import Actor
from engine.rules.ledger_layout import LANGUAGE_WORDS, MAX_CODE, is_email
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_
from engine.rules.trust import TrustKind
from models import Person, TrustRequest, Unit

ACTION = "edit_people"


def add_person(
    desk: Desk, *, code: str, name: str, unit: str, email: str | None = None, language: str | None = None
) -> Person:
    """Put a person on record.  For coordinators.  Raises Refusal."""
    actor = coordinator(desk, ACTION)
    person = Person(
        code=_free_code(desk, code),
        name=one_line(name, N_("name")),
        unit_id=find_unit(desk.session, unit).id,
        email=_email(email),
        language=_language(language),
    )
    desk.session.add(person)
    desk.session.flush()
    tell(desk, "person:record:create", actor, {NEW: {"people": person.id}}, person=person.code)
    return person


def edit_person(
    desk: Desk,
    person: str,
    *,
    code: str,
    name: str,
    unit: str,
    email: str | None,
    language: str | None,
    seen: str | None = None,
) -> tuple[Person, TrustRequest | None]:
    """Bring a person up to date; who moves to another unit no longer heads the former.

    Measures stay with their owner and their responsible unit.  Sign-in name and e-mail of who holds trust, or is to
    get it, wait for a second person: the request is returned beside the person.  `seen` marks what the coordinator has
    seen of the person (`person_mark`).  For coordinators.  Raises Refusal.
    """
    actor = coordinator(desk, ACTION)
    found = lock_person(desk.session, person)
    expect_seen(seen, *_facts(found.code, found.name, _unit_name(desk, found), found.email, found.language))
    way_in = {
        "email": _email(email),
        "code": found.code if code.strip() == found.code else _free_code(desk, code, but=found.id),
    }
    waits = _ask_for_way_in(desk, actor, found, way_in)
    before = look(desk.session, "people", found.id)
    if waits is None:
        found.email, found.code = way_in["email"], way_in["code"] or found.code
    found.name = one_line(name, N_("name"))
    found.language = _language(language)
    former, home = found.unit_id, find_unit(desk.session, unit)
    if home.id != former:
        found.unit_id = home.id
        leave_unit(desk.session, found, former, on=desk.moment.on)
    changed = changes_since(desk.session, before)
    if changed:
        tell(desk, "person:record:update", actor, changed, person=found.code)
    return found, waits


def _ask_for_way_in(desk: Desk, actor: Actor, found: Person, wanted: dict[str, str | None]) -> TrustRequest | None:
    """Ask for another sign-in name or e-mail of who holds trust; None: there is none, or it may be set at once."""
    changed = {column: [getattr(found, column), new] for column, new in wanted.items()}
    changed = {column: pair for column, pair in changed.items() if pair[0] != pair[1]}
    if not changed or found.id not in guarded(desk.session, desk.moment):
        return None
    data = {"name": found.name, **changed}
    return ask_trust(desk, actor, WantedTrust(kind=TrustKind.WAY_IN, person=found.id, data=data))


def person_mark(*, code: str, name: str, unit: str, email: str | None, language: str | None) -> str:
    """Return the mark of what is shown of a person to whoever edits it."""
    return mark_seen(*_facts(code, name, unit, email, language))


def _facts(code: str, name: str, unit: str, email: str | None, language: str | None) -> tuple[str, ...]:
    return code, name, unit, email or "", language or ""


def _unit_name(desk: Desk, person: Person) -> str:
    return desk.session.get_one(Unit, person.unit_id).name


def _free_code(desk: Desk, code: str, *, but: int | None = None) -> str:
    plain = one_line(code, N_("sign-in name"), longest=MAX_CODE)
    if any(letter.isspace() for letter in plain):
        raise NotReady(N_("a sign-in name has no spaces"))
    if not is_free(desk.session, Person.code, plain, but=but):
        raise Conflict(N_("the sign-in name {code} is somebody else's", code=plain))
    return plain


def _email(value: str | None) -> str | None:
    if not value or not value.strip():
        return None
    email = one_line(value, N_("e-mail"))
    if not is_email(email):
        raise NotReady(N_("{email} is no e-mail address", email=email))
    return email


def _language(value: str | None) -> str | None:
    if not value:
        return None
    if value not in LANGUAGE_WORDS:
        raise NotReady(N_("the language {language} is not known", language=value))
    return value
