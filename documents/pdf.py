"""PDF of a document, to print or to send: LibreOffice converts the Word file or the workbook.

Typefaces of official papers that the machine lacks are stood in for by free ones (`fonts.conf`).  What Duban keeps,
signs and compares byte for byte is never the PDF.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.rules.refusal import NotReady
from engine.rules.text import N_
from engine.whole_file import write_whole

PDF = ".pdf"
_PROGRAMS = ("soffice", "libreoffice")
_SOURCES = (".docx", ".xlsx")  #: what is converted, the first that a document has
_WITHIN = 180  #: seconds; a start takes two to ten
_FONTS = Path(__file__).with_name("fonts.conf")


def with_pdf(endings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms in which a document may be written, PDF among them where it can be converted.

    >>> with_pdf((".docx", ".html")), with_pdf((".csv",))
    (('.docx', '.html', '.pdf'), ('.csv',))
    """
    return (*endings, PDF) if any(one in endings for one in _SOURCES) else endings


def write_or_convert(path: Path, endings: tuple[str, ...], write: Callable[[Path], None]) -> None:
    """Write a document with `write`; for a PDF, the form that is converted, and then the PDF.

    Raises NotReady where LibreOffice is missing, or does not make one.
    """
    if path.suffix.lower() != PDF:
        write(path)
        return
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise NotReady(N_("PDF needs LibreOffice (soffice), which is not installed here; write a Word file instead"))
    with TemporaryDirectory(prefix="duban-pdf-") as folder:
        source = Path(folder) / f"document{next(one for one in _SOURCES if one in endings)}"
        write(source)
        write_whole(path, _converted(program, source))


def _converted(program: str, source: Path) -> bytes:
    """Return the PDF of a file; the program's own settings lie beside it, so that several may run at once."""
    made = source.with_suffix(PDF)
    words = ["--headless", "--convert-to", "pdf", "--outdir", str(source.parent), str(source)]
    profile = f"-env:UserInstallation={(source.parent / 'profile').as_uri()}"
    try:
        command = [program, profile, *words]
        subprocess.run(command, capture_output=True, timeout=_WITHIN, check=True, env=_environment())  # noqa: S603 - no shell
        return made.read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        raise NotReady(N_("LibreOffice made no PDF: {problem}", problem=type(error).__name__)) from error


def _environment() -> Mapping[str, str]:
    return {"FONTCONFIG_FILE": str(_FONTS), **os.environ}
