"""One request to a page: whose it is, when, in which language; every page begins here.

`Signed` is for pages of people who are signed in, `Anybody` for the few others.  A change must carry the token of the
form that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from engine.actions.desk import Desk, find_actor, find_round, one_request
from engine.actions.open_sign_in import touch_sign_in
from engine.reads.my_work import count_my_work
from engine.reads.other_waits import STANDS, read_others
from engine.reads.papers import read_papers_for
from engine.reads.sign_ins import SignedIn, read_sign_in
from engine.reads.trust import read_requests_for, runs_with_one
from engine.rules.access import Actor
from engine.rules.moment import Moment
from engine.rules.outgoing import LOOPBACK
from engine.rules.refusal import NotAllowed
from engine.rules.round_names import subject_of
from engine.rules.sight import Place, Sight, may_open, open_place, sight_of
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from engine.rules.working_days import WorkingCalendar
from flows.house import House
from i18n import LANGUAGES
from models import OtherTimer, Round
from models.database import glancing
from web.csrf import FIELD, SAFE, is_token, key_of, token_for
from web.fields import check_address, check_form
from web.kept_counts import KeptCounts
from web.once import begin_turn, take_turn
from web.told import keep_told

SIGN_IN, LANGUAGE = "duban_sign_in", "duban_language"  #: cookies
SEE_OTHER = 303
HTTP_PORT = 80


class NotSignedIn(Exception):  # noqa: N818 - not an error: whoever asks is shown the way in
    """The page is for people who are signed in, and nobody is."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of somebody, signed in or not."""

    house: House
    request: Request
    moment: Moment
    language: str

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that reads a page; nothing may be written in it, nor streamed."""
        with glancing(self.house.sessions) as session:
            yield session

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days, for showing; actions read them anew."""
        return self.request.app.state.calendar()  # type: ignore[no-any-return]

    @property
    def address(self) -> str:
        """What links begin with: as the settings say, or else where this very connection arrived.

        Never what a browser calls us: whoever asks could choose where a link leads that another opens.
        """
        return self.house.settings.address or arrived_at(self.request) or self.house.address

    @property
    def is_encrypted(self) -> bool:
        """Whether the browser reached us over https, also where a web server before us has not said so."""
        scheme, _, host = (self.house.settings.address or "").partition("://")
        return self.request.url.scheme == "https" or (scheme == "https" and self.request.headers.get("host") == host)

    def here(self) -> str:
        """Return the path and query of this request."""
        return here(self.request)

    def go(self, path: str, told: Text | None = None) -> RedirectResponse:
        """Redirect after a change, so that reloading does not repeat it; `told` is shown on the page it leads to."""
        answer = RedirectResponse(path, SEE_OTHER)
        if told is not None:
            keep_told(answer, told)
        return answer


@dataclass(frozen=True, kw_only=True)
class SignedVisit(Visit):
    """One request of somebody who is signed in."""

    who: SignedIn
    actor: Actor  #: their rights today
    secret: str  #: of the sign-in: what the cookie holds

    @property
    def csrf(self) -> str:
        """A new token, for one form: with it the form is carried out once (web.once)."""
        return token_for(self.secret)

    @cached_property
    def sight(self) -> Sight:
        """Which measures they see."""
        return sight_of(self.actor)

    @cached_property
    def rounds(self) -> tuple[tuple[str, str], ...]:
        """The rounds, the newest first: the code, and what the round is called."""
        with self.reading() as session:
            rows = session.connection().execute(select(Round.code, Round.title).order_by(Round.id.desc()))
            return tuple((code, subject_of(title)) for code, title in rows)

    @cached_property
    def runs_with_one(self) -> bool:
        """Whether fewer than two people hold trust: every page says so."""
        with self.reading() as session:
            return runs_with_one(session)

    @property
    def round_code(self) -> str | None:
        """The round that this page is about, or else the newest."""
        asked = self.request.path_params.get("round")
        return asked or (self.rounds[0][0] if self.rounds else None)

    def may_open(self, place: Place) -> bool:
        """Return whether they may open a place."""
        return may_open(self.actor, place)

    def open(self, place: Place) -> None:
        """Refuse, unless they may open a place.  Raises NotAllowed or NotFound."""
        open_place(self.actor, place)

    def round(self, session: Session) -> Round:
        """Return the round that the path names.  Raises NotFound."""
        return find_round(session, self.request.path_params["round"])

    @contextmanager
    def desk(self, *, for_good: bool = True, is_last: bool = True) -> Iterator[Desk]:
        """Give the desk of one action; what was done is committed at the end, all or nothing.

        Not `for_good`: it is taken back, to show what it would do, and nobody needs to show anew who they are.  Not
        `is_last`: the request goes on after it, and the form counts as sent only once all of it is done.
        """
        code, is_proved = self.request.path_params.get("round"), self.who.is_proved or not for_good
        with one_request(self.house.sessions) as session:
            if for_good and is_last:
                take_turn(self.request, session)
            yield self.house.desk(session, self.who.code, self.moment, code, is_proved=is_proved)
            if not for_good:
                session.rollback()
        self.counts.forget(self.who.person)

    @property
    def counts(self) -> KeptCounts:
        """How much waits for each person."""
        return self.request.app.state.counts  # type: ignore[no-any-return]

    def waiting(self) -> int:
        """Return how much waits for them; it may be a moment old."""

        def count() -> int:
            with self.reading() as session:
                waiting = count_my_work(session, self.actor, on=self.moment.on, calendar=self.calendar)
                waiting += len(read_requests_for(session, self.moment, self.who.person))
                if self.actor.holds(Role.COORDINATOR):
                    waiting += len(read_others(session, STANDS, OtherTimer.meeting_id.is_not(None)))
                return waiting + len(read_papers_for(session, self.actor, self.moment.on))

        return self.counts.get(self.who.person, self.moment.on, count)


