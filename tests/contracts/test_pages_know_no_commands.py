"""No sentence that a page can show speaks of commands, options or settings, in either language."""

from __future__ import annotations

import re
from pathlib import Path

from i18n import say
from i18n.compile import product_packages
from i18n.extract import find_uses

ROOT = Path(__file__).parents[2]
COMMANDS = re.compile(r"(?<![\w/.])duban [a-z]|(?<![\w-])--[a-z]|\bDUBAN_[A-Z]")
#: Where sentences are said to whoever runs the machine alone, and why no page shows them.
FOR_THE_MACHINE = {
    "cli/": "is the command line itself",
    "config/": "is read before anything is served",
    "demo/": "is played by a command",
    "engine/reads/lint.py": "is what duban lint prints",
    "flows/checks/": "is what duban doctor prints; /healthz tells names alone",
    "flows/deploy.py": "registers runs by a command",
    "flows/deployed.py": "runs in a worker",
    "flows/serve.py": "is told at the start, on the terminal",
    "models/backup/": "is done by commands",
    "notifications/robots/apprise_chat.py": "is told at the start, on the terminal",
    "web/listen.py": "is told at the start, on the terminal",
}


def speaks_of_commands(msgid: str) -> bool:
    return any(COMMANDS.search(sentence) for sentence in (msgid, say(msgid, "zh_CN")))


def test_sentences_when_a_page_can_show_them_then_they_know_no_command_line():
    uses = [one for one in find_uses(ROOT, product_packages(ROOT)) if speaks_of_commands(one.msgid)]
    seen = dict.fromkeys(FOR_THE_MACHINE, False)
    wrong = []
    for use in uses:
        prefixes = [prefix for prefix in FOR_THE_MACHINE if use.where.startswith(prefix)]
        seen.update(dict.fromkeys(prefixes, True))
        if not prefixes:
            wrong.append(f"{use.where}: {use.msgid}")
    assert len(uses) > 50, "nothing was found at all"
    assert wrong == []
    assert [prefix for prefix, is_needed in seen.items() if not is_needed] == []
