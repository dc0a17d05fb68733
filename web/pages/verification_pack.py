"""A verification on paper and in one archive: the record as a page for the printer, with evidence and photos."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response, StreamingResponse

from documents.file_types import MEDIA_TYPES
from documents.verification_pack import Piece, write_pack
from engine.reads.checklist_answers import VisitLine, find_photo, read_visits
from engine.reads.measure_page import MeasurePage
from engine.reads.verification_page import VerificationDetail, read_verification
from engine.reads.verification_queue import VerificationLine
from engine.rules.checklist import ANSWERS, Answer
from engine.rules.record_words import outcome
from engine.rules.refusal import NotFound
from engine.rules.text import N_, Text
from i18n import say
from intake.evidence_store import media_type, stored
from web.fields import Number
from web.pages.verification_detail import PATH, asked_now, find, queue_root
from web.render import FOLDER, printed
from web.visit import Signed, SignedVisit

routes = APIRouter()
STYLE = (FOLDER / "static" / "pages" / "verification_pack.css").read_text(encoding="utf-8")
#: The page carries its looks with it, since it also lies in the archive: by their hash they may stand inside.
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
PRINTED = (
    f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A photo on paper."""

    name: str
    sha256: str
    source: str | None  #: where it is shown from; None: no browser shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPage:
    """The record on paper."""

    line: VerificationLine
    detail: VerificationDetail
    found: MeasurePage
    visits: tuple[tuple[VisitLine, tuple[Shot, ...]], ...]
    outcome: Text | str | None
    answers: dict[Answer, Text]
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """Everything of one verification."""

    line: VerificationLine
    detail: VerificationDetail
    found: MeasurePage
    visits: tuple[VisitLine, ...]


@routes.get(f"{PATH}/{{number}}/pack")
def show_pack(visit: Signed, number: Number) -> Response:
    """Show the record as it is printed."""
    whole = _read(visit, number)
    sources = {
        photo.id: f"{queue_root(visit)}/{number}/photos/{photo.id}" for one in whole.visits for photo in one.photos
    }
    return HTMLResponse(_paper(visit, whole, sources), headers={"Content-Security-Policy": PRINTED})


@routes.get(f"{PATH}/{{number}}/pack.zip")
def give_pack(visit: Signed, number: Number) -> Response:
    """Hand everything over in one archive, piece by piece."""
    whole = _read(visit, number)
    pieces, photos = _pieces(visit, whole)
    html = _paper(visit, whole, {photo: quote(piece.inside) for photo, piece in photos.items()})
    told = json.dumps(_plain(visit, whole), ensure_ascii=False, indent=2, sort_keys=True)
    texts = (("verification.html", html.encode()), ("verification.json", told.encode()))
    name = quote(f"{say(N_('verification pack'), visit.house.language)}-{whole.line.code}.zip", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(write_pack(texts, pieces), media_type=MEDIA_TYPES[".zip"], headers=headers)


@routes.get(f"{PATH}/{{number}}/photos/{{photo}}")
def show_photo(visit: Signed, number: Number, photo: Number) -> Response:
    """Show a photo of a visit, byte for byte."""
    with visit.reading() as session:
        find(session, visit, number)
        found = find_photo(session, number, photo)
    path = stored(visit.house.home, found.sha256) if found else None
    if found is None or path is None or not path.is_file():
        raise NotFound(N_("there is no such file"))
    media = media_type(path)
    return FileResponse(
        path,
        media_type=media or "application/octet-stream",
        filename=found.name,
        content_disposition_type="inline" if media else "attachment",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, max-age=86400"},
    )


def _read(visit: SignedVisit, number: int) -> _Whole:
    with visit.reading() as session:
        line, found = find(session, visit, number)
        detail = read_verification(session, number, otherwise=asked_now(visit, found))
        return _Whole(line=line, detail=detail, found=found, visits=read_visits(session, number))


def _pieces(visit: SignedVisit, whole: _Whole) -> tuple[list[Piece], dict[int, Piece]]:
    """Return all files, and those that are photos by their number."""
    home = visit.house.home
    evidence = [
        Piece(folder="evidence", number=place, name=one.name, sha256=one.sha256, path=stored(home, one.sha256))
        for place, one in enumerate(whole.detail.evidence, start=1)
        if one.sha256
    ]
    shots = [photo for one in whole.visits for photo in one.photos]
    photos = {
        one.id: Piece(folder="photos", number=place, name=one.name, sha256=one.sha256, path=stored(home, one.sha256))
        for place, one in enumerate(shots, start=1)
    }
    return [*evidence, *photos.values()], photos


def _paper(visit: SignedVisit, whole: _Whole, sources: dict[int, str]) -> str:
    """Return the page; `sources` says where each photo is shown from."""

    def shown(one: VisitLine) -> tuple[Shot, ...]:
        paths = [(photo, stored(visit.house.home, photo.sha256)) for photo in one.photos]
        return tuple(
            Shot(
                name=photo.name,
                sha256=photo.sha256,
                source=sources[photo.id] if path.is_file() and media_type(path) else None,
            )
            for photo, path in paths
        )

    context = PackPage(
        line=whole.line,
        detail=whole.detail,
        found=whole.found,
        visits=tuple((one, shown(one)) for one in whole.visits),
        outcome=outcome(whole.line.verdict) if whole.line.verdict else None,
        answers=ANSWERS,
        style=STYLE,
    )
    return printed(visit, "verification_pack.html", context)


def _plain(visit: SignedVisit, whole: _Whole) -> dict[str, Any]:
    """Return the record for programs."""
    line, detail, language = whole.line, whole.detail, visit.house.language
    return {
        "measure": line.code,
        "text": line.text,
        "class": line.measure_class.value,
        "unit": line.unit,
        "owner": line.owner,
        "leader": line.lead,
        "verifier": line.verifier,
        "requested_on": line.requested_on.isoformat(),
        "started_on": line.started_on.isoformat() if line.started_on else None,
        "verdict": line.verdict,
        "reason": line.reason,
        "decided_by": detail.decided_by,
        "decided_at": detail.decided_at.isoformat() if detail.decided_at else None,
        "vouched": detail.is_vouched,
        "evidence_digest": detail.evidence_digest,
        "evidence": [
            {"id": one.id, "name": one.name, "sha256": one.sha256, "size": one.size, "by": one.by}
            for one in detail.evidence
        ],
        "checklist": [
            {
                "id": one.question.id,
                "question": one.question.text(language),
                "needed": one.question.need == "needed",
                "answer": one.given.answer.value if one.given else None,
                "note": one.given.note if one.given else "",
                "by": one.by if one.given else None,
            }
            for one in detail.asked
        ],
        "visits": [
            {
                "on": one.on.isoformat(),
                "place": one.place,
                "present": one.present,
                "checked": one.checked,
                "found": one.found,
                "by": one.by,
                "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in one.photos],
            }
            for one in whole.visits
        ],
    }
