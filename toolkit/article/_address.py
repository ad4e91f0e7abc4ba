"""Which web addresses may be read: those that everyone can reach, none inside."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from socket import IPPROTO_TCP, gaierror, getaddrinfo
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

_PORTS = {None, 80, 443}


def check_public(url: str, resolve: Callable[..., Any] = getaddrinfo) -> tuple[str, ...]:
    """Give the addresses behind `url`, all of them public; whoever fetches must use these.

    Raises
    ------
    SchemaError
        If it is not http(s), names a user or an odd port, cannot be resolved, or
        leads to an address that is not public (loopback, private, link-local …).

    Examples
    --------
    >>> check_public("http://127.0.0.1/")
    Traceback (most recent call last):
        ...
    toolkit.errors.SchemaError: http://127.0.0.1/: 127.0.0.1 is not a public address
      -> Save the page, and read the file
    """
    remedy = "Save the page, and read the file"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SchemaError(f"{url}: not a web address", remedy=remedy) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or port not in _PORTS:
        raise SchemaError(f"{url}: not a plain http or https address", remedy=remedy)
    try:
        found = resolve(host, port or (443 if parts.scheme == "https" else 80), proto=IPPROTO_TCP)
    except (gaierror, UnicodeError):
        raise SchemaError(f"{url}: no such host as {host}", remedy=remedy) from None
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not _is_public(address):
            raise SchemaError(f"{url}: {address} is not a public address", remedy=remedy)
    return addresses


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast
