"""Every answer as it was received, under its sha256, beside the question and the time it was asked."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.errors import NotBelieved, SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.web import Answer, Client, Request

__all__ = ["Receipt", "Store"]

_ANSWERS, _RECEIPTS, _QUARANTINE = "answers", "receipts", "quarantine"
_SEAL = "seal"
_MOST = 2**31  # bytes of an answer that is read into memory
_AGAIN = "Fetch it again, or restore the file from a backup"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of one answer.

    Attributes
    ----------
    provider : str
        The module in `toolkit.sources` that parses it.
    url, params, kind
        The request, as in `web.Request`, without the key.
    query : dict
        The arguments of the provider's `request`, and those that its `parse` needs.
    status, headers
        Of the answer.
    received_at : str
        ISO 8601, UTC.
    sha256, size
        Of the bytes.
    """

    provider: str
    url: str
    params: tuple[tuple[str, str], ...]
    kind: str
    sha256: str
    size: int
    received_at: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of answers; nothing in it is ever rewritten.

    >>> import pathlib, tempfile
    >>> store = Store(pathlib.Path(tempfile.mkdtemp()))
    >>> receipt = store.keep(b"t,i,j,k,v,q", "baci", "file:BACI.csv", received_at="2025-01-01T00:00:00+00:00")
    >>> store.read(receipt.sha256)
    b't,i,j,k,v,q'
    """

    folder: Path

    def ask(
        self,
        provider: str,
        request: Request,
        *,
        web: Client | None,
        query: dict[str, Any] | None = None,
        check: Callable[[bytes], Any] | None = None,
    ) -> Receipt:
        """Fetch the answer and keep it; without `web`, return the newest stored one.

        Raises
        ------
        UnknownCode
            Without `web`, if no answer to this request is stored.
        """
        if web is None:
            return self.newest(request)
        judge = None if check is None else lambda path: check(files.read(path, most=_MOST))
        answer = web.fetch(request, self._folder(_ANSWERS), judge)
        return self._write(_receipt(provider, answer, query or {}))

    def keep(
        self,
        content: bytes,
        provider: str,
        url: str,
        *,
        query: dict[str, Any] | None = None,
        received_at: str | None = None,
    ) -> Receipt:
        """Keep bytes that came in another way, such as an analyst's file or a recorded answer."""
        sha256 = hashlib.sha256(content).hexdigest()
        files.write(self._folder(_ANSWERS) / sha256, content)
        moment = received_at or datetime.now(UTC).isoformat(timespec="seconds")
        return self._write(Receipt(provider, url, (), "text", sha256, len(content), moment, query=query or {}))

    def keep_file(self, file: Path, provider: str, *, query: dict[str, Any] | None = None) -> Receipt:
        """Keep a file of any size, without reading it into memory."""
        sha256 = files.sha256(file)
        with files.replacing(self._folder(_ANSWERS) / sha256) as made:
            shutil.copyfile(file, made)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        size = file.stat().st_size
        return self._write(Receipt(provider, f"file:{file.name}", (), "zip", sha256, size, moment, query=query or {}))

    def read(self, sha256: str) -> bytes:
        """Return the bytes, after checking that they have not changed."""
        path = self.path(sha256)
        content = files.read(path, most=_MOST)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SchemaError(f"{path} has changed since it was stored: its sha256 differs", remedy=_AGAIN)
        return content

    def path(self, sha256: str) -> Path:
        """Return the file of an answer."""
        path = self.folder / _ANSWERS / sha256
        if not path.is_file():
            raise UnknownCode(f"no answer {sha256} in {self.folder}", remedy=_AGAIN)
        return path

    def receipts(self) -> list[Receipt]:
        """Return the receipts of all answers, oldest first; a damaged receipt is an error."""
        found = [_read_receipt(path) for path in sorted((self.folder / _RECEIPTS).glob("*.json"))]
        return sorted(found, key=lambda receipt: (receipt.received_at, receipt.sha256))

    def newest(self, request: Request) -> Receipt:
        """Return the receipt of the newest answer to a request."""
        asked = (request.url, request.params)
        for receipt in reversed(self.receipts()):
            if (receipt.url, receipt.params) == asked and not self.quarantined(receipt.sha256):
                return receipt
        remedy = "Fetch it once while online (toolkit data fetch); later runs replay it"
        raise UnknownCode(f"no stored answer for {request.address}", remedy=remedy)

    def quarantine(self, sha256: str, reasons: list[str]) -> None:
        """Set an answer aside: it stays as evidence and is not used."""
        text = json.dumps({"sha256": sha256, "reasons": reasons}, ensure_ascii=False, indent=1)
        files.write(self._folder(_QUARANTINE) / f"{sha256}.json", text)

    def release(self, sha256: str) -> None:
        """Let a quarantined answer be used again, after a person has looked at it."""
        (self.folder / _QUARANTINE / f"{sha256}.json").unlink(missing_ok=True)

    def quarantined(self, sha256: str) -> bool:
        """Return whether an answer is in quarantine."""
        return (self.folder / _QUARANTINE / f"{sha256}.json").exists()

    def verify(self) -> list[str]:
        """Return the faults of the folder, one sentence each; an empty list means that there are none."""
        problems, known = [], set()
        for path in sorted((self.folder / _RECEIPTS).glob("*.json")):
            try:
                receipt = _read_receipt(path)
                known.add(receipt.sha256)
                self.read(receipt.sha256)
            except ToolkitError as error:
                problems.append(error.problem)
        there = {path.name for path in (self.folder / _ANSWERS).glob("*") if not path.name.startswith(files.PART)}
        return problems + [f"{self.folder / _ANSWERS / name} has no receipt" for name in sorted(there - known)]

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _write(self, receipt: Receipt) -> Receipt:
        row = {**asdict(receipt), "params": [list(pair) for pair in receipt.params]}
        row[_SEAL] = _seal(row)
        stamp = receipt.received_at.replace(":", "").replace("-", "")
        path = self._folder(_RECEIPTS) / f"{stamp}-{receipt.sha256[:16]}-{row[_SEAL][:8]}.json"
        files.write(path, json.dumps(row, ensure_ascii=False, indent=1))
        return receipt


def _receipt(provider: str, answer: Answer, query: dict[str, Any]) -> Receipt:
    asked, came = answer.request, (answer.sha256, answer.size, answer.received_at, answer.status, answer.headers)
    return Receipt(provider, asked.url, asked.params, asked.kind, *came, query)


def _read_receipt(path: Path) -> Receipt:
    try:
        row = json.loads(files.read(path))
        seal = row.pop(_SEAL)
        receipt = Receipt(**{**row, "params": tuple((name, value) for name, value in row["params"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotBelieved(f"{path} is damaged", remedy=_AGAIN) from None
    if seal != _seal(row):
        raise NotBelieved(f"{path} is damaged: its seal does not match", remedy=_AGAIN)
    return receipt


def _seal(row: dict[str, Any]) -> str:
    """Return a checksum over everything in a receipt, in one canonical form."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
