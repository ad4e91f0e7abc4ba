"""A transport for httpx with one deadline, to public hosts only, that keeps keys out of the logs."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpcore
import httpx

from toolkit.errors import FetchFailed, NotBelieved
from toolkit.web.address import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Deadline", "Place", "Transport"]

Place = tuple[str, int]


class Deadline:
    """The moment after which nothing waits, connects or reads any more."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Return the seconds left, no more than `at_most`; raise an error if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"no answer within {self.seconds:g} s")
        return left if at_most is None else min(left, at_most)

    def passed(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() >= self._end


class Transport(httpx.BaseTransport):
    """Send one request at a time.

    Parameters
    ----------
    allow : iterable of (host, port)
        Places that may be reached although they are not public, such as a test server.
    quiet : float
        Seconds without a byte after which a connection is given up.
    """

    def __init__(self, allow: Iterable[Place] = (), *, quiet: float = 30.0) -> None:
        self._backend = _Backend(frozenset(allow), quiet)
        logging.getLogger("httpcore").setLevel(logging.INFO)  # at DEBUG it logs headers, where a key may be echoed
        self._pool = httpcore.ConnectionPool(network_backend=self._backend, ssl_context=httpx.create_ssl_context())

    def until(self, deadline: Deadline) -> None:
        """Set the deadline of the next requests."""
        self._backend.deadline = deadline

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; a key in its extensions is sent, but never logged."""
        target, headers = request.url.raw_path, request.headers.raw
        if key := request.extensions.get("key"):
            place, name, value = key
            if place == "header":
                headers = [*headers, (name.encode(), value.encode())]
            else:
                target += (b"&" if b"?" in target else b"?") + f"{name}={quote(value, safe='')}".encode()
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=target
        )
        with _explained():
            answer = self._pool.handle_request(httpcore.Request(request.method, url, headers=headers))
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _explained():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, allow: frozenset[Place], quiet: float) -> None:
        self._plain, self._allow, self._quiet = httpcore.SyncBackend(), allow, quiet
        self.deadline = Deadline(quiet)

    def connect_tcp(self, host: str, port: int, *_: Any, **named: Any) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        for number, address in enumerate(addresses, start=1):
            named["timeout"] = self.left()
            try:
                return _Stream(self._plain.connect_tcp(address, port, **named), self)
            except httpcore.ConnectError:
                if number == len(addresses):
                    raise
        raise httpcore.ConnectError(f"{host} has no address")

    def left(self) -> float:
        return self.deadline.left(self._quiet)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of `host` from one look-up; refuse those that are not public."""
        found = _look_up(host, port, self.left())
        private = [address for address in found if not is_public(address)]
        if private and (host, port) not in self._allow:
            problem = f"{host} leads to {private[0]}, which is not a public address"
            raise NotBelieved(problem, remedy="Check the address; data services are public")
        return found


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream, backend: _Backend) -> None:
        self._plain, self._backend = plain, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._plain.read(max_bytes, self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._plain.write(buffer, self._backend.left())

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:  # noqa: ARG002
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, self._backend.left()), self._backend)

    def close(self) -> None:
        self._plain.close()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """Resolve `host` in a thread, since the system's resolver has no deadline."""
    found: list[str] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failure.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure or not found:
        raise httpcore.ConnectError(f"cannot find {host}: {failure[0] if failure else 'no answer in time'}")
    return list(dict.fromkeys(found))


@contextmanager
def _explained() -> Iterator[None]:
    """Turn errors of httpcore into `FetchFailed`, which may be retried."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        problem = str(error) or type(error).__name__
        raise FetchFailed(problem, remedy="Try again later") from None
