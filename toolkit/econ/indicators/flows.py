"""Indicators of one set of flows: shares, concentration, growth, balance, unit values and supply risk."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from toolkit.errors import NotComparable, SchemaError
from toolkit.period import Grain, Period

__all__ = [
    "SupplyRisk", "UnitValues", "YearToDate", "balance", "effective_number", "frequency", "growth",
    "growth_contributions", "herfindahl", "herfindahl_interval", "import_dependence", "shares", "supply_risk",
    "unit_values", "year_to_date",
]  # fmt: skip

_ROUNDING = 1e-9
_FREQUENCIES = {Grain.YEAR: "Y", Grain.QUARTER: "Q", Grain.MONTH: "M", Grain.DAY: "D"}


class YearToDate(NamedTuple):
    """The first `months` of a year, the same months a year before, and ``change = value / year_before - 1``."""

    months: int
    value: float
    year_before: float
    change: float


def shares(values: pd.Series) -> pd.Series:
    """Return each value as a share of the total, so that the shares add up to 1.

    Raises SchemaError if a value is missing or negative, or there is no total.

    >>> import pandas as pd
    >>> shares(pd.Series({"CHN": 3.0, "USA": 1.0})).to_dict()
    {'CHN': 0.75, 'USA': 0.25}
    """
    _whole(values)
    if not (total := values.sum()):
        raise SchemaError("the values add up to zero, so there are no shares", remedy="Pass a total above zero")
    return values / total


def herfindahl(values: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index of concentration, in (0, 1]: 1 is a single supplier.

    ``sum(s**2)`` over the shares ``s`` (Hirschman 1945, Herfindahl 1950).

    >>> import pandas as pd
    >>> herfindahl(pd.Series([50.0, 50.0]))
    0.5
    """
    return float((shares(values) ** 2).sum())


def herfindahl_interval(
    known: pd.Series, *, others: int | None = None, cap: float | None = None
) -> tuple[float, float]:
    """Return the lowest and highest Herfindahl index that are possible, given the known shares.

    The low end spreads the rest evenly over the unknown suppliers; the high end
    concentrates it on as few of them as `cap` allows.

    Parameters
    ----------
    known : Series
        Shares as parts of 1, the largest supplier's included.
    others : int, optional
        Number of unknown suppliers; None if it is unknown too.
    cap : float, optional
        Largest share that one unknown supplier may hold; if None, the largest known share.

    Examples
    --------
    >>> import pandas as pd
    >>> low, high = herfindahl_interval(pd.Series({"CHN": 0.91}))
    >>> round(low, 4), round(high, 4)
    (0.8281, 0.8362)
    """
    _whole(known)
    if (rest := 1 - float(known.sum())) < -_ROUNDING:
        raise SchemaError(
            f"the known shares add up to {1 - rest:.3g}", remedy="Pass shares of one total, as parts of 1"
        )
    squares, ceiling = float((known**2).sum()), float(known.max()) if cap is None else cap
    if rest < _ROUNDING:
        return squares, squares
    if ceiling <= 0 or (others is not None and rest > others * ceiling + _ROUNDING):
        raise SchemaError(
            f"the unknown {rest:.3g} is more than the other suppliers can hold at {ceiling:.3g} each",
            remedy="Pass more `others` or a higher `cap`",
        )
    full = math.floor(rest / ceiling + _ROUNDING)
    high = squares + full * ceiling**2 + max(rest - full * ceiling, 0.0) ** 2
    return squares + (rest**2 / others if others else 0.0), high


def effective_number(index: float) -> float:
    """Return the number of equal suppliers that would give the same Herfindahl index (Adelman 1969).

    >>> effective_number(0.25)
    4.0
    """
    if not 0 < index <= 1 + _ROUNDING:
        raise SchemaError(f"{index} is not a Herfindahl index", remedy="Pass a number above 0 and up to 1")
    return 1 / index


def import_dependence(*, imports: float, exports: float, production: float) -> float:
    """Return net imports as a share of apparent consumption; negative for a net exporter.

    ``(M - X) / (Q + M - X)``, ignoring changes in stocks (USGS Mineral Commodity
    Summaries, "net import reliance").

    >>> import_dependence(imports=60, exports=10, production=50)
    0.5
    """
    for name, amount in {"imports": imports, "exports": exports, "production": production}.items():
        if not amount >= 0:
            raise SchemaError(f"{name} is {amount}", remedy="Pass a known amount of zero or more")
    if (consumption := production + imports - exports) <= 0:
        raise SchemaError(f"apparent consumption is {consumption}", remedy="Use amounts of one unit and one period")
    return (imports - exports) / consumption


