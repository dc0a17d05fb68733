"""The policies in force: lifecycle and ladders as pictures, the files they come from, and their versions."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from documents.charts.svg import Svg
from engine.reads.policy_versions import PolicyVersion, read_policy_versions
from engine.rules.ladder import parse_ladders
from engine.rules.lifecycle import parse_lifecycle
from engine.rules.policy_files import FILE_NAMES, PolicyFile
from engine.rules.sight import Place
from engine.rules.text import Text
from engine.rules.vocabulary import Role
from web.pages.policy_pictures import LadderPicture, ladder_pictures, lifecycle_picture
from web.render import page
from web.visit import Signed

routes = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesPage:
    """What is in force."""

    versions: tuple[PolicyVersion, ...]
    lifecycle: Svg
    ladders: tuple[LadderPicture, ...]
    report_day: int
    extensions: tuple[Role, ...]
    may_edit: bool
    files: dict[PolicyFile, Text]


@routes.get("/policies")
def show_policies(visit: Signed) -> Response:
    """Show what is in force."""
    visit.open(Place.POLICIES)
    with visit.reading() as session:
        versions = read_policy_versions(session)
    in_force = next((one for one in versions if one.rounds), None)
    policies = visit.house.policies
    lifecycle = parse_lifecycle(in_force.lifecycle if in_force else policies.lifecycle)
    book = parse_ladders(in_force.ladder if in_force else policies.ladder)
    shown = PoliciesPage(
        versions=versions,
        lifecycle=lifecycle_picture(lifecycle, visit.language),
        ladders=ladder_pictures(book, visit.language),
        report_day=book.report_day,
        extensions=book.extensions,
        may_edit=visit.actor.holds(Role.COORDINATOR),
        files=FILE_NAMES,
    )
    return page(visit, "policies.html", shown)
