"""Read a calendar that an operator has typed: YAML or CSV, with English or Chinese headings.

Called by `official_calendar.read_yearly_notice`.  With a year it stands for that year's notice and must be
complete; without one it holds the organisation's own edits, day by day.  In YAML:

    year: 2027                                      # 年份
    holidays:                                       # 节假日
      - {name: 元旦, on: 2027-01-01}                # 名称, 日期
      - {name: 春节, from: 2027-02-05, to: 2027-02-11}    # 从, 至
    make_up_days:                                   # 上班日
      - 2027-01-30

and in CSV one line a day or span, 休 for off and 班 for worked:

    年份,日期,安排,名称
    2027,2027-02-05至2027-02-11,休,春节
"""

from __future__ import annotations

import csv

import yaml

from engine.rules.plan import Place
from engine.rules.text import N_
from intake.calendar.arrangement import Arrangement, NamedDay, Unclear, read_days

_ENGLISH = {
    "年份": "year",
    "年": "year",
    "节假日": "holidays",
    "放假": "holidays",
    "上班日": "make_up_days",
    "调休上班": "make_up_days",
    "名称": "name",
    "说明": "name",
    "日期": "on",
    "date": "on",
    "从": "from",
    "至": "to",
    "安排": "kind",
}
_WORKED = {
    "休": False,
    "放假": False,
    "off": False,
    "班": True,
    "上班": True,
    "work": True,
}


def read_yaml_form(text: str, file: str) -> Arrangement:
    """Return what the YAML in `text` arranges."""
    arrangement = Arrangement(year=None)
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file=file, row=mark.line + 1 if mark else None)
        arrangement.blame(place, None, N_("the YAML cannot be read: {problem}", problem=str(error).splitlines()[0]))
        return arrangement
    if not isinstance(top, yaml.MappingNode):
        arrangement.blame(Place(file=file, row=1), None, N_("holidays or make_up_days were expected"))
        return arrangement
    for key, value in top.value:
        section, place = _key(key), _place(key, file)
        if section == "year" and isinstance(value, yaml.ScalarNode):
            _set_year(arrangement, value.value, place)
        elif section in {"holidays", "make_up_days"} and isinstance(value, yaml.SequenceNode):
            for item in value.value:
                _read_item(arrangement, item, file, is_working=section == "make_up_days")
        else:
            message = N_("year, or a list of holidays or make_up_days was expected")
            arrangement.blame(place, _key(key), message)
    return arrangement


def read_csv_form(text: str, file: str) -> Arrangement:
    """Return what the CSV in `text` arranges; its first line holds the headings."""
    arrangement = Arrangement(year=None)
    reader = csv.reader(text.splitlines())
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error:
        arrangement.blame(Place(file=file, row=reader.line_num), None, N_("this line cannot be read as CSV"))
        return arrangement
    headings = lines[0][1] if lines else []
    columns = [_ENGLISH.get(heading, heading) for heading in headings]
    if not {"on", "kind"} <= set(columns):
        message = N_("the headings 日期 and 安排 were expected")
        arrangement.blame(Place(file=file, row=1), ",".join(headings), message)
        return arrangement
    for number, cells in lines[1:]:
        if not any(cells):
            continue
        row = dict(zip(columns, cells, strict=False))
        places = {
            column: Place(file=file, row=number, column=heading)
            for column, heading in zip(columns, headings, strict=True)
        }
        if row.get("year"):
            _set_year(arrangement, row["year"], places["year"])
        is_working = _WORKED.get(row.get("kind", "").lower())
        if is_working is None:
            arrangement.blame(places["kind"], row.get("kind"), N_("休 or 班 was expected"))
        else:
            _add(arrangement, row.get("on", ""), row.get("name"), places["on"], is_working=is_working)
    return arrangement


def _read_item(arrangement: Arrangement, item: yaml.Node, file: str, *, is_working: bool) -> None:
    """Add one entry of a YAML list: a date, a span, or a mapping with a name."""
    place = _place(item, file)
    if isinstance(item, yaml.ScalarNode):
        _add(arrangement, item.value, None, place, is_working=is_working)
        return
    told: dict[str, str] = {}
    if isinstance(item, yaml.MappingNode):
        told = {_key(key): value.value for key, value in item.value if isinstance(value, yaml.ScalarNode)}
    if set(told) - {"name"} == {"on"}:
        _add(arrangement, told["on"], told.get("name"), place, is_working=is_working)
    elif set(told) - {"name"} == {"from", "to"}:
        _add(arrangement, f"{told['from']}至{told['to']}", told.get("name"), place, is_working=is_working)
    else:
        arrangement.blame(place, ", ".join(told), N_("name with on, or name with from and to was expected"))


def _add(arrangement: Arrangement, written: str, name: str | None, place: Place, *, is_working: bool) -> None:
    try:
        days = read_days(written)
    except Unclear as unclear:
        arrangement.blame(place, written, unclear.message)
        return
    arrangement.days += (NamedDay(day=day, is_working=is_working, name=name or None, place=place) for day in days)


def _set_year(arrangement: Arrangement, written: str, place: Place) -> None:
    """Take the year; a second, different one is a fault."""
    if not (written.isdecimal() and len(written) == len("2027")):
        arrangement.blame(place, written, N_("a year such as 2027 was expected"))
    elif arrangement.year not in {None, int(written)}:
        message = N_("one file arranges one year; {year} was told before", year=arrangement.year)
        arrangement.blame(place, written, message)
    else:
        arrangement.year = int(written)


def _key(node: yaml.Node) -> str:
    written = str(node.value)
    return _ENGLISH.get(written, written)


def _place(node: yaml.Node, file: str) -> Place:
    return Place(file=file, row=node.start_mark.line + 1)
