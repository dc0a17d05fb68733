"""The pack: the same bytes each time, names that lead nowhere else, hashes that tell what is gone or was changed."""

from __future__ import annotations

import io
import tracemalloc
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from documents.verification_pack import LONGEST, SUMS, Piece, safe_name, write_pack

TEXTS = (("verification.html", "<p>核验</p>".encode()),)


def piece(folder: Path, content: bytes, name: str, *, number: int = 1) -> Piece:
    digest = sha256(content).hexdigest()
    path = folder / digest
    path.write_bytes(content)
    return Piece(folder="evidence", number=number, name=name, sha256=digest, path=path)


def test_pack_holds_every_file_with_its_chinese_name_and_its_hash(tmp_path: Path):
    pieces = [piece(tmp_path, b"%PDF-1.7", "会议纪要（终稿）.pdf"), piece(tmp_path, b"x" * 99, "a.txt", number=2)]
    content = b"".join(write_pack(TEXTS, pieces))
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "verification.html",
            "evidence/01-会议纪要（终稿）.pdf",
            "evidence/02-a.txt",
            SUMS,
        ]
        lines = archive.read(SUMS).decode().splitlines()
        for line in lines:
            digest, name = line.split("  ")
            assert sha256(archive.read(name)).hexdigest() == digest
    assert len(lines) == 3


def test_pack_when_made_again_is_the_same_to_the_byte(tmp_path: Path):
    pieces = [piece(tmp_path, bytes(range(256)) * 50, "图.png")]
    first = b"".join(write_pack(TEXTS, pieces))
    pieces[0].path.touch()
    assert b"".join(write_pack(TEXTS, pieces)) == first


def test_pack_when_a_file_is_gone_or_was_changed_tells_it(tmp_path: Path):
    gone, changed = piece(tmp_path, b"gone", "a.pdf"), piece(tmp_path, b"changed", "b.pdf", number=2)
    gone.path.unlink()
    changed.path.write_bytes(b"something else")
    with ZipFile(io.BytesIO(b"".join(write_pack(TEXTS, [gone, changed])))) as archive:
        lines = archive.read(SUMS).decode().splitlines()
        assert f"# missing: {gone.sha256}  evidence/01-a.pdf" in lines
        assert f"{changed.sha256}  evidence/02-b.pdf" in lines, "the list holds what is on record: it does not fit"
        assert sha256(archive.read("evidence/02-b.pdf")).hexdigest() != changed.sha256


def test_pack_when_large_is_made_piece_by_piece(tmp_path: Path):
    pieces = [piece(tmp_path, bytes([number]) * 8_000_000, f"{number}.bin", number=number) for number in range(5)]
    tracemalloc.start()
    for _ in write_pack((), pieces):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6_000_000


@given(st.text(max_size=300))
def test_name_whatever_it_was_stays_in_its_folder_on_any_system(name: str):
    safe = safe_name(name)
    assert 0 < len(safe.encode(errors="replace")) <= LONGEST
    assert not set(safe) & set('/\\:*?"<>|\x00\n\r\t\u202e')
    assert safe not in {".", ".."}
    assert safe[-1] not in " ."
