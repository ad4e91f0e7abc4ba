"""The one check of web addresses: only those that everyone can reach may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_public", "is_public"]

_PORTS = {"http": 80, "https": 443}


def check_public(url: str, resolve: Callable[..., Any] | None = None) -> tuple[str, ...]:
    """Return the addresses of the host of `url`, all of them public; fetch from these.

    Raises
    ------
    SchemaError
        If it is not http(s), names a user or an unusual port, cannot be resolved, or
        leads to an address that is not public (loopback, private, link-local ...).

    Examples
    --------
    >>> check_public("http://127.0.0.1/")
    Traceback (most recent call last):
        ...
    toolkit.errors.SchemaError: http://127.0.0.1/: 127.0.0.1 is not a public address
      -> Save the page, and read the file
    """
    # only addresses need these modules, and reading a file must start at once
    from socket import IPPROTO_TCP, gaierror, getaddrinfo

    remedy = "Save the page, and read the file"
    host, port = _host_and_port(url, remedy)
    try:
        found = (resolve or getaddrinfo)(host, port, proto=IPPROTO_TCP)
    except (gaierror, UnicodeError):
        raise SchemaError(f"{url}: no such host as {host}", remedy=remedy) from None
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_public(address):
            raise SchemaError(f"{url}: {address} is not a public address", remedy=remedy)
    return addresses


def _host_and_port(url: str, remedy: str) -> tuple[str, int]:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SchemaError(f"{url}: not a web address", remedy=remedy) from None
    if parts.scheme not in _PORTS or not host or parts.username is not None or port not in {None, 80, 443}:
        raise SchemaError(f"{url}: not a plain http or https address", remedy=remedy)
    return host, port or _PORTS[parts.scheme]


def is_public(text: str) -> bool:
    """Return whether everyone can reach an IP address.

    >>> is_public("93.184.215.14"), is_public("::ffff:10.0.0.1")
    (True, False)
    """
    from ipaddress import IPv6Address, ip_address

    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast
