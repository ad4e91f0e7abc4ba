"""Supply risk: how few the suppliers are, and how their states are governed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError
from toolkit.indicators._flows import effective_number, herfindahl_interval

if TYPE_CHECKING:
    import pandas as pd

_ROUNDING = 1e-9


@dataclass(frozen=True)
class SupplyRisk:
    """Concentration weighted by governance, as the interval that the known shares leave.

    Attributes
    ----------
    low, high : float
        The risk, in [0, 1]: ``sum(s**2 * g)``; equal if all is known.
    concentration : tuple of float
        Lowest and highest Herfindahl-Hirschman index.
    effective_suppliers : tuple of float
        Lowest and highest number of equal suppliers as concentrated.
    unknown_share : float
        Part of the supply whose origin is not known.
    parts : DataFrame, index supplier
        Columns share, governance_low, governance_high (0 best governed, 1 worst),
        contribution_low, contribution_high; last row "unknown" if there is a rest.
    without_governance : tuple of str
        Suppliers that have no governance rank: 0 and 1 are their ends.
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
    """Weigh concentration by governance, as the EU's and other criticality lists do.

    ``sum(s**2 * g)`` with share s and ``g = 1 - percentile / 100`` (European Commission
    2017, HHI-WGI, here with percentile ranks).

    Parameters
    ----------
    known : Series
        Shares as parts of 1 by supplier; the rest is unknown, not nothing.
    governance : Series
        Percentile rank by supplier, 0 worst to 100 best (Worldwide Governance Indicators).
    others, cap
        How many unknown suppliers there are, and the most one may hold; see `herfindahl_interval`.

    Examples
    --------
    >>> import pandas as pd
    >>> risk = supply_risk(pd.Series({"CHN": 0.9}), pd.Series({"CHN": 30.0}))
    >>> round(risk.low, 3), round(risk.high, 3), round(risk.unknown_share, 2)
    (0.567, 0.577, 0.1)
    """
    import pandas as pd

    if ((governance < 0) | (governance > 100)).any():  # noqa: PLR2004 (a percentile)
        raise SchemaError("a governance rank is not in 0 to 100", remedy="Pass percentile ranks, 100 the best")
    low_hhi, high_hhi = herfindahl_interval(known, others=others, cap=cap)
    rank = governance.reindex(known.index)
    lacking = tuple(str(name) for name in known.index[rank.isna()])
    rest = max(1 - float(known.sum()), 0.0)
    parts = pd.DataFrame(
        {
            "share": known,
            "governance_low": (1 - rank / 100).fillna(0.0),
            "governance_high": (1 - rank / 100).fillna(1.0),
        }
    )
    for end in ("low", "high"):
        parts[f"contribution_{end}"] = parts["share"] ** 2 * parts[f"governance_{end}"]
    if rest > _ROUNDING:  # badly governed and heaped, or well governed and spread
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
