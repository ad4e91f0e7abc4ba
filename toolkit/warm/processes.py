"""Child processes: send them messages, list, adopt and stop them."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

__all__ = [
    "GRACE_S", "adopt", "below", "children", "end", "end_with_parent", "kill", "name_of", "receive", "send",
]  # fmt: skip

_LENGTH = struct.Struct("!I")
_MOST = 400_000_000  # bytes of one message; a notebook's output is limited to far less
_PIECE = 1 << 20
_DIE_WITH_PARENT, _ADOPT = 1, 36  # prctl: PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER
GRACE_S = 0.3  # for helpers that end soon after their notebook


def send(line: socket.socket, message: Any) -> None:
    """Send one message."""
    body = json.dumps(message).encode()
    line.sendall(_LENGTH.pack(len(body)) + body)


def receive(line: socket.socket) -> Any:
    """Return the next message, or None if the line was closed, even in the middle of one."""
    head = _exactly(line, _LENGTH.size)
    if head is None or (size := _LENGTH.unpack(head)[0]) > _MOST:
        return None
    body = _exactly(line, size)
    return None if body is None else json.loads(body)


def _exactly(line: socket.socket, size: int) -> bytes | None:
    whole = bytearray()
    while len(whole) < size:
        try:
            piece = line.recv(min(_PIECE, size - len(whole)))
        except ConnectionError:
            return None
        if not piece:
            return None
        whole += piece
    return bytes(whole)


def adopt() -> None:
    """Become the parent of processes that our children leave behind."""
    _prctl(_ADOPT, 1)


def end_with_parent(number: int) -> None:
    """Ask for this signal when the parent ends."""
    _prctl(_DIE_WITH_PARENT, number)


def below(pid: int) -> list[int]:
    """Return all descendants of a process."""
    found = children(pid)
    return [*found, *(each for child in found for each in below(child))]


def children(pid: int | str = "self") -> list[int]:
    """Return the child processes of `pid`, adopted ones included."""
    try:
        tasks = [*Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def end(pids: list[int]) -> dict[int, str]:
    """Kill the processes that do not end on their own within a moment; return their numbers and names."""
    until = time.monotonic() + GRACE_S
    while (named := {pid: name for pid in pids if (name := name_of(pid))}) and time.monotonic() < until:
        time.sleep(0.01)
    for pid in named:
        kill(pid)
    return named


def name_of(pid: int) -> str:
    """Return the name of a process, or "" if it has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        return "" if words[2].split()[0] == "Z" else words[0].partition("(")[2]
    except OSError:
        return ""


def kill(pid: int) -> None:
    """Kill a process, if it still exists."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
