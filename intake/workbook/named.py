"""Read the units and people that one cell names: the first leads, the others help; remarks in brackets are no name.

Called by `ledger`.  A cell that is a known name as a whole stays one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from intake.workbook.cell_values import read_name, split_names

_REMARK = re.compile(r"\s*[(（\[【][^()（）\[\]【】]*[)）\]】]")
_TELEPHONE = re.compile(r"[\s:：]*(?:电话|手机|联系电话)?[:：]?\s*\d[\d\s-]{5,}\d")
_LEADS = re.compile(r"^(?:牵头|主办|主责|责任|承办)(?:单位|部门|科室|处室)?[:：]|[(（](?:牵头|主办|主责|牵头单位)[)）]")
_HELPS = re.compile(r"^(?:配合|协办|参与|协同)(?:单位|部门|科室|处室)?[:：]|[(（](?:配合|协办|参与|配合单位)[)）]")
_LABEL = re.compile(
    r"(?:(?<=[\n;；。,，\s])|(?<=[、]))(?=(?:牵头|主办|主责|配合|协办|参与|协同)(?:单位|部门|科室|处室)?[:：])"
)
_TITLED = re.compile(
    r"^(\S*(?:长|主任|书记|经理|主席|秘书|科员|主管|委员|干事))[\s:：]+([㐀-鿿]{1,4}(?:[\s]?[㐀-鿿])?)$"
)
_PEOPLE = re.compile(r"[、;；/\n]|(?<=[㐀-鿿)）])[,，]|[,，](?=[㐀-鿿])")


class UnitsCell(NamedTuple):
    """The units of one cell."""

    first: str  #: it leads; "" where the cell names none
    others: tuple[str, ...]


class PeopleCell(NamedTuple):
    """The people of one cell."""

    first: str
    others: tuple[str, ...]
    left_out: str  #: position, telephone, or another remark beside the name


def read_units_cell(text: str, known: frozenset[str] = frozenset()) -> UnitsCell:
    r"""Return which unit leads and which help.

    >>> read_units_cell("办公室、人事科")
    UnitsCell(first='办公室', others=('人事科',))
    >>> read_units_cell("配合单位:人事科\n牵头单位:办公室")
    UnitsCell(first='办公室', others=('人事科',))
    """
    if read_name(text.strip()) in known:
        return UnitsCell(read_name(text.strip()), ())
    leading: list[str] = []
    helping: list[str] = []
    told = [part for part in _LABEL.split(text) if part.strip()]
    for part in told:
        helps = _HELPS.match(part.strip())
        leads = _LEADS.match(part.strip())
        label = helps or leads
        rest = part.strip()[label.end() :] if label else part
        for name in split_names(rest, known):
            bare = name if name in known else read_name(_HELPS.sub("", _LEADS.sub("", name))).strip()
            if bare:
                (helping if helps or _HELPS.search(name) else leading).append(bare)
    names = [*dict.fromkeys((*leading, *helping))]
    return UnitsCell(names[0], tuple(names[1:])) if names else UnitsCell("", ())


def read_people_cell(text: str, known: frozenset[str] = frozenset()) -> PeopleCell:
    """Return the person that a cell names first, and what else it says.

    >>> read_people_cell("张  三（主任）、李四 13800000000")
    PeopleCell(first='张三', others=('李四',), left_out='（主任）')
    """
    whole = read_name(text.strip())
    if not whole or whole in known:
        return PeopleCell(whole, (), "")
    names: list[str] = []
    left_out: list[str] = []
    for part in _PEOPLE.split(text):
        name = read_name(part.strip())
        if name and name not in known:
            bare = _REMARK.sub("", part).strip()
            left_out += [one.strip() for one in (*_REMARK.findall(part), *_TELEPHONE.findall(bare))]
            bare = _TELEPHONE.sub("", bare).strip()
            if titled := _TITLED.match(bare):
                left_out.append(titled[1])
                bare = titled[2]
            name = read_name(bare) or name
        if name:
            names.append(name)
    names = [*dict.fromkeys(names)]
    return PeopleCell(names[0], tuple(names[1:]), "".join(left_out)) if names else PeopleCell("", (), "")
