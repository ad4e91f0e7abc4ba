"""The only door to the network: every request is bounded, and every answer is checked."""

from __future__ import annotations

import os
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode, urljoin

import httpx
import stamina

from toolkit import files, formats
from toolkit.errors import FetchFailed, NotBelieved, ToolkitError
from toolkit.web.transport import Deadline, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from toolkit.web.transport import Place

__all__ = ["Answer", "Client", "Key", "Limits", "Request"]

_PASSING = {408, 425, 429, 500, 502, 503, 504}  # worth a retry
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_HOPS = 5
_LATER = "Try again later, or work from what is stored (offline)"
_HEADERS = {"User-Agent": "trade-policy-toolkit/0.1", "Accept": "*/*", "Accept-Encoding": "gzip"}
_KEYRING = "trade-policy-toolkit"


@dataclass(frozen=True, slots=True)
class Key:
    """Where a service expects its key; the key itself is only in the environment or the keyring.

    Attributes
    ----------
    service : str
        The key of "comtrade" is COMTRADE_KEY in the environment, or in the keyring.
    place : {"header", "query"}
    name : str
        The name of the header or of the query's parameter.
    required : bool
        Whether the service refuses requests without a key.
    """

    service: str
    place: str
    name: str
    required: bool = False

    def find(self) -> str | None:
        """Return the key, or None if there is none and the service answers without."""
        variable = f"{self.service.upper()}_KEY"
        value = os.environ.get(variable) or _from_keyring(self.service)
        if value is None and self.required:
            remedy = f"Set {variable}, or run: keyring set {_KEYRING} {self.service}"
            raise FetchFailed(f"{self.service} answers only with a key", remedy=remedy)
        return value


