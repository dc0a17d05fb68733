"""The templates of messages: those that ship with Duban, and in their place the office's own, where these hold.

An own file is checked before it is used: it must be one that there is, be valid, know every name that it says, and
write the samples.  One that does not is left aside and told; Duban's is used meanwhile.  So is it when an own one fails
on a message after all: nothing is lost over a template.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateSyntaxError,
    meta,
    nodes,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

import i18n
from engine.rules.plan import Fault, Place
from engine.rules.text import N_, Text
from notifications.kinds import MessageKind

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")
#: What a template may say; `docs/how-to/change-the-messages.md` describes each.
KNOWN = frozenset(
    {
        "_",
        "brand",
        "closing",
        "code",
        "greeting",
        "kind",
        "language",
        "person",
        "sections",
        "standing_in",
        "subject",
        "summary",
        "summary_subject",
        "unsubscribe",
    }
)
#: Samples to try templates with: what they say, by kind and language.
Samples = Mapping[MessageKind, Mapping[str, Any]]


class TemplateSet:
    """Renders the parts of messages, the office's own templates before Duban's."""

    def __init__(self, own: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        self._folder = folder
        self._own = dict(own or {})
        self._shipped = _environment(FileSystemLoader(SHIPPED))
        self._environment = _environment(FunctionLoader(self._load)) if self._own else self._shipped

    def render(self, name: str, said: Mapping[str, Any]) -> str:
        """Return a part such as red/body.html; by Duban's own template where the office's fails."""
        if self._own:
            try:
                return self._environment.get_template(name).render(said)
            except Exception as error:  # noqa: BLE001 - whatever a template of the office does, the message is sent
                log.warning("a template of the office failed", extra={"error": type(error).__name__})
        return self._shipped.get_template(name).render(said)

    def try_out(self, name: str, said: Mapping[str, Any]) -> None:
        """Render a part by the office's templates; raises what that raises."""
        self._environment.get_template(name).render(said)

    def without(self, name: str) -> TemplateSet:
        """Return the same without one of the office's files."""
        return TemplateSet({one: source for one, source in self._own.items() if one != name}, self._folder)

    @property
    def own(self) -> frozenset[str]:
        """Return the names of the office's files that are used."""
        return frozenset(self._own)

    def place(self, name: str) -> str:
        """Return where one of the office's files is."""
        return str((self._folder or SHIPPED) / name)

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        if name in self._own:
            return self._own[name], self.place(name), lambda: True
        if name not in names():  # nothing else on this machine can be included
            return None
        return (SHIPPED / name).read_text(encoding="utf-8"), str(SHIPPED / name), lambda: True


@cache
def names() -> frozenset[str]:
    """Return the files that an office may write in the place of Duban's."""
    return frozenset(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.*") if path.is_file())


@cache
def shipped_templates() -> TemplateSet:
    """Return Duban's own."""
    return TemplateSet()


def load_templates(folder: Path, samples: Callable[[], Samples]) -> tuple[TemplateSet, tuple[Fault, ...]]:
    """Return the templates with the office's own in `folder` that hold, and one fault for each that does not.

    `samples` is asked only where there are any.
    """
    if not folder.is_dir():
        return shipped_templates(), ()
    faults: list[Fault] = []
    own: dict[str, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        name = path.relative_to(folder).as_posix()
        try:
            source = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            faults.append(_fault(path, None, N_("a readable UTF-8 text file was expected")))
            continue
        found = _look(name, source)
        if found is None:
            own[name] = source
        else:
            faults.append(_fault(path, *found))
    if not own:
        return shipped_templates(), tuple(faults)
    return _tried(TemplateSet(own, folder), samples(), faults)


def _look(name: str, source: str) -> tuple[int | None, Text] | None:
    """Return the line and what is wrong with a file in itself; None: nothing."""
    if name not in names():
        return None, N_("Duban has no template of this name, such as red/body.html or layout/body.html")
    try:
        tree = shipped_templates()._environment.parse(source)  # noqa: SLF001 - the same module
        unknown = sorted(meta.find_undeclared_variables(tree) - KNOWN)
    except TemplateSyntaxError as error:
        return error.lineno, N_("this is not valid: {problem}", problem=error.message or "")
    if unknown:
        line = next((one.lineno for one in tree.find_all(nodes.Name) if one.name == unknown[0]), None)
        return line, N_("{name} is not known; known are: {names}", name=unknown[0], names=tuple(sorted(KNOWN)))
    return None


def _tried(templates: TemplateSet, samples: Samples, faults: list[Fault]) -> tuple[TemplateSet, tuple[Fault, ...]]:
    """Return the templates that write every sample, and what is wrong with the others."""
    for kind, said in samples.items():
        for part in PARTS:
            name = f"{kind.value}/{part}"
            while templates.own:
                try:
                    templates.try_out(name, said)
                    break
                except Exception as error:  # noqa: BLE001 - whatever a template of the office does is its fault
                    guilty, line = _where(error, templates) or (name, None)
                    if guilty not in templates.own:  # its layout is at fault in another way: no line tells
                        guilty = min(templates.own)
                    told = N_(
                        "it cannot write a message of the kind {kind}: {problem}", kind=kind.value, problem=str(error)
                    )
                    faults.append(_fault(Path(templates.place(guilty)), line, told))
                    templates = templates.without(guilty)
    return templates if templates.own else shipped_templates(), tuple(faults)


def _where(error: Exception, templates: TemplateSet) -> tuple[str, int] | None:
    """Return which of the office's files an error came out of, and in which line; the innermost counts."""
    places = {templates.place(name): name for name in templates.own}
    found, frame = None, error.__traceback__
    while frame is not None:
        name = places.get(frame.tb_frame.f_code.co_filename)
        if name is not None:
            found = name, frame.tb_lineno
        frame = frame.tb_next
    return found


def _fault(path: Path, line: int | None, message: Text) -> Fault:
    return Fault(place=Place(file=str(path), row=line), value=None, message=message)


def _environment(loader: FileSystemLoader | FunctionLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def sayer(language: str) -> Callable[..., str]:
    """Return what `_` is in a template: it says an English sentence of the catalogue in `language`."""
    return partial(_say, language)


def _say(language: str, sentence: str, /, **values: object) -> str:
    return i18n.say(sentence, language, **values)
