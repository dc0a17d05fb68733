"""Which addresses Duban calls when somebody names one: never what belongs to a machine itself.  Pure.

Callers: engine/rules/webhooks.py, when an address is given; notifications/call.py, each time that it is called, with
what its name leads to then.  Networks of the office are called: that is where its programs are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

#: How people write that they mean the machine that they sit at.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: Where clouds tell a machine about itself, its keys among it, beside the link-local addresses.
METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
THIS_NETWORK = ip_network("0.0.0.0/8")
NAT64 = ip_network("64:ff9b::/96")
COMPATIBLE = ip_network("::/96")


def is_off_limits(host: str, allowed: Collection[Network] = ()) -> bool:
    """Return whether a numeric host is not called: loopback, link-local, metadata, unspecified, multicast, reserved.

    An IPv4 address within an IPv6 one counts like itself.  `allowed` are networks that are called all the same.

    >>> [is_off_limits(one) for one in ("127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1%eth0", "0.0.0.0")]
    [True, True, True, True, True]
    >>> [is_off_limits(one) for one in ("10.0.0.7", "192.168.1.9", "fd12::7", "203.0.113.7", "oa.example")]
    [False, False, False, False, False]
    >>> is_off_limits("127.0.0.1", [ip_network("127.0.0.0/8")])
    False
    """
    try:
        found = ip_address(host)
    except ValueError:
        return False
    return any(_belongs_to_a_machine(one) and not is_allowed(one, allowed) for one in _meanings(found))


def is_allowed(address: Address, allowed: Collection[Network]) -> bool:
    """Return whether one of the networks holds the address."""
    return any(address.version == network.version and address in network for network in allowed)


def leads_home(name: str) -> bool:
    """Return whether a host's name means the machine itself wherever it is looked up, or is a number in disguise.

    >>> [leads_home(one) for one in ("localhost", "LocalHost.", "a.localhost", "2130706433", "0x7f.1", "127.1")]
    [True, True, True, True, True, True]
    >>> [leads_home(one) for one in ("oa.example", "oa", "10.0.0.7", "::1")]
    [False, False, False, False]
    """
    plain = name.lower().rstrip(".")
    last = plain.rpartition(".")[2]
    if last == "localhost":
        return True
    try:
        ip_address(plain)
    except ValueError:
        return last.isdigit() or last.startswith("0x")
    return False


def _belongs_to_a_machine(address: Address) -> bool:
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or (isinstance(address, IPv4Address) and (address.is_reserved or address in THIS_NETWORK))
        or address in METADATA
    )


def _meanings(address: Address) -> Iterator[Address]:
    """Yield an address without its zone, and the IPv4 addresses that it stands for on its way."""
    if isinstance(address, IPv4Address):
        yield address
        return
    plain = IPv6Address(int(address))
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if (mapped := plain.ipv4_mapped) is not None:
        yield mapped
        return
    yield plain
    if (inner := plain.sixtofour) is not None:
        yield inner
    if (tunnel := plain.teredo) is not None:
        yield from tunnel
    if plain in NAT64 or (plain in COMPATIBLE and int(plain) > 1):
        yield last
