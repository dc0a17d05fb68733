"""The ledger workbook's sheets, headings and words: what `documents.write_ledger` writes and `intake.workbook` reads.

Data with a few lookups, so that both sides can never disagree.  The first name of everything is the one that is
written; the others are accepted when read.  Pure; no file is opened here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from engine.rules.vocabulary import MeasureClass, Role, State, UnitKind

_T = TypeVar("_T")

MAX_ROWS = 200_000  #: of a sheet, blank ones not counted
MAX_CELL = 32_767  #: characters that a cell of a workbook can hold
MAX_CODE = 64  #: characters of a code or sign-in name
MAX_NAME = 200  #: characters of a unit's or person's name


class Field(StrEnum):
    """What a column holds, whatever its heading."""

    CODE = "code"
    ASPECT = "aspect"
    PROBLEM = "problem"
    ITEM = "item"
    MEASURE = "measure"
    CLASS = "class"
    LEAD = "lead"
    UNIT = "unit"
    CO_UNITS = "co_units"
    OWNER = "owner"
    DUE = "due"
    PROGRESS = "progress"
    STATE = "state"
    LATENESS = "lateness"
    EVIDENCE = "evidence"
    NAME = "name"
    KIND = "kind"
    PARENT = "parent"
    ACCOUNT = "account"
    ROLES = "roles"
    EMAIL = "email"
    LANGUAGE = "language"
    LEAD_UNIT = "lead_unit"  #: read only: beside UNIT it leads, and UNIT helps


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of sheet: its names, and the columns in the order in which they are written."""

    names: tuple[str, ...]
    headings: Mapping[Field, tuple[str, ...]]
    required: frozenset[Field]
    read_only: Mapping[Field, tuple[str, ...]] = field(default_factory=dict)  #: headings that are never written
    #: of each group one column must be there
    one_of: tuple[frozenset[Field], ...] = ()

    @property
    def telling(self) -> frozenset[Field]:
        """Fields of which a row of data holds more than one."""
        return self.required or frozenset({Field.CODE, Field.ASPECT, Field.PROBLEM, Field.ITEM, Field.MEASURE})

    @property
    def name(self) -> str:
        """The name that is written."""
        return self.names[0]

    def heading(self, field: Field) -> str:
        """Return the heading that is written."""
        return (self.headings.get(field) or self.read_only[field])[0]

    def fields_by_key(self) -> dict[str, Field]:
        """Return the fields by the key (see `key_of`) of every heading that stands for them."""
        known = (*self.headings.items(), *self.read_only.items())
        return {key_of(name): field for field, names in known for name in names}

    def with_headings(self, more: Mapping[Field, tuple[str, ...]]) -> Layout:
        """Return this layout with further headings that are accepted."""
        wider = {
            field: (*names, *(name for name in more.get(field, ()) if name not in names))
            for field, names in self.headings.items()
        }
        read_only = {field: (*names, *more.get(field, ())) for field, names in self.read_only.items()}
        return replace(self, headings=wider, read_only=read_only)


