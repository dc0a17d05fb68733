"""Papers that an office signs: printed as a draft, printed in their final form when approved, and printed again.

Called by the command line and the pages.  Who may is decided by the actions; here is what is printed, and where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from documents.kinds import KINDS, Kind
from documents.official.own_template import OwnTemplate
from documents.papers.asked import LAYOUT, Asked, Version
from engine.actions.approve_paper import approve_paper
from engine.actions.desk import Desk
from engine.actions.draw_up_paper import Printed, draw_up_paper
from engine.actions.freeze_agenda import period_of
from engine.actions.submit_paper import submit_paper
from engine.now import moment_at
from engine.reads.calendar import read_calendar
from engine.rules.moment import Moment, day_end
from engine.rules.refusal import NotFound, NotReady
from engine.rules.text import N_
from engine.whole_file import write_whole
from flows.folders import folder_name
from flows.house import House
from flows.templates import paper_templates_of
from i18n import CHINESE
from models import Document, Paper, Round

TEMPLATES = Path("documents") / "templates"  #: own ones that were used, each under its hash
FORM = ".docx"  #: in which a paper is signed


def draw_up(
    house: House,
    desk: Desk,
    key: str,
    *,
    told_on: date | None = None,
    meeting: date | None = None,
    unit: str | None = None,
) -> Paper:
    """Draw up a paper that tells the record up to the end of `told_on`, or up to now.  Raises Refusal."""
    kind, told_on = _signable(key), told_on or desk.moment.on
    if told_on > desk.moment.on:
        raise NotReady(N_("a paper cannot tell of {day}: that day is still to come", day=told_on))
    _heeds(kind, {"unit": unit, "period": meeting})
    template = paper_templates_of(house.settings, key).get(key)
    until = desk.moment if told_on == desk.moment.on else day_end(told_on, house.zone)
    options = {"unit": unit} if unit else {}
    period = period_of(meeting or told_on)

    def print_draft(round_: Round, version: int) -> Printed:
        kept = Version(kind=key, period=period, number=version)
        asked = replace(_asked(desk.session, kept, until, options), template=template)
        return _print(house, desk.session, round_, kind, asked)

    return draw_up_paper(desk, kind=key, period=period, until=until, options=options, print_draft=print_draft)


def submit(desk: Desk, number: int, *, document_number: str | None = None) -> Paper:
    """Submit a kept document for approval.  Raises Refusal; NotReady where its kind is not one that is signed."""
    document = desk.session.get(Document, number)
    if document is not None:
        kind = _signable(document.kind)
        if not document.path.endswith(FORM):
            raise NotReady(N_("only the Word file of a document is signed"))
        _heeds(kind, {"number": document_number})
    return submit_paper(desk, number, document_number=document_number)


def approve(
    house: House, desk: Desk, number: int, *, issued_on: date | None = None, document_number: str | None = None
) -> Paper:
    """Approve a paper, and print it in its final form.  Raises Refusal."""

    def print_final(paper: Paper, before: Paper | None) -> Printed:
        kind = _signable(paper.kind)
        _heeds(kind, {"number": paper.number})
        template = paper_templates_of(house.settings, paper.kind).get(paper.kind)
        asked = replace(_asked_of_final(desk.session, house, paper, before), template=template)
        round_ = desk.session.get_one(Round, paper.round_id)
        return _print(house, desk.session, round_, kind, asked)

    return approve_paper(desk, number, print_final=print_final, issued_on=issued_on, document_number=document_number)


def is_signable(key: str, path: str) -> bool:
    """Return whether a kept document of this kind and file may be submitted for approval."""
    return KINDS[key].is_signed and path.endswith(FORM)


def asked_again(house: House, session: Session, document: Document, language: str = CHINESE) -> Asked:
    """Return what was asked for when a kept document was printed, but for its template.

    `language` counts where a kind has several.
    """
    paper = session.scalar(select(Paper).where(or_(Paper.final_id == document.id, Paper.draft_id == document.id)))
    if paper is None:
        kept = Version(kind=document.kind, period=document.period, number=document.version)
        asked = _asked(session, kept, moment_at(document.created_at, house.zone), {})
        return replace(asked, version=document.version, language=language, layout=document.layout)
    if paper.final_id == document.id:
        before = session.get(Paper, paper.replaces_id) if paper.replaces_id else None
        asked = _asked_of_final(session, house, paper, before)
    else:
        asked = _asked(session, _version_of(paper), moment_at(paper.until, house.zone), paper.options)
    return replace(asked, layout=document.layout)


def write_again(house: House, session: Session, document: Document, path: Path, language: str = CHINESE) -> None:
    """Write a kept document to `path` as it was printed.

    Raises NotReady where the template is gone with which it was printed.
    """
    asked = replace(asked_again(house, session, document, language), template=kept_template(house, document.template))
    KINDS[document.kind].write(path, session, session.get_one(Round, document.round_id), asked)


def write_approved(house: House, session: Session, paper: Paper, path: Path) -> None:
    """Write a paper to `path` as it was approved.  Raises NotReady before it is approved."""
    document = session.get(Document, paper.final_id)
    if document is None:
        raise NotReady(N_("this paper was not approved"))
    write_again(house, session, document, path)


def _asked_of_final(session: Session, house: House, paper: Paper, before: Paper | None) -> Asked:
    until = moment_at(paper.until, house.zone)
    kept = replace(_version_of(paper), replaces=before.version if before else None)
    drawn = _asked(session, kept, until, paper.options)
    return replace(drawn, issued=paper.issued_on, number=paper.number, is_approved=True)


def _asked(session: Session, kept: Version, until: Moment, options: Mapping[str, Any]) -> Asked:
    return Asked(until=until, calendar=read_calendar(session), period=kept.period, kept=kept, **options)


def keep_template(house: House, template: OwnTemplate | None) -> str | None:
    """Keep a template beside the documents that are printed with it, once; return its hash."""
    if template is None:
        return None
    folder = house.home / TEMPLATES
    folder.mkdir(parents=True, exist_ok=True)
    if not (file := folder / f"{template.sha256}.docx").exists():
        write_whole(file, template.content)
    return template.sha256


def kept_template(house: House, digest: str | None) -> OwnTemplate | None:
    """Return the template with which a document was printed.  Raises NotReady where it is gone or was changed."""
    if digest is None:
        return None
    file = house.home / TEMPLATES / f"{digest}.docx"
    template = OwnTemplate(file.read_bytes()) if file.is_file() else None
    if template is None or template.sha256 != digest:
        raise NotReady(N_("the template with which it was printed is gone, or was changed: {file}", file=str(file)))
    return template


def _version_of(paper: Paper) -> Version:
    return Version(kind=paper.kind, period=paper.period, number=paper.version)


def _print(house: House, session: Session, round_: Round, kind: Kind, asked: Asked) -> Printed:
    mark = f"{'' if asked.is_approved else 'draft-'}{asked.kept.number if asked.kept else ''}"
    folder = Path("documents") / folder_name(round_.code) / (asked.period or "")
    (house.home / folder).mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind.key}-{mark}{FORM}"
    kind.write(house.home / path, session, round_, asked)
    digest = sha256((house.home / path).read_bytes()).hexdigest()
    return Printed(path=path, sha256=digest, layout=LAYOUT, template=keep_template(house, asked.template))


def _signable(key: str) -> Kind:
    """Return a kind that is signed.  Raises NotReady for another."""
    kind = KINDS.get(key)
    if kind is None:
        raise NotFound(N_("there is no document of the kind {kind}", kind=key))
    if not kind.is_signed:
        raise NotReady(N_("{kind} is not a document that is signed", kind=kind.name))
    return kind


def _heeds(kind: Kind, given: Mapping[str, object]) -> None:
    names = {"unit": "--unit", "number": "--number", "period": "--meeting"}
    for name, value in given.items():
        if value is not None and name not in kind.options:
            raise NotReady(N_("{kind} takes no {option}", kind=kind.name, option=names[name]))
    if "period" in kind.options and "period" in given and given["period"] is None:
        raise NotReady(N_("minutes are of one meeting: name its day"))
