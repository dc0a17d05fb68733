"""What pages take from addresses and forms: numbers that a database can hold, and text that can be kept and printed."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlencode

from annotated_types import Ge, Le
from fastapi import Request
from starlette.datastructures import FormData

from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_

LARGEST = 2**53  #: that every program can hold
#: The id of something, a version, a count.
Number = Annotated[int, Ge(0), Le(LARGEST)]
#: What no document and no database can hold: control signs, halves of signs, what a broken text is read as, non-signs.
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd-\uffff]")


def is_kept(text: str) -> bool:
    r"""Return whether a text can be stored and printed as it is.

    >>> is_kept("督办\r\n一\t二"), is_kept("a\x00b"), is_kept("\ud800")
    (True, False, False)
    """
    return _UNKEPT.search(text) is None


def number_in(text: str) -> int | None:
    """Return the number that a field holds; None where it holds none that could be meant.

    >>> number_in("12"), number_in("-1"), number_in("9" * 5000), number_in("")
    (12, None, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= len(str(LARGEST)) else None


class BetterAddress(Exception):  # noqa: N818 - not an error: where to go instead
    """Leads to the same page, without the signs in its query that cannot be kept."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def check_address(request: Request) -> None:
    """Refuse a path that is no text; lead to the page without what a query holds of such, as text pasted may.

    Raises NotFound; BetterAddress where the query of a page holds signs that cannot be kept.
    """
    query = request.query_params.multi_items()
    if is_kept(request.url.path) and all(is_kept(part) for pair in query for part in pair):
        return
    if request.method != "GET" or not is_kept(request.url.path):
        raise NotFound(N_("there is nothing here"))
    kept = [(_UNKEPT.sub("", name), _UNKEPT.sub("", value)) for name, value in query]
    raise BetterAddress(f"{quote(request.scope['path'])}?{urlencode(kept)}")


def check_form(form: FormData) -> None:
    """Refuse what cannot be kept.  Raises NotReady."""
    if not all(is_kept(name) and (not isinstance(value, str) or is_kept(value)) for name, value in form.multi_items()):
        raise NotReady(N_("something in it is too long, or holds signs that cannot be kept"))
