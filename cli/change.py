"""One change of one measure: as whom, on which day, in which round; and what to tell afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from cli.frame import open_frame
from cli.output import Screen
from engine.rules.names import STATE_NAMES
from engine.rules.text import N_, Text

if TYPE_CHECKING:
    from engine.actions.desk import Desk
    from models import Measure


def change_measure(
    action: Callable[[Desk], Measure],
    *,
    person: str,
    as_of: date | None,
    round_code: str | None,
    json: bool,
    done: Text | None = None,
) -> None:
    """Carry out `action` in one transaction and tell where the measure stands now.

    `done` says what happened, where that does not show in the measure's state and date.
    """
    with open_frame(json=json, as_of=as_of, round_code=round_code) as frame:
        with frame.desk(person) as desk:
            measure = action(desk)
        tell_measures(frame.screen, [measure])
        if done is not None:
            frame.screen.line(done)


def tell_measures(screen: Screen, measures: list[Measure], *, several: bool = False) -> None:
    """Tell where measures stand after a change: one object, or with `several` always a list in one."""
    plain = [
        {
            "code": measure.code,
            "state": measure.state.value,
            "due": measure.due,
            "deadline_version": measure.deadline_version,
            "percent": measure.percent,
        }
        for measure in measures
    ]
    screen.answer({"measures": plain} if several else plain[0])
    for measure in measures:
        told = N_(
            "{code}: {state}, due {due}",
            code=measure.code,
            state=STATE_NAMES[measure.state],
            due=measure.due or N_("open-ended"),
        )
        screen.line(told, style="green")
