"""The page that asks who is signed in to show once more that it is they; what they sent is carried along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from engine.rules.text import Text
from web.csrf import FIELD
from web.render import page
from web.visit import Visit

PROOF, TO, BACK = "proof", "prove_to", "prove_back"  #: the form's own fields: the password, and where it leads
FORBIDDEN = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvePage:
    """What is asked, and what is carried along."""

    to: str  #: the path that the form was sent to
    fields: Mapping[str, str]
    back: str  #: the page that it came from
    has_provider: bool
    refused: Text | None = None


async def carried(request: Request) -> dict[str, str]:
    """Return the fields of the form that was sent, but for those of this page."""
    form = await request.form()
    own = {PROOF, TO, BACK, FIELD}
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in own}


def prove_page(
    visit: Visit, to: str, fields: Mapping[str, str], back: str | None, *, refused: Text | None = None
) -> Response:
    """Return the page."""
    shown = ProvePage(
        to=to,
        fields=fields,
        back=back or "/work",
        has_provider=visit.house.settings.oidc_issuer is not None,
        refused=refused,
    )
    return page(visit, "prove.html", shown, status=FORBIDDEN)
