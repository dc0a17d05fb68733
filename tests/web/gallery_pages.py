"""Every page of the workplace, and who looks at it: what the gallery takes pictures of.

`{round}`, `{queue}`, … are places of the sample that `tests.web.gallery_sample` fills in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OWNER, HEAD, LEADER, COORDINATOR = "ma.zhihe", "ge.qinglan", "bai.yizhou", "tang.zhixia"
VERIFIER, GROUP, SUPERVISOR = "dai.yungui", "shen.runchuan", "liao.jianqiu"
R = "/rounds/{round}"

#: What is done on a page before its picture is taken; gets the browser's page.
Step = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, who looks, where, and what they press there first."""

    name: str
    who: str | None
    path: str
    step: Step | None = None
    widths: tuple[int, ...] = (1280, 390)
    language: str = "zh_CN"
    part: str | None = None  #: what alone is shown of a page on a phone, as a CSS selector


def _press(name: str) -> Step:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def _open(words: str) -> Step:
    return lambda page: page.locator("summary", has_text=words).first.evaluate(
        "one => { one.parentElement.open = true }"
    )


def _print(page: Any) -> None:
    page.emulate_media(media="print")


def _ask_for_address(page: Any) -> None:
    page.locator("form[action='/account/calendar'] button").click()


def _end_reminders(page: Any) -> None:
    if (again := page.get_by_role("button", name="恢复邮件提醒")).count():
        again.click()
    page.get_by_role("button", name="不再接收邮件提醒").click()


def _ask_for_own_day(page: Any) -> None:
    page.locator("#day").fill("2025-09-12")
    page.locator("#note").fill("防汛值守调休")
    page.get_by_role("button", name="预览变动的时限").first.click()


def _try(*change: str) -> Step:
    """Change a policy file, and look at the effect."""

    def step(page: Any) -> None:
        area = page.locator("#text")
        area.fill(area.input_value().replace(*change))
        page.get_by_role("button", name="检查并试算").click()

    return step


