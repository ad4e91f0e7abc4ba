"""What a new edition changes in a brief: old and new words, the size of the revision, and where to patch them in."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit import files
from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.judge import check
from toolkit.brief.judge.printed import NUMBER
from toolkit.brief.read import read
from toolkit.errors import SchemaError, ToolkitError

if TYPE_CHECKING:
    from toolkit.brief.judge.verdict import Verdict
    from toolkit.registry import Registry

_SHARES = {"%", "pp"}  # their revisions are in points, as in an edition
_PATCHED = {".md", ".html", ".htm", ".tex", ".ipynb"}  # their offsets are the file's own


class Change(NamedTuple):
    """A number that a new edition has overtaken.

    Attributes
    ----------
    start, end : int
        Characters of the file; what stands there is `old`.
    key : str
    new : str or None
        What to write there instead; None if a person must, or if the build fills it in.
    size : str
        How far the figure moved.
    reason : str
    """

    start: int
    end: int
    old: str
    new: str | None
    key: str
    size: str
    reason: str


def changes(path: Path | str, registry: Registry) -> list[Change]:
    """Return every number in a brief that a revision has overtaken, keyed or not; nothing is written."""
    brief = read(path)
    patched = Path(path).suffix.lower() in _PATCHED
    found = []
    for verdict in check(path, registry):
        if verdict.verdict == "stale" and verdict.key:
            old, new = _around(verdict, registry)
            keyed = any(span.start == verdict.start for span in brief.spans)
            words = _words(verdict.text, old, new) if patched and keyed else None
            why = (
                "" if words else "no key: look at it yourself" if not keyed else "mend it in the file it was built from"
            )
            found.append(
                Change(
                    verdict.start, verdict.end, verdict.text, words, verdict.key, _size(old, new), why or verdict.reason
                )
            )
    filled = [span for span in brief.spans if brief.source[span.start : span.end].startswith("[]{")]
    for span in filled:
        before, now = _pair(span.figure, registry)
        if before and now and before.show(span.style) != now.show(span.style):
            reason = f"filled in by the build: {before.show(span.style)} becomes {now.show(span.style)}"
            found.append(
                Change(
                    span.start,
                    span.end,
                    brief.source[span.start : span.end],
                    None,
                    span.figure,
                    _size(before, now),
                    reason,
                )
            )
    return sorted(found)


def update(path: Path | str, registry: Registry) -> list[Change]:
    """Patch the keyed numbers at their places in the author's own file, whole or not at all; return all changes."""
    found = changes(path, registry)
    raw = Path(path).read_bytes()
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    source = raw.removeprefix(mark).decode("utf-8") if Path(path).suffix.lower() in _PATCHED else ""
    for each in reversed([each for each in found if each.new]):
        if source[each.start : each.end] != each.old:
            raise SchemaError(f"{path}: changed while it was read", remedy="Run it again")
        source = source[: each.start] + str(each.new) + source[each.end :]
    if any(each.new for each in found):
        if not os.access(path, os.W_OK):
            raise SchemaError(f"{path}: cannot be written", remedy="Allow writing to it")
        files.write(Path(path), mark + source.encode(), parents=True)
    return found


def _around(verdict: Verdict, registry: Registry) -> tuple[Cited, Cited]:
    old, new = _pair(str(verdict.key), registry)
    if old is None or new is None:
        raise SchemaError(f"{verdict.key} has no history", remedy="Load the earlier edition's registry too")
    return old, new


def _pair(figure: str, registry: Registry) -> tuple[Cited | None, Cited | None]:
    view = registry.as_of_change(1)
    try:
        return (evaluate(figure, view) if view else None), evaluate(figure, registry)
    except ToolkitError:
        return None, None


def _words(text: str, old: Cited, new: Cited) -> str | None:
    """Return the author's words with new digits: same scale, decimals and grouping; None where that would not do."""
    bracket = text.rfind("]{") if text.startswith("[") else len(text)
    tokens = [*NUMBER.finditer(text, 0, bracket)]
    before, after = old.quantity.value, new.quantity.value
    if (
        len(tokens) != 1
        or not before
        or not after
        or (before < 0) != (after < 0)
        or old.quantity.unit != new.quantity.unit
    ):
        return None
    digits = tokens[0][0]
    decimals = len(digits.partition(".")[2])
    scale = _scale(Decimal(digits.replace(",", "")), old)
    written = f"{abs(after) / scale:{',' if ',' in digits else ''}.{decimals}f}"
    return text[: tokens[0].start()] + written + text[tokens[0].end() :]


def _scale(printed: Decimal, old: Cited) -> Decimal:
    """Return the power of ten that the printed digits leave out; 105 % of a ratio of 1.05 adds two."""
    value = abs(old.quantity.value or Decimal(0))
    return Decimal(10) ** round(float((value / printed).log10())) if printed and value else Decimal(1)


def _size(old: Cited, new: Cited) -> str:
    before, after = old.quantity.value, new.quantity.value
    if before is None or after is None:
        return f"{old.show('short')} to {new.show('short')}"
    in_points = old.quantity.unit in _SHARES and new.quantity.unit == old.quantity.unit
    moved = after - before if in_points else (after - before) / abs(before) * 100 if before else None
    gap = f" ({moved:+z.1f} {'percentage points' if in_points else '%'})" if moved is not None else ""
    return f"{old.show('short')} to {new.show('short')}{gap.replace('-', '−')}"
