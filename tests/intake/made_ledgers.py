"""Ledgers made by a grammar of the forms that offices use: what is written, how, and what must be read.

`make_ledger(seed)` returns the same ledger for the same seed.  As a program it reads a thousand and prints, for every
form, how many cells came out right, told or in silence.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl

from engine.rules.plan import InputRefused, MeasurePlan
from engine.rules.vocabulary import MeasureClass, State
from intake.workbook.read_workbook import read_ledger

FEEDBACK = date(2025, 3, 3)
_HEADINGS = {
    "code": ("序号", "编号", "问题序号", "No."),
    "aspect": ("方面", "类别", "问题类别", "所属方面"),
    "problem": ("反馈问题", "存在问题", "隐患内容", "督办事项", "问题描述", "发现的问题"),
    "measure": ("整改措施", "治理措施", "工作措施", "整改举措", "具体措施"),
    "unit": ("责任单位", "责任部门", "主办单位", "承办单位"),
    "co": ("配合单位", "协办单位"),
    "lead": ("责任领导", "分管领导", "包保领导"),
    "owner": ("责任人", "经办人", "具体责任人"),
    "due": ("整改时限", "完成时限", "办理时限", "治理期限", "截止日期"),
    "state": ("完成状态", "是否完成", "办理状态", "完成情况"),
    "extra": ("备注", "隐患等级", "交办时间", "整改目标"),
}
_UNITS = ("办公室", "人事科", "财务科", "后勤科", "县住建局", "园区管委会")
_PEOPLE = ("张三", "李四", "王建国", "赵敏", "欧阳锋", "陈静")
_DUES: dict[str, Callable[[date], object]] = {
    "iso": lambda day: day.isoformat(),
    "points": lambda day: f"{day.year}.{day.month}.{day.day}",
    "short-year": lambda day: f"{day.year % 100}.{day.month}.{day.day}",
    "words": lambda day: f"{day.year}年{day.month}月{day.day}日前",
    "remark": lambda day: f"{day.year}年{day.month}月{day.day}日（省委要求）",
    "midnight": lambda day: f"{day.year}/{day.month}/{day.day} 0:00",
    "cell": lambda day: datetime(day.year, day.month, day.day),  # noqa: DTZ001 - Excel knows no zones
    "serial": lambda day: (day - date(1899, 12, 30)).days,
    "english": lambda day: f"{day:%b} {day.day}, {day.year}",
    "at-once-and-day": lambda day: f"立行立改，{day.year}年{day.month}月{day.day}日前完成",
}
_WORDS: dict[str, tuple[object, MeasureClass | None, State | None]] = {
    "at-once": ("立行立改", MeasureClass.AT_ONCE, None),
    "open": ("长期坚持", MeasureClass.CONTINUOUS, None),
    "stroke": ("/", None, None),
    "none": ("无", None, None),
    "done": ("已完成", None, State.CLOSED),
    "soon": ("尽快", None, None),
    "no-such-day": ("2025年9月31日", None, None),
    "working-days": ("10个工作日内", None, None),
}
_STATES = {
    "是": State.CLOSED,
    "否": State.IN_PROGRESS,
    "√": State.CLOSED,
    "100%": State.CLOSED,
    "60%": State.IN_PROGRESS,
    "基本完成": State.IN_PROGRESS,
    "已完成": State.CLOSED,
    "整改中": State.IN_PROGRESS,
    "持续推进": State.IN_PROGRESS,
}
_NUMBERINGS: dict[str, Callable[[int, str], str]] = {
    "points": lambda number, text: f"{number}.{text}。\n",
    "commas": lambda number, text: f"{number}、{text}；",
    "brackets": lambda number, text: f"（{number}）{text}。",
    "circles": lambda number, text: f"{chr(0x245F + number)}{text}；",
    "ordinals": lambda number, text: f"{'一二三四五六七八九'[number - 1]}是{text}。",
}


@dataclass(slots=True, kw_only=True)
class Row:
    """One measure as it is meant."""

    aspect: str
    problem: str
    text: str
    unit: str | None = None
    co: tuple[str, ...] = ()
    owner: str | None = None
    lead: str | None = None
    due: date | None = None
    due_form: str = ""
    written: str = ""  #: what stands under 整改时限
    measure_class: MeasureClass | None = None
    state: State | None = None


@dataclass(slots=True, kw_only=True)
class Made:
    """A ledger, and what its forms are called."""

    book: openpyxl.Workbook
    rows: list[Row]
    forms: tuple[str, ...]
    extra: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How a ledger is laid out."""

    layout: str  #: row-each, merged, one-cell or blank-below
    columns: tuple[str, ...]
    names: dict[str, str]  #: the heading of each column
    numbering: str
    two_rows: bool
    titled: bool
    extra: str | None


