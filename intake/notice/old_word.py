"""Turns a document of an old Word (.doc) or of WPS (.wps) into lines: LibreOffice makes a .docx of it.

Called by `lines`.  Where LibreOffice is not installed the refusal says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.rules.plan import InputRefused
from engine.rules.text import N_
from intake.notice.source import SourceLine, refuse

_PROGRAMS = ("soffice", "libreoffice")
_WITHIN = 120  #: seconds; a start takes two to ten


def old_word_lines(path: Path, content: bytes) -> list[SourceLine]:
    """Return the lines of a .doc.  Raises InputRefused when it cannot be converted."""
    from intake.notice.word import word_lines  # noqa: PLC0415 - needs a large library

    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        message = N_(
            "this is a file of an old Word (.doc), and LibreOffice, which could read it, is not installed here"
        )
        raise refuse(path, N_("{problem}; save it as .docx", problem=message))
    with TemporaryDirectory(prefix="duban-doc-") as folder:
        source = Path(folder) / "notice.doc"
        source.write_bytes(content)
        made = source.with_suffix(".docx")
        words = ["--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", folder, str(source)]
        command = [program, f"-env:UserInstallation={(source.parent / 'profile').as_uri()}", *words]
        try:
            subprocess.run(command, capture_output=True, timeout=_WITHIN, check=True, env=dict(os.environ))  # noqa: S603 - no shell
            converted = made.read_bytes()
        except (OSError, subprocess.SubprocessError):
            raise refuse(path, N_("LibreOffice cannot read this old Word file; save it as .docx")) from None
        try:
            return word_lines(path, converted)
        except InputRefused:
            raise refuse(path, N_("LibreOffice cannot read this old Word file; save it as .docx")) from None
