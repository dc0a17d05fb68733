"""Who receives in the place of somebody who is away: the substitute, or the substitute's substitute.

Pure.  Caller: engine/actions/bundle_digests.py.  A message is never lost over it: where the chain leads back to itself
or goes on too long, it stays with the person whose duty it is.
"""

from __future__ import annotations

from collections.abc import Mapping

#: How many absent people in a row are followed.
MAX_STEPS = 5


def receiver(person: int, substitutes: Mapping[int, int]) -> int:
    """Return who receives today what is meant for `person`; `substitutes` holds everybody who is away today.

    >>> receiver(1, {}), receiver(1, {1: 2}), receiver(1, {1: 2, 2: 3})
    (1, 2, 3)

    Two who stand in for each other and are both away: it waits for the person themselves.

    >>> receiver(1, {1: 2, 2: 1})
    1
    """
    reached = person
    for _ in range(MAX_STEPS):
        if reached not in substitutes:
            return reached
        reached = substitutes[reached]
    return person if reached in substitutes else reached
