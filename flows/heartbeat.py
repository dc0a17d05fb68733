"""The heartbeat: tells an address of the operator's how the watchdog fared, so that Duban's own silence is noticed.

The form is that of healthchecks.io and its kin: the address itself means "all is well", the address with /fail after
it means trouble, with counts as the body and nothing else.  Not reaching it is logged, and harms nothing.  The address
is a secret: it is never logged, nor are errors that may quote it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

log = logging.getLogger(__name__)

WITHIN = 10.0  #: seconds, from looking up the name to the answer


def beat(address: str, troubles: Mapping[str, int] | None = None, *, within: float = WITHIN) -> bool:
    """Say that all is well, or with `troubles` what is not; return whether it was heard.  Raises nothing.

    Must not be called inside a transaction: it may take `within` seconds.
    """
    heard: list[bool] = []
    # A thread of its own: looking up a name and an answer that drips keep to no time-out.
    thread = Thread(target=lambda: heard.append(_send(address, troubles, within)), name="duban-heartbeat", daemon=True)
    began = time.monotonic()
    thread.start()
    thread.join(within)
    if not heard:
        log.warning("heartbeat not answered in time", extra={"seconds": round(time.monotonic() - began, 1)})
    return heard == [True]


def _complaint(address: str, troubles: Mapping[str, int]) -> Request:
    parts = urlsplit(address)
    failing = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))
    counts = "".join(f"{name} {count}\n" for name, count in troubles.items())
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    return Request(failing, data=counts.encode(), headers=headers, method="POST")  # noqa: S310 - settings check it


def _send(address: str, troubles: Mapping[str, int] | None, within: float) -> bool:
    try:
        request = Request(address) if troubles is None else _complaint(address, troubles)  # noqa: S310 - settings check it
        with urlopen(request, timeout=within):  # noqa: S310 - settings let only http and https through
            return True
    except HTTPError as refused:
        refused.close()
        log.warning("heartbeat refused", extra={"status": refused.code})
    except (OSError, HTTPException, ValueError) as error:  # ValueError: an address that only looks like one
        log.warning("heartbeat not sent", extra={"error": type(getattr(error, "reason", error)).__name__})
    return False
