"""Made-up notices: what was written is what is read, or it is told.  DUBAN_EXAMPLES=1000 plays a thousand."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from engine.rules.passages import Became
from engine.rules.plan import FindingPlan
from engine.rules.vocabulary import Level
from intake.notice.read_notice import NoticeReading, read_notice_whole
from tests.generated_notices import Said, Written, make_notice
from tests.notice_files import write_text


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _read(written: Written) -> NoticeReading:
    with TemporaryDirectory() as folder:
        return read_notice_whole(write_text(Path(folder) / "通报.txt", written.lines))


def _problems(findings: tuple[FindingPlan, ...]) -> list[FindingPlan]:
    return [
        problem for one in findings for problem in ([one] if one.level is Level.PROBLEM else _problems(one.children))
    ]


def silent_in(written: Written, reading: NoticeReading) -> list[str]:
    """Return what was written and neither read nor told, and what was read and not written."""
    told = "|".join(_plain(one.text) for one in reading.passages if one.became is Became.TOLD)
    told += "|".join(_plain(str(note)) for note in reading.notes)
    read: dict[str, list[Said]] = {
        _plain(one.text): [
            (
                re.sub(r"[(\uff08].*", "", measure.text).strip("。;\uff1b"),
                str(measure.due) if measure.due else None,
                *(str(said) if said else None for said in (measure.measure_class, measure.state)),
                measure.unit,
            )
            for measure in one.measures
        ]
        for one in _problems(reading.plan.findings)
    }
    silent = [
        f"read and not written: {name}" for name in read if name not in {_plain(one) for one, _ in written.findings}
    ]
    for name, measures in written.findings:
        found = {_plain(text): rest for text, *rest in read.get(_plain(name), [])}
        silent += [
            f"{name}: {text} {rest} was read as {found.get(_plain(text))}"
            for text, *rest in measures
            if found.get(_plain(text)) != rest and _plain(text) not in told
        ]
        silent += [
            f"{name}: read and not written: {text}"
            for text in found
            if text not in {_plain(one) for one, *_ in measures}
        ]
    declared = reading.plan.declared
    totals = declared.items, declared.items_done, declared.measures, declared.measures_done
    if written.totals is not None and totals != written.totals and _plain(written.lines[-1]) not in told:
        silent.append(f"{written.lines[-1]} was read as {totals}")
    return silent


@given(st.integers(0, 2**32))
def test_notice_when_made_up_by_a_seed_is_read_as_it_was_written_or_told(seed: int):
    written = make_notice(seed)
    assert silent_in(written, _read(written)) == [], "\n".join(written.lines)
