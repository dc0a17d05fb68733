"""The description of the interface as one page to read, made from the OpenAPI document; loads nothing from afar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import Template

from engine.rules.text import Text
from i18n import say
from web.api.problems import language_of
from web.render import FOLDER, static


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value that is taken or given."""

    name: str
    place: str  #: path, query, header, body
    kind: str
    is_needed: bool
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked."""

    id: str
    way: str
    path: str
    about: str
    takes: tuple[Value, ...]
    media: str | None
    gives: tuple[tuple[str, str, str], ...]  #: status, description, name of the shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One object that is taken or given."""

    name: str
    about: str
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsPage:
    """What the page shows."""

    about: tuple[tuple[str, str], ...]  #: what a paragraph is about, and its text
    groups: tuple[tuple[str, tuple[Operation, ...]], ...]
    shapes: tuple[Shape, ...]
    codes: tuple[tuple[str, int, str], ...]


def docs_page(told: Mapping[str, Any], codes: Mapping[str, tuple[int, Text]], request: Request) -> HTMLResponse:
    """Return the page of an OpenAPI document."""
    language = language_of(request)
    groups: dict[str, list[Operation]] = {}
    for path, ways in told["paths"].items():
        for way, operation in ways.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(told, path, way, operation))
    context = DocsPage(
        about=tuple(_paragraphs(told["info"]["description"])),
        groups=tuple((name, tuple(found)) for name, found in groups.items()),
        shapes=tuple(
            Shape(name=name, about=_line(schema.get("description")), fields=tuple(_fields(schema)))
            for name, schema in sorted(told["components"]["schemas"].items())
            if "properties" in schema
        ),
        codes=tuple((code, status, say(title, language)) for code, (status, title) in codes.items()),
    )
    server = told["servers"][0]["url"]
    return HTMLResponse(_template().render(page=context, server=server, static=static))


@cache
def _template() -> Template:
    places = FileSystemLoader(FOLDER / "templates")
    environment = Environment(
        loader=places, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("api_docs.html")


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.strip().split("\n\n"):
        head, bold, rest = part.removeprefix("**").partition("**")
        yield (head, _line(rest)) if bold else ("", _line(part))


def _operation(told: Mapping[str, Any], path: str, way: str, operation: Mapping[str, Any]) -> Operation:
    takes = [
        Value(
            name=one["name"],
            place=one["in"],
            kind=_kind(one["schema"]),
            is_needed=one.get("required", False),
            about=_line(one.get("description") or one["schema"].get("description")),
        )
        for one in operation.get("parameters", ())
    ]
    body = operation.get("requestBody", {}).get("content", {})
    for content in body.values():
        takes += _fields(_found(told, content["schema"]))
    return Operation(
        id=operation["operationId"],
        way=way.upper(),
        path=path,
        about=_line(operation.get("description")),
        takes=tuple(takes),
        media=next(iter(body), None),
        gives=tuple(_gives(operation["responses"])),
    )


def _gives(responses: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, one in sorted(responses.items()):
        schemas = [content.get("schema", {}) for content in one.get("content", {}).values()]
        yield status, one["description"], _kind(schemas[0]) if schemas and schemas[0] else ""


def _fields(schema: Mapping[str, Any]) -> Iterator[Value]:
    needed = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Value(
            name=name, place="body", kind=_kind(one), is_needed=name in needed, about=_line(one.get("description"))
        )


def _found(told: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = told["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    """Return what a value is, in a word or two.

    >>> _kind({"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/State"}}, {"type": "null"}]})
    'list of State | null'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
