"""Hold the Chinese catalogues and the code together, and compile them: `python -m i18n.compile [--check]`.

All `zh_CN/LC_MESSAGES/*.po` become the one `duban.mo` that `i18n.say` reads.  Run by `make catalogue`, `make check` and
the build (`hatch_build.py`): it needs babel, and the product never imports it.  `--check` writes nothing and exits 1 on
any fault; without it `duban.mo` is written and the faults are only listed, conflicts apart.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from i18n.extract import Use, find_uses, places

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "i18n" / "zh_CN" / "LC_MESSAGES"
COMPILED = CATALOGUES / "duban.mo"
#: A fixed moment in the header: the same catalogues give the same bytes on any day.
HEADER_MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


class CatalogueBroken(Exception):  # noqa: N818 - the catalogue is at fault, not the program
    """A .po file cannot be read, or two of them contradict each other: there is nothing to compile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One translation, and where it stands."""

    sentence: str  #: empty when not translated yet, or marked fuzzy
    where: str  #: `file.po:line`


def product_packages(root: Path) -> tuple[str, ...]:
    """Return the top-level packages, which are the folders with an `__init__.py`."""
    return tuple(sorted(found.parent.name for found in root.glob("*/__init__.py")))


def read_catalogues(folder: Path) -> dict[str, Entry]:
    """Return every msgid of every .po file in `folder` with its translation; refuse contradictions."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.po")):
        try:
            catalogue = read_po(io.BytesIO(path.read_bytes()), locale="zh_CN", abort_invalid=True)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            told = f"{path.name} cannot be read: {error}"
            raise CatalogueBroken(told) from error
        for found in catalogue:
            if not found.id:
                continue
            # A plural is looked up by its singular; Chinese has one form.
            msgid = found.id if isinstance(found.id, str) else found.id[0]
            translated = found.string if isinstance(found.string, str) else "".join(found.string or ())
            entry = Entry(sentence="" if found.fuzzy else translated, where=f"{path.name}:{found.lineno or 0}")
            known = entries.get(msgid)
            if known and known.sentence and entry.sentence and known.sentence != entry.sentence:
                told = f"{known.where} says {known.sentence!r}, {entry.where} says {entry.sentence!r}: {msgid!r}"
                raise CatalogueBroken(told)
            entries[msgid] = entry if known is None or not known.sentence else known
    return entries


def find_faults(entries: dict[str, Entry], uses: list[Use]) -> Iterator[str]:
    """Yield one line for each thing in which the catalogue and the code disagree."""
    told: set[str] = set()
    for use in uses:
        if use.missing:
            yield f"{use.where}: no value for {{{', '.join(sorted(use.missing))}}}: {use.msgid!r}"
        entry = entries.get(use.msgid)
        if (entry is None or not entry.sentence) and use.msgid not in told:
            told.add(use.msgid)
            yield f"{use.where}: not translated: {use.msgid!r}"
    used = {use.msgid for use in uses}
    for msgid, entry in entries.items():
        if msgid not in used:
            yield f"{entry.where}: no code says this any more: {msgid!r}"
        elif entry.sentence and places(entry.sentence) != places(msgid):
            expected = ", ".join(sorted(places(msgid))) or "none"
            yield f"{entry.where}: other places than the English ({expected}): {entry.sentence!r}"


def compile_entries(entries: dict[str, Entry]) -> bytes:
    """Return the .mo file for `entries`: the same bytes for the same translations, whatever the order or the day."""
    catalogue = Catalog(
        locale="zh_CN",
        domain="duban",
        project="duban",
        version="1",
        creation_date=HEADER_MOMENT,
        revision_date=HEADER_MOMENT,
        fuzzy=False,
    )
    for msgid in sorted(entries):
        if entries[msgid].sentence:
            catalogue.add(msgid, entries[msgid].sentence)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def write_compiled() -> None:
    """Write `duban.mo` anew, whole or not at all.  Raises CatalogueBroken where there is nothing to compile."""
    compiled = compile_entries(read_catalogues(CATALOGUES))
    unfinished = COMPILED.with_suffix(".mo.new")
    unfinished.write_bytes(compiled)
    unfinished.replace(COMPILED)


def faults_of_project(root: Path = ROOT) -> list[str]:
    """Return all faults of the project's catalogues, a stale `duban.mo` included; the contract test calls this."""
    try:
        entries = read_catalogues(CATALOGUES)
    except CatalogueBroken as broken:
        return [str(broken)]
    faults = list(find_faults(entries, list(find_uses(root, product_packages(root)))))
    if not COMPILED.exists() or COMPILED.read_bytes() != compile_entries(entries):
        faults.append("duban.mo is not fresh: run `make catalogue`")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Compile, or with `--check` only compare; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m i18n.compile", description="Compile the catalogues.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when anything disagrees")
    checking: bool = parser.parse_args(arguments).check
    if not checking:
        try:
            write_compiled()
        except CatalogueBroken as broken:
            sys.stderr.write(f"{broken}\n")
            return 1
    faults = faults_of_project()
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    sys.stdout.write(f"catalogue: {len(faults)} faults\n" if faults else "catalogue: in order\n")
    return 1 if checking and faults else 0


if __name__ == "__main__":
    sys.exit(main())
