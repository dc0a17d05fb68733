"""A policy that lets more people verify, close or decide takes a second trusted person's word before it is saved.

The request holds the whole text and what is wider.  Once it is confirmed, a coordinator saves that very text within a
day (`engine.rules.trust.LINK_WITHIN`).  Called by flows/policy_file.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select

from engine.actions.ask_trust import WantedTrust, ask_trust
from engine.actions.desk import Desk
from engine.rules.access import Actor
from engine.rules.policy_files import PolicyFile
from engine.rules.trust import TrustKind, TrustState
from engine.rules.widening import Widening
from models import TrustRequest


def ask_to_widen(
    desk: Desk, actor: Actor, file: PolicyFile, text: str, wider: Sequence[Widening]
) -> TrustRequest | None:
    """Return the request that waits for a second person, or None: the text is saved now.

    A word that was given for this very text serves once.  Raises Refusal.
    """
    digest = sha256(text.encode()).hexdigest()
    given = select(TrustRequest).where(
        TrustRequest.kind == TrustKind.POLICY,
        TrustRequest.state == TrustState.CONFIRMED,
        TrustRequest.expires_at > desk.moment.at,
    )
    for one in desk.session.scalars(given.order_by(TrustRequest.id).with_for_update()):
        if one.data["digest"] == digest:
            one.state = TrustState.USED
            return None
    data = {
        "name": actor.name,
        "file": file.value,
        "digest": digest,
        "text": text,
        "wider": [change.plain for change in wider],
    }
    return ask_trust(desk, actor, WantedTrust(kind=TrustKind.POLICY, person=actor.person, data=data))
