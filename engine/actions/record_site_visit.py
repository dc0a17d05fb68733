"""The verifier records what was found on site (现场检查), with photos.

A photo is a record: it is kept byte for byte, with the place and the time that the phone wrote into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.actions.answer_checklist import open_for_verifier
from engine.actions.case import settle
from engine.actions.desk import Desk, record
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from models import Measure, SitePhoto, SiteVisit

LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that was kept before, under its SHA-256."""

    name: str
    sha256: str
    size: int


def record_site_visit(
    desk: Desk,
    code: str,
    *,
    on: date,
    place: str,
    present: str,
    checked: str,
    found: str,
    photos: Sequence[Photo] = (),
) -> Measure:
    """Keep the record of a visit with its photos; the event holds their hashes.  Raises Refusal."""
    case, verification = open_for_verifier(desk, code)
    if not place.strip() or not found.strip():
        raise NotReady(N_("a record of a visit needs a place and what was found"))
    if on > desk.moment.on:
        raise NotReady(N_("{day} is still to come", day=on))
    visit = SiteVisit(
        verification_id=verification.id,
        on=on,
        place=place.strip()[:LONGEST_PLACE],
        present=present.strip(),
        checked=checked.strip(),
        found=found.strip(),
        by_id=case.actor.person,
        at=desk.moment.at,
    )
    desk.session.add(visit)
    desk.session.flush()
    desk.session.add_all(
        SitePhoto(visit_id=visit.id, name=one.name, sha256=one.sha256, size=one.size) for one in photos
    )
    record(
        desk,
        "measure:verification:visit",
        actor=case.actor.person,
        measure=case.measure,
        on=on.isoformat(),
        place=visit.place,
        present=visit.present,
        checked=visit.checked,
        found=visit.found,
        photos=[one.sha256 for one in photos],
    )
    settle(case)
    return case.measure
