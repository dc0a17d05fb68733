"""`duban deploy`: the runs as deployments on a Prefect server, and who has the clock then.

The deployments hold the clock's lease for good: an embedded clock beside them finds it taken and does not tick.  They
are registered first and get the lease afterwards, and lose it before they are taken away: should either be cut short,
for a while two clocks tick, which is harmless, rather than none.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.actions.take_lease import free_lease, keep_lease, lease_keeper
from engine.rules.refusal import Conflict, NotReady
from engine.rules.text import N_, Text
from flows.clock import LEASE
from flows.deployments import Deployment, deployments_of
from flows.house import House
from flows.prefect_server import quiet_prefect

POOL = "duban"


def deploy(house: House, *, pool: str = POOL) -> tuple[Deployment, ...]:
    """Register or bring up to date all deployments in `pool`, and give them the clock.

    Raises NotReady when there is no server to ask, Conflict when the clock belongs to other deployments.
    """
    address, wanted = server_address(), deployments_of(house)
    holder, present = holder_name(address, pool), lease_keeper(house.sessions, name=LEASE)
    if present not in {None, holder}:
        raise Conflict(N_("{holder} has the clock; take that away first: duban deploy --remove", holder=present))
    with quiet_prefect(house.home):
        from flows.prefect_deployments import register  # noqa: PLC0415 - imports Prefect, after its settings are made

        asyncio.run(register(address, pool, wanted, house.zone))
    keep_lease(house.sessions, name=LEASE, holder=holder)
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What became of an order to take deployments away."""

    gone: tuple[str, ...]  #: their names
    trouble: Text | None  #: why they could not be reached
    is_free: bool  #: whether nobody has the clock for good now


def take_away(house: House, *, pool: str = POOL) -> Removal:
    """Give the clock back if the deployments in `pool` have it, then take them away.

    When the server does not answer only the first is done: a server that is gone for good must not keep the clock.
    """
    keeper = lease_keeper(house.sessions, name=LEASE)
    if keeper is not None and keeper.rpartition("@")[0] == pool:
        free_lease(house.sessions, name=LEASE)
    gone: tuple[str, ...] = ()
    trouble: Text | None = None
    try:
        gone = _removed(house, server_address(), pool)
    except NotReady as refusal:
        trouble = refusal.text
    return Removal(gone=gone, trouble=trouble, is_free=lease_keeper(house.sessions, name=LEASE) is None)


def _removed(house: House, address: str, pool: str) -> tuple[str, ...]:
    with quiet_prefect(house.home):
        from flows.prefect_deployments import remove  # noqa: PLC0415 - imports Prefect, after its settings are made

        return tuple(asyncio.run(remove(address, pool)))


def server_address() -> str:
    """Return the address of the server's API.  Raises NotReady when none is named."""
    address = os.environ.get("PREFECT_API_URL")
    if not address:
        raise NotReady(N_("PREFECT_API_URL must name a Prefect server, such as http://prefect.example:4200/api"))
    return address


def holder_name(address: str, pool: str) -> str:
    """Return how the deployments are called where it says who has the clock; without any password.

    >>> holder_name("http://me:secret@prefect.example:4200/api", "duban")
    'duban@prefect.example:4200'
    """
    return f"{pool}@{urlsplit(address).netloc.rpartition('@')[2]}"
