"""`duban backup` and `duban restore`: the whole installation in one file, taken while others work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import answering, load_settings, open_frame
from cli.help import Page, _, new_app
from cli.ledger import check_target
from cli.options import Json, OutFile
from engine.rules.text import N_

if TYPE_CHECKING:
    from cli.output import Screen
    from config.settings import Settings
    from models.backup.archive import Archive, Manifest

app = new_app()
MEGABYTE = 1_000_000


@app.command(
    "backup",
    cls=Page,
    help=_(
        "Keep the database, evidence, documents and your own policy files in one .zip, while others go on working.\n"
        "It restores into SQLite and PostgreSQL alike, wherever it was taken."
    ),
    epilog="duban backup --out duban-2025-09-03.zip",
)
def backup(
    *,
    out: OutFile,
    allow_faulty: Annotated[
        bool, typer.Option("--allow-faulty", help=_("Also when files are missing or damaged; the backup names them."))
    ] = False,
    json: Json = False,
) -> None:
    """Take a backup."""
    with open_frame(json=json) as frame:
        from models.backup.take import take_backup

        check_target(out, (".zip",))
        house = frame.house
        with frame.screen.busy(N_("taking a backup")):
            manifest = take_backup(
                house.engine,
                out,
                home=house.home,
                config_folder=house.settings.config_folder,
                at=frame.moment.at,
                may_be_faulty=allow_faulty,
            )
        _answer(frame.screen, out, manifest)
        told = N_("{file}: {rows} rows, {files} files, {size} MB", file=out, **_figures(out, manifest))
        frame.screen.line(told, style="green")
        for name in manifest.faulty:
            frame.screen.line(N_("missing or damaged: {file}", file=name), style="yellow")


@app.command(
    "restore",
    cls=Page,
    help=_(
        "Restore a backup into an empty Duban: all of it, checked, or nothing.\n"
        "The database is that of DUBAN_DATABASE_URL, the files go to DUBAN_HOME."
    ),
    epilog="duban restore duban-2025-09-03.zip --check\nduban restore duban-2025-09-03.zip",
)
def restore(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help=_("What duban backup has written."))],
    check: Annotated[bool, typer.Option("--check", help=_("Only read it and say whether it is whole."))] = False,
    json: Json = False,
) -> None:
    """Restore a backup, or check it."""
    with answering(json=json) as screen:
        from models.backup.archive import open_archive

        settings = load_settings(config_may_lack=True)
        with open_archive(file) as archive:
            with screen.busy(N_("checking the backup") if check else N_("restoring the backup")):
                if check:
                    archive.check()
                else:
                    _restore(settings, archive)
            manifest = archive.manifest
            _answer(screen, file, manifest)
            figures = {"file": file, "day": manifest.made_at[:10], **_figures(file, manifest)}
            whole = N_("{file} of {day} is whole: {rows} rows, {files} files, {size} MB", **figures)
            done = N_("{file} of {day} is restored: {rows} rows, {files} files, {size} MB", **figures)
            screen.line(whole if check else done, style="green")
            for name in manifest.faulty:
                screen.line(N_("missing or damaged when it was taken: {file}", file=name), style="yellow")


def _restore(settings: Settings, archive: Archive) -> None:
    from models.backup.put_back import restore_backup
    from models.database import open_database

    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database)
    try:
        restore_backup(engine, archive, home=settings.home, config_folder=settings.config_folder)
    finally:
        engine.dispose()


def _figures(file: Path, manifest: Manifest) -> dict[str, str]:
    return {
        "rows": f"{manifest.rows:,}",
        "files": f"{len(manifest.files):,}",
        "size": f"{file.stat().st_size / MEGABYTE:,.1f}",
    }


def _answer(screen: Screen, file: Path, manifest: Manifest) -> None:
    screen.answer(
        {
            "file": str(file),
            "size": file.stat().st_size,
            "made_at": manifest.made_at,
            "revision": manifest.revision,
            "database": manifest.database,
            "rows": {table.name: table.rows for table in manifest.tables},
            "files": len(manifest.files),
            "faulty": manifest.faulty,
        }
    )
