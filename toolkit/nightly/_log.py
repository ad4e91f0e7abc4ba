"""What a night cost, and where: a log beside the editions, for nothing in them tells."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.nightly._disk import LOG

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.nightly._items import Edition
    from toolkit.nightly._plan import Decision


def ran(place: Path, edition: str, job: Decision, status: str, cost: dict[str, Any]) -> None:
    """Add a line on one report."""
    _add(place, {"edition": edition, "report": job.row.slug, "key": job.key, "status": status} | cost)


def ended(place: Path, edition: Edition, seconds: float) -> None:
    """Add a line on a whole edition."""
    counts = {"items": len(edition.items), "ran": len(edition.ran), "failed": len(edition.failed)}
    _add(place, {"edition": edition.name, "seconds": round(seconds, 3), "warnings": list(edition.warnings)} | counts)


def rows(place: Path) -> list[dict[str, Any]]:
    """Give the lines of the log; one that a death cut off is left out."""
    found = []
    for line in (place / LOG).read_text(encoding="utf-8").splitlines() if (place / LOG).is_file() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def _add(place: Path, row: dict[str, Any]) -> None:
    row |= {"at": datetime.now(UTC).isoformat(timespec="seconds"), "host": platform.node(), "process": os.getpid()}
    line = "\n" * _is_cut(place / LOG) + json.dumps(row, sort_keys=True) + "\n"
    with (place / LOG).open("a", encoding="utf-8") as stream:
        stream.write(line)


def _is_cut(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read() != b"\n"
    except OSError:
        return False
