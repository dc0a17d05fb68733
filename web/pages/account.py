"""One's own account: password, language, browsers, tokens for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.actions.api_tokens import LONGEST_DAYS, Scope, make_token, revoke_token
from engine.actions.choose_language import choose_language
from engine.actions.choose_reminders import choose_reminders
from engine.actions.desk import one_request
from engine.actions.open_sign_in import end_sign_in, end_sign_ins
from engine.actions.set_password import change_password as change_own_password
from engine.reads.reminders_off import with_reminders_off
from engine.reads.sign_ins import Browser, Token, read_browsers, read_tokens
from engine.rules.passwords import SHORTEST
from engine.rules.refusal import NotReady
from engine.rules.text import N_
from notifications.link_mail import INBOX
from web.browsers import browser_name
from web.fields import Number
from web.pages.sign_in import source_of
from web.render import page
from web.visit import LANGUAGE, Signed, SignedVisit

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """What somebody's own page shows."""

    browsers: tuple[tuple[str, Browser], ...]  #: each with its name
    here: int  #: the sign-in of this browser
    tokens: tuple[Token, ...]
    new_token: str | None  #: shown this once
    has_mail: bool  #: mail goes out from here, and what does not can be read in the inbox
    reminders_off: bool
    shortest: int = SHORTEST
    longest_days: int = LONGEST_DAYS


@routes.get("/account")
def show(visit: Signed) -> Response:
    """Show the page."""
    return _show(visit)


def _show(visit: SignedVisit, new_token: str | None = None) -> Response:
    channels = visit.house.settings.channels
    with visit.reading() as session:
        context = AccountPage(
            browsers=tuple(
                (browser_name(one.browser), one) for one in read_browsers(session, visit.who.person, visit.moment)
            ),
            here=visit.who.sign_in,
            tokens=read_tokens(session, visit.who.person),
            new_token=new_token,
            has_mail=INBOX in channels and len(channels) > 1,
            reminders_off=bool(with_reminders_off(session, [visit.who.person])),
        )
    return page(visit, "account.html", context)


@routes.post("/account/password")
def change_password(
    visit: Signed,
    old: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password; every other browser is signed out."""
    if password != again:
        raise NotReady(N_("the two passwords are not the same"))
    change_own_password(
        visit.house.sessions,
        visit.who,
        old=old,
        new=password,
        source=source_of(visit.request),
        moment=visit.moment,
    )
    return visit.go("/account", N_("the password is changed; you are signed out everywhere else"))


@routes.post("/account/language")
def choose(visit: Signed, language: Annotated[str, Form()] = "") -> Response:
    """Take a language for pages and mails; that of this browser alone is forgotten."""
    with visit.desk() as desk:
        choose_language(desk, language or None)
    answer = visit.go("/account", N_("changed"))
    answer.delete_cookie(LANGUAGE)
    return answer


@routes.post("/account/reminders")
def choose_mails(visit: Signed, by_mail: Annotated[bool, Form()] = False) -> Response:  # noqa: FBT002
    """Take whether reminders come by mail."""
    with visit.desk() as desk:
        choose_reminders(desk, by_mail=by_mail)
    return visit.go("/account", N_("changed"))


@routes.post("/account/browsers")
def sign_out(visit: Signed, sign_in: Annotated[Number | None, Form()] = None) -> Response:
    """Sign out another browser, or all others."""
    with one_request(visit.house.sessions) as session:
        if sign_in is None:
            end_sign_ins(session, visit.who.person, but=visit.who.sign_in)
        else:
            end_sign_in(session, sign_in, person=visit.who.person)
    return visit.go("/account", N_("done: signed out there"))


@routes.post("/account/tokens")
def make(
    visit: Signed,
    name: Annotated[str, Form()] = "",
    scope: Annotated[Scope, Form()] = Scope.READ,
    days: Annotated[int, Form()] = 90,
) -> Response:
    """Make a token, and show it once."""
    with visit.desk() as desk:
        secret = make_token(desk, name=name, scope=scope, days=days)
    return _show(visit, secret)


@routes.post("/account/tokens/{token}/revoke")
def revoke(visit: Signed, token: Number) -> Response:
    """End a token."""
    with visit.desk() as desk:
        revoke_token(desk, token)
    return visit.go("/account", N_("the token is revoked"))
