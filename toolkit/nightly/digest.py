"""What a night cost, and where: a log beside the editions, for nothing in them tells."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.nightly.edition_archive import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.nightly.items import Edition, Item, Move, Sentence
    from toolkit.nightly.plan import Decision

_MOST = 25  # moves, and sentences, that are told; changes.html has all


def subject(edition: Edition) -> str:
    """Say in one line how a night went, for the subject of a mail.

    >>> from pathlib import Path
    >>> from toolkit.nightly import Edition
    >>> subject(Edition("2025-10-28-000000000000", Path("reports"), ()))
    '2025-10-28-000000000000: all well'
    """
    lines = len(edition.to_change)
    told = [f"{count(lines, 'sentence')} to change"] * bool(lines)
    told += [f"{len(edition.failed)} of {len(edition.items)} failed"] * bool(edition.failed)
    return f"{edition.name}: {', '.join(told) or 'all well'}"


def summary(edition: Edition) -> str:
    """Say what failed and why, which figures moved and why, and which sentences of the briefs are to be changed."""
    state = "unchanged" if edition.unchanged else f"published, {count(len(edition.ran), 'report')} run"
    last = f"Edition {edition.name}, {state}: {edition.folder / 'index.html'}"
    return "\n".join([*_items(edition), *moved(edition), last])


def moved(edition: Edition) -> list[str]:
    """Say which figures moved and why, and which sentences are to be changed, a line each."""
    return [*_moves(edition), *_sentences(edition)]


def count(number: int, noun: str) -> str:
    """Give a number with its noun.

    >>> count(1, "report"), count(2, "report")
    ('1 report', '2 reports')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _items(edition: Edition) -> Iterator[str]:
    for item in edition.items:
        if item.status != "ok":
            first, *more = _note(item) or [""]
            yield f"{item.status:>8}  {item.name}  {first}".rstrip()
            yield from (f"{'':8}  {line}" for line in more)
    good = sum(item.status == "ok" for item in edition.items)
    yield f"{'ok':>8}  {good} of {len(edition.items)} reports, articles and briefs"


def _note(item: Item) -> list[str]:
    """Give the note of an item, without the lines that its sentences tell better."""
    said = {sentence.note for sentence in item.sentences if sentence.to_change}
    stale = f" (stale since {item.stale_since}; its last good run is shown)" if item.stale_since else ""
    lines = [line for line in item.note.splitlines() if not any(note and note in line for note in said)]
    return [line + stale * (not at) for at, line in enumerate(lines)]


def _moves(edition: Edition) -> Iterator[str]:
    if not edition.previous:
        return
    kinds = [move.what for move in edition.moves]
    told = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    yield f"Figures since {edition.previous[:10]}: {told or 'none moved'}"
    yield from _few([*map(_move, edition.moves)])


def _move(move: Move) -> str:
    pair = {"new": move.new, "gone": move.old, "redefined": move.new}.get(move.what, f"{move.old} → {move.new}")
    size = f", {move.size}" if move.size else ""
    return f"  {move.key}: {'' if move.what == 'changed' else move.what + ', '}{pair}{size}; {'; '.join(move.why)}"


def _sentences(edition: Edition) -> Iterator[str]:
    again = [each for each in edition.sentences if each.state == "reread"]
    for what, found in (("To change", edition.to_change), ("To read again", again)):
        if found:
            yield f"{what}: {count(len(found), 'sentence')} in the briefs"
            yield from _few([*map(_sentence, found)])
    for brief in dict.fromkeys(each.brief for each in edition.to_change if each.state == "change"):
        yield f"  toolkit brief update {brief} --write    puts these new numbers in"


def _sentence(each: Sentence) -> str:
    new = f" → {each.new}" if each.new and each.state != "reread" else ""
    key = " ".join(each.keys) or "no key"
    return f"  {each.brief}:{each.line}: {each.before}[{each.old}{new}]{each.after}\n    {key}: {each.note}"


def _few(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"  … and {len(lines) - _MOST} more: see changes.html"


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
