"""Refusals: what a rule says no to, and why.  The docstring of each type is its plain meaning.

Refusal
├── NotAllowed        the person may not
├── WrongState        the measure is not in a state for it
├── NotReady          something is still missing
├── FourEyes          one's own work
├── Unproved          the password must be given again
├── Conflict          somebody else changed it first
├── NotFound          no such thing
├── TooSoon           too many attempts; later
└── PolicyFault       a policy file contradicts itself
"""

from __future__ import annotations

from engine.rules.text import Text


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The request is refused; nothing was changed.  Exit code 1 on the command line."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text  #: the reason, for people


class NotAllowed(Refusal):
    """The acting person holds none of the roles that may do this."""


class WrongState(Refusal):
    """The measure is in a state from which this does not lead on."""


class NotReady(Refusal):
    """Something that must come first is missing: evidence, a co-unit's word, a reason, a date."""


class RoundUnknown(NotReady):
    """Nothing says into which round a ledger goes: no row of it is on record, or the round is at an end."""


class FourEyes(Refusal):
    """Nobody checks or decides what is their own, their unit's, or that of someone they stand in for."""


class Unproved(Refusal):
    """Who asks must prove anew who they are: the browser was signed in a while ago."""


class Conflict(Refusal):
    """The record changed since it was read; read again and repeat."""


class NotFound(Refusal):
    """There is no such measure, person, meeting or file."""


class TooSoon(Refusal):
    """Too many attempts failed; the next may be made after some seconds."""

    def __init__(self, text: Text, *, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds


class PolicyFault(Refusal):
    """A policy (lifecycle, ladder, schedule) is not valid; `path` leads to the place inside the file."""

    def __init__(self, path: tuple[str | int, ...], text: Text) -> None:
        super().__init__(text)
        self.path = path  #: keys and indexes from the top of the file down to the faulty value