SHOTS: tuple[Shot, ...] = (
    Shot("sign-in", None, "/sign-in"),
    Shot("forgotten", None, "/forgotten"),
    Shot("set-password", None, "{link}"),
    Shot("mail-link", None, "{mail}"),
    Shot("unsubscribe", None, "{unsubscribe}"),
    Shot("work-owner", OWNER, "/work"),
    Shot("work-head", HEAD, "/work"),
    Shot("work-leader", LEADER, "/work"),
    Shot("work-coordinator", COORDINATOR, "/work"),
    Shot("work-verifier", VERIFIER, "/work"),
    Shot("work-nothing", "tan.siqi", "/work"),
    Shot("measure-owner", OWNER, f"{R}/measures/2.1.2-04"),
    Shot("measure-report", OWNER, f"{R}/measures/2.1.2-04", _open("填报进展")),
    Shot("measure-coordinator", COORDINATOR, f"{R}/measures/1.2.3-04"),
    Shot("measure-closed", "lu.mingshu", f"{R}/measures/1.1.1-01"),
    Shot("ledger", COORDINATOR, f"{R}/ledger"),
    Shot("ledger-late", LEADER, f"{R}/ledger?state=overdue"),
    Shot("ledger-nothing", COORDINATOR, f"{R}/ledger?q=没有这样的措施"),
    Shot("verification-queue", COORDINATOR, f"{R}/verification"),
    Shot("verification-under-way", COORDINATOR, f"{R}/verification?queue=under_way"),
    Shot("verification-mine", VERIFIER, f"{R}/verification?queue=mine"),
    Shot("verification-decided", VERIFIER, f"{R}/verification?queue=decided"),
    Shot("verification", VERIFIER, f"{R}/verification/{{open}}"),
    Shot(
        "verification-visit",
        VERIFIER,
        f"{R}/verification/{{open}}",
        _open("记录现场检查"),
        part="section[aria-labelledby=visits]",
    ),
    Shot("verification-passed", VERIFIER, f"{R}/verification/{{passed}}"),
    Shot("verification-pack", VERIFIER, f"{R}/verification/{{passed}}/pack", widths=(1280,)),
    Shot("meetings", COORDINATOR, f"{R}/meetings"),
    Shot("meeting-draft", COORDINATOR, f"{R}/meetings/2025-10"),
    Shot("meeting-published", GROUP, f"{R}/meetings/2025-09"),
    Shot("meeting-off", COORDINATOR, f"{R}/meetings/2025-10", _open("改期")),
    Shot("meeting-record", COORDINATOR, f"{R}/meetings/2025-09?show=live"),
    Shot("meeting-minutes", COORDINATOR, f"{R}/meetings/2025-09?show=minutes"),
    Shot("meeting-tasks", COORDINATOR, f"{R}/meetings/2025-09?show=tasks"),
    Shot("board", LEADER, f"{R}/board"),
    Shot("board-projector", LEADER, f"{R}/board?show=projector", widths=(1280,)),
    Shot("board-print", LEADER, f"{R}/board", _print, widths=(1280,)),
    Shot("documents", COORDINATOR, f"{R}/documents"),
    Shot("documents-approve", GROUP, f"{R}/documents?period=2025-09", _open("审定")),
    Shot("work-group", GROUP, "/work"),
    Shot("document-figures", COORDINATOR, f"{R}/documents/{{report}}/figures"),
    Shot("document-figure", COORDINATOR, f"{R}/documents/{{report}}/figures/10"),
    Shot("accountability", SUPERVISOR, f"{R}/accountability"),
    Shot("rounds", COORDINATOR, "/rounds"),
    Shot("import", COORDINATOR, "/rounds/import"),
    Shot("import-preview", COORDINATOR, "{preview}"),
    Shot("import-faults", COORDINATOR, "{faults}"),
    Shot("people", COORDINATOR, "/people"),
    Shot("person", COORDINATOR, "/people/hua.jingbo"),
    Shot("person-link", COORDINATOR, "/people/ma.zhihe", _press("生成链接")),
    Shot("units", COORDINATOR, "/people/units"),
    Shot("policies", COORDINATOR, "/policies"),
    Shot("policies-ladder", COORDINATOR, "/policies/ladder.yaml"),
    Shot(
        "policies-try",
        COORDINATOR,
        "/policies/ladder.yaml",
        _try("to: [owner, unit_head], slip: red", "to: [owner, unit_head, leader], slip: red"),
    ),
    Shot("policies-faults", COORDINATOR, "/policies/ladder.yaml", _try("{at: T-7, to", "{at: 7天前, to")),
    Shot("policies-round", COORDINATOR, "/policies/round.yaml", _try('from: "20:00"', 'from: "21:00"')),
    Shot(
        "policies-lifecycle", COORDINATOR, "/policies/lifecycle.yaml", _try("by: [owner, unit_head]", "by: [unit_head]")
    ),
    Shot("calendar", COORDINATOR, "/policies/calendar"),
    Shot("calendar-change", COORDINATOR, "/policies/calendar", _ask_for_own_day),
    Shot("delivery", COORDINATOR, "/delivery"),
    Shot("inbox", OWNER, "/inbox"),
    Shot("audit", COORDINATOR, "/audit"),
    Shot("account", OWNER, "/account"),
    Shot("account-calendar", "lu.mingshu", "/account/calendar"),
    Shot("account-calendar-address", OWNER, "/account/calendar", _ask_for_address),
    Shot("api-docs", OWNER, "/api/v1/docs"),
    Shot("trouble-403", OWNER, "/policies"),
    Shot("trouble-404", OWNER, "/nowhere"),
    *(
        Shot(f"{name}-en", who, path, language="en")
        for name, who, path in (
            ("sign-in", None, "/sign-in"),
            ("unsubscribe", None, "{unsubscribe}"),
            ("work-owner", OWNER, "/work"),
            ("ledger", COORDINATOR, f"{R}/ledger"),
            ("measure-owner", OWNER, f"{R}/measures/2.1.2-04"),
            ("verification", VERIFIER, f"{R}/verification/{{open}}"),
            ("meeting-published", GROUP, f"{R}/meetings/2025-09"),
            ("policies", COORDINATOR, "/policies"),
            ("audit", COORDINATOR, "/audit"),
        )
    ),
    Shot("unsubscribe-done", None, "{unsubscribe}", _end_reminders),  # the last: it changes what the others show
)

#: What is asked for like a page and gives none: it leads on, or gives a file.
NO_PAGES = frozenset(
    {
        "/",
        "/sign-in/provider",
        "/sign-in/provider/back",
        "/calendar/{secret}.ics",
        "/rounds/{round}/ledger.{ending}",
        "/rounds/{round}/board/{chart}.svg",
        "/rounds/{round}/measures/{code}/evidence/{number}",
        "/rounds/{round}/documents/{number}",
        "/rounds/{round}/verification/{number}/pack.zip",
        "/rounds/{round}/verification/{number}/photos/{photo}",
        "/rounds/import/template.xlsx",
        "/rounds/import/{code}/ledger.xlsx",
        "/audit/checkpoints/{number}.json",
    }
)
