"""`duban trace`: a kept file by its path or its bytes, or a kind; the list, one figure with its rows, and refusals."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import Round
from tests.cli.conftest import Line
from tests.cli.test_documents import measure_of
from tests.world import World

DAY = "2025-03-10"


@pytest.fixture
def traced(duban: Line, house: World) -> Iterator[Line]:
    measure_of(house)
    return duban


def test_kind_when_traced_lists_each_figure_with_its_query_and_day(traced: Line):
    said = traced("trace", "lists", "--as-of", DAY, "--json")
    figures = said.json["figures"]
    assert (said.status, said.json["kind"], len(figures)) == (0, "lists", 6)
    assert [one["number"] for one in figures] == [1, 2, 3, 4, 5, 6]
    assert {one["as_of"] for one in figures} == {DAY}
    assert all(one["agrees"] and f"【{one['printed']}】" in one["words"] for one in figures)
    assert all(one["queries"][0]["sql"].startswith("WITH stood AS") for one in figures)


def test_figure_when_named_prints_its_rows_and_the_same_query_gives_them_elsewhere(traced: Line):
    said = traced("trace", "lists", "--as-of", DAY, "--figure", "1", "--json").json
    assert [row["code"] for row in said["rows"][0]] == ["1-01"]
    assert said["rows"][0][0]["text"]
    assert sqlite3.connect(traced.home / "duban.db").execute(said["queries"][0]["sql"]).fetchall() == [("1-01",)]
    assert "1-01" in traced("trace", "lists", "--as-of", DAY, "--figure", "1").out


def test_file_when_kept_is_known_by_its_path_and_by_its_bytes_and_told_of_its_own_moment(
    traced: Line,
):
    made = traced("run", "monthly", "--as-of", DAY, "--json").json["documents"]
    report = next(path for path in made if path.endswith("report.docx"))
    first = traced("trace", report, "--json").json
    assert (first["document"], first["kind"]) == (report, "report")
    assert all(one["agrees"] for one in first["figures"])
    for path in made:
        assert all(one["agrees"] for one in traced("trace", path, "--json").json["figures"]), path
    plain = traced("trace", report)
    assert "\x1b" not in plain.out
    assert plain.out.count("\n") >= len(first["figures"])
    assert traced("trace", report, "--sql").out.count("SELECT") >= len(first["figures"])


def test_copy_when_its_bytes_are_those_of_a_kept_file_is_traced_and_no_other(traced: Line, tmp_path: Path):
    made = traced("run", "monthly", "--as-of", DAY, "--json").json["documents"]
    copy = tmp_path / "copy.docx"
    shutil.copyfile(traced.home / made[0], copy)
    assert traced("trace", copy, "--json").json["document"] == made[0]
    copy.write_bytes(copy.read_bytes() + b" ")
    said = traced("trace", copy)
    assert (said.status, said.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "words",
    [("nosuch.docx",), ("lists", "--figure", "99"), ("slip", "--measure", "1-01"), ("minutes",), ("agenda",)],
)
def test_trace_when_it_cannot_be_done_says_so_in_one_line(traced: Line, words: tuple[str, ...]):
    said = traced("trace", *words, "--as-of", DAY)
    assert (said.status, said.err.count("\n"), said.out) == (1, 1, "")


@pytest.mark.parametrize("ending", [".docx", ".html"])
def test_paper_when_it_was_not_kept_tells_itself_how_it_was_made_until_the_record_goes_on(
    traced: Line, house: World, tmp_path: Path, ending: str
):
    file, again = tmp_path / f"report{ending}", tmp_path / f"again{ending}"
    for path in (file, again):
        traced("document", "report", "--out", path, "--as-of", DAY, "--issued", "2025-03-12")
    assert file.read_bytes() == again.read_bytes()
    said = traced("trace", file, "--json").json
    assert (said["document"], said["kind"]) == (str(file), "report")
    assert all(one["agrees"] and one["as_of"] <= DAY for one in said["figures"])
    with house.sessions.begin() as session:
        session.get_one(Round, house.round).organisation = "另一个单位"
    refused = traced("trace", file)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "--as-of 2025-03-10" in refused.err
