"""A file put in place whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(target: Path, made: bytes) -> None:
    """Put the file in place whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    with aside.open("wb") as stream:
        stream.write(made)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(target)
