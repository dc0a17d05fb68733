"""A real Chromium before the real application, served on this machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Protocol

import pytest
import uvicorn
from fastapi import FastAPI

from web.visit import SIGN_IN

CHROMIUM = os.environ.get("DUBAN_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SPEAKS = {"LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"}  #: what the browser itself says, such as in fields for dates
NARROW = 600  #: pixels; a window that is not as wide is a phone's


class Doors(Protocol):
    """A house that can be looked at."""

    app: FastAPI

    def secret_of(self, code: str) -> str:
        """Let somebody in; return the secret of their sign-in."""


@contextmanager
def serving(premises: Doors) -> Iterator[str]:
    """Give the address of the application."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(premises.app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def browsing(premises: Doors) -> Iterator[Browsers]:
    """Give browsers for the people of a house."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needs a browser that may not be there

    with serving(premises) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS), env=os.environ | SPEAKS)
        yield Browsers(premises, browser, address)
        browser.close()


class Browsers:
    """A Chromium with a context of its own for each person; what a page complains of is kept."""

    def __init__(self, premises: Doors, browser: Any, address: str) -> None:
        self._premises, self._browser, self.address = premises, browser, address
        self.complaints: list[str] = []

    def of(self, code: str | None, *, width: int = 1280, height: int = 860) -> Any:
        """Return a page of somebody who is signed in; None: of nobody."""
        size = {"width": width, "height": height}
        context = self._browser.new_context(viewport=size, locale="zh-CN", has_touch=width < NARROW)
        if code is not None:
            context.add_cookies([{"name": SIGN_IN, "value": self._premises.secret_of(code), "url": self.address}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        page.on("dialog", lambda dialog: dialog.accept())
        return page
