"""Webhooks: which events an address hears of, what an address may be, and how what it is sent is signed.  Pure.

Signed as Standard Webhooks (standardwebhooks.com) has it, so that its libraries in many languages verify it.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from engine.rules.backoff import next_try_after
from engine.rules.outgoing import Network, is_off_limits, leads_home
from engine.rules.refusal import NotReady
from engine.rules.text import N_

EVERYTHING = "*"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, not one
LONGEST_ADDRESS = 2000
MOST_PATTERNS = 50
GONE = 410  #: an answer that means: never again
_PATTERN = re.compile(r"[a-z0-9_]+(:[a-z0-9_]+)*(:\*)?|\*")


def check_patterns(patterns: tuple[str, ...]) -> str:
    """Return patterns as they are kept; a pattern is a kind of event, or its beginning with a star.  Raises NotReady.

    >>> check_patterns(("measure:state:*", "meeting:decision:record", "measure:state:*"))
    'measure:state:* meeting:decision:record'
    >>> check_patterns(())
    '*'
    """
    for one in patterns:
        if not _PATTERN.fullmatch(one):
            raise NotReady(
                N_("{pattern} is no kind of event; expected such as measure:state:close or measure:*", pattern=one)
            )
    if len(patterns) > MOST_PATTERNS:
        raise NotReady(N_("at most {most} kinds of events", most=MOST_PATTERNS))
    return " ".join(dict.fromkeys(patterns)) or EVERYTHING


def check_address(address: str, allowed: Collection[Network] = ()) -> str:
    """Return an address that may be called: of a web server, and nobody's password in it.  Raises NotReady.

    What a name leads to is looked at when it is called; `allowed` are networks that are called in any case.

    >>> check_address("https://oa.example/hooks/duban?from=duban")
    'https://oa.example/hooks/duban?from=duban'
    """
    try:
        parts = urlsplit(address)
        is_good = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.username is None
            and not parts.fragment
            and parts.port != 0
            and address.isascii()
            and address.isprintable()
            and " " not in address
            and "\\" not in address
            and len(address) <= LONGEST_ADDRESS
        )
    except ValueError:  # no port, no bracket
        is_good = False
    if not is_good:
        raise NotReady(N_("an address such as https://oa.example/hooks/duban was expected"))
    host = parts.hostname or ""
    if is_off_limits(host, allowed) or (leads_home(host) and not allowed):
        raise NotReady(N_("this address is not called: it belongs to the machine itself"))
    return address


def new_webhook_secret(random: bytes) -> str:
    """Return a secret for people to copy, from random bytes."""
    return f"{SECRET_PREFIX}{b64encode(random).decode()}"


def sign(secret: str, *, message: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt: an HMAC-SHA256 over message id, time and body.

    >>> sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330,
    ...     body=b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    return f"v1,{b64encode(hmac.new(key, signed, sha256).digest()).decode()}"


def wait_after(attempts: int, status: int | None) -> timedelta | None:
    """Return how long to wait after `attempts` failed attempts, the last answered with `status`; None: it is given up.

    >>> wait_after(1, 503), wait_after(1, GONE)
    (datetime.timedelta(seconds=60), None)
    """
    return None if status == GONE else next_try_after(attempts)