def growth(values: pd.Series, *, lag: int = 1) -> pd.Series:
    """Return the change from the value `lag` periods earlier, as a part of 1.

    The index holds periods as text. The result is NaN where the series lacks the
    earlier period: gaps are never bridged.

    >>> import pandas as pd
    >>> growth(pd.Series({"2022": 100.0, "2023": 110.0, "2025": 99.0})).round(3).to_list()
    [nan, 0.1, nan]
    """
    _whole(values)
    periods = pd.PeriodIndex(values.index.astype(str), freq=frequency(str(values.index[0])))
    if periods.has_duplicates:
        raise SchemaError(f"{periods[periods.duplicated()][0]} occurs twice in the series", remedy="Pass one vintage")
    earlier = pd.Series(values.to_numpy(), index=periods).reindex(periods - lag).to_numpy()
    if (earlier == 0).any():
        raise SchemaError("an earlier value is zero, so the change has no percentage", remedy="Compare the amounts")
    return pd.Series(values.to_numpy() / earlier - 1, index=values.index)


def year_to_date(monthly: pd.Series, year: int) -> YearToDate:
    """Compare the months of `year` so far with the same months a year before.

    Raises SchemaError if a month before the last one of `year`, or in the year
    before, is missing.

    >>> import pandas as pd
    >>> year_to_date(pd.Series({"2024-01": 10.0, "2024-02": 10.0, "2025-01": 9.0}), 2025)
    YearToDate(months=1, value=9.0, year_before=10.0, change=-0.09...)
    """
    _whole(monthly)
    last = max((m for m in range(1, 13) if f"{year}-{m:02d}" in monthly.index), default=1)
    wanted = {y: [f"{y}-{m:02d}" for m in range(1, last + 1)] for y in (year, year - 1)}
    if lacking := [period for months in wanted.values() for period in months if period not in monthly.index]:
        raise SchemaError(f"the series has no {lacking[0]}", remedy="Choose a year without missing months")
    now, before = (float(monthly.loc[months].sum()) for months in wanted.values())
    if not before:
        raise SchemaError(f"the months of {year - 1} add up to zero", remedy="Compare the amounts")
    return YearToDate(last, now, before, now / before - 1)


def balance(exports: pd.Series, imports: pd.Series, *, valuations: tuple[str, str]) -> pd.Series:
    """Return exports minus imports by period; negative is a deficit.

    `valuations` are those of the exports and the imports: ("FAS", "CUSTOMS") for a
    headline balance. Raises NotComparable if one side includes freight (CIF), or the
    periods differ.

    >>> import pandas as pd
    >>> balance(pd.Series({"2024": 79.7}), pd.Series({"2024": 148.2}), valuations=("FAS", "CUSTOMS")).round(1).to_dict()
    {'2024': -68.5}
    """
    if "CIF" in valuations:
        raise NotComparable(
            f"a balance of {valuations[0]} exports and {valuations[1]} imports would count freight as a deficit",
            remedy="Use imports at customs value and exports at FAS",
        )
    _same_index(exports, imports, "Pass the same periods on both sides")
    return exports - imports.reindex(exports.index)


def frequency(period: str) -> str:
    """Return the pandas frequency of a period written as text.

    >>> frequency("2024"), frequency("2024-Q1"), frequency("2024-03")
    ('Y', 'Q', 'M')
    """
    with suppress(SchemaError):
        if code := _FREQUENCIES.get(Period.parse(period).grain):
            return code
    raise SchemaError(f"{period!r} is no calendar period", remedy="Write it as 2024, 2024-Q1, 2024-03 or 2024-03-31")


def _whole(values: pd.Series) -> None:
    """Refuse a series that is empty or has a missing or negative value, naming its label."""
    if values.empty:
        raise SchemaError("there are no values", remedy="Select at least one row")
    for what, bad in (("missing", values.isna()), ("negative", values < 0)):
        if bad.any():
            raise SchemaError(f"the value of {values.index[bad][0]} is {what}", remedy="Leave that row out, and say so")


def _same_index(one: pd.Series, two: pd.Series, remedy: str, where: str = "side") -> None:
    if apart := sorted(set(one.index) ^ set(two.index), key=str):
        raise NotComparable(f"only one {where} has {apart[0]}", remedy=remedy)


@dataclass(frozen=True)
class UnitValues:
    """Unit values, and why some rows have none.

    `per_unit` has the rows with a value and a quantity above zero; `without` has the
    reason for each of the others.
    """

    per_unit: pd.Series
    without: pd.Series


def growth_contributions(before: pd.Series, after: pd.Series) -> pd.Series:
    """Return the contribution of each part to the growth of the total; the contributions sum to that growth.

    ``(after_k - before_k) / sum(before)``. Raises NotComparable if the parts differ.

    >>> import pandas as pd
    >>> growth_contributions(pd.Series({"cars": 80.0, "rest": 20.0}), pd.Series({"cars": 70.0, "rest": 25.0})).to_dict()
    {'cars': -0.1, 'rest': 0.05}
    """
    _same_index(before, after, "Pass the same parts in both periods", "period")
    for values in (before, after):
        if values.isna().any():
            raise SchemaError(f"{values.index[values.isna()][0]} is missing", remedy="Leave it out of both periods")
    if not (total := float(before.sum())) > 0:
        raise SchemaError(f"the total before is {total}", remedy="Compare the amounts")
    return (after.reindex(before.index) - before) / total


