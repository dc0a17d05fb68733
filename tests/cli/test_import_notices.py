"""`duban import` of notices: what was read and where it differs, or every fault and nothing stored."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import Event, Finding, Measure, Round
from models.database import open_database, sessions_of
from tests.broken_notices import BROKEN, LINES, REFUSED_WHEN_STORED, write_broken
from tests.cli.conftest import Line

REAL = Path(__file__).parents[3] / "shared" / "data" / "000_86f4339dc22fa576.txt"


def _stored(home: Path) -> list[int]:
    engine = open_database(f"sqlite:///{home / 'duban.db'}")
    with sessions_of(engine)() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Round, Finding, Measure, Event)
        ]
    engine.dispose()
    return counts


@pytest.mark.parametrize(
    "name",
    ["empty", "pdf", "utf-8-cut-in-the-middle", "archive-bomb", "findings-missing", *sorted(REFUSED_WHEN_STORED)],
)
def test_broken_notice_when_imported_ends_with_2_and_stores_nothing(founded: Line, tmp_path: Path, name: str):
    before = _stored(founded.home)
    path = write_broken(tmp_path, name)
    said = founded("import", path, "--json")
    assert said.status == 2
    (error,) = said.json["errors"]
    _, row, part = BROKEN[name]
    assert (Path(error["file"]).name, error["row"]) == (path.name, row)
    assert part in error["message"]
    assert path.name in said.err
    assert _stored(founded.home) == before


def test_broken_notices_when_imported_at_once_are_all_told_and_nothing_is_stored(founded: Line, tmp_path: Path):
    before = _stored(founded.home)
    paths = {write_broken(tmp_path, name).name: name for name in BROKEN.keys() - REFUSED_WHEN_STORED}
    said = founded("import", *(tmp_path / path for path in paths), "--json")
    assert said.status == 2
    told = {paths[Path(error["file"]).name]: error for error in said.json["errors"]}
    assert len(told) == len(said.json["errors"]) == len(paths)
    for name, error in told.items():
        assert (error["row"], BROKEN[name][2] in error["message"]) == (BROKEN[name][1], True), name
    assert _stored(founded.home) == before


def test_broken_notices_when_imported_with_a_good_one_are_all_told_and_nothing_is_stored(founded: Line, tmp_path: Path):
    good = tmp_path / "通报.txt"
    good.write_text("\n".join(LINES), encoding="utf-8")
    before = _stored(founded.home)
    broken = [write_broken(tmp_path, name) for name in ("pdf", "findings-missing", "word-body-cut")]
    said = founded("import", good, *broken, tmp_path / "没有.txt", "--json")
    assert said.status == 2
    assert {Path(error["file"]).name for error in said.json["errors"]} == {*(one.name for one in broken), "没有.txt"}
    assert _stored(founded.home) == before


@pytest.mark.parametrize("words", [["--feedback-on", "2025-01-08"], ["--feedback-on", "2025-01-08", "--dry-run"]])
def test_notice_without_the_day_of_feedback_when_it_is_given_is_imported(
    founded: Line, tmp_path: Path, words: list[str]
):
    said = founded("import", write_broken(tmp_path, "feedback-missing"), *words, "--json")
    assert said.status == 0
    assert (said.json["aspects"], said.json["problems"], said.json["items"], said.json["measures"]) == (2, 3, 2, 8)


@pytest.mark.skipif(not REAL.exists(), reason="the published notice is not part of the repository")
def test_published_notice_when_imported_tells_where_the_totals_differ(founded: Line):
    told = founded("import", REAL, "--json").json
    assert (told["kind"], told["aspects"], told["problems"], told["items"], told["measures"]) == (
        "notice",
        5,
        13,
        0,
        48,
    )
    assert told["declared"] == {
        "aspects": 5,
        "problems": 14,
        "problems_done": None,
        "items": 46,
        "items_done": 32,
        "measures": 160,
        "measures_done": 142,
    }
    assert (told["created"], told["errors"]) == (48, [])
    again = founded("import", REAL)
    assert again.status == 0
    for sentence in ("problems: the text declares 14, 13 were read", "measures: the text declares 160, 48 were read"):
        assert sentence in again.out
    assert _stored(founded.home)[:3] == [1, 18, 48]
