"""The sentences about trust and ways in: what is asked of a second person, what was decided, who is not reached.

Part of `sentences`.
"""

from __future__ import annotations

from engine.rules.names import ROLE_NAMES
from engine.rules.text import N_, Text
from engine.rules.trust import TrustKind, TrustState, what
from engine.rules.vocabulary import Role
from notifications.messages import Line
from notifications.typed_words import day, words


def trust_asked(line: Line) -> Text:
    """Return what is asked, and of whom."""
    told = {"by": _by(line), "what": _what(line), "until": day(line.data.get("until"))}
    if line.data.get("is_asked"):
        return N_(
            "{by} asks: {what}. A second person must confirm it by {until}. Please make sure that it is right, then "
            "confirm or refuse it under People.",
            **told,
        )
    return N_("{by} asks: {what}. It takes effect when a second person confirms it by {until}.", **told)


def trust_decided(line: Line) -> Text:
    """Return what became of it."""
    told = {"by": _by(line), "what": _what(line)}
    match line.data.get("how"):
        case TrustState.ALONE:
            return N_("{by} did this alone, as no second person's word is needed yet: {what}.", **told)
        case "lapsed":
            return N_("Nobody answered in time: {what}. Nothing was changed; ask again if it is still wanted.", **told)
        case TrustState.REFUSED:
            return N_("{by} has refused this: {what}. Nothing was changed.", **told)
        case TrustState.WITHDRAWN:
            return N_("{by} has withdrawn this: {what}. Nothing was changed.", **told)
        case _:
            return N_("{by} has confirmed this as the second person: {what}.", **told)


def former_address(line: Line) -> Text:
    """Return why somebody reads this at an address that was theirs."""
    return N_(
        "You read this at {address}, your address until now. If you did not expect the change, tell a supervisor or "
        "another coordinator at once, by telephone or in person.",
        address=words(line.data.get("former")),
    )


def role_taken(line: Line) -> Text:
    """Return whose role was taken away, and by whom."""
    taken = line.data.get("taken")
    return N_(
        "{by} has taken the role {role} from {person}.",
        by=words(line.data.get("by")),
        role=ROLE_NAMES[Role(taken)] if taken in set(Role) else words(None),
        person=words(line.data.get("person")),
    )


def shut_out(line: Line) -> Text:
    """Return who was shut out, and what they leave open."""
    told = {name: words(line.data.get(name)) for name in ("by", "person", "code")}
    count = line.data.get("count")
    if not count:
        return N_("{by} has shut out {person} ({code}). Nothing that is open waits for them.", **told)
    return N_(
        "{by} has shut out {person} ({code}), for whom {count} open matters wait. Nobody answers for these now: please "
        "give them to others on the page of {person}, under People.",
        count=count,
        **told,
    )


def unreached(line: Line) -> Text:
    """Return for whom things wait though nothing reaches them."""
    return N_(
        "Open matters wait for {count} people whom nothing reaches, as they have no e-mail and never had a way in: "
        "{people}. Please put an e-mail on record or make a link for each on their page, under People, or give to "
        "others what waits for them.",
        count=words(line.data.get("count")),
        people=tuple(line.data.get("people", ())),
    )


def _by(line: Line) -> Text | str:
    return str(line.data["by"]) if line.data.get("by") else N_("whoever runs the machine")


def _what(line: Line) -> Text | str:
    if line.data.get("asks") not in set(TrustKind) or "asked" not in line.data:
        return words(None)
    return what(TrustKind(line.data["asks"]), line.data["asked"])
