"""Refuses what an address asks for beside what it can be asked: a slip of the pen is told, not passed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


def refuse_other_queries(request: Request) -> None:
    """Refuse names that the operation does not know, and several values where it takes one.  Raises the 422."""
    known = _queries(request.scope["route"])
    wrong: list[dict[str, Any]] = [
        {"type": "extra_forbidden", "loc": ("query", name), "input": None, "msg": ""}
        for name in request.query_params
        if name not in known
    ]
    wrong += [
        {"type": "too_long", "loc": ("query", name), "input": None, "msg": ""}
        for name, takes_several in known.items()
        if not takes_several and len(request.query_params.getlist(name)) > 1
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _queries(route: APIRoute) -> Mapping[str, bool]:
    """Return what an operation can be asked by its address, and whether it takes several values of it."""
    found, open_ones = dict[str, bool](), [route.dependant]
    while open_ones:
        one = open_ones.pop()
        found |= {each.alias: _is_list(each.field_info.annotation) for each in one.query_params}
        open_ones += one.dependencies
    return found


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list or any(_is_list(one) for one in get_args(kind))
