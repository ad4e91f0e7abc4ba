"""What kind of figure a quantity makes where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables

if TYPE_CHECKING:
    from toolkit.figures._hedge import Read
    from toolkit.figures._lex import Tokens
    from toolkit.figures._tables import Unit

_PERIODS = frozenset({None, "year", "month", "week", "d", "quarter"})
_FIXED = {"pp": "change", "x": "multiple", **dict.fromkeys(tables.DURATIONS, "duration")}


def kind(tokens: Tokens, one: Read, unit: Unit | None) -> str:
    """Give ``money percent change multiple count measure price duration``."""
    if unit is None:
        return "count"
    if unit.money:
        return "money" if one.low.rate in _PERIODS else "price"
    if unit.symbol == "%":
        return "change" if _changes(tokens, one) else "percent"
    return _FIXED.get(unit.symbol, "measure")


def _changes(tokens: Tokens, one: Read) -> bool:
    """Tell whether a share is a movement: rose 5 %, by 5 %, a 5 % rise."""
    before = tokens.lower[max(0, one.first - 2) : one.first]
    after = tokens.lower[one.after]
    moved = bool(before) and (
        before[-1] in tables.CHANGES or (before[-1] in {"by", "of"} and before[0] in tables.CHANGES)
    )
    return moved or after in tables.GRAMMAR["change noun"]
