"""From the rows of one answer to a checked table of observations."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from toolkit import observation
from toolkit.codes import areas
from toolkit.errors import NotBelieved, SchemaError, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

_Asked = ParamSpec("_Asked")
UNLISTED = "XUN"
FIRST_ROW = 2  # of a CSV: the header is row 1
_DEFAULTS = {
    "counterpart_area": "",
    "flow": "NA",
    "product": "",
    "product_scheme": "NA",
    "product_vintage": "",
    "measure": "value",
    "valuation": "NA",
    "price_base": "NA",
    "trade_system": "NA",
    "breakdown": "",
    "obs_status": "A",
    "obs_comment": "",
    "reported_by": "NA",
}
_PERIODS = {
    r"(\d{4})(?:-A1?)?": ("A", "{0}"),
    r"(\d{4})-?S([12])": ("S", "{0}-S{1}"),
    r"(\d{4})-?Q([1-4])": ("Q", "{0}-Q{1}"),
    r"(\d{4})-?M?(0[1-9]|1[0-2])": ("M", "{0}-{1}"),
    r"(\d{4})-?M([1-9])": ("M", "{0}-0{1}"),
    r"(\d{4})-?W(0[1-9]|[1-4]\d|5[0-3])": ("W", "{0}-W{1}"),
    r"(\d{4}-\d\d-\d\d)(?:T00:00:00)?": ("D", "{0}"),
}


def parser(parse: Callable[_Asked, pd.DataFrame]) -> Callable[_Asked, pd.DataFrame]:
    """Let a parser that meets a form of answer which nobody foresaw refuse it, instead of breaking off.

    >>> parser(lambda raw: raw["data"])({})
    Traceback (most recent call last):
        ...
    toolkit.errors.NotBelieved: the answer is in no form that toolkit.sources._table knows (KeyError: 'data')
      -> Look at it; the service may have changed its answers: adapt the parser
    """

    @wraps(parse)
    def parsed(*pages: _Asked.args, **how: _Asked.kwargs) -> pd.DataFrame:
        try:
            return parse(*pages, **how)
        except ToolkitError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            problem = f"the answer is in no form that {parse.__module__} knows ({type(error).__name__}: {error})"
            remedy = "Look at it; the service may have changed its answers: adapt the parser"
            raise NotBelieved(problem, remedy=remedy) from error

    return parsed


def observations(
    rows: Iterable[dict[str, Any]], raw: bytes, *, dataset: str, source: str, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Give `rows` in the normal form, with what all of them share, after `observation.check`.

    Parameters
    ----------
    rows : iterable of dict
        Columns of the normal form; what is left out does not apply.
    raw : bytes
        The answer that ``raw_pointer`` points into.
    vintage : str
        The service's own stamp; the date of retrieval where it has none.
    """
    import pandas as pd

    table = pd.DataFrame(list(rows))
    if table.empty:
        raise NotBelieved(f"an answer of {source} holds no rows", remedy="Check the query: codes, years, flow")
    shared = {
        "dataset": dataset,
        "source": source,
        "retrieved_at": retrieved_at,
        "raw_sha256": hashlib.sha256(raw).hexdigest(),
        "vintage": vintage or retrieved_at[:10] or "undated",
    }
    for name, value in (_DEFAULTS | shared).items():
        if name not in table:
            table[name] = value
        elif table[name].isna().any():
            table[name] = table[name].fillna(value)
    table["obs_value"] = table["obs_value"].astype(float)
    table = table[observation.COLUMNS]
    observation.check(table)
    return table


def period(stated: str) -> tuple[str, str]:
    """Give the frequency and the period as the normal form writes it.

    >>> period("2024-M01"), period("2023Q2"), period("2024-W05"), period("2023")
    (('M', '2024-01'), ('Q', '2023-Q2'), ('W', '2024-W05'), ('A', '2023'))
    """
    for form, (freq, shape) in _PERIODS.items():
        found = re.fullmatch(form, stated.strip(), re.ASCII)
        if found and _is_in_calendar(freq, found.groups()):
            return freq, shape.format(*found.groups())
    raise SchemaError(
        f"{stated!r} is no period", remedy="Write 2024, 2024-S1, 2024-Q1, 2024-01, 2024-W05 or 2024-01-31"
    )


def _is_in_calendar(freq: str, parts: tuple[str, ...]) -> bool:
    """Tell whether a week or a day exists: 2023 has no week 53, and no February a day 30."""
    try:
        if freq == "W":
            date.fromisocalendar(int(parts[0]), int(parts[1]), 1)
        elif freq == "D":
            date.fromisoformat(parts[0])
    except ValueError:
        return False
    return True


def number(stated: Any, where: str) -> float | None:
    """Give the number that a cell states, None for an empty one; never a guess.

    >>> number("151580564290.0", "row 2"), number("", "row 3")
    (151580564290.0, None)
    """
    if stated is None or stated == "":
        return None
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        return float(stated)
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", str(stated).strip(), re.ASCII):
        raise NotBelieved(f"{where}: {stated!r} is not a number", remedy="Look at the answer; it may be shifted")
    return float(stated)


def area(code: str, scheme: str, name: str = "") -> str:
    """Give the area's code in the normal form; `UNLISTED` for one that no list has, by code or by name."""
    try:
        return areas.area(code, scheme).code
    except UnknownCode:
        pass
    try:
        return areas.named(name).code if name else UNLISTED
    except UnknownCode:
        return UNLISTED


def required(row: dict[str, Any], names: Iterable[str], where: str) -> None:
    """Refuse a row that lacks one of the fields the parser reads."""
    if absent := [name for name in names if name not in row]:
        problem = f"{where}: no field {absent[0]!r}; there is {', '.join(list(row)[:8])}"
        raise NotBelieved(problem, remedy="The service may have changed its answer: adapt the parser")


def prove(parts: float, whole: float, *, what: str, relative: float = 1e-6) -> None:
    """Refuse a conversion whose parts do not add up to the total the source itself gives.

    >>> prove(99.0, 100.0, what="imports by section")
    Traceback (most recent call last):
        ...
    toolkit.errors.NotBelieved: imports by section add up to 99, the source's total is 100
      -> Look for a missing part, a part that stands twice, or a wrong unit
    """
    if abs(parts - whole) > relative * max(abs(whole), 1.0):
        problem = f"{what} add up to {parts:,.10g}, the source's total is {whole:,.10g}"
        raise NotBelieved(problem, remedy="Look for a missing part, a part that stands twice, or a wrong unit")