def unit_values(value: pd.Series, quantity: pd.Series) -> UnitValues:
    """Return the value per unit of quantity, and the reason for each row where there is none.

    >>> import pandas as pd
    >>> found = unit_values(pd.Series({"2023": 10.0, "2024": 9.0}), pd.Series({"2023": 5.0, "2024": 0.0}))
    >>> found.per_unit.to_dict(), found.without.to_dict()
    ({'2023': 2.0}, {'2024': 'quantity is zero'})
    """
    _same_index(value, quantity, "Pass values and quantities of the same rows")
    quantity = quantity.reindex(value.index)
    reasons = {
        "value is missing": value.isna(), "value is negative": value < 0, "quantity is missing": quantity.isna(),
        "quantity is negative": quantity < 0, "quantity is zero": quantity == 0,
    }  # fmt: skip
    without = pd.Series(index=value.index, dtype=object)
    for reason, bad in reasons.items():
        without = without.mask(bad & without.isna(), reason)
    good = without.isna()
    return UnitValues(per_unit=value[good] / quantity[good], without=without[~good])


@dataclass(frozen=True)
class SupplyRisk:
    """Concentration weighted by governance, as the interval that is possible given the known shares.

    Attributes
    ----------
    low, high : float
        The risk, in [0, 1]: ``sum(s**2 * g)``; both are equal if all shares are known.
    concentration : tuple of float
        Lowest and highest Herfindahl-Hirschman index.
    effective_suppliers : tuple of float
        Lowest and highest number of equal suppliers with that index.
    unknown_share : float
        Share of the supply whose origin is unknown.
    parts : DataFrame, index supplier
        Columns share, governance_low, governance_high (0 best governed, 1 worst),
        contribution_low, contribution_high; a last row "unknown" if shares are unknown.
    without_governance : tuple of str
        Suppliers without a governance rank; theirs is taken to be anywhere from 0 to 1.
    """

    low: float
    high: float
    concentration: tuple[float, float]
    effective_suppliers: tuple[float, float]
    unknown_share: float
    parts: pd.DataFrame = field(repr=False)
    without_governance: tuple[str, ...]


def supply_risk(
    known: pd.Series, governance: pd.Series, *, others: int | None = None, cap: float | None = None
) -> SupplyRisk:
    """Return concentration weighted by governance, as in the EU's and other lists of critical raw materials.

    ``sum(s**2 * g)`` with share s and ``g = 1 - percentile / 100`` (European Commission
    2017, HHI-WGI, here with percentile ranks).

    Parameters
    ----------
    known : Series
        Shares by supplier, as parts of 1; the rest is of unknown origin.
    governance : Series
        Percentile rank by supplier, 0 worst to 100 best (Worldwide Governance Indicators).
    others, cap
        Number of unknown suppliers, and the largest share of one; see `herfindahl_interval`.

    Examples
    --------
    >>> import pandas as pd
    >>> risk = supply_risk(pd.Series({"CHN": 0.9}), pd.Series({"CHN": 30.0}))
    >>> round(risk.low, 3), round(risk.high, 3), round(risk.unknown_share, 2)
    (0.567, 0.577, 0.1)
    """
    if ((governance < 0) | (governance > 100)).any():  # noqa: PLR2004 (a percentile)
        raise SchemaError("a governance rank is not in 0 to 100", remedy="Pass percentile ranks, 100 the best")
    low_hhi, high_hhi = herfindahl_interval(known, others=others, cap=cap)
    rank = governance.reindex(known.index)
    lacking = tuple(str(name) for name in known.index[rank.isna()])
    rest = max(1 - float(known.sum()), 0.0)
    parts = pd.DataFrame({"share": known})
    for end, unranked in (("low", 0.0), ("high", 1.0)):
        parts[f"governance_{end}"] = (1 - rank / 100).fillna(unranked)
    for end in ("low", "high"):
        parts[f"contribution_{end}"] = parts["share"] ** 2 * parts[f"governance_{end}"]
    if rest > _ROUNDING:  # well governed and spread at the low end, badly governed and concentrated at the high end
        parts.loc["unknown"] = [rest, 0.0, 1.0, 0.0, high_hhi - float((known**2).sum())]
    totals = parts[["contribution_low", "contribution_high"]].sum()
    return SupplyRisk(
        low=float(totals.iloc[0]),
        high=float(totals.iloc[1]),
        concentration=(low_hhi, high_hhi),
        effective_suppliers=(effective_number(high_hhi), effective_number(low_hhi)),
        unknown_share=rest if rest > _ROUNDING else 0.0,
        parts=parts,
        without_governance=lacking,
    )
