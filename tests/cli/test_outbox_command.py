"""`duban outbox` tells moments as people read them: local time, to the minute."""

from __future__ import annotations

import re

from tests.cli.conftest import Line
from tests.outbox_rows import bundle, claim, refuse_all, say_to
from tests.world import World


def test_outbox_when_something_is_tried_again_tells_when_in_local_time(duban: Line, house: World):
    say_to(house, "wang")
    bundle(house)
    refuse_all(house, claim(house), retry=True)
    line = next(line for line in duban("outbox").out.splitlines() if "王经办" in line)
    (told,) = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d\S*", line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", told)
    assert told.startswith(f"{house.today} 09:"), "nine in the morning where the house is"
