"""Turn the rows of one answer into a checked table of observations."""

from __future__ import annotations

import hashlib
import re
from functools import cache, wraps
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ParamSpec

from toolkit import codes, observation
from toolkit.codes import areas
from toolkit.errors import NotBelieved, SchemaError, ToolkitError, UnknownCode
from toolkit.period import Grain, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

__all__ = [
    "UNLISTED", "area", "joined", "lookup", "month", "number", "observations", "parser", "period", "prove", "refuse_parts", "required",
]  # fmt: skip

_Asked = ParamSpec("_Asked")
UNLISTED = "XUN"
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
_SPELLINGS = {  # of periods, as services write them -> as the normal form does
    r"(\d{4})-A1?": "{0}", r"(\d{4})([SQ][1-4])": "{0}-{1}", r"(\d{4})-?M?(\d\d)": "{0}-{1}",
    r"(\d{4})-?M([1-9])": "{0}-0{1}", r"(\d{4})W(\d\d)": "{0}-W{1}", r"(\d{4}-\d\d-\d\d)T00:00:00": "{0}",
}  # fmt: skip
_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_SHORTEST = 3  # letters of a month: Jan


def parser(parse: Callable[_Asked, pd.DataFrame]) -> Callable[_Asked, pd.DataFrame]:
    """Turn an unexpected form of answer into `NotBelieved` instead of a traceback.

    >>> parser(lambda raw: raw["data"])({})
    Traceback (most recent call last):
        ...
    toolkit.errors.NotBelieved: toolkit.sources._table does not know this form of answer (KeyError: 'data')
      -> Look at it; the service may have changed its answers: adapt the parser
    """

    @wraps(parse)
    def parsed(*pages: _Asked.args, **options: _Asked.kwargs) -> pd.DataFrame:
        try:
            return parse(*pages, **options)
        except ToolkitError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            problem = f"{parse.__module__} does not know this form of answer ({type(error).__name__}: {error})"
            remedy = "Look at it; the service may have changed its answers: adapt the parser"
            raise NotBelieved(problem, remedy=remedy) from error

    return parsed


def observations(
    rows: Iterable[dict[str, Any]], raw: bytes, *, dataset: str, source: str, retrieved_at: str = "", vintage: str = ""
) -> pd.DataFrame:
    """Return `rows` in the normal form, with the columns that all of them share, after `observation.check`.

    Parameters
    ----------
    rows : iterable of dict
        Columns of the normal form; those left out get the value for "does not apply".
    raw : bytes
        The answer that ``raw_pointer`` points into.
    vintage : str
        The service's own stamp; by default the date of retrieval.
    """
    import pandas as pd

    table = pd.DataFrame(list(rows))
    if table.empty:
        raise NotBelieved(f"an answer of {source} has no rows", remedy="Check the query: codes, years, flow")
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
    """Return the frequency, and the period as the normal form writes it.

    >>> period("2024-M01"), period("2023Q2"), period("2024-W05"), period("2023")
    (('M', '2024-01'), ('Q', '2023-Q2'), ('W', '2024-W05'), ('A', '2023'))
    """
    text = stated.strip()
    forms = ((re.fullmatch(form, text, re.ASCII), shape) for form, shape in _SPELLINGS.items())
    text = next((shape.format(*found.groups()) for found, shape in forms if found), text)
    try:
        grain = Period.parse(text).grain
    except SchemaError:
        grain = Grain.SPAN
    if grain is Grain.SPAN or "H" in text:
        remedy = "Write 2024, 2024-S1, 2024-Q1, 2024-01, 2024-W05 or 2024-01-31"
        raise SchemaError(f"{stated!r} is not a period", remedy=remedy)
    return grain.value, text


def month(word: str) -> int:
    """Return the number of a month from its name or the first letters of it; 0 for another word.

    >>> month("Sept"), month("January"), month("Marketing")
    (9, 1, 0)
    """
    begun = [at for at, name in enumerate(_MONTHS, start=1) if name.startswith(word.casefold())]
    return begun[0] if begun and len(word) >= _SHORTEST else 0


def joined(*remarks: str, by: str = "; ") -> str:
    """Return the remarks that are not empty, as one text.

    >>> joined("flag p", "", "estimated")
    'flag p; estimated'
    """
    return by.join(filter(None, remarks))


@cache
def lookup(table: str, *columns: str) -> dict[Any, dict[str, str]]:
    """Return the rows of a code table by the values of one column, or of several as a tuple.

    >>> lookup("wits_indicators", "indicator")["XPRT-TRD-VL"]["flow"]
    'X'
    """
    key = itemgetter(*columns)
    return {key(row): row for row in codes.table(table)}


def refuse_parts(parts: list[str], where: str, *, remedy: str, splits: bool) -> None:
    """Refuse a row that is only a part of a total, unless `splits` asks for such rows."""
    if parts and not splits:
        problem = f"{where} is only a part: {', '.join(parts)}; adding such rows to totals counts twice"
        raise SchemaError(problem, remedy=remedy)


def number(stated: Any, where: str) -> float | None:
    """Return the number in a cell, None for an empty one; never a guess.

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
    """Return the area's code in the normal form; `UNLISTED` if no list has its code or name."""
    try:
        return areas.area(code, scheme).code
    except UnknownCode:
        pass
    try:
        return areas.named(name).code if name else UNLISTED
    except UnknownCode:
        return UNLISTED


def required(row: dict[str, Any], names: Iterable[str], where: str) -> None:
    """Refuse a row that lacks a field that the parser reads."""
    if absent := [name for name in names if name not in row]:
        problem = f"{where}: no field {absent[0]!r}; there is {', '.join(list(row)[:8])}"
        raise NotBelieved(problem, remedy="The service may have changed its answer: adapt the parser")


def prove(parts: float, whole: float, *, what: str, relative: float = 1e-6) -> None:
    """Refuse a conversion whose parts do not add up to the total that the source states.

    >>> prove(99.0, 100.0, what="imports by section")
    Traceback (most recent call last):
        ...
    toolkit.errors.NotBelieved: imports by section add up to 99, the source's total is 100
      -> Look for a missing part, a repeated part, or a wrong unit
    """
    if abs(parts - whole) > relative * max(abs(whole), 1.0):
        problem = f"{what} add up to {parts:,.10g}, the source's total is {whole:,.10g}"
        raise NotBelieved(problem, remedy="Look for a missing part, a repeated part, or a wrong unit")
