"""A policy file changed in the browser: its effect is seen first, then it is saved; earlier versions come back.

Nothing is lost when somebody else has saved meanwhile: the text stays, and what differs from theirs is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import ndiff
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from engine.reads.policy_file_versions import FileVersion, read_file_versions
from engine.rules.access import only_for
from engine.rules.plan import Fault, InputRefused
from engine.rules.policy_files import FILE_NAMES, PolicyFile
from engine.rules.refusal import Conflict, NotFound, NotReady, Refusal, Unproved
from engine.rules.sight import Place
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from flows.policy_file import check_policy, mark_of, policy_text, save_policy, version_text
from web.pages.policy_effect import Effect, effect_of
from web.pages.trust import asked
from web.render import page
from web.troubles import CONFLICT, UNPROCESSABLE, status_of
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/policies/{name}.yaml"
SPANS = (5, 10, 20, 60)  #: days that a change can be tried on
SHOWN = 150  #: lines of each side


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFilePage:
    """A policy file as a text, and what became of trying it."""

    file: PolicyFile
    title: Text
    text: str
    known: str  #: marks the text that it was made from
    tried: str  #: marks the text whose effect is shown
    reason: str
    days: int
    may_save: bool
    versions: tuple[FileVersion, ...]
    taken: str = ""  #: which earlier version was put into the form
    spans: tuple[int, ...] = SPANS
    most: int = SHOWN
    faults: tuple[Fault, ...] = ()
    problem: Text | None = None
    waits: Text | None = None  #: for whose word the text waits
    theirs: tuple[tuple[str, str], ...] = ()  #: lines that differ from what somebody else saved: - mine, + theirs
    effect: Effect | None = None


@routes.get(PATH)
def show_file(visit: Signed, name: str, version: str = "") -> Response:
    """Show a file as it stands, or an earlier version of it in the form."""
    shown = _page(visit, name)
    if version:
        shown = replace(shown, text=version_text(shown.file, shown.versions, version), taken=version)
    return page(visit, "policy_file.html", shown)


@routes.post(PATH)
def change_file(
    visit: Signed,
    name: str,
    *,
    text: Annotated[str, Form()],
    known: Annotated[str, Form()],
    tried: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    what: Annotated[str, Form()] = "try",
    days: Annotated[int, Form()] = SPANS[1],
) -> Response:
    """Show what the text would do; or put it in force, once its effect was seen."""
    plain = text.replace("\r\n", "\n")
    shown = replace(
        _page(visit, name), text=plain, known=known, reason=reason, days=days if days in SPANS else SPANS[1]
    )
    try:
        if what == "save":
            only_for(visit.actor, "change_policy", (Role.COORDINATOR,))
        if what == "save" and tried == mark_of(plain):
            with visit.desk() as desk:
                is_new, waits = save_policy(visit.house, desk, shown.file, plain, known=known, reason=reason)
                told_waits = asked(desk.session, waits) if waits else None
            if told_waits is not None:
                return _asked(visit, shown, told_waits)
            told = N_("{file} is in force", file=shown.file.path) if is_new else N_("nothing differs")
            return visit.go("/policies", told)
        shown = _with_effect(visit, shown)
        if what == "save":
            raise NotReady(N_("nothing is saved yet: look at the effect first, then save"))
    except InputRefused as refused:
        return page(visit, "policy_file.html", replace(shown, faults=refused.faults), status=UNPROCESSABLE)
    except Unproved:
        raise  # the page that asks for the password carries the text along
    except Conflict as refusal:
        return _meanwhile(visit, replace(shown, problem=refusal.text))
    except Refusal as refusal:
        shown = shown if shown.effect else _tried_again(visit, shown, tried)
        return page(visit, "policy_file.html", replace(shown, problem=refusal.text), status=status_of(refusal))
    return page(visit, "policy_file.html", shown)


def _asked(visit: SignedVisit, shown: PolicyFilePage, told: Text) -> Response:
    """Show that the text waits for a second person; it stays in the form, to be saved again after that."""
    again = N_("{told} Save the same text again within a day after it is confirmed.", told=told)
    return page(visit, "policy_file.html", replace(_with_effect(visit, shown), waits=again))


def _page(visit: SignedVisit, name: str) -> PolicyFilePage:
    """Return the page of a file.  Raises NotAllowed, or NotFound."""
    visit.open(Place.POLICIES)
    if name not in set(PolicyFile):
        raise NotFound(N_("there is nothing here"))
    file = PolicyFile(name)
    with visit.reading() as session:
        versions = read_file_versions(session, file)
    text = policy_text(visit.house, file)
    return PolicyFilePage(
        file=file,
        title=FILE_NAMES[file],
        text=text,
        known=mark_of(text),
        tried="",
        reason="",
        days=SPANS[1],
        may_save=visit.actor.holds(Role.COORDINATOR),
        versions=versions,
    )


def _with_effect(visit: SignedVisit, shown: PolicyFilePage) -> PolicyFilePage:
    """Return the page with what its text would do.  Raises InputRefused or NotReady."""
    after = check_policy(shown.file, shown.text)
    before = check_policy(shown.file, policy_text(visit.house, shown.file))
    with visit.reading() as session:
        effect = effect_of(visit, session, shown.file, before=before, after=after, days=shown.days)
    return replace(shown, effect=effect, tried=mark_of(shown.text))


def _tried_again(visit: SignedVisit, shown: PolicyFilePage, tried: str) -> PolicyFilePage:
    """Return the page with its effect, where that was seen already: only the reason was missing, say."""
    return _with_effect(visit, shown) if tried == mark_of(shown.text) else shown


def _meanwhile(visit: SignedVisit, shown: PolicyFilePage) -> Response:
    """Show what somebody else has put in force, beside the text that was to take its place; saving again is possible.

    The form goes on from theirs, and its effect must be looked at again.
    """
    now = policy_text(visit.house, shown.file)
    again = replace(shown, known=mark_of(now), tried="", theirs=tuple(_lines(shown.text, now)))
    return page(visit, "policy_file.html", again, status=CONFLICT)


def _lines(mine: str, theirs: str) -> Iterator[tuple[str, str]]:
    for line in ndiff(mine.splitlines(), theirs.splitlines()):
        if line[0] in "-+":
            yield line[0], line[2:]
