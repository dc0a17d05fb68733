"""The conversation with the office's OpenID provider: authorization code with PKCE; only its own keys are believed.

Called by `web.pages.provider`; knows neither pages nor people.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from secrets import token_urlsafe
from typing import Any, Self

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.rules.refusal import NotAllowed, NotReady
from engine.rules.text import N_
from flows.house import House

SECONDS = 10  #: that the provider may take to answer
SKEW = 60  #: seconds by which clocks may differ
#: Signed with a key of the provider's alone: neither unsigned, nor with what both know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
EMAIL = "email"

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser was sent to the provider with, and brings back."""

    state: str
    nonce: str
    verifier: str
    next: str  #: where to go afterwards

    @classmethod
    def to(cls, path: str) -> Self:
        """Return a new errand; nobody can guess it."""
        return cls(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48), path)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider, as the settings name it."""

    issuer: str
    client_id: str
    client_secret: str
    claim: str  #: what it says of somebody that is their name here
    authorities: str | None = None  #: file with the certificates to trust; None: the system's

    @classmethod
    def of(cls, house: House) -> Self | None:
        """Return the provider that the settings name; None: there is none."""
        settings = house.settings
        if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
            return None
        return cls(
            issuer=settings.oidc_issuer.rstrip("/"),
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            claim=settings.oidc_claim,
            authorities=str(settings.oidc_authorities) if settings.oidc_authorities else None,
        )

    def way_there(self, errand: Errand, *, back: str) -> str:
        """Return the address to which the browser is sent; it comes back to `back`.  Raises NotReady."""
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                self._described["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(address)

    def who_came(self, errand: Errand, code: str, *, back: str, now: datetime) -> str | None:
        """Return the name of whom the provider has let in, for its code; None: it tells none.

        Raises NotAllowed when anything that it says cannot be trusted, NotReady when it does not answer.
        """
        described = self._described
        try:
            with self._client(back) as client:
                token = client.fetch_token(described["token_endpoint"], code=code, code_verifier=errand.verifier)
                keys = KeySet.import_key_set(self._ask(described["jwks_uri"]))
                claims = self.judge(token["id_token"], keys, errand=errand, now=now)
                if self.claim not in claims and "userinfo_endpoint" in described:
                    told = client.get(described["userinfo_endpoint"]).raise_for_status().json()
                    if told["sub"] != claims["sub"]:
                        raise _distrusted()
                    claims = {**told, **claims}
        except httpx.TransportError as error:
            raise _silent() from error
        except (AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise _distrusted() from error
        if self.claim == EMAIL and claims.get("email_verified") is False:
            return None  # anybody may write any address there
        named = claims.get(self.claim)
        return named.strip() or None if isinstance(named, str) else None

    def judge(self, id_token: str, keys: KeySet, *, errand: Errand, now: datetime) -> Claims:
        """Return what an ID token claims; one that is not signed, not for us, not for this errand or too old raises."""
        claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self._described["issuer"]},
            sub={"essential": True},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": errand.nonce},
        ).validate(claims)
        if claims.get("azp", self.client_id) != self.client_id:
            raise _distrusted()
        return dict(claims)

    @cached_property
    def _described(self) -> Claims:
        """What the provider says of itself.  Raises NotReady when it cannot be reached, or is another one."""
        try:
            described = self._ask(f"{self.issuer}/.well-known/openid-configuration")
            missing = [name for name in NEEDED if not isinstance(described.get(name), str)]
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise _silent() from error
        if missing:
            raise _silent()
        name = str(described["issuer"])
        if name.rstrip("/") != self.issuer:
            raise NotReady(N_("the sign-in provider calls itself {name}, not {issuer}", name=name, issuer=self.issuer))
        return dict(described)

    def _ask(self, address: str) -> Any:
        return httpx.get(address, timeout=SECONDS, trust_env=False, verify=self._trust).raise_for_status().json()

    def _client(self, back: str) -> OAuth2Client:
        """Return who speaks for us; how it shows its secret is as the provider wants it."""
        offered = self._described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return OAuth2Client(
            client_id=self.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method=(
                "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
            ),
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=SECONDS,
            trust_env=False,
            verify=self._trust,
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.authorities)
        except OSError as error:
            raise NotReady(N_("the certificates in {file} cannot be read", file=self.authorities)) from error


def _silent() -> NotReady:
    return NotReady(N_("the sign-in provider does not answer; try again, or use your password"))


def _distrusted() -> NotAllowed:
    return NotAllowed(N_("what the sign-in provider said could not be trusted; begin again"))
