"""Messages between press, warm process and notebook: JSON, its length before it."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

_LENGTH = struct.Struct("!I")
_MOST = 400_000_000  # bytes of one message; a notebook's output is cut long before
_PIECE = 1 << 20


def send(line: socket.socket, message: Any) -> None:
    """Send one message."""
    body = json.dumps(message).encode()
    line.sendall(_LENGTH.pack(len(body)) + body)


def receive(line: socket.socket) -> Any:
    """Give the next message; None where the line was closed, or broke off in the middle of one."""
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
