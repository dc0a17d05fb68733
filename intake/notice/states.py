"""How far something is, where a phrase says that and nothing else: 已完成, 正在推进, 已经完成,长期坚持.

Called where a label, a remark in brackets or the beginning of a text may tell it.  Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.rules.ledger_layout import CLASS_WORDS, STATE_WORDS, key_of
from engine.rules.vocabulary import MeasureClass, State
from intake.notice.headings import NARROW

_STATES = {key_of(word): state for state, words in STATE_WORDS.items() for word in words}
_CLASSES = {key_of(word): one for one, words in CLASS_WORDS.items() for word in words}
_DONE = re.compile(
    r"(?:已经?|均|都|全部|现已?|基本上)*(?:(?:如期|按期|按时|全面)*(?:完成|办结|销号|整改到位|落实到位|解决到位)"
    r"|(?<=[已经均都部])(?:整改|解决|落实|清退))(?:整改|完成|销号|到位|任务|办结|并)*"
)
_UNDER_WAY = re.compile(
    r"(?:正在?|基本|部分|尚?未|还未|没有|阶段性|仍在?|有序|加快|加紧|按计划|积极)+"
    r"(?:整改|推进|完成|落实|进行|办理|解决|销号|到位|开展|启动|中)+|(?:整改|推进|进行|办理|落实)(?:之)?中|未(?:完成|整改|销号)"
)
_LASTING = re.compile(
    r"(?:需|并|需要|将|已)?(?:长期|持续|常态化?|常抓|坚持)+(?:坚持|整改|推进|不懈|抓好|落实|巩固|开展|中)*"
)
_LONGEST = 30  #: characters of a phrase that says nothing else


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a measure is, and what class its words make it; None where they say nothing of it."""

    state: State | None = None
    measure_class: MeasureClass | None = None


def read_standing(phrase: str) -> Standing | None:
    """Return what a phrase says of how far something is; None where it says anything else, or nothing.

    >>> read_standing("已经完成,长期坚持。")
    Standing(state=<State.CLOSED: 'closed'>, measure_class=<MeasureClass.CONTINUOUS: 'continuous'>)
    >>> read_standing("正在推进").state.value, read_standing("立行立改").measure_class.value
    ('in_progress', 'at_once')
    >>> read_standing("已完成12户的清退"), read_standing("")
    (None, None)
    """
    plain = re.sub(r"\s+", "", phrase.translate(NARROW)).strip("。;,、:()")
    if not plain or len(plain) > _LONGEST:
        return None
    state: State | None = None
    classes: list[MeasureClass] = []
    for part in re.split(r"[,、;]|(?<=[成改])并(?=长期|持续|坚持)", plain):
        known = _CLASSES.get(key_of(part))
        if known is not None or _LASTING.fullmatch(part):
            classes.append(known or MeasureClass.CONTINUOUS)
        elif (said := _STATES.get(key_of(part))) is not None and said is not State.IN_PROGRESS:
            state = said
        elif said is not None or _UNDER_WAY.fullmatch(part):
            state = state or State.IN_PROGRESS
        elif _DONE.fullmatch(part):
            state = State.CLOSED
        else:
            return None
    if state is State.IN_PROGRESS and MeasureClass.CONTINUOUS in classes and len(classes) > 1:
        classes = [MeasureClass.CONTINUOUS]
    lasting = MeasureClass.CONTINUOUS if MeasureClass.CONTINUOUS in classes else next(iter(classes), None)
    return Standing(state, lasting)
