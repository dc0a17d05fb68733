"""Whether a change was asked for by one of our own pages: by where it comes from, and by a secret that only they know.

A browser tells on every POST which site the page was of (`Origin`, or `Sec-Fetch-Site`); and each of our forms carries
a token that follows from the cookie of the sign-in, which no other site can read.  No two forms carry the same token:
it is the one-time key of its form as well (web.once).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

FIELD = "csrf"  #: the form's field
KEY_BYTES = 12  #: of chance in a form's key
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def token_for(secret: str) -> str:
    """Return a new token of whoever holds the cookie with this secret: a key of its own, and the proof that it is ours.

    >>> is_token(token_for("a"), "a"), is_token(token_for("a"), "b"), token_for("a") == token_for("a")
    (True, False, False)
    """
    key = secrets.token_urlsafe(KEY_BYTES)
    return f"{key}.{_proof(key, secret)}"


def is_token(given: str | None, secret: str) -> bool:
    """Return whether `given` is a token for this secret.

    >>> is_token(None, "a"), is_token("", "a"), is_token("督办.督办", "a")
    (False, False, False)
    """
    key, _, proof = (given or "").partition(".")
    return hmac.compare_digest(proof.encode(errors="replace"), _proof(key, secret).encode())


def key_of(token: str) -> str:
    """Return the one-time key that a token carries."""
    return token.partition(".")[0]


def _proof(key: str, secret: str) -> str:
    return hmac.new(secret.encode(), b"duban form " + key.encode(errors="replace"), sha256).hexdigest()


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Return whether a change comes from a page of this very host, by the headers of its request (lower-case names).

    Programs that are no browsers send none of the three; they bring no cookie that could be misused either.

    >>> is_from_here({"host": "duban:80", "origin": "http://duban:80"})
    True
    >>> is_from_here({"host": "duban:80", "origin": "http://elsewhere"})
    False
    >>> is_from_here({"host": "duban:80", "origin": "null"})
    False
    """
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        return False
    source = headers.get("origin") or headers.get("referer")
    try:
        return source is None or urlsplit(source).netloc == headers.get("host")
    except ValueError:  # no address at all
        return False
