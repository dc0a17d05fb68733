"""How a change is carried out and answered: one action, one transaction, kept under its key, told with its version."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import aliased

from engine.actions.desk import Desk, find_round
from engine.actions.expect_version import expect_version
from engine.actions.keep_answer import Answered, Keyed, find_answer, keep_answer
from engine.reads.in_sight import in_sight
from engine.rules.refusal import Conflict, NotFound
from engine.rules.text import N_
from models import Measure, Person
from web.api.caller import Caller
from web.api.problems import VersionChanged
from web.api.shapes import MeasureChanged

OK, CREATED, NO_CONTENT = 200, 201, 204
REPLAYED = "Idempotency-Replayed"
JSON = "application/json"

_under_way: set[tuple[int, str]] = set()  #: keys of this process; PostgreSQL knows those of the others
_lock = Lock()


def act(
    caller: Caller,
    do: Callable[[Desk], BaseModel | None],
    *,
    round_: str | None = None,
    status: int = OK,
    files: bytes = b"",
) -> Response:
    """Carry out one action and answer with what it returns; the same request under the same key is answered alike.

    `files` are the digests of what was uploaded: they belong to what is asked.
    """
    if caller.key is None:
        with caller.acting(round_) as desk:
            answered = _answered(do(desk), status)
        return _response(answered)
    fingerprint = sha256(caller.asked + files).digest()
    asked = Keyed(person=caller.bearer.person, key=caller.key, fingerprint=fingerprint)
    with _Turn(asked), caller.acting(round_) as desk:
        known = find_answer(desk.session, asked, caller.moment)
        if known is not None:
            return _response(known, is_known=True)
        answered = _answered(do(desk), status)
        keep_answer(desk.session, asked, answered, caller.moment)
    return _response(answered)


def change(
    caller: Caller,
    round_: str,
    code: str,
    do: Callable[[Desk], object],
    *,
    status: int = OK,
    files: bytes = b"",
) -> Response:
    """Carry out one action on a measure that the caller sees, and answer how it stands then.

    Raises NotFound for one out of sight, VersionChanged when it is not at the version that the caller has read.
    """

    def changed(desk: Desk) -> MeasureChanged:
        see(desk, caller, code)
        if caller.expected is not None:
            try:
                expect_version(desk, code, caller.expected)
            except Conflict as conflict:
                raise VersionChanged(conflict.text) from None
        do(desk)
        return standing(desk, code)

    return act(caller, changed, round_=round_, status=status, files=files)


def see(desk: Desk, caller: Caller, code: str) -> None:
    """Refuse a measure that is not there, or out of the caller's sight.  Raises NotFound."""
    round_ = find_round(desk.session, desk.round)
    query = select(Measure.id).where(Measure.round_id == round_.id, Measure.code == code, *in_sight(caller.sight))
    if desk.session.scalar(query) is None:
        raise NotFound(N_("there is no measure {code} in round {round}", code=code, round=round_.code))


def standing(desk: Desk, code: str) -> MeasureChanged:
    """Return how a measure stands in this transaction."""
    owner, round_ = aliased(Person), find_round(desk.session, desk.round)
    desk.session.flush()
    columns = (
        Measure.state,
        Measure.percent,
        Measure.due,
        Measure.original_due,
        Measure.deadline_version,
        Measure.version,
    )
    row = desk.session.execute(
        select(*columns, owner.code.label("owner"))
        .outerjoin(owner, owner.id == Measure.owner_id)
        .where(Measure.round_id == round_.id, Measure.code == code)
    ).one()
    return MeasureChanged(round=round_.code, code=code, **row._asdict())


def etag_of(version: int) -> str:
    """Return the ETag of a measure at a version."""
    return f'"{version}"'


def _answered(body: BaseModel | None, status: int) -> Answered:
    if body is None:
        return Answered(status=NO_CONTENT, etag=None, body="")
    version = body.version if isinstance(body, MeasureChanged) else None
    return Answered(
        status=status, etag=None if version is None else etag_of(version), body=body.model_dump_json(by_alias=True)
    )


def _response(answered: Answered, *, is_known: bool = False) -> Response:
    headers = {"ETag": answered.etag} if answered.etag else {}
    if is_known:
        headers[REPLAYED] = "true"
    if answered.status == NO_CONTENT:
        return Response(status_code=NO_CONTENT, headers=headers)
    return Response(answered.body, status_code=answered.status, media_type=JSON, headers=headers)


class _Turn:
    """Lets one request of a key work at a time.  Raises Conflict for the second."""

    def __init__(self, asked: Keyed) -> None:
        self._key = (asked.person, asked.key)

    def __enter__(self) -> None:
        with _lock:
            if self._key in _under_way:
                raise Conflict(N_("the same request is still under way; ask again in a moment"))
            _under_way.add(self._key)

    def __exit__(self, *_: object) -> None:
        with _lock:
            _under_way.discard(self._key)
