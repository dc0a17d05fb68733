"""Somebody uses a link from a mail: what it says is done by the engine's own action, if they may at that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.actions.accept_measure import accept_measure
from engine.actions.acknowledge_timer import acknowledge_timer
from engine.actions.desk import Desk
from engine.actions.request_extension import request_extension
from engine.reads.mail_links import OpenLink, digest_of, open_link
from engine.rules.mail_links import Deed
from engine.rules.moment import Moment
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_
from engine.rules.vocabulary import WaitsFor
from models import MailLinkUse


def use_mail_link(
    session: Session,
    token: str,
    moment: Moment,
    desk_of: Callable[[str, str], Desk],
    *,
    new_due: date | None = None,
    reason: str = "",
) -> OpenLink:
    """Do what a link says, once; `desk_of` gives the desk of a person and round, in `session`.  Raises Refusal.

    What is refused leaves the link as it was: it may be used again, as long as it is good.
    """
    found = open_link(session, token, moment)
    try:
        with session.begin_nested():
            session.add(
                MailLinkUse(
                    digest=digest_of(token),
                    person_id=found.link.person,
                    measure_id=found.link.measure,
                    deed=found.link.deed.value,
                    used_at=moment.at,
                )
            )
    except IntegrityError:
        raise Conflict(N_("this link was used already; each works once")) from None
    desk = desk_of(found.person, found.round)
    match found.link.deed:
        case Deed.ACCEPT:
            accept_measure(desk, found.code)
        case Deed.DONE:
            acknowledge_timer(desk, found.code, waits_for=WaitsFor.DUE_DATE, working_days=None)
        case Deed.EXTEND:
            if new_due is None:
                raise NotReady(N_("name the new due date"))
            request_extension(desk, found.code, new_due=new_due, reason=reason)
    return found
