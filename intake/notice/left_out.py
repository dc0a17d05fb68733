"""What of a notice was not taken, and why: nothing numbered, labelled or counted is dropped in silence.

Every sentence of the text is looked for in what was taken; one that is not there is told with its line.  Called by
`read_notice`; decides nothing about what is taken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field

from engine.rules.ledger_layout import Field
from engine.rules.passages import Became
from engine.rules.plan import Declared
from engine.rules.text import N_, Text
from intake.notice.asides import Aside, hide, is_mark
from intake.notice.headings import LABEL, NARROW, marker, name_of, places
from intake.notice.outline import Found, below, span_of
from intake.notice.source import SourceLine, shorten
from intake.notice.totals import counted

_ORDINAL = re.compile(
    r"^\W*(?:[一二三四五六七八九十]{1,3}[是要]|第[一二三四五六七八九十]{1,3}[,、]|首先|其次|再次|最后)"
)
_NAMES = re.compile(r"^.{0,6}(?:关于|针对).*[“\"].*问题")
_DUE = re.compile(
    r"(?:\d月(?:\d{1,2}[日号]|上旬|中旬|下旬|[底末])?|年[底末]|季度[末底]?|\d[日号])(?:之?前|以前)|\d月[底末]|年[底末]"
)
_NAMED = re.compile(r"(?:关于|针对)[“\"].+[”\"](?:的)?问题(?:的?整改)?(?:情况)?[。;:\uff1b\uff1a]?$")
_PAST = re.compile(r"已|完成了")
_TAG = re.compile(r"完成|推进|坚持|销号|到位|整改中|正在")  #: how far a finding is, behind its heading
_REMARK = re.compile(r"[(\uff08\u3010][^()\uff08\uff09]+[)\uff09\u3011]\W*$")
_SHORT = 4  #: characters below which a rest of a sentence says nothing

_WHEN = frozenset({Field.DUE, Field.CLASS})

BEFORE = N_("it stands before the first finding")
AFTER = N_("it stands after the last measure")
NO_FINDING = N_("there is no finding above it that it could belong to")
WITHIN = N_("by its wording it is neither a finding nor a measure")
PROGRESS = N_("the measures are told apart from it, and this tells how far they are")
TOTAL = N_("another total than those that are taken")
WHO = N_("it names no unit or person alone")
BESIDE: dict[Field | None, Text] = {
    Field.PROBLEM: N_("it describes the finding"),
    Field.DUE: N_("it is no deadline that can be relied on; the measure gets the round's date"),
    Field.CLASS: N_("it is no known class of measure"),
    Field.STATE: N_("its words tell no known state"),
    Field.UNIT: WHO,
    Field.CO_UNITS: WHO,
    Field.LEAD: WHO,
    Field.OWNER: WHO,
    Field.PROGRESS: PROGRESS,
    None: N_("no field of a measure holds it"),
}
_LEDGER = N_("it is taken from the ledger")
AS_MEASURE = N_("it is worded as a finding without a number, and stands in the words of a measure")
IN_TEXT = N_("a deadline in the words of a measure; the measure gets the round's date")


@dataclass(slots=True)
class _Passages:
    """Passages that were left out for one reason."""

    why: Text
    rows: list[int] = field(default_factory=list)
    first: str = ""
    count: int = 0

    def add(self, row: int, text: str) -> None:
        self.first = self.first or text
        self.count += 1
        if row not in self.rows:
            self.rows.append(row)

    def say(self) -> Text:
        text = shorten(self.first)
        if self.count == 1:
            return N_("row {row}: “{text}” was not taken: {why}", row=self.rows[0], text=text, why=self.why)
        return N_(
            "rows {rows}: {count} passages were not taken, the first is “{text}”: {why}",
            rows=_spans(self.rows),
            count=self.count,
            text=text,
            why=self.why,
        )


def left_out(
    lines: Sequence[SourceLine], findings: Sequence[Found], declared: Declared, taken: Collection[Aside]
) -> list[tuple[int, str, Text]]:
    """Return (line, passage, why) of what was not taken, in the order of the text; `taken` are the asides that were.

    What somebody said is told only where it could not be followed.
    """
    return list(_Search(findings, declared, taken).read(lines))


def say_left_out(told: Iterable[tuple[int, str, Text]]) -> tuple[Text, ...]:
    """Say what was not taken, a reason at a time."""
    by_reason: dict[str, _Passages] = {}
    for row, text, why in told:
        by_reason.setdefault(str(why), _Passages(why)).add(row, text)
    return tuple(passages.say() for passages in by_reason.values())


class _Search:
    """Looks for the sentences of a notice in what was taken of it."""

    def __init__(self, findings: Sequence[Found], declared: Declared, taken: Collection[Aside]) -> None:
        everything = list(below(findings))
        clauses = [clause for one in everything for clause in one.measures]
        self._names: dict[int, list[str]] = defaultdict(list)
        for one in everything:
            self._names[one.line].append(_plain(one.text))
        self._text = "|".join(map(_plain, [*(one.text for one in everything), *(one.text for one in clauses)]))
        self._first, self._last = span_of(findings)
        self._declared = {value for value in astuple(declared) if isinstance(value, int)}
        self._taken = {_plain(one.text) for one in taken}
        self._is_progress = False  #: 整改情况 is being told, up to the next label or finding
        self._tagged = {one.line for one in taken if not one.label}
        self._due = {
            clause.line for clause in clauses if any(one in taken and one.kind in _WHEN for one in clause.asides)
        }

    def read(self, lines: Sequence[SourceLine]) -> Iterator[tuple[int, str, Text]]:
        """Yield (line, passage, why) of everything that was not taken."""
        for line in lines:
            if line.answer is not None:
                yield from self._answered(line)
                continue
            if line.number in self._names:
                self._is_progress = False
            if self._first <= line.number <= self._last:
                yield from self._within(line)
            else:
                yield from self._outside(line)

    def _answered(self, line: SourceLine) -> Iterator[tuple[int, str, Text]]:
        plain = _plain(line.text)
        if line.answer is Became.DEADLINE and not any(plain in one for one in self._taken):
            yield line.number, line.text, BESIDE[Field.DUE]
        elif line.answer is Became.MEASURE and _plain(next(iter(_sentences(line.text)), "")) not in self._text:
            yield line.number, line.text, NO_FINDING

    def _within(self, line: SourceLine) -> Iterator[tuple[int, str, Text]]:
        numbered = marker(line.text)
        shown, asides = hide([SourceLine(line.number, line.text[numbered[2] if numbered else 0 :])])
        for aside in asides:
            if _plain(aside.text) not in self._taken and _plain(aside.value) not in self._text:
                yield aside.line, aside.text, BESIDE.get(aside.kind, _LEDGER)
        for piece in shown:
            label = LABEL.match(piece.text.translate(NARROW))
            if label is not None:
                self._is_progress = label["measures"] is None
            for sentence in () if is_mark(piece) else _sentences(piece.text[label.end() if label else 0 :]):
                yield from self._judge(line.number, sentence)

    def _judge(self, row: int, sentence: str) -> Iterator[tuple[int, str, Text]]:
        plain = _plain(sentence)
        said = plain.removeprefix("关于").removeprefix("针对")
        name = next((one for one in self._names.get(row, ()) if said in one or one in said), None)
        if name is not None:
            if row in self._tagged:
                return
            if _TAG.search(plain.replace(name, "")):
                yield row, sentence, BESIDE[Field.STATE]
            elif _REMARK.search(sentence) and not name.endswith(_plain(sentence)[-2:]):
                yield row, sentence, WITHIN
        elif plain not in self._text and _plain(name_of(sentence)) not in self._text:
            if len(plain) >= _SHORT:
                yield row, sentence, PROGRESS if self._is_progress else WITHIN
        elif _NAMED.match(sentence):
            yield row, sentence, AS_MEASURE
        elif row not in self._due and _DUE.search(sentence.translate(NARROW)) and not _PAST.search(sentence):
            yield row, sentence, IN_TEXT

    def _outside(self, line: SourceLine) -> Iterator[tuple[int, str, Text]]:
        is_named = _NAMES.search(line.text) is not None or any(one.kind for one in hide([line])[1])
        numbered = marker(line.text)
        is_in_text = _plain(line.text[numbered[2] if numbered else 0 :]) in self._text
        if (numbered or is_named) and not is_in_text:
            yield line.number, line.text, BEFORE if line.number < self._first else AFTER
        for sentence in _sentences(line.text, strip=False):
            if set(counted(sentence)) - self._declared:
                yield line.number, sentence, TOTAL


def _sentences(text: str, *, strip: bool = True) -> Iterator[str]:
    """Yield the sentences of a text, without their numbers."""
    ends = [*(place + 1 for place in places(text, "。;!?")), len(text)]
    for begin, end in zip([0, *ends], ends, strict=False):
        sentence = text[begin:end].strip()
        found = marker(sentence) if strip else None
        sentence = sentence[found[2] :] if found else sentence
        yield _ORDINAL.sub("", sentence) if strip else sentence


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _spans(rows: Sequence[int]) -> str:
    """Return lines as people write them.

    >>> _spans([3, 4, 5, 9])
    '3–5, 9'
    """
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][-1] + 1:
            spans[-1][1:] = [row]
        else:
            spans.append([row])
    return ", ".join("–".join(map(str, span)) for span in spans)
