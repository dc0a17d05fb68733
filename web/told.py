"""What the last change has done, kept in a cookie until the page that it leads to has shown it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from fastapi import Request, Response

from engine.rules.text import Text, days_in, pack, unpack

COOKIE = "duban_told"
SECONDS = 60
LONGEST = 3000  #: of a cookie's value that every browser keeps


def keep_told(answer: Response, told: Text) -> None:
    """Put `told` into the cookie; what is too long for one is not told."""
    value = urlsafe_b64encode(json.dumps(pack(told)).encode()).decode()
    if len(value) <= LONGEST:
        answer.set_cookie(COOKIE, value, max_age=SECONDS, httponly=True, samesite="lax")


def read_told(request: Request) -> Text | None:
    """Return what the cookie holds; None when there is none, or it is not ours."""
    try:
        found = unpack(json.loads(urlsafe_b64decode(request.cookies.get(COOKIE, ""))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return days_in(found) if isinstance(found, Text) else None
