"""The ladders of what is no measure, for policies that were written before there were any.

Pure data, in the format of ladder.yaml.  A policy in the database and an office's own ladder.yaml keep their meaning:
what they do not name runs by these, and a later change of the shipped ladder.yaml changes nothing for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.rules.vocabulary import OtherWait

OTHER_LADDERS: Mapping[OtherWait, Mapping[str, Any]] = {
    OtherWait.MEETING_TASK: {
        "within": 10,
        "rungs": [
            {"at": "T-3", "to": ["owner"], "slip": "reminder"},
            {"at": "T+1", "to": ["owner", "unit_head"], "slip": "yellow"},
            {"at": "T+5", "to": ["owner", "coordinator"], "slip": "red"},
            {"at": "T+10", "to": ["leading_group", "owner", "coordinator"], "slip": "group"},
        ],
        "repeat_every": 10,
        "hold_at_most": 3,
    },
    OtherWait.PAPER_APPROVAL: {
        "within": 3,
        "rungs": [
            {"at": "T+0", "to": ["approver"], "slip": "blue"},
            {"at": "T+1", "to": ["approver"], "slip": "yellow"},
            {"at": "T+3", "to": ["approver", "coordinator"], "slip": "red"},
            {"at": "T+10", "to": ["leading_group", "coordinator"], "slip": "group"},
        ],
        "repeat_every": 10,
        "hold_at_most": 3,
    },
    OtherWait.PAPER_RETURN: {
        "within": 3,
        "rungs": [
            {"at": "T+0", "to": ["owner"], "slip": "reminder"},
            {"at": "T+1", "to": ["owner", "coordinator"], "slip": "yellow"},
            {"at": "T+10", "to": ["leading_group", "coordinator"], "slip": "group"},
        ],
        "repeat_every": 10,
        "hold_at_most": 3,
    },
    OtherWait.MINUTES: {
        "within": 5,
        "rungs": [
            {"at": "T-2", "to": ["coordinator"], "slip": "reminder"},
            {"at": "T+1", "to": ["coordinator"], "slip": "yellow"},
            {"at": "T+10", "to": ["leading_group", "coordinator"], "slip": "group"},
        ],
        "repeat_every": 10,
        "hold_at_most": 3,
    },
}
