"""What a browser is called, from what it calls itself: for who looks where they are signed in.  Nothing rests on it."""

from __future__ import annotations

import re

#: The first that fits; many call themselves by the names of others, too.
_PROGRAMS = (
    ("wxwork/", "企业微信"),
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("Lark/", "飞书"),
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("QQBrowser/", "QQ"),
    ("UCBrowser/", "UC"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
SHOWN = 40


def browser_name(told: str) -> str:
    """Return the program and the system, as far as they are known; else the first of what it says.

    >>> browser_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0")
    'Edge · Windows'
    >>> browser_name("curl/8.5.0"), browser_name("")
    ('curl/8.5.0', '—')
    """
    found = [next((name for mark, name in known if mark in told), None) for known in (_PROGRAMS, _SYSTEMS)]
    if any(found):
        return " · ".join(name for name in found if name)
    return re.sub(r"\s+", " ", told).strip()[:SHOWN] or "—"
