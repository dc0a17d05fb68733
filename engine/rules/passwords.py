"""What a password must be, and how long somebody waits after failed attempts.  Pure.

Length is what makes a password strong; nobody is told which kinds of signs to use, or to change it without cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.rules.refusal import NotReady
from engine.rules.text import N_

SHORTEST, LONGEST = 10, 200
#: Tried first by whoever guesses; compared without case.
COMMON = frozenset(
    [
        "0123456789",
        "1234567890",
        "12345678910",
        "123456789a",
        "123123123",
        "1111111111",
        "0000000000",
        "8888888888",
        "6666666666",
        "1qaz2wsx3edc",
        "qwertyuiop",
        "qwerty12345",
        "qwerty123456",
        "asdfghjkl1",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "admin12345",
        "admin123456",
        "administrator",
        "iloveyou520",
        "woaini1314",
        "woaini520",
        "wodemima123",
        "abc1234567",
        "abcd123456",
        "aa123456789",
        "a123456789",
        "q123456789",
        "zxcvbnm123",
        "1q2w3e4r5t",
        "changeme123",
        "welcome123",
        "letmein123",
        "duban12345",
        "duban123456",
    ]
)


def judge_password(password: str, *, code: str, name: str) -> None:
    """Refuse a password that is easily guessed.  Raises NotReady.

    >>> judge_password("correct horse battery", code="wang", name="王芳")
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise NotReady(N_("a password of {least} to {most} characters was expected", least=SHORTEST, most=LONGEST))
    plain = password.lower()
    if plain in COMMON or len(set(plain)) < 5:  # noqa: PLR2004 - fewer different signs are a pattern
        raise NotReady(N_("this password is one of the first that anybody would try"))
    if plain.replace(code.lower(), "").replace(name.lower(), "").strip("0123456789 .-_@") == "":
        raise NotReady(N_("the password is little more than your own name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many failures are free, and how long the wait may become."""

    free: int
    longest: timedelta


#: By what failures are counted for.  A person can be kept waiting from elsewhere, but only for seconds: nobody can lock
#: somebody else out.
PATIENCE: Mapping[str, Patience] = {
    "both": Patience(free=5, longest=timedelta(minutes=15)),  # this name from this address
    "source": Patience(free=30, longest=timedelta(minutes=15)),  # this address, whatever the name
    "person": Patience(free=20, longest=timedelta(seconds=30)),  # this name, from wherever
}
FORGOTTEN_AFTER = timedelta(days=1)  #: failures before that do not count


def wait_until(kind: str, *, failures: int, last_at: datetime) -> datetime:
    """Return when the next attempt may be made: at once while failures are free, then twice as long each time.

    >>> from datetime import UTC
    >>> noon = datetime(2030, 1, 7, 12, tzinfo=UTC)
    >>> [(wait_until("both", failures=n, last_at=noon) - noon).seconds for n in (4, 5, 6, 7, 40)]
    [0, 1, 2, 4, 900]
    """
    patience = PATIENCE[kind]
    over = failures - patience.free
    if over < 0:
        return last_at
    return last_at + min(timedelta(seconds=2 ** min(over, 20)), patience.longest)
