"""What stands before every page: headers that bind the browser, and the refusal of changes asked for elsewhere."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.csrf import SAFE, is_from_here
from web.fields import number_in

FORBIDDEN, LENGTH_REQUIRED, TOO_LARGE = 403, 411, 413
MEGABYTE = 1_000_000
#: Nothing is loaded from elsewhere, nothing inline is run, nobody puts a page into a frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: For our own files, whose addresses change with their content.
#: Where a mail program's button leads (RFC 8058): it may be a page of a mail site.  No cookie counts there; what may be
#: done stands in the signed address.
FROM_MAIL = "/unsubscribe/"
KEPT_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


class Shield:
    """Puts the headers on every answer that has none of its own, and refuses what comes from another site's page."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app = app
        self._most = most  #: bytes of a request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_file = scope["path"].startswith("/static/") and b"v=" in scope["query_string"]

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | (KEPT_FOR_GOOD if is_file else {})).items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in SAFE and (told := self._refusal(Headers(scope=scope), scope["path"])) is not None:
            answer = _problem if scope["path"].startswith("/api/") else _line
            await answer(*told)(scope, receive, shielded)
            return
        await self._app(scope, receive, shielded)

    def _refusal(self, headers: Headers, path: str) -> tuple[int, str, str] | None:
        """Return how a change is refused before anything of it is read: status, code, words; None: it is not."""
        if not path.startswith(FROM_MAIL) and not is_from_here(headers):
            return FORBIDDEN, "not_allowed", "the request comes from the page of another site"
        if "transfer-encoding" in headers:
            return LENGTH_REQUIRED, "malformed", "say how long the request is: Content-Length"
        length = headers.get("content-length", "0")
        if (size := number_in(length)) is None or size > self._most:
            return TOO_LARGE, "too_large", f"at most {self._most // MEGABYTE} MB"
        return None


def _line(status: int, _code: str, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status)


def _problem(status: int, code: str, words: str) -> Response:
    """Return the refusal as programs read it (web.api.problems)."""
    told = {
        "type": f"/api/v1/docs#{code}",
        "title": words,
        "status": status,
        "detail": words,
        "code": code,
        "fields": [],
    }
    return JSONResponse(told, status, media_type="application/problem+json")