LEDGER = Layout(
    names=("台账", "整改台账", "问题台账", "整改清单", "任务清单", "ledger"),
    headings={
        Field.CODE: (
            *("序号", "编号", "措施编号", "措施序号", "整改措施编号", "代码", "问题序号", "问题编号"),
            *("隐患编号", "项目序号"),
            *("no", "no.", "id", "code"),
        ),
        Field.ASPECT: (
            *("方面", "问题方面", "反馈方面", "所属方面", "问题类别", "问题分类", "类别", "问题类型"),
            *("隐患类别", "隐患类型"),
            *("工作类别", "任务类别", "问题领域", "领域", "aspect", "category"),
        ),
        Field.PROBLEM: (
            *("反馈问题", "问题", "存在问题", "存在的问题", "主要问题", "问题描述", "问题表述", "反馈意见"),
            *("整改问题",),
            *("巡视反馈问题", "巡察反馈问题", "审计反馈问题", "督察反馈问题", "反馈问题内容", "问题内容"),
            *("发现问题", "发现的问题"),
            *("存在问题及隐患", "问题隐患", "检查发现问题", "检查发现的问题", "问题清单", "问题名称"),
            *("问题概述", "突出问题"),
            *("隐患", "隐患名称", "隐患内容", "隐患描述", "隐患情况", "事故隐患", "安全隐患", "隐患问题"),
            *("存在隐患", "隐患基本情况"),
            *("督办事项", "督办内容", "督查事项", "督查内容", "交办事项", "交办内容", "督办任务", "督查任务"),
            *("problem", "finding"),
        ),
        Field.ITEM: ("具体事项", "事项", "整改事项", "具体问题", "具体表现", "问题表现", "问题具体表现", "item"),
        Field.MEASURE: (
            *("整改措施", "措施", "具体措施", "具体整改措施", "主要措施", "整改举措", "整改落实措施", "整改任务"),
            *("治理措施", "隐患治理措施", "整治措施", "防范措施", "整改措施及要求", "整改要求", "工作措施"),
            *("落实措施", "推进措施"),
            *("办理措施", "工作举措", "具体举措", "整改措施内容", "整改方案", "治理方案", "整改内容"),
            *("工作任务", "任务内容"),
            *("measure", "measures", "action", "corrective action"),
        ),
        Field.CLASS: ("整改类型", "类型", "整改类别", "整改性质", "整改方式", "措施类型", "class", "type"),
        Field.LEAD: (
            *("责任领导", "牵头领导", "分管领导", "主管领导", "包案领导", "责任校领导", "责任院领导", "责任局领导"),
            *("包保领导", "督办领导", "包抓领导", "挂牌领导", "lead", "leader", "responsible leader"),
        ),
        Field.UNIT: (
            *("责任单位", "责任部门", "主责单位", "主责部门", "承办单位", "整改单位", "承办部门", "落实单位"),
            "落实部门",
            *("整改责任单位", "责任处室", "责任科室", "责任股室", "整改责任部门", "整改部门", "主办单位"),
            *("主办部门", "主办科室"),
            *("治理责任单位", "治理责任部门", "所属部门", "unit", "responsible unit"),
        ),
        Field.CO_UNITS: (
            *("配合单位", "配合部门", "配合处室", "协办单位", "协同单位", "协作单位", "参与单位", "协办部门"),
            "协办科室",
            *("配合科室", "配合责任单位", "责任配合单位", "co-units", "co-unit", "supporting units"),
        ),
        Field.OWNER: (
            *("责任人", "经办人", "具体责任人", "直接责任人", "整改责任人", "承办人", "负责人", "任务责任人"),
            *("治理责任人", "整改负责人", "具体负责人", "联系人", "具体经办人", "owner", "task owner"),
        ),
        Field.DUE: (
            *("整改时限", "时限", "完成时限", "整改期限", "期限", "完成期限", "整改完成时限", "计划完成时间"),
            "完成时间",
            *("截止时间", "截止日期", "时间节点", "办理时限", "办结时限", "治理时限", "治理期限", "整改时间"),
            "要求完成时间",
            *("限期", "完成日期", "整改完成时间", "计划完成日期", "办理期限", "办结期限", "时限要求"),
            *("时间要求", "完成节点"),
            *("due", "due date", "deadline"),
        ),
        Field.PROGRESS: (
            *("进展情况", "进展", "整改进展", "整改进展情况", "工作进展", "落实情况", "整改落实情况", "整改情况"),
            *("办理情况", "办理进展", "治理情况", "治理进展", "目前进展", "最新进展", "整改成效", "整改结果"),
            "办理结果",
            *("完成进度", "progress"),
        ),
        Field.STATE: (
            *("完成状态", "状态", "整改状态", "当前状态", "完成情况", "销号状态", "销号情况", "办理状态"),
            *("是否完成", "是否整改完成", "是否完成整改", "是否整改到位", "是否销号", "是否办结", "是否已整改"),
            "办结情况",
            *("治理状态", "办结状态", "整改完成情况", "state", "status"),
        ),
        Field.LATENESS: ("逾期情况", "lateness"),  # written only: it follows from the record
        Field.EVIDENCE: (
            *("佐证材料", "佐证", "证明材料", "印证材料", "支撑材料", "整改佐证材料", "附件", "evidence"),
        ),
    },
    required=frozenset(),
    read_only={
        Field.LEAD_UNIT: ("牵头单位", "牵头部门", "牵头处室", "牵头科室", "牵头责任单位", "责任牵头单位", "lead unit"),
    },
    one_of=(frozenset({Field.PROBLEM, Field.ITEM, Field.MEASURE}),),
)
UNITS = Layout(
    names=("单位", "单位名单", "单位信息", "责任单位", "部门", "units", "unit"),
    headings={
        Field.NAME: ("单位名称", "单位", "名称", "部门", "部门名称", "unit", "name", "unit name"),
        Field.KIND: ("类别", "单位类别", "类型", "单位类型", "性质", "单位性质", "kind", "type"),
        Field.PARENT: ("上级单位", "上级", "主管单位", "隶属单位", "所属单位", "parent", "parent unit"),
    },
    required=frozenset({Field.NAME, Field.KIND}),
)
PEOPLE = Layout(
    names=("人员", "人员名单", "人员信息", "责任人员", "通讯录", "people", "persons", "person"),
    headings={
        Field.NAME: ("姓名", "人员", "人员姓名", "名字", "name", "person"),
        Field.ACCOUNT: ("账号", "帐号", "登录名", "用户名", "工号", "account", "login", "code"),
        Field.UNIT: ("单位", "所在单位", "所属单位", "工作单位", "单位名称", "部门", "所在部门", "unit"),
        Field.ROLES: ("角色", "职责", "督办角色", "role", "roles"),
        Field.EMAIL: ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "mail"),
        Field.LANGUAGE: ("语言", "语种", "language"),
    },
    required=frozenset({Field.NAME, Field.UNIT}),
)