async def anybody(request: Request) -> Visit:
    """Return the visit of whoever asks."""
    house: House = request.app.state.house
    return Visit(house=house, request=request, moment=house.now(), language=_language(request, house, None))


def signed_in(request: Request) -> SignedVisit:
    """Return the visit of who is signed in.  Raises NotSignedIn."""
    house: House = request.app.state.house
    moment, secret = house.now(), request.cookies.get(SIGN_IN)
    if not secret:
        raise NotSignedIn
    calendar = request.app.state.calendar()
    with glancing(house.sessions) as session:
        who = read_sign_in(session, secret, moment)
        if who is None:
            raise NotSignedIn
        actor = find_actor(Desk(session=session, moment=moment, calendar=calendar, person=who.code))
    if who.is_unseen:
        with one_request(house.sessions) as session:
            touch_sign_in(session, who.sign_in, moment.at)
    language = _language(request, house, who.language)
    return SignedVisit(
        house=house, request=request, moment=moment, language=language, who=who, actor=actor, secret=secret
    )


async def with_token(request: Request, visit: Annotated[SignedVisit, Depends(signed_in)]) -> SignedVisit:
    """Return the visit; refuse a change without the token of one of our forms, or one that was sent before.

    Raises NotAllowed, SentBefore, AnotherRequest; NotFound and NotReady for what is no text.
    """
    check_address(request)
    if request.method not in SAFE:
        form = await request.form()
        check_form(form)
        given = form.get(FIELD)
        if not isinstance(given, str) or not is_token(given, visit.secret):
            raise NotAllowed(N_("this form is too old; go back, reload the page and send it again"))
        await begin_turn(request, visit.who.person, key_of(given), form, visit.moment)
    return visit


async def anybody_with_text(request: Request) -> Visit:
    """Return the visit of whoever asks.  Raises NotFound and NotReady for what is no text."""
    check_address(request)
    if request.method not in SAFE:
        check_form(await request.form())
    return await anybody(request)


Signed = Annotated[SignedVisit, Depends(with_token)]
Anybody = Annotated[Visit, Depends(anybody_with_text)]


def _language(request: Request, house: House, own: str | None) -> str:
    chosen = request.cookies.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else own or house.language


def here(request: Request) -> str:
    """Return the path and query of a request."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def arrived_at(request: Request) -> str | None:
    """Return the address of our own end of the connection; for one on this machine by the name that was used for it."""
    server = request.scope.get("server")
    if server is None or server[1] is None:
        return None
    host, port = server
    if host in LOOPBACK and request.url.hostname in LOOPBACK:
        return f"{request.url.scheme}://{request.url.netloc}"
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}" if port == HTTP_PORT else f"http://{named}:{port}"


def own_path(given: str | None, otherwise: str = "/work") -> str:
    """Return `given` when it is a path of ours, so that no link leads from here to elsewhere.

    >>> own_path("/people?q=1"), own_path("//elsewhere.example"), own_path("https://elsewhere.example")
    ('/people?q=1', '/work', '/work')
    """
    is_ours = given is not None and given.startswith("/") and not given.startswith(("//", "/\\"))
    return quote(given, safe="/?&=%#:,;+@~!$'()*-._") if is_ours and given else otherwise