@dataclass(frozen=True, slots=True)
class Request:
    """A question to a service: all that is needed to ask it again, except the key.

    Attributes
    ----------
    url : str
    params : tuple of (name, value)
        In the order they are sent.
    kind : str
        What the answer must be: one of `formats.KINDS`.
    headers : tuple of (name, value)
    key : Key or None
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    kind: str = "json"
    headers: tuple[tuple[str, str], ...] = ()
    key: Key | None = None

    @property
    def address(self) -> str:
        """The address that a browser would open, without the key."""
        return f"{self.url}?{urlencode(self.params)}" if self.params else self.url


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and how much to accept.

    Attributes
    ----------
    seconds : float
        From the first attempt to the last byte, waits included.
    quiet : float
        Seconds without a byte after which one attempt is given up.
    most_bytes : int
        Size of the unpacked answer.
    attempts : int
    wait : float
        Seconds before the second attempt, doubled before each further one, unless the service asks for another wait.
    pause : float
        Least seconds between two requests, out of politeness.
    """

    seconds: float = 120.0
    quiet: float = 30.0
    most_bytes: int = 2 * 2**30
    attempts: int = 5
    wait: float = 0.5
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a service, whole and checked, in a file named by its sha256."""

    request: Request
    status: int
    headers: dict[str, str]
    path: Path
    sha256: str
    size: int
    received_at: str


@dataclass
class Client:
    """Send requests to services, one at a time.

    >>> from toolkit.web import Client, Request
    >>> with Client() as web:  # doctest: +SKIP
    ...     answer = web.fetch(Request("https://api.worldbank.org/v2/..."), Path("data/raw"))
    """

    limits: Limits = field(default_factory=Limits)
    allow: Iterable[Place] = ()

    def __post_init__(self) -> None:
        """Open nothing yet; the first request does."""
        self._transport = Transport(self.allow, quiet=self.limits.quiet)
        self._http = httpx.Client(transport=self._transport, headers=_HEADERS, timeout=None, trust_env=False)  # noqa: S113 (Deadline)
        self._last = float("-inf")

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.close()

    def fetch(self, request: Request, folder: Path, check: Callable[[Path], Any] | None = None) -> Answer:
        """Send a request, and keep the answer in `folder` only if it is whole.

        Parameters
        ----------
        request : Request
        folder : Path
            The answer becomes a file in it, named by the sha256 of its bytes.
        check : callable, optional
            Raises an error if a whole, well-formed answer is still not the right one.

        Raises
        ------
        FetchFailed
            If there is no answer within the limits.
        NotBelieved
            If the answer is cut, an error page, too large, or not of its kind.
        """
        deadline = Deadline(self.limits.seconds)
        self._transport.until(deadline)
        folder.mkdir(parents=True, exist_ok=True)
        tries = stamina.retry_context(
            on=_Waits(deadline, self.limits.wait),
            attempts=self.limits.attempts,
            timeout=None,
            wait_initial=0,
            wait_jitter=0,
        )
        try:
            for attempt in tries:
                with attempt, files.beside(folder / "answer") as part:
                    status, headers = self._ask(request, part, deadline)
                    return _keep(request, (status, headers), part, check)
        except _Again as error:
            raise error.cause from None
        raise FetchFailed(f"{request.address} was never asked", remedy="Allow at least one attempt")

    def _ask(self, request: Request, part: Path, deadline: Deadline) -> tuple[int, dict[str, str]]:
        """Make one attempt; a failure worth retrying is raised as `_Again`."""
        secret = request.key.find() if request.key else None
        self._wait_turn(deadline)
        try:
            with self._follow(request, secret) as response:
                _judge(response, request, self.limits.most_bytes)
                _write(response, part, request.address, self.limits.most_bytes)
            formats.check(part, request.kind, request.address)
        except (FetchFailed, NotBelieved) as error:
            raise _named(error, request, secret, deadline) from None
        return response.status_code, {k: _hide(v, secret) for k, v in response.headers.items()}

    @contextmanager
    def _follow(self, request: Request, secret: str | None) -> Iterator[httpx.Response]:
        """Yield the response at the end of the redirects; the key goes to the first host only."""
        start = url = httpx.URL(request.address)
        self._refuse_plain(url, url)
        for _ in range(_MOST_HOPS):
            key = request.key if secret and _origin(url) == _origin(start) else None
            extensions = {"key": (key.place, key.name, secret)} if key else {}
            with self._http.stream("GET", url, headers=dict(request.headers), extensions=extensions) as response:
                if response.status_code not in _REDIRECTS:
                    yield response
                    return
                target = httpx.URL(urljoin(str(url), response.headers.get("location", "")))
            self._refuse_plain(target, url)
            url = target
        raise NotBelieved(f"more than {_MOST_HOPS} redirects, or one that leads back", remedy="Check the address")

    def _refuse_plain(self, url: httpx.URL, before: httpx.URL) -> None:
        allowed = url.scheme == "http" and (url.host, url.port or 80) in set(self.allow)
        if url.scheme != "https" and not allowed:
            problem = f"{before.host} leads to {url.scheme}://{url.host}, which is not https"
            raise NotBelieved(problem, remedy="Use the service's https address")

    def _wait_turn(self, deadline: Deadline) -> None:
        wait = self._last + self.limits.pause - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, deadline.seconds))
        self._last = time.monotonic()


class _Again(Exception):
    """A failure worth retrying; `after` is the wait that the service asks for."""

    def __init__(self, cause: ToolkitError, after: float | None) -> None:
        super().__init__(str(cause))
        self.cause, self.after = cause, after


class _Waits:
    """How long stamina waits before the next attempt; never past the deadline."""

    def __init__(self, deadline: Deadline, first: float) -> None:
        self._deadline, self._next = deadline, first

    def __call__(self, error: Exception) -> float | bool:
        if not isinstance(error, _Again) or self._deadline.passed():
            return False
        wait = self._next if error.after is None else error.after
        self._next *= 2
        return wait if wait < self._deadline.left() else False


class _Status(FetchFailed):
    """A status other than 200, with the wait that the service asks for."""

    def __init__(self, problem: str, *, passing: bool, after: float | None) -> None:
        super().__init__(problem, remedy=_LATER if passing else "Check the address, the parameters and the key")
        self.passing, self.after = passing, after


def _judge(response: httpx.Response, request: Request, most_bytes: int) -> None:
    """Refuse a response by its status and headers, before its body is read."""
    headers, status = response.headers, response.status_code
    after = _seconds(headers.get("retry-after"))
    if status != httpx.codes.OK:
        passing = status in _PASSING or after is not None
        wish = f", and asks to wait {after:g} s" if after is not None else ""
        raise _Status(f"the service answers {status} {response.reason_phrase}{wish}", passing=passing, after=after)
    framed = "content-length" in headers or headers.get("transfer-encoding", "").lower() == "chunked"
    packed = headers.get("content-encoding", "identity").lower()
    if packed not in {"identity", "gzip", "x-gzip"}:
        raise NotBelieved(f"an answer in the encoding {packed!r}, which was not requested", remedy=_LATER)
    if not framed and packed == "identity" and request.kind not in formats.SELF_ENDING:
        raise NotBelieved("the answer does not say how long it is, so a cut would not show", remedy=_LATER)
    if int(headers.get("content-length", 0)) > most_bytes:
        size = f"{int(headers['content-length']):,}"
        raise NotBelieved(f"the answer has {size} bytes, the limit is {most_bytes:,}", remedy="Ask for less at a time")


def _write(response: httpx.Response, part: Path, name: str, most_bytes: int) -> None:
    """Write the body to disk, unpacked, to its own end but no more than `most_bytes`."""
    packed = "gzip" in response.headers.get("content-encoding", "").lower()
    size = 0
    with part.open("wb") as stream:
        for plain in _unpacked(response.iter_raw(), name) if packed else response.iter_raw():
            size += len(plain)
            if size > most_bytes:
                raise NotBelieved(f"the answer exceeds {most_bytes:,} bytes", remedy="Ask for less at a time")
            stream.write(plain)


def _unpacked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Unpack gzip in small pieces; its end, length and checksum must be there, and nothing may follow."""
    gunzip = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        yield from _unpack(gunzip, chunk, name)
    if not gunzip.eof:
        raise NotBelieved("the gzip body is cut", remedy=_LATER)


