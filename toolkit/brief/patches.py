"""What a new edition changes in a brief: old and new words, their place, and the size of the revision."""

from __future__ import annotations

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

__all__ = ["Change", "changes", "update"]

_SHARES = {"%", "pp"}  # their revisions are in points, as in an edition
_PATCHED = {".md", ".html", ".htm", ".tex", ".ipynb"}  # their offsets are the file's own


class Change(NamedTuple):
    """A number in a brief whose figure was revised.

    Attributes
    ----------
    start, end : int
        Characters of the file, where `old` stands.
    key : str
    new : str or None
        What to write instead; None if a person must decide, or if the build fills it in.
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
    """Return every number in a brief that a revision has overtaken, with or without a key."""
    brief = read(path)
    patched = Path(path).suffix.lower() in _PATCHED
    keyed = {span.start for span in brief.spans}
    stale = [each for each in check(path, registry) if each.verdict == "stale" and each.key]
    found = [_overtaken(each, registry, patched=patched, keyed=each.start in keyed) for each in stale]
    for span in brief.spans:
        old = brief.source[span.start : span.end]
        before, now = _pair(span.figure, registry) if old.startswith("[]{") else (None, None)
        if before and now and (was := before.show(span.style)) != (new := now.show(span.style)):
            reason = f"filled in by the build: {was} becomes {new}"
            found.append(Change(span.start, span.end, old, None, span.figure, _size(before, now), reason))
    return sorted(found)


def _overtaken(verdict: Verdict, registry: Registry, *, patched: bool, keyed: bool) -> Change:
    old, new = _pair(str(verdict.key), registry)
    if old is None or new is None:
        raise SchemaError(f"{verdict.key} has no history", remedy="Load the earlier edition's registry too")
    words = _words(verdict.text, old, new) if patched and keyed else None
    reason = verdict.reason
    if not words:
        reason = "correct it in the file that this one was built from" if keyed else "no key: check it yourself"
    return Change(verdict.start, verdict.end, verdict.text, words, str(verdict.key), _size(old, new), reason)


def update(path: Path | str, registry: Registry) -> list[Change]:
    """Patch the numbers with keys in the author's own file, all or none, and return all changes."""
    found = changes(path, registry)
    raw = files.read(path)
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    source = raw.removeprefix(mark).decode("utf-8") if Path(path).suffix.lower() in _PATCHED else ""
    for each in reversed([each for each in found if each.new]):
        if source[each.start : each.end] != each.old:
            raise SchemaError(f"{path}: changed while it was read", remedy="Run it again")
        source = source[: each.start] + str(each.new) + source[each.end :]
    if any(each.new for each in found):
        files.write(path, mark + source.encode())
    return found


def _pair(figure: str, registry: Registry) -> tuple[Cited | None, Cited | None]:
    view = registry.as_of_change(1)
    try:
        return (evaluate(figure, view) if view else None), evaluate(figure, registry)
    except ToolkitError:
        return None, None


def _words(text: str, old: Cited, new: Cited) -> str | None:
    """Return the author's words with new digits in the same scale, decimals and grouping, or None if that cannot be done."""
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
    """Return the power of ten between the printed digits and the value; 105 % for a ratio of 1.05 adds two."""
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
