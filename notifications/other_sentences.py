"""What a rung asks where no measure waits: a task of a meeting, a paper, a meeting of which nothing is recorded.

Called by `notifications.rung_sentences`.
"""

from __future__ import annotations

from engine.rules.other_waits import name_of
from engine.rules.recipients import DOERS
from engine.rules.text import N_, Text
from engine.rules.vocabulary import OtherWait, Role
from notifications.messages import Line
from notifications.typed_words import words


def other_sentence(line: Line, wait: OtherWait) -> Text:
    """Return what a rung asks of the reader."""
    about = _about(line, wait)
    if line.role is DOERS[wait]:
        return _do(wait, about)
    owner = words(line.data.get("by"))
    if line.role is not Role.LEADING_GROUP:
        return _oversee(wait, about, owner)
    return N_(
        "{about}. It is overdue and nobody below has settled it. It is submitted to the leading group and goes on the "
        "next agenda.",
        about=about,
    )


def _do(wait: OtherWait, about: Text) -> Text:
    match wait:
        case OtherWait.MEETING_TASK:
            return N_("{about}. Please carry it out and mark it as done.", about=about)
        case OtherWait.PAPER_APPROVAL:
            return N_("{about}. Please approve this paper, or return it with a reason.", about=about)
        case OtherWait.PAPER_RETURN:
            return N_("{about}. This paper was returned. Please mend it and submit it again.", about=about)
        case OtherWait.MINUTES:
            return N_(
                "{about}. Nothing is recorded of it. Please record the decisions or write the minutes.", about=about
            )


def _oversee(wait: OtherWait, about: Text, owner: str) -> Text:
    match wait:
        case OtherWait.MEETING_TASK:
            return N_("{about}. {owner} has not done it yet. Please see that it is done.", about=about, owner=owner)
        case OtherWait.PAPER_APPROVAL:
            return N_("{about}. This paper still waits for approval. Please see that it is decided.", about=about)
        case OtherWait.PAPER_RETURN:
            return N_(
                "{about}. This paper was returned and {owner} has not submitted it again. Please see that it is.",
                about=about,
                owner=owner,
            )
        case OtherWait.MINUTES:
            return N_("{about}. Nothing is recorded of it yet. Please see that it is.", about=about)


def _about(line: Line, wait: OtherWait) -> Text:
    """Return which one it is; a sentence goes on behind it."""
    text = words(line.data.get("text")).rstrip(".。;；")
    return name_of(wait, {**line.data, "text": text})