def _unpack(gunzip: Any, chunk: bytes, name: str) -> Iterator[bytes]:
    while chunk:
        try:
            yield gunzip.decompress(chunk, 2**20)
        except zlib.error as error:
            raise NotBelieved(f"the gzip body is damaged: {error}", remedy=_LATER) from None
        if gunzip.unused_data:
            raise NotBelieved(f"{name}: bytes follow the end of the gzip body", remedy=_LATER)
        chunk = gunzip.unconsumed_tail


def _keep(
    request: Request, head: tuple[int, dict[str, str]], part: Path, check: Callable[[Path], Any] | None
) -> Answer:
    if check is not None:
        check(part)
    sha256, size = files.sha256(part), part.stat().st_size
    path = part.with_name(sha256)
    files.publish(part, path)
    return Answer(request, *head, path, sha256, size, datetime.now(UTC).isoformat(timespec="seconds"))


def _named(error: ToolkitError, request: Request, secret: str | None, deadline: Deadline) -> Exception:
    """Return the error with the address in front and the key removed, as `_Again` if a retry may help."""
    problem, again = error.problem, not isinstance(error, _Status) or error.passing
    if not problem.startswith(request.address):
        problem = f"{request.address}: {problem}"
    if deadline.passed():
        problem += f" (the {deadline.seconds:g} s allowed are over)"
    plain = FetchFailed if isinstance(error, FetchFailed) else NotBelieved
    clean = plain(_hide(problem, secret), remedy=error.remedy)
    return _Again(clean, getattr(error, "after", None)) if again else clean


def _hide(text: str, secret: str | None) -> str:
    for form in {secret, quote(secret, safe="")} if secret else ():
        text = text.replace(form, "***")
    return text


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _seconds(stated: str | None) -> float | None:
    """Return the seconds of Retry-After, which may be a date."""
    if stated is None:
        return None
    if stated.strip().isdigit():
        return float(stated)
    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _from_keyring(service: str) -> str | None:
    try:
        import keyring

        return keyring.get_password(_KEYRING, service)
    except Exception:  # noqa: BLE001 (a machine without a keyring has no key)
        return None
