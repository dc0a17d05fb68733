"""Sign-in with the office's own OpenID Connect provider: code with PKCE, state and nonce bound to the browser.

Nobody gets an account by it: whoever the provider names must be a person of the house, by sign-in name or e-mail.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from secrets import compare_digest, token_urlsafe
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.actions.desk import one_request
from engine.actions.open_sign_in import open_sign_in
from engine.reads.people_names import find_signing_in
from engine.rules.refusal import NotAllowed, NotFound, NotReady
from engine.rules.text import N_
from web.pages.sign_in import browser_of, let_in
from web.visit import SEE_OTHER, Anybody, Visit, own_path

routes = APIRouter()
COOKIE, BACK = "duban_provider", "/sign-in/provider/back"
MINUTES = 10  #: that somebody may take at the provider
SECONDS = 10  #: that the provider may take to answer
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
SKEW = 60  #: seconds by which clocks may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    """The provider, as the settings name it."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str


@dataclass(frozen=True, slots=True)
class _Errand:
    """What a browser was sent to the provider with."""

    state: str
    nonce: str
    verifier: str
    next: str


@routes.get("/sign-in/provider")
def leave(visit: Anybody, next: str = "/work") -> Response:  # noqa: A002 - the address's own word
    """Send the browser to the provider."""
    provider = _provider(visit)
    errand = _Errand(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48), own_path(next))
    with _client(visit, provider) as client:
        address, _ = client.create_authorization_url(
            _described(provider)["authorization_endpoint"],
            state=errand.state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
        )
    answer = RedirectResponse(address, SEE_OTHER)
    kept = urlsafe_b64encode(json.dumps([errand.state, errand.nonce, errand.verifier, errand.next]).encode()).decode()
    answer.set_cookie(
        COOKIE,
        kept,
        max_age=MINUTES * 60,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
    )
    return answer


@routes.get(BACK)
def come_back(visit: Anybody, state: str = "", code: str = "", error: str = "") -> Response:
    """Let in whom the provider names."""
    provider, errand = _provider(visit), _errand(visit)
    if errand is None or not compare_digest(state.encode(), errand.state.encode()):
        raise NotAllowed(N_("this sign-in was not begun here, or took too long; begin again"))
    if error or not code:
        raise NotAllowed(N_("the provider did not let you in: {error}", error=error[:100] or "—"))
    claims = _claims(visit, provider, errand, code)
    named = str(claims.get(provider.claim) or "")
    with visit.reading() as session:
        person = find_signing_in(session, named) if named else None
    if person is None:
        raise NotAllowed(N_("{name} is nobody's sign-in name here; a coordinator can add you", name=named[:100] or "—"))
    with one_request(visit.house.sessions) as session:
        secret = open_sign_in(session, person, visit.moment, how="provider", browser=browser_of(visit.request))
    answer = let_in(visit, secret, errand.next)
    answer.delete_cookie(COOKIE, path="/sign-in")
    return answer


def _provider(visit: Visit) -> _Provider:
    settings = visit.house.settings
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        raise NotFound(N_("there is nothing here"))
    return _Provider(
        issuer=settings.oidc_issuer.rstrip("/"),
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        claim=settings.oidc_claim,
    )


def _client(visit: Visit, provider: _Provider) -> OAuth2Client:
    return OAuth2Client(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        scope="openid profile email",
        redirect_uri=f"{str(visit.request.base_url).rstrip('/')}{BACK}",
        code_challenge_method="S256",
        timeout=SECONDS,
        trust_env=False,
    )


def _described(provider: _Provider) -> dict[str, Any]:
    """Return what the provider says of itself.  Raises NotReady when it cannot be reached, or is another one."""
    try:
        address = f"{provider.issuer}/.well-known/openid-configuration"
        found = httpx.get(address, timeout=SECONDS, trust_env=False)
        described: dict[str, Any] = found.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotReady(N_("the sign-in provider does not answer; try again, or use your password")) from error
    name = str(described.get("issuer", "")).rstrip("/")
    if name != provider.issuer:
        raise NotReady(N_("the sign-in provider calls itself {name}, not {issuer}", name=name, issuer=provider.issuer))
    return described


def _claims(visit: Visit, provider: _Provider, errand: _Errand, code: str) -> dict[str, Any]:
    """Return what the provider has signed about who was there.  Raises NotAllowed for anything that does not fit."""
    described = _described(provider)
    with _client(visit, provider) as client:
        try:
            token = client.fetch_token(described["token_endpoint"], code=code, code_verifier=errand.verifier)
            keys = KeySet.import_key_set(httpx.get(described["jwks_uri"], timeout=SECONDS, trust_env=False).json())
            claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=int(visit.moment.at.timestamp()),
                leeway=SKEW,
                iss={"essential": True, "value": described["issuer"]},
                aud={"essential": True, "value": provider.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": errand.nonce},
            ).validate(claims)
        except (AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, ValueError) as error:
            raise NotAllowed(N_("what the sign-in provider said could not be trusted; begin again")) from error
    return dict(claims)


def _errand(visit: Visit) -> _Errand | None:
    try:
        kept = json.loads(urlsafe_b64decode(visit.request.cookies.get(COOKIE, "")))
        return _Errand(*kept) if len(kept) == 4 and all(isinstance(one, str) for one in kept) else None  # noqa: PLR2004
    except (ValueError, TypeError):
        return None
