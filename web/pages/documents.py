"""Documents: every one that was printed, handed over only as it was printed; printed again to compare, or made now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response

from documents.file_types import MEDIA_TYPES
from documents.kinds import KINDS
from engine.actions.draft_agenda import publish_agenda
from engine.reads.documents_page import DocumentLine, find_document, read_documents
from engine.reads.papers import PaperLine, read_papers
from engine.rules.names import DOCUMENT_NAMES
from engine.rules.refusal import NotFound, NotReady
from engine.rules.sight import Place
from engine.rules.signing import PAPER_STATE_NAMES, SIGNERS, PaperState, may_sign
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from flows.monthly import run_monthly
from flows.papers import is_signable
from flows.reprint import intact, reprint
from web.fields import Number
from web.pages.rounds import attachment
from web.render import page
from web.visit import Signed, SignedVisit

routes = APIRouter()
PATH = "/rounds/{round}/documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsPage:
    """The list."""

    root: str
    lines: tuple[DocumentLine, ...]
    gone: frozenset[int]  #: whose file is missing
    kind: str
    period: str
    kinds: tuple[str, ...]
    periods: tuple[str, ...]  #: the newest first
    papers: Mapping[int, PaperLine]  #: by the number of the draft, and of the final form
    state_names: Mapping[PaperState, Text]
    signable: frozenset[int]  #: printed by a run, and not submitted yet
    to_approve: frozenset[int]  #: drafts that the reader may approve
    may_return: bool
    drawable: Mapping[str, Text]  #: kinds that are drawn up here
    may_print: bool
    kind_names: Mapping[str, Text]


@routes.get(PATH)
def show_documents(visit: Signed, kind: str = "", period: str = "") -> Response:
    """List what was printed."""
    visit.open(Place.DOCUMENTS)
    with visit.reading() as session:
        round_id = visit.round(session).id
        every, papers = read_documents(session, round_id), read_papers(session, round_id, visit.moment.on)
    known = {one.draft: one for one in papers} | {one.final: one for one in papers if one.final}
    lines = tuple(one for one in every if kind in {"", one.kind} and period in {"", one.period})
    context = DocumentsPage(
        root=_root(visit),
        lines=lines,
        gone=frozenset(one.id for one in lines if not (visit.house.home / one.path).is_file()),
        kind=kind,
        period=period,
        kinds=tuple(sorted({one.kind for one in every})),
        periods=tuple(sorted({one.period for one in every}, reverse=True)),
        papers=known,
        state_names=PAPER_STATE_NAMES,
        signable=frozenset(one.id for one in lines if is_signable(one.kind, one.path) and one.id not in known),
        to_approve=frozenset(
            one.draft for one in papers if one.state is PaperState.SUBMITTED and may_sign(visit.actor, one.near)
        ),
        may_return=any(visit.actor.holds(role) for role in SIGNERS),
        drawable={key: kind.name for key, kind in reversed(KINDS.items()) if kind.is_signed},  # the notice first
        may_print=visit.actor.holds(Role.COORDINATOR),
        kind_names=DOCUMENT_NAMES,
    )
    return page(visit, "documents.html", context)


@routes.get(f"{PATH}/{{number}}")
def hand_over(visit: Signed, number: Number) -> Response:
    """Hand a document over, if its file is still what was printed."""
    visit.open(Place.DOCUMENTS)
    with visit.reading() as session:
        found = find_document(session, visit.round(session).id, number)
    if found is None:
        raise NotFound(N_("there is no such document"))
    content = intact(visit.house.home / found.path, found.sha256)
    if content is None:
        raise NotReady(N_("the file is missing, or is not what was printed; print it again and compare"))
    name = PurePosixPath(found.path)
    media = MEDIA_TYPES.get(name.suffix, "application/octet-stream")
    headers = {"Content-Disposition": attachment(f"{found.period}-{name.name}")}
    return Response(content, media_type=media, headers=headers)


@routes.post(PATH)
def make(visit: Signed, held_on: Annotated[date, Form()]) -> Response:
    """Make the month's documents now, as a new version."""
    visit.open(Place.DOCUMENTS)
    with visit.desk(is_last=False) as desk:
        publish_agenda(desk, held_on)
    run_monthly(visit.house, visit.moment, again=True, held_on=held_on, round_code=visit.round_code)
    return visit.go(_root(visit), N_("the documents are made"))


@routes.post(f"{PATH}/check")
def check(visit: Signed) -> Response:
    """Print everything again, and compare."""
    visit.open(Place.DOCUMENTS)
    found = list(reprint(visit.house))
    bad = tuple(one.path for one in found if not (one.is_same and one.is_kept))
    told = (
        N_("of {count} documents these are not what was printed: {paths}", count=len(found), paths=bad)
        if bad
        else N_("{count} documents were printed again: every byte is the same", count=len(found))
    )
    return visit.go(_root(visit), told)


def _root(visit: SignedVisit) -> str:
    return f"/rounds/{quote(visit.request.path_params['round'], safe='')}/documents"