def make_ledger(seed: int) -> Made:
    """Return the ledger of this seed."""
    draw = Random(seed)  # noqa: S311 - for tests
    groups = _groups(draw)
    rows = [row for group in groups for row in group]
    aspects = tuple(dict.fromkeys(row.aspect for row in rows))
    by_sheet = draw.random() < 0.2 and len(aspects) > 1
    has_aspect = by_sheet or draw.random() < 0.7
    form = _form(draw, has_aspect=has_aspect)
    if form.layout == "one-cell":
        for row, first in ((row, group[0]) for group in groups for row in group[1:]):
            for name in ("unit", "co", "owner", "lead", "due", "due_form", "written", "measure_class", "state"):
                setattr(row, name, getattr(first, name))
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    numbers = iter(range(1, 1000))
    for title in aspects if by_sheet else ("整改台账",):
        own = [group for group in groups if not by_sheet or group[0].aspect == title]
        _write_sheet(book.create_sheet(title), own, form, numbers)
    told = {"sheets": by_sheet, "no-aspect": not has_aspect, "two-rows": form.two_rows}
    told[form.numbering] = form.layout == "one-cell"
    return Made(
        book=book, rows=rows, forms=(form.layout, *(name for name, is_so in told.items() if is_so)), extra=form.extra
    )


def _form(draw: Random, *, has_aspect: bool) -> _Form:
    extra = draw.choice(_HEADINGS["extra"]) if draw.random() < 0.4 else None
    aspect = ("aspect",) if has_aspect else ()
    columns = ("code", *aspect, "problem", "measure", "unit", "co", "lead", "owner", "due", "state")
    names = {column: draw.choice(_HEADINGS[column]) for column in columns}
    return _Form(
        layout=draw.choice(("row-each", "merged", "one-cell", "blank-below")),
        columns=(*columns, "extra") if extra else columns,
        names=names | ({"extra": extra} if extra else {}),
        numbering=draw.choice(list(_NUMBERINGS)),
        two_rows=draw.random() < 0.3,
        titled=draw.random() < 0.6,
        extra=extra,
    )


def _write_sheet(sheet: Any, groups: list[list[Row]], form: _Form, numbers: Iterator[int]) -> None:
    if form.titled:
        sheet.append(["某单位反馈问题整改台账"])
    top: list[object] = [form.names[column] for column in form.columns]
    if form.two_rows:
        place = form.columns.index("unit")
        sheet.append([*top[:place], "责任分工", None, None, None, *top[place + 4 :]])
        sheet.append([*(None,) * place, *top[place : place + 4]])
        above = sheet.max_row - 1
        sheet.merge_cells(start_row=above, end_row=above, start_column=place + 1, end_column=place + 4)
    else:
        sheet.append(top)
    for group in groups:
        _write_group(sheet, group, form, next(numbers))


def _write_group(sheet: Any, group: list[Row], form: _Form, number: int) -> None:
    """Write the measures of one problem."""
    if form.layout == "one-cell" and len(group) > 1:
        text = "".join(_NUMBERINGS[form.numbering](n, row.text) for n, row in enumerate(group, 1))
        sheet.append(_cells(form, group[0], number, text))
        return
    first = sheet.max_row + 1
    once = {column: place for place, column in enumerate(form.columns) if column in {"code", "aspect", "problem"}}
    for index, row in enumerate(group):
        cells = _cells(form, row, f"{number}-{index + 1:02d}" if form.layout == "row-each" else number, row.text)
        if index and form.layout != "row-each":
            for place in once.values():
                cells[place] = None
        sheet.append(cells)
    if form.layout == "merged" and len(group) > 1:
        for place in once.values():
            sheet.merge_cells(start_row=first, end_row=sheet.max_row, start_column=place + 1, end_column=place + 1)


