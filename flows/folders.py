"""What the folders of printed documents are called."""

from __future__ import annotations

import re


def folder_name(code: str) -> str:
    """Return a round's code as a folder's name: nothing in it leads elsewhere.

    >>> folder_name("2025/../x")
    '2025_.._x'
    """
    return re.sub(r"[^\w.-]", "_", code).lstrip(".") or "round"
