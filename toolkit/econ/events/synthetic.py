"""A treated unit compared with the mixture of others that moved with it before the date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.econ.indicators import frequency
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Synthetic", "synthetic_control"]


_FEWEST_DONORS, _FEWEST_BEFORE, _VISIBLE = 2, 3, 1e-6
_EXACT, _NAMED = 0.05, 3  # of what a unit itself varied before the date; units named


@dataclass(frozen=True)
class Synthetic:
    """A synthetic control and its placebo test.

    Attributes
    ----------
    weights : Series
        By donor, none negative; they sum to 1.
    paths : DataFrame, index period
        Columns actual, synthetic, gap.
    effect : float
        Mean gap from the date on, in the unit of the data.
    fit_error : float
        Root mean squared gap before the date.
    ratios : Series
        Ratio of the error after the date to that before it, of the treated unit and of each
        donor treated in its place.
    rank : int
        Rank of the treated unit among these ratios, 1 for the largest.
    p_value : float
        ``rank / units``, so never below 1 / units.
    dropped : Series
        Donors left out, with the reason.
    notes : tuple of str
        What weakens the result: no mixture of donors follows the treated unit, or some units
        are followed almost exactly, which alone makes their ratios large.
    """

    treated: str
    at: str
    weights: pd.Series
    paths: pd.DataFrame = field(repr=False)
    effect: float
    fit_error: float
    ratios: pd.Series = field(repr=False)
    rank: int
    p_value: float
    dropped: pd.Series = field(repr=False)
    notes: tuple[str, ...]


def synthetic_control(table: pd.DataFrame, *, treated: str, at: str) -> Synthetic:
    """Build a synthetic control from the other units (Abadie, Diamond & Hainmueller 2010), with placebo ranks.

    The weights minimise the squared gap in the outcome before the date.

    Parameters
    ----------
    table : DataFrame, shape (periods, units)
        Index: periods as text. Donors with missing values are left out, and named in the result.
    treated : str
        The column under the policy.
    at : str
        First period under the policy.
    """
    if treated not in table.columns:
        raise SchemaError(f"no unit {treated!r}", remedy=f"Use {', '.join(map(str, table.columns))}")
    if table[treated].isna().any():
        raise SchemaError(
            f"{treated} has no value in {table.index[table[treated].isna()][0]}", remedy="Shorten the table"
        )
    holes = table.isna().sum()
    dropped = holes[holes > 0].map("{} periods without a value".format)
    whole = table.drop(columns=dropped.index).astype(float)
    index = pd.PeriodIndex(whole.index.astype(str), freq=frequency(at))
    after = np.asarray(index >= pd.Period(at))
    if whole.shape[1] <= _FEWEST_DONORS or (~after).sum() < _FEWEST_BEFORE or not after.any():
        raise SchemaError(
            f"{whole.shape[1] - 1} donors, {(~after).sum()} periods before {at}, {after.sum()} from it on",
            remedy="Use more donors or a longer table",
        )
    fits = {str(unit): _weights(whole, unit, after) for unit in whole.columns}
    gaps = {unit: whole[unit].to_numpy() - whole.drop(columns=unit).to_numpy() @ w for unit, w in fits.items()}
    ratios = pd.Series({unit: _ratio(gap, after) for unit, gap in gaps.items()}).sort_values(ascending=False)
    missed = pd.Series({unit: _size(gap[~after]) for unit, gap in gaps.items()})
    varied = whole.rename(columns=str)[~after].std(ddof=0)
    rank = int((ratios >= ratios[treated]).sum())
    paths = pd.DataFrame({"actual": whole[treated], "synthetic": whole[treated] - gaps[treated], "gap": gaps[treated]})
    return Synthetic(
        treated=treated, at=at, weights=pd.Series(fits[treated], index=whole.columns.drop(treated)), paths=paths,
        effect=float(gaps[treated][after].mean()), fit_error=float(missed[treated]), ratios=ratios, rank=rank,
        p_value=rank / len(ratios), dropped=dropped, notes=tuple(_doubts(treated, at, missed, varied)),
    )  # fmt: skip


def _doubts(treated: str, at: str, missed: pd.Series, varied: pd.Series) -> Iterator[str]:
    """Yield a note if the fit before the date is too poor, or so close that any gap after it looks large."""
    if (miss := missed[treated]) > (own := varied[treated]):
        yield f"before {at} the mixture misses {treated} by {miss:.3g}, more than {treated} itself varied ({own:.3g})"
    if len(exact := missed.index[missed <= _EXACT * varied]):
        named = "; ".join(exact[:_NAMED]) + " ..." * (len(exact) > _NAMED)
        yield f"{len(exact)} of {len(missed)} fit almost exactly before {at}, which alone makes a ratio large: {named}"


def _weights(whole: pd.DataFrame, unit: str, after: np.ndarray) -> np.ndarray:
    """Return the weights of the donors by least squares on the simplex, before the date."""
    from scipy.optimize import nnls

    donors, target = whole.drop(columns=unit).to_numpy()[~after], whole[unit].to_numpy()[~after]
    size = max(float(np.abs(target).max()), 1.0)
    heavy = 1e4  # weight of the row that keeps the sum at 1
    weights = nnls(np.vstack([donors / size, heavy * np.ones(donors.shape[1])]), np.r_[target / size, heavy])[0]
    return np.asarray(weights / weights.sum())


def _ratio(gap: np.ndarray, after: np.ndarray) -> float:
    return _size(gap[after]) / max(_size(gap[~after]), _VISIBLE * float(abs(gap).max() or 1.0))


def _size(gap: np.ndarray) -> float:
    """Return the root of the mean square."""
    return float((gap**2).mean() ** 0.5)
