"""The web application of one house."""

from __future__ import annotations

from fastapi import FastAPI

from flows.house import House
from web.health import health_routes


def create_app(house: House) -> FastAPI:
    """Return the application; it reads through `house` and keeps nothing of its own."""
    app = FastAPI(title="Duban", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health_routes(house))
    return app
