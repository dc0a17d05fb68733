"""PDF files for tests, written by hand: lines of Chinese at their places, or the picture of a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SIZE = 12  #: points of a sign; Chinese signs are as wide as high
_TOP, _LEFT, _STEP = 800, 60, 20
_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
    (
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>"
    ),
    (
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    ),
)


def write_pdf(path: Path, lines: Sequence[str]) -> Path:
    """Write one page with these lines, from above."""
    drawn = b"".join(
        f"BT /F1 {SIZE} Tf {_LEFT} {_TOP - _STEP * place} Td <{line.encode('utf-16-be').hex()}> Tj ET\n".encode()
        for place, line in enumerate(lines)
    )
    return _write(path, drawn, b"<< /Font << /F1 5 0 R >> >>", _FONT)


def write_scan(path: Path) -> Path:
    """Write one page that is a picture."""
    picture = _stream(
        b"\x00", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    return _write(path, b"q 500 0 0 700 40 40 cm /I1 Do Q\n", b"<< /XObject << /I1 5 0 R >> >>", (picture,))


def _write(path: Path, drawn: bytes, resources: bytes, further: Sequence[bytes]) -> Path:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources " + resources + b" >>",
        _stream(drawn, b""),
        *further,
    )
    content, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    path.write_bytes(content + end % (len(objects) + 1, table, len(objects) + 1, len(content)))
    return path


def _stream(content: bytes, told: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (told, len(content), content)
