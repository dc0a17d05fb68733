"""The coordinators hear for whom things wait though nothing reaches them: no e-mail, and never a way in.

By every daily run: said when others are concerned than before, and again each month while it lasts.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy.orm import Session

from engine.actions.outbox import add_notifications, outbox_row
from engine.reads.grants import read_grants
from engine.reads.left_open import UNREACHED, read_left_open
from engine.rules.moment import Moment
from engine.rules.notices import Notice
from engine.rules.vocabulary import Role

TOLD = 10  #: of the people, by name


def tell_unreached(session: Session, moment: Moment) -> int:
    """Write one notification for each coordinator; return how many are new.  Four statements, whoever is concerned."""
    found = read_left_open(session, moment.on, UNREACHED)
    if not found:
        return 0
    who = sha256(" ".join(one.code for one in found).encode()).hexdigest()[:16]
    return add_notifications(
        session,
        [
            outbox_row(
                person,
                Notice.UNREACHED,
                role=Role.COORDINATOR,
                key=f"{moment.on:%Y-%m}:{who}",
                moment=moment,
                measure=None,
                about=None,
                data={"people": [one.name for one in found[:TOLD]], "count": len(found)},
            )
            for person in read_grants(session).get((Role.COORDINATOR, None), ())
        ],
    )
