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
        "123123123123",
        "1234512345",
        "1111111111",
        "0000000000",
        "8888888888",
        "6666666666",
        "9876543210",
        "0987654321",
        "1357924680",
        "1472583690",
        "7894561230",
        "5201314520",
        "1314520520",
        "1qaz2wsx3edc",
        "1qaz@wsx3edc",
        "123qweasdzxc",
        "1234qwerasdf",
        "qazwsxedcrfv",
        "qwertyuiop",
        "qwertyuiop123",
        "qwerty12345",
        "qwerty123456",
        "asdfghjkl1",
        "asdfghjkl123",
        "zxcvbnm123",
        "zxcvbnm1234",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "password12",
        "password123",
        "password1234",
        "password@123",
        "passw0rd123",
        "p@ssw0rd123",
        "p@ssword123",
        "admin12345",
        "admin123456",
        "admin@12345",
        "admin@123456",
        "administrator",
        "root123456",
        "test123456",
        "user123456",
        "guest123456",
        "iloveyou123",
        "iloveyou520",
        "woaini1314",
        "woaini5201314",
        "woaini123456",
        "wodemima123",
        "woaizhongguo",
        "zhongguo123",
        "abc1234567",
        "abcd123456",
        "abc123456789",
        "abc@123456",
        "aa123456789",
        "aaa123456789",
        "a123456789",
        "a1234567890",
        "q123456789",
        "qq123456789",
        "asd123456789",
        "qwe123456789",
        "zxc123456789",
        "changeme123",
        "welcome123",
        "letmein123",
        "duban12345",
        "duban123456",
        "duban@12345",
        "duban@123456",
        "dubanduban",
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


#: By what attempts are counted for.  A person can be kept waiting from elsewhere, but only for seconds: nobody can lock
#: somebody else out.
PATIENCE: Mapping[str, Patience] = {
    "both": Patience(free=5, longest=timedelta(minutes=15)),  # this name from this address
    "source": Patience(free=60, longest=timedelta(minutes=15)),  # this address, whatever the name: an office shares one
    "person": Patience(free=20, longest=timedelta(seconds=30)),  # this name, from wherever
    "ask": Patience(free=3, longest=timedelta(hours=1)),  # links asked for, for this name
    "asking": Patience(free=20, longest=timedelta(minutes=15)),  # links asked for, from this address
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
