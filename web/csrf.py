"""Whether a change was asked for by one of our own pages: by where it comes from, and by a secret that only they know.

A browser tells on every POST which site the page was of (`Origin`, or `Sec-Fetch-Site`); and each of our forms carries
a token that follows from the cookie of the sign-in, which no other site can read.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

FIELD = "csrf"  #: the form's field
HEADER = "x-csrf-token"  #: the same for scripts
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def token_for(secret: str) -> str:
    """Return the token of whoever holds the cookie with this secret.

    >>> token_for("a") == token_for("a"), token_for("a") == token_for("b")
    (True, False)
    """
    return hmac.new(secret.encode(), b"duban form", sha256).hexdigest()


def is_token(given: str | None, secret: str) -> bool:
    """Return whether `given` is the token for this secret."""
    return given is not None and hmac.compare_digest(given.encode(), token_for(secret).encode())


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
