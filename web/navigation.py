"""The ways from every page to the others: only those that somebody may take."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from engine.rules.sight import Place
from engine.rules.text import N_, Text
from web.visit import SignedVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One entry of the navigation."""

    path: str
    name: Text
    is_here: bool
    count: int | None = None  #: how much waits there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The navigation of a page, in its groups: one's own, the round's, the house's."""

    own: tuple[Way, ...]
    of_round: tuple[Way, ...]
    of_house: tuple[Way, ...]


_OF_ROUND: tuple[tuple[str, Text, Place | None], ...] = (
    ("ledger", N_("Ledger"), None),
    ("verification", N_("Verification"), Place.VERIFICATION),
    ("meetings", N_("Meetings"), Place.MEETINGS),
    ("board", N_("Board"), Place.BOARD),
    ("documents", N_("Documents"), Place.DOCUMENTS),
    ("accountability", N_("Accountability"), Place.ACCOUNTABILITY),
)
_OF_HOUSE: tuple[tuple[str, Text, Place], ...] = (
    ("/rounds", N_("Rounds"), Place.ROUNDS),
    ("/people", N_("People"), Place.PEOPLE),
    ("/policies", N_("Policies"), Place.POLICIES),
    ("/delivery", N_("Delivery"), Place.DELIVERY),
    ("/audit", N_("Audit"), Place.AUDIT),
)


def navigation(visit: SignedVisit) -> Ways:
    """Return the ways that `visit` may take, the one that leads here marked."""
    path, code = visit.request.url.path, visit.round_code

    def way(to: str, name: Text, *, starts: str | None = None, count: int | None = None) -> Way:
        start = starts or to
        return Way(path=to, name=name, is_here=path == start or path.startswith(f"{start}/"), count=count)

    root = f"/rounds/{quote(code, safe='')}" if code else ""
    of_round = [
        way(f"{root}/{name}", text)
        for name, text, place in _OF_ROUND
        if code and (place is None or visit.may_open(place))
    ]
    of_house = [way(to, text) for to, text, place in _OF_HOUSE if visit.may_open(place)]
    rounds = [one for one in of_house if one.path != "/rounds"]
    is_list = path == "/rounds" or path.startswith("/rounds/import")
    return Ways(
        own=(way("/work", N_("My work"), count=visit.waiting()),),
        of_round=tuple(of_round),
        of_house=(Way(path="/rounds", name=N_("Rounds"), is_here=is_list), *rounds),
    )
