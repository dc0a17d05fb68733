"""The sample round of `duban demo` on the afternoon of its last day, with what the gallery needs besides.

What is added goes through the pages' own forms.  It works on a copy: the folder of the demo stays as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from config.settings import Settings
from demo.play import LEDGER_NAME, play_sample
from engine.actions.mail_keys import keys_of
from engine.actions.open_sign_in import open_sign_in
from engine.now import moment_on
from engine.rules.mail_links import VALID_FOR, Deed, MailLink, sign_link
from engine.rules.reminder_mails import sign_unsubscribe
from engine.rules.vocabulary import State
from flows.house import House, open_house
from models import Document, Measure, Person, Round, Verification
from tests.web.gallery_pages import COORDINATOR, GROUP, OWNER, SUPERVISOR, VERIFIER
from tests.web.house import Page, Visitor
from web.app import create_app

LAST_DAY, HOUR = date(2025, 9, 10), 16
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"
GALLERY = Path(__file__).parents[2] / "docs" / "gallery"
SHEET = """方面,反馈问题,具体事项,序号,整改措施,责任单位,责任人,整改时限
服务群众用水、改善城乡水环境有落差,解决群众急难愁盼用心不足,老旧小区二次供水改造推进缓慢,2.1.2-05,对二次供水水箱逐一清洗消毒,供水处,马致和,九月底
,,,2.1.2-06,,临汐供水集团,马志和,2025-09-30
"""


class Sample:
    """A house with the sample in it; `places` says where what was made for the pictures lies."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home, database_url=None)
        opened = open_house(settings)
        if not (home / "samples").is_dir():
            play_sample(opened, lambda _day, _count: None)
        self.moment = moment_on(LAST_DAY, opened.zone, hour=HOUR)
        self.house = House(
            settings=settings,
            policies=opened.policies,
            engine=opened.engine,
            sessions=opened.sessions,
            clock=lambda _zone: self.moment,
        )
        self.app = create_app(self.house)
        self._secrets: dict[str, str] = {}
        self.places = self._prepare()

    def secret_of(self, code: str) -> str:
        """Let somebody in, once; return the secret of their sign-in."""
        if code not in self._secrets:
            with self.house.sessions.begin() as session:
                person = session.scalars(select(Person.id).where(Person.code == code)).one()
                self._secrets[code] = open_sign_in(session, person, self.moment, how="password", browser=BROWSER)
        return self._secrets[code]

    def _prepare(self) -> dict[str, str]:
        places = self._numbers()
        root = f"/rounds/{places['round']}"
        lin, wu, jian = (Visitor(self.app, self.secret_of(one)) for one in (COORDINATOR, VERIFIER, SUPERVISOR))
        _done(lin.post(f"{root}/meetings", held_on="2025-10-10"))
        meeting = f"{root}/meetings/2025-09"
        task = {
            "kind": "task",
            "text": "9月底前向领导小组书面报告管网漏损治理进度",
            "owner": OWNER,
            "due": "2025-09-30",
        }
        _done(lin.post(f"{meeting}/decide", **task))
        present = "沈润川、陆明澍、贺清源、柏亦舟、闻澜心"
        words = "会议逐项听取逾期事项汇报，要求责任单位列出周计划，整改专班每周调度。"
        _done(lin.post(f"{meeting}/minutes", present=present, text=words))
        self._sign_papers(lin, f"{root}/documents")
        away = {"substitute": "zhuo.yixin", "first_day": "2025-09-15", "last_day": "2025-09-26"}
        _done(lin.post("/people/hua.jingbo/absences", **away))
        asked = "@马致和 请说明夜间最小流量监测点的安装进度，周五前回复。"
        group = Visitor(self.app, self.secret_of(GROUP))
        _done(group.post(f"{root}/measures/2.1.2-04/opinion", text=asked))
        outcome = {"kind": "talk", "person": "hua.jingbo", "measure": "4.1.2-03", "decided_on": "2025-09-05"}
        _done(jian.post(f"{root}/accountability", **outcome, text="因整改措施逾期未完成，对经办人进行提醒谈话。"))
        there = {"on": "2025-09-10", "place": "水务信息中心机房", "present": "易简、核验人员2人"}
        seen = {"checked": "查看系统后台权限设置，调取三个月的操作日志", "found": "权限已按岗位收回，日志完整可查"}
        photo = ("现场照片1.png", (GALLERY / "digest.png").read_bytes(), "image/png")
        where = f"{root}/verification/{places['open']}/visits"
        _done(wu.post(where, files={"photos": photo}, **there, **seen))
        ledger = self.house.home / "samples" / LEDGER_NAME
        places["preview"] = self._upload(lin, ledger.name, ledger.read_bytes(), places["round"], status=200)
        places["faults"] = self._upload(lin, "台账.csv", SHEET.encode(), places["round"], status=422)
        invited = lin.post(f"/people/{OWNER}/invite").tree.get_element_by_id("link")
        places["link"] = "/link/" + invited.text_content().strip().rpartition("/")[2]
        places["mail"] = self._mail_link()
        places["unsubscribe"] = self._unsubscribe()
        return places

    def _sign_papers(self, lin: Visitor, documents: str) -> None:
        """Have a notice approved and a later one submitted; the month's report is returned."""
        group = Visitor(self.app, self.secret_of(GROUP))
        number = "临水党〔2025〕18号"
        for until in ("2025-09-05", "2025-09-10"):
            _done(lin.post(f"{documents}/papers", kind="notice", until=until))
            _done(lin.post(f"{documents}/{self._newest('notice')}/submit", document_number=number))
            if until == "2025-09-05":
                _done(group.post(f"{documents}/{self._newest('notice')}/approve", issued_on="2025-09-10"))
                number = "临水党〔2025〕19号"
        _done(lin.post(f"{documents}/{self._newest('report')}/submit"))
        _done(group.post(f"{documents}/{self._newest('report')}/return", reason="第三部分逾期事项请补充责任领导意见。"))

    def _newest(self, kind: str) -> int:
        """Return the number of the newest document of a kind."""
        with self.house.sessions() as session:
            newest = select(Document.id).where(Document.kind == kind).order_by(Document.id.desc()).limit(1)
            return session.scalars(newest).one()

    def _mail_link(self) -> str:
        """Return the address in the mail that reminds somebody of a due date, to ask for an extension."""
        with self.house.sessions.begin() as session:
            late = select(Measure).where(Measure.state == State.IN_PROGRESS, Measure.owner_id.is_not(None))
            measure = session.scalars(late.order_by(Measure.due.desc()).limit(1)).one()
            owner = measure.owner_id or 0
            link = MailLink(
                person=owner,
                measure=measure.id,
                deed=Deed.EXTEND,
                message=1,
                until=int((self.moment.at + VALID_FOR).timestamp()),
            )
            return "/mail/" + sign_link(link, keys_of(session, [owner], self.moment)[owner])

    def _unsubscribe(self) -> str:
        """Return the address at the foot of a mail that reminds the owner."""
        with self.house.sessions.begin() as session:
            owner = session.scalars(select(Person.id).where(Person.code == OWNER)).one()
            return "/unsubscribe/" + sign_unsubscribe(owner, keys_of(session, [owner], self.moment)[owner])

    def _numbers(self) -> dict[str, str]:
        """Return the round, the newest verifications of the verifier (open, and passed), and the newest report."""
        with self.house.sessions() as session:
            mine = select(Verification.id).join(Person, Person.id == Verification.verifier_id)
            mine = mine.where(Person.code == VERIFIER).order_by(Verification.id.desc()).limit(1)
            reports = select(Document.id).where(Document.kind == "report").order_by(Document.id.desc()).limit(1)
            return {
                "round": session.scalars(select(Round.code)).one(),
                "open": str(session.scalars(mine.where(Verification.verdict.is_(None))).one()),
                "passed": str(session.scalars(mine.where(Verification.verdict == "passed")).one()),
                "report": str(session.scalars(reports).one()),
            }

    def _upload(self, visitor: Visitor, name: str, content: bytes, code: str, *, status: int) -> str:
        page = visitor.post("/rounds/import", files={"files": (name, content)}, into=code)
        assert page.status == status, page.words
        return page.path


@contextmanager
def sample(played: Path | None) -> Iterator[Sample]:
    """Give the sample: of the folder where `duban demo` has played it, or played for this."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "duban-data"
        if played is not None:
            shutil.copytree(played, home, ignore=shutil.ignore_patterns("outbox", "prefect", "logs"))
        found = Sample(home)
        try:
            yield found
        finally:
            found.house.engine.dispose()


def _done(page: Page) -> Any:
    assert page.status == 200, page.words
    return page