def _cells(form: _Form, row: Row, code: object, text: str) -> list[object]:
    told: dict[str, object] = {
        "code": code,
        "aspect": row.aspect,
        "problem": row.problem,
        "measure": text,
        "unit": row.unit,
        "co": "、".join(row.co) or None,
        "lead": row.lead,
        "owner": row.owner,
        "due": _DUES[row.due_form](row.due) if row.due else _WORDS[row.due_form][0],
        "state": next((word for word, state in _STATES.items() if word == row.written), None),
        "extra": form.extra and "一般",
    }
    return [told[column] for column in form.columns]


def _groups(draw: Random) -> list[list[Row]]:
    """Return the measures by problem."""
    return [
        [_row(draw, aspect, problem, number) for number in range(1, draw.randint(1, 4) + 1)]
        for aspect in range(1, draw.randint(1, 3) + 1)
        for problem in range(1, draw.randint(1, 3) + 1)
    ]


def _row(draw: Random, aspect: int, problem: int, number: int) -> Row:
    row = Row(
        aspect=f"第{aspect}类工作",
        problem=f"第{aspect}类工作的问题{problem}",
        text=f"推进事项{aspect}之{problem}之{number}",
    )
    names = draw.sample(_UNITS, 3)
    row.unit, row.co = names[0], tuple(names[1 : draw.randint(1, 3)])
    row.owner, row.lead = draw.choice((*_PEOPLE, None)), draw.choice((*_PEOPLE, None))
    if draw.random() < 0.7:
        row.due = date(2025, 4, 1) + timedelta(days=draw.randint(0, 500))
        row.due_form = draw.choice(list(_DUES))
        row.measure_class = MeasureClass.AT_ONCE if row.due_form == "at-once-and-day" else None
    else:
        row.due_form = draw.choice(list(_WORDS))
        _, row.measure_class, row.state = _WORDS[row.due_form]
    if draw.random() < 0.8:
        row.written = draw.choice(list(_STATES))
        row.state = _STATES[row.written]
    return row


def judge_ledger(seed: int, folder: Path) -> Counter[tuple[str, str]]:
    """Read the ledger of this seed; count by (form, right or told or silent)."""
    made = make_ledger(seed)
    path = folder / "made.xlsx"
    made.book.save(path)
    found: Counter[tuple[str, str]] = Counter()
    try:
        reading = read_ledger(path, feedback_on=FEEDBACK)
    except InputRefused as refused:
        told = " ".join(str(fault.message) for fault in refused.faults)
        return Counter({(f"refused: {told[:60]}", "told"): 1})
    notes = "\n".join(map(str, reading.notes))
    measures = reading.plan.measures()
    same = len(measures) == len(made.rows)
    for form in made.forms:
        found[f"layout {form}", "right" if same else "silent"] += 1
    if made.extra:
        found["column of its own", "told" if made.extra in notes else "silent"] += 1
    for row, one in zip(made.rows, measures, strict=False):
        for name, verdict in _compare(row, one, notes).items():
            found[name, verdict] += 1
    return found


def _compare(row: Row, one: MeasurePlan, notes: str) -> dict[str, str]:
    def verdict(is_right: object, *, is_told: bool = False) -> str:
        return "right" if is_right else "told" if is_told else "silent"

    return {
        "text": verdict("".join(one.text.split()).rstrip("。；") == row.text),
        "units": verdict((one.unit, one.co_units) == (row.unit, row.co)),
        "people": verdict((one.owner, one.lead) == (row.owner, row.lead)),
        f"due {row.due_form}": verdict(
            one.due == row.due and row.due_form not in {"soon", "no-such-day", "working-days"},
            is_told=one.due is None and str(_WORDS.get(row.due_form, ("?",))[0]) in notes,
        ),
        "class": verdict(one.measure_class == row.measure_class),
        f"state {row.written}": verdict(one.state == row.state),
    }


def main(count: int) -> int:
    """Print the table of forms for `count` ledgers; return how much was silent."""
    total: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            found = judge_ledger(seed, Path(folder))
            if silent := [name for (name, verdict), _ in found.items() if verdict == "silent"]:
                sys.stdout.write(f"seed {seed}: silent {silent}\n")
            total += found
    for name in sorted({form for form, _ in total}):
        figures = [total[name, verdict] for verdict in ("right", "told", "silent")]
        sys.stdout.write(f"{name:24} right {figures[0]:6} told {figures[1]:5} silent {figures[2]:4}\n")
    return sum(number for (_, verdict), number in total.items() if verdict == "silent")


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000), 1))
