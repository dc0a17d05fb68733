"""`duban demo` on the screen: makes room, shows the play's progress, and sums up what it left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import func, select

from config.settings import Settings
from demo.play import Played, Tick, play_notice, play_sample
from engine.actions.desk import find_round
from engine.reads.round_figures import Status, read_status
from engine.rules.import_report import ImportReport, differences
from engine.rules.refusal import NotReady
from engine.rules.text import N_, Text
from engine.rules.vocabulary import Role
from flows.house import House, open_house
from i18n import say
from models import Delivery, Person, RoleGrant, Round, Sending
from models.database import reading

MARK = "demo.txt"  #: says that a folder belongs to the demo, which may play it anew; then names the demo's round
MARKED = "This folder was made by duban demo and may be played anew.\n"
LEFT_BY_A_PLAY = ("duban.db", "duban.db-wal", "duban.db-shm", "documents", "outbox", "samples")


class Teller(Protocol):
    """Where the demo tells what it did: the screen of the command line."""

    def line(self, told: Text | str = "", *, style: str | None = None) -> None:
        """Print a sentence."""

    def table(
        self, headings: Sequence[Text], rows: Sequence[Sequence[Text | int | None]], *, title: Text | None = None
    ) -> None:
        """Print a table."""


def run_demo(home: Path, notice: Path | None, screen: Teller) -> None:
    """Play the sample, or start `notice`, in `home`.  Raises NotReady when the folder holds something else."""
    settings = Settings(home=home, database_url=None)
    if (home / MARK).is_file():
        if (home / "duban.db").is_file():
            _refuse_foreign_rounds(settings, known=(home / MARK).read_text(encoding="utf-8").splitlines()[1:])
        _make_room(home)
    house = open_house(settings)
    try:
        if _rounds(house):
            raise NotReady(N_("{home} holds a round already; name another folder with --home", home=home))
        (home / MARK).write_text(MARKED, encoding="utf-8")
        if notice is None:
            played = _with_bar(house, lambda tick: play_sample(house, tick))
        else:
            played = _with_bar(house, lambda tick: play_notice(house, notice, tick))
        _sum_up(house, played, screen)
    finally:
        house.engine.dispose()


def _rounds(house: House) -> list[str]:
    """Return the codes of the rounds in `house`."""
    with reading(house.sessions) as session:
        return list(session.scalars(select(Round.code).order_by(Round.code)))


def _refuse_foreign_rounds(settings: Settings, known: Sequence[str]) -> None:
    """Raise NotReady when somebody keeps rounds of their own beside those that the demo is `known` to have made."""
    house = open_house(settings)
    try:
        if foreign := sorted(set(_rounds(house)) - set(known)):
            message = N_(
                "{home} also holds rounds that are not the demo's ({rounds}), and playing anew would delete them; "
                "name another folder with --home",
                home=settings.home,
                rounds=tuple(foreign),
            )
            raise NotReady(message)
    finally:
        house.engine.dispose()


def _make_room(home: Path) -> None:
    """Clear away an earlier play."""
    for name in LEFT_BY_A_PLAY:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _with_bar(house: House, play: Callable[[Tick], Played]) -> Played:
    """Play with a progress bar on the error stream, so that what is printed stays clean."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(say(N_("playing"), house.language), total=None)
        mark = house.home / MARK

        def tick(day: date, total: int) -> None:
            if not progress.tasks[task].completed:  # the round is there, from the first day on
                mark.write_text(MARKED + "\n".join(_rounds(house)), encoding="utf-8")
            progress.update(task, advance=1, total=total, description=day.isoformat())

        return play(tick)


def _sum_up(house: House, played: Played, screen: Teller) -> None:
    with reading(house.sessions) as session:
        round_ = find_round(session, played.round)
        status = read_status(session, round_, played.as_of, house.calendar())
        sent = session.scalar(select(func.count(Delivery.id)).where(Delivery.state == Sending.SENT))
    for report in played.imports:
        screen.line(_read_in(report))
        for difference in differences(report):
            screen.line(difference, style="yellow")
    screen.line()
    _print_figures(screen, status)
    screen.line()
    screen.line(N_("{count} messages were sent", count=sent or 0))
    for path in played.last_run.documents:
        screen.line(N_("document: {path}", path=house.home / path))
    if (house.home / "outbox").is_dir():
        screen.line(N_("mails: {path}", path=house.home / "outbox"))
    screen.line(N_("go on with: DUBAN_HOME={home} duban status --as-of {day}", home=house.home, day=played.as_of))
    if (somebody := _coordinator(house)) is not None:
        screen.line(
            N_(
                "to look around in a browser: DUBAN_HOME={home} duban person invite {person} --as {person} "
                "makes a link, DUBAN_HOME={home} duban serve opens it",
                home=house.home,
                person=somebody,
            )
        )


def _coordinator(house: House) -> str | None:
    """Return the sign-in name of a coordinator; a notice names none."""
    query = select(Person.code).join(RoleGrant, RoleGrant.person_id == Person.id)
    with reading(house.sessions) as session:
        return session.scalar(query.where(RoleGrant.role == Role.COORDINATOR).order_by(Person.id).limit(1))


def _read_in(report: ImportReport) -> Text:
    return N_(
        "{kind}: {aspects} aspects, {problems} problems, {items} items, {measures} measures read; "
        "{created} created, {updated} updated",
        kind=N_("notice") if report.kind == "notice" else N_("ledger"),
        aspects=report.aspects,
        problems=report.problems,
        items=report.items,
        measures=report.measures,
        created=report.created,
        updated=report.updated,
    )


def _print_figures(screen: Teller, status: Status) -> None:
    """Print the figures that the published notice speaks of, as the ledger gives them, beside what it declares."""
    figures, declared = status.figures, status.declared or {}
    title = N_("{title}, as of {day}", title=status.title or status.round, day=status.as_of)
    rows = (
        (N_("aspects"), figures.aspects, declared.get("aspects")),
        (N_("problems"), figures.problems, declared.get("problems")),
        (N_("items"), figures.items, declared.get("items")),
        (N_("items done"), figures.items_done, declared.get("items_done")),
        (N_("measures"), figures.measures, declared.get("measures")),
        (N_("measures closed"), figures.closed, declared.get("measures_done")),
        (N_("in progress"), figures.in_progress, None),
        (N_("waiting for verification"), figures.submitted, None),
        (N_("to be assigned"), figures.to_be_assigned, None),
        (N_("overdue"), figures.overdue, None),
    )
    screen.table((N_("figure"), N_("by the ledger"), N_("declared")), rows, title=title)
