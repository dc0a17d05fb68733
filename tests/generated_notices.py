"""Notices made up by a seed, in the forms that offices write: headings, tags, faults, measures, labels, totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from intake.notice.chinese_numbers import write_number
from tests.notice_files import WIDE

Said = tuple[str, str | None, str | None, str | None, str | None]  #: text, due, class, state and unit of a measure

_WHAT = (
    *(
        "学习不够深入",
        "巡查频次不足",
        "台账更新不及时",
        "经费报销审核不严",
        "干部轮岗偏少",
        "合同管理薄弱",
        "调研流于形式",
    ),
    *("值班制度执行不严", "项目验收滞后", "信访办理拖延", "档案管理混乱"),
)
_DEEDS = (
    "修订管理办法",
    "建立工作台账",
    "开展专题培训",
    "清退违规资金",
    "压减会议数量",
    "公开办事指南",
    "逐项核对账目",
)
_OBJECTS = ("并报党组审定", "并按季通报", "覆盖全部科室", "由专人负责", "并纳入考核", "形成长效机制")
_UNITS = ("办公室", "建管科", "财务科", "人事科")
#: deadline as written → due, class
_DEADLINES = {
    "2025年4月30日": ("2025-04-30", None),
    "6月底": ("2025-06-30", None),
    "2025年12月底前": ("2025-12-31", None),
    "9月30日前": ("2025-09-30", None),
    "长期坚持": (None, "continuous"),
    "立行立改": (None, "at_once"),
    "立行立改,长期坚持": (None, "continuous"),
}
#: remark behind a heading → state, class
_TAGS = {
    "": (None, None),
    "(已完成)": ("closed", None),
    "【长期坚持】": (None, "continuous"),
    "(正在推进)": ("in_progress", None),
    "(立行立改)": (None, "at_once"),
}
_ASPECTS = (
    ("({})关于“{}”问题的整改", "1.针对“{}”的问题", "({})"),
    ("{}、关于{}方面", "1.关于“{}”的问题", "({})"),
    ("{}、关于{}方面", "一)关于{}的问题", "{}."),
    ("({})在“{}”方面", "1.针对巡察反馈指出的“{}”问题", "({})"),
    ("第{}方面:{}", "问题一:{}", "({})"),
    ("", "问题1:{}", "({})"),
    ("", "1.关于“{}”问题整改情况", "({})"),
)
_TOTALS = (
    "截至2025年9月10日,反馈的{n}个问题已完成整改{m}个;制定整改措施{a}条,已完成{b}条。",
    "截至目前,巡察反馈的{n}项问题中,已按期完成{m}项。共制定整改措施{a}条。已完成{b}条,其余{c}条正在推进。",
    "反馈的问题{n}个,已整改到位{m}个(其余正在推进),制定整改措施{a}条(已完成{b}条)。",
)


@dataclass(slots=True)
class Written:
    """A notice and what it says."""

    lines: list[str] = field(default_factory=list)
    findings: list[tuple[str, list[Said]]] = field(default_factory=list)  #: problems with their measures
    totals: tuple[int, int, int, int] | None = None


def make_notice(seed: int) -> Written:
    """Return the notice of a seed."""
    random = Random(seed)  # noqa: S311 - no secret
    made = Written(lines=["某县水利局党组关于巡察整改进展情况的通报", "2025年1月10日,县委巡察组反馈了意见。"])
    aspect, problem, numbers = random.choice(_ASPECTS)
    names = random.sample(_WHAT, k=len(_WHAT))
    for one in range(random.randint(1, 3) if aspect else 1):
        if aspect:
            made.lines.append(aspect.format(write_number(one + 1), names.pop()))
        for two in range(random.randint(1, 2)):
            number = len(made.findings) if problem.startswith("问题") else two
            _problem(random, made, (problem, numbers), number, names.pop())
    if random.random() < 0.6:
        n, a = random.randint(5, 1500), random.randint(20, 3000)
        made.totals = n, random.randint(1, n), a, random.randint(1, a)
        n, m, a, b = made.totals
        shown = {
            key: f"{value:,}" if random.random() < 0.3 else str(value)
            for key, value in zip("nmabc", (n, m, a, b, a - b), strict=True)
        }
        made.lines.append(random.choice(_TOTALS).format(**shown))
    if random.random() < 0.5:
        made.lines = [line.translate(WIDE) for line in made.lines]
    return made


def _problem(random: Random, made: Written, forms: tuple[str, str], number: int, name: str) -> None:
    form, numbers = forms
    tag = random.choice(list(_TAGS)) if random.random() < 0.4 else ""
    heading = form.format(name)
    if heading.startswith("一)"):
        heading = f"({write_number(number + 1)}){heading[2:]}"
    else:
        heading = heading.replace("问题一", f"问题{write_number(number + 1)}").replace("问题1", f"问题{number + 1}")
        heading = f"{number + 1}{heading[1:]}" if heading.startswith("1.") else heading
    made.lines.append(f"{heading}{tag}")
    if random.random() < 0.3:
        made.lines.append(
            f"{random.choice(('具体表现', '主要表现', '存在问题'))}:{random.choice(('走过场', '一是拖延。二是漏项'))}。"
        )
    state, kind = _TAGS[tag]
    said: list[Said] = []
    texts = [f"{deed}{random.choice(_OBJECTS)}" for deed in random.sample(_DEEDS, k=random.randint(1, 4))]
    style = random.choice(("spoken", "lines", "label", "circled", "bullets", "ordered", "called"))
    if style in {"bullets", "ordered"} and len(texts) == 1:
        style = "lines"
    if style in {"lines", "called", "circled"}:
        label = random.random() < 0.3
        if label or made.lines[-1].startswith(("具体", "主要", "存在")):
            made.lines.append("整改措施:")
        for place, text in enumerate(texts):
            mark = {
                "lines": numbers.format(place + 1),
                "called": f"措施{place + 1}:",
                "circled": chr(ord("①") + place),
            }[style]
            beside, own = _beside(random)
            made.lines.append(f"{mark}{text}{beside}")
            due, own_kind, unit = own
            said.append((text, due, own_kind or (kind if due is None or kind != "continuous" else None), state, unit))
    else:
        said = [(text, None, kind, state, None) for text in texts]
        signs = {
            "spoken": [f"{write_number(place + 1)}是" for place in range(4)],
            "label": [f"({place + 1})" for place in range(4)],
            "bullets": ["●"] * 4,
            "ordered": ["首先,", "其次,", "再次,", "最后,"],
        }[style]
        parts = [f"{sign}{text}。" for sign, text in zip(signs, texts, strict=False)]
        if style == "bullets":
            made.lines += (["整改措施:"] if made.lines[-1].startswith(("具体", "主要", "存在")) else []) + parts
        else:
            made.lines.append(random.choice(("整改措施:", "整改情况:")) + "".join(parts))
    made.findings.append((name, said))


def _beside(random: Random) -> tuple[str, tuple[str | None, str | None, str | None]]:
    """Return what stands behind a measure, and what it says: due, class, unit."""
    if random.random() < 0.4:
        return "。", (None, None, None)
    deadline = random.choice(list(_DEADLINES))
    unit = random.choice((None, *_UNITS))
    due, kind = _DEADLINES[deadline]
    form = random.choice(("labels", "brackets", "remark"))
    if form == "labels":
        return f"。{f'责任单位:{unit}。' if unit else ''}完成时限:{deadline}。", (due, kind, unit)
    if form == "brackets":
        return f"({f'责任单位:{unit};' if unit else ''}完成时限:{deadline})。", (due, kind, unit)
    return f"({deadline})。", (due, kind, None)
