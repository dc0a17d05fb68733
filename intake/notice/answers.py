"""What people have said that passages of a notice are, applied to its lines before they are read.

An answer holds for the same passage in any file: a line as a whole, or a part of one that is long enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.rules.passages import Became
from intake.notice.source import SourceLine

_LEAST = 6  #: characters of a part of a line that may be answered for

Answers = Mapping[str, Became]


def with_answers(lines: Sequence[SourceLine], answers: Answers) -> list[SourceLine]:
    """Return the lines, cut where an answer is about a part of one, with what was answered.

    >>> lines = [SourceLine(1, "一是清退。二是今后加强学习。")]
    >>> [(one.text, one.answer) for one in with_answers(lines, {"二是今后加强学习。": Became.NOTHING})]
    [('一是清退。', None), ('二是今后加强学习。', <Became.NOTHING: 'nothing'>)]
    """
    if not answers:
        return list(lines)
    parts = {text: became for text, became in answers.items() if len(text) >= _LEAST}
    return [piece for line in lines for piece in _pieces(line, answers, parts)]


def _pieces(line: SourceLine, answers: Answers, parts: Answers) -> Iterator[SourceLine]:
    if line.text in answers:
        yield replace(line, answer=answers[line.text])
        return
    found = sorted((line.text.find(text), text) for text in parts if text in line.text)
    place = 0
    for begin, text in found:
        if begin < place:
            continue
        if line.text[place:begin].strip():
            yield replace(line, text=line.text[place:begin].strip(), ends=False)
        place = begin + len(text)
        is_last = not line.text[place:].strip()
        yield replace(line, text=text, answer=parts[text], ends=line.ends and is_last)
    if line.text[place:].strip():
        yield replace(line, text=line.text[place:].strip())
