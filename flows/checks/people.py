"""Checks of who is there: two who hold trust, and nothing left with people who are out of reach."""

from __future__ import annotations

from engine.reads.left_open import UNREACHED, read_left_open
from engine.reads.trust import read_holders
from engine.rules.text import N_
from engine.rules.trust import ENOUGH, is_alone
from flows.checks.finding import Finding, Ground, Level


def check_trust(ground: Ground) -> Finding:
    """Look whether two people hold trust, and can come in to confirm what takes two."""
    holders = read_holders(ground.session)
    able = sum(not holder.is_shut_out for holder in holders.values())
    if not holders:
        return Level.OK, N_("nobody holds trust yet; a ledger names the first two")
    if is_alone(holders):
        return Level.WARN, N_("runs with one: only one person holds trust, and acts without a second person's word")
    if able < ENOUGH:
        return Level.BAD, N_("of those who hold trust all but one are shut out: nothing can be confirmed")
    return Level.OK, N_("{count} people hold trust", count=able)


def check_people(ground: Ground) -> Finding:
    """Look whether anything waits for people who are shut out."""
    left = read_left_open(ground.session, ground.moment.on)
    count = sum(one.count for one in left)
    if left:
        told = N_(
            "{count} open matters wait for {people} people who are shut out; duban person hand-over gives them to "
            "others",
            count=count,
            people=len(left),
        )
        return Level.BAD, told
    return Level.OK, N_("nothing waits for anybody who is shut out")


def check_reach(ground: Ground) -> Finding:
    """Look whether anything waits for people whom nothing reaches: no e-mail, and never a way in."""
    if left := read_left_open(ground.session, ground.moment.on, UNREACHED):
        told = N_(
            "{count} open matters wait for {people} people whom nothing reaches, without e-mail or a way in; duban "
            "lint names them",
            count=sum(one.count for one in left),
            people=len(left),
        )
        return Level.BAD, told
    return Level.OK, N_("everybody for whom something waits can be reached")
