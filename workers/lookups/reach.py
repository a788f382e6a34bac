"""Which addresses of the network a look-up may reach. Pure.

A rule chooses what is put into an address, an event what the rule gets; so neither may lead a
worker to what only it can reach: this machine, its network, the cloud's metadata.
"""

import ipaddress
from typing import Final

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# Answers inside a cloud's machines under an address that looks public.
# https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
_INSIDE: Final = frozenset({ipaddress.ip_address("168.63.129.16")})
# IPv4 behind a translator. https://www.rfc-editor.org/rfc/rfc6052#section-2.1
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
# The cloud's metadata under an address of the private kind.
_METADATA: Final = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192"))
)

# Not of the whole network either, though Python takes them for it: site-local addresses, and the
# block of IETF protocols, in which one cloud has its metadata.
# https://www.rfc-editor.org/rfc/rfc3879 https://www.rfc-editor.org/rfc/rfc6890
_NOT_GLOBAL: Final = tuple(map(ipaddress.ip_network, ("fec0::/10", "192.0.0.0/24")))


def refusal(address: str, *, private: bool) -> str:
    """Why an address is not called; "" if it may be. `private` lets this machine and private
    networks pass, and never link-local addresses or a cloud's metadata."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "is not an IP address"
    reasons = (_refusal(each, private=private) for each in (ip, *_inside(ip)))
    return next(filter(None, reasons), "")


def _inside(ip: IP) -> tuple[IP, ...]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    found = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    compatible = int(ip) >> 32 == 0 and int(ip) > 1
    found.append(last if ip in _TRANSLATED or compatible else None)
    return tuple(each for each in found if each is not None)


def _refusal(ip: IP, *, private: bool) -> str:
    if ip in _METADATA or ip in _INSIDE:
        return "belongs to the cloud's own services"
    if ip.is_link_local:
        return "is link-local, as a cloud's metadata are"
    if ip.is_unspecified or ip.is_multicast:
        return "is not the address of one machine"
    if ip in _TRANSLATED or (isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped):
        return ""  # judged by the address inside
    if ip.is_loopback:
        return "" if private else "is this machine itself"
    if not ip.is_global or ip.is_reserved or any(ip in each for each in _NOT_GLOBAL):
        return "" if private and not ip.is_reserved else "is inside a private network"
    return ""