#: A spreadsheet would run a .csv's text that begins so: an apostrophe is written before it, and taken off when read.
RISKY = ("=", "+", "-", "@", "\t", "\r", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")

OPEN_ENDED = "长期坚持"  #: what stands for "no date" in the column 整改时限
UNASSIGNED = "待分派"  #: state `assigned` while nobody owns the measure

CLASS_WORDS: Mapping[MeasureClass, tuple[str, ...]] = {
    MeasureClass.AT_ONCE: ("立行立改", "立知立改", "即知即改", "立即整改", "立改", "at once", "at_once"),
    MeasureClass.STAGED: ("限期整改", "分阶段", "分阶段整改", "分步整改", "阶段性整改", "限期", "staged"),
    MeasureClass.CONTINUOUS: (
        *("长期坚持", "持续整改", "长期整改", "持续推进", "常抓不懈", "立行立改并长期坚持", "立行立改,长期坚持"),
        *("立行立改、长期坚持", "长期", "continuous"),
    ),
}
STATE_WORDS: Mapping[State, tuple[str, ...]] = {
    State.ASSIGNED: ("待签收", "待分派", "未签收", "未分派", "待认领", "未开始", "未启动", "尚未启动", "assigned"),
    State.IN_PROGRESS: (
        *("整改中", "正在整改", "正在推进", "推进中", "正在进行", "进行中", "未完成", "部分完成", "阶段性完成"),
        *("持续推进", "持续整改", "正在落实", "已签收", "基本完成", "基本整改到位", "基本整改完成", "尚未完成"),
        "未整改到位",
        *("未整改", "未办结", "正在办理", "办理中", "在办", "推进", "正在治理", "治理中", "持续推进中"),
        *("长期坚持", "未销号"),
        *("序时推进", "按序时推进", "正常推进", "整改推进中", "否", "×", "✗", "✘", "x", "n", "no"),
        *("in progress", "in_progress"),
        *("open", "ongoing"),
    ),
    State.SUBMITTED: ("待核验", "已申请核验", "申请核验", "核验中", "待验收", "待审核", "已提交", "submitted"),
    State.VERIFIED: ("已核验", "核验通过", "已通过核验", "待销号", "已验收", "验收通过", "verified"),
    State.CLOSED: (
        *("已销号", "已完成", "完成", "整改完成", "完成整改", "已整改", "已完成整改", "已整改完成", "整改到位"),
        *("已整改到位", "销号", "已办结", "办结", "已完成并长期坚持", "已完成,长期坚持", "已完成、长期坚持"),
        *("已整改销号", "完成销号", "全部完成", "已全部完成", "已治理", "治理完成", "已治理完成", "已落实"),
        *("已到位", "完成并坚持"),
        *("已完成并持续推进", "已完成,持续推进", "已完成、持续推进", "已完成并持续坚持", "是", "√", "✓", "✔"),
        *("☑", "y", "yes"),
        *("closed", "done", "complete", "completed"),
    ),
    State.CANCELLED: (
        *("不再整改", "已取消", "取消", "已撤销", "已终止", "终止", "已合并", "合并", "接受风险", "已接受风险"),
        *("cancelled", "canceled", "merged"),
    ),
}
KIND_WORDS: Mapping[UnitKind, tuple[str, ...]] = {
    UnitKind.COMMITTEE: (
        *("党委", "机关", "党委(机关)", "党组", "党组(机关)", "党工委", "党总支", "本级", "机关本级", "委机关"),
        *("局机关", "被巡视单位", "被巡察单位", "committee"),
    ),
    UnitKind.EXTENDED: (
        *("延伸了解单位", "延伸单位", "延伸巡视单位", "延伸巡察单位", "延伸了解", "延伸检查单位", "二级单位"),
        *("延伸", "extended"),
    ),
    UnitKind.SUBORDINATE: (
        *("直属单位", "下属单位", "所属单位", "直属", "下属", "下级单位", "直属事业单位", "事业单位", "直属机构"),
        *("基层单位", "所属事业单位", "下属事业单位", "下属企业", "所属企业", "企业", "subordinate"),
    ),
    UnitKind.DEPARTMENT: (
        *("处室", "部门", "内设机构", "内设部门", "内设处室", "职能部门", "职能处室", "科室", "机关处室"),
        *("机关部门", "机关科室", "业务处室", "处", "科", "department"),
    ),
}
#: The last three follow from each measure and are never granted; a sheet may still name them.
ROLE_WORDS: Mapping[Role, tuple[str, ...]] = {
    Role.UNIT_HEAD: ("单位负责人", "部门负责人", "处室负责人", "单位主要负责人", "unit head", "unit_head"),
    Role.COORDINATOR: ("专班联络员", "联络员", "专班", "工作专班", "专班成员", "coordinator"),
    Role.VERIFIER: ("核验人", "核验员", "验收人", "核验", "verifier"),
    Role.SUPERVISOR: ("纪检监督", "纪检", "监督", "纪检监察", "纪委", "supervisor"),
    Role.LEADING_GROUP: ("领导小组", "领导小组成员", "领导小组组长", "leading group", "leading_group"),
    Role.AUDITOR: ("审计", "审计员", "auditor"),
    Role.OWNER: ("经办人", "责任人", "task owner", "owner"),
    Role.LEADER: ("责任领导", "分管领导", "responsible leader", "leader"),
    Role.APPROVER: ("审批人", "approver"),
}
NEVER_GRANTED = frozenset({Role.OWNER, Role.LEADER, Role.APPROVER})
LANGUAGE_WORDS: Mapping[str, tuple[str, ...]] = {
    "zh_CN": ("中文", "简体中文", "汉语", "zh_cn", "zh-cn", "zh", "chinese"),
    "en": ("英文", "英语", "en", "english"),
}
#: A row that begins with one of these, and names no measure, adds up or explains; it is not a measure.
TOTAL_WORDS = ("合计", "总计", "小计", "共计", "总数", "total")
FOOT_WORDS = ("注", "备注", "说明", "填表说明", "填表人", "填报人", "制表人", "填报单位", "审核人", "签字", "note")


def read_words(words: Mapping[_T, tuple[str, ...]]) -> dict[str, _T]:
    """Return the values by the key (see `key_of`) of every word for them."""
    return {key_of(word): value for value, told in words.items() for word in told}


_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+")
_REMARK = re.compile(r"\([^()]*\)$")
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|007[Ff])_")
_NEVER_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff\ufffe\uffff]")


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    r"""Return `text` as names and words are compared: width, case, spaces and closing marks do not count.

    >>> key_of(" 整改\n时限 ：") == key_of("整改时限*") == "整改时限"
    True
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(plain.split()).strip("*:。.;,、")


def is_email(text: str) -> bool:
    """Return whether `text` can be an e-mail address.

    >>> is_email("li.si@example.cn"), is_email("li.si"), is_email("a@b@c.cn")
    (True, False, False)
    """
    return _EMAIL.fullmatch(text) is not None


def without_remark(key: str) -> str:
    """Return a heading's key without a remark in brackets at its end.

    >>> without_remark(key_of("整改时限（年月日）"))
    '整改时限'
    """
    return _REMARK.sub("", key) or key


def clean_text(text: str) -> str:
    r"""Return `text` as it is kept: one kind of line end, nothing that cannot be shown, no space around it.

    >>> clean_text("  a\r\nb\x07 ")
    'a\nb'
    """
    return showable(text).strip()


def showable(text: str) -> str:
    """Return `text` with one kind of line end, and without what cannot be shown."""
    if text.isprintable():
        return text
    return _NEVER_SHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n"))


def unescape(text: str) -> str:
    r"""Return a workbook's text with its escaped control characters (_x000D_) resolved; openpyxl leaves those.

    >>> unescape("a_x000D_b _x0041_")
    'a\rb _x0041_'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x0" in text else text
