"""An estimated gravity model: its coefficients, their uncertainty, and the rows they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from toolkit.econ.gravity.tables import Table
from toolkit.errors import SchemaError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.econ.gravity.rows import Rows

__all__ = ["Coefficient", "Combination", "Estimate", "table"]

_STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
_EXACT, _MOST_PASSES = 1e-14, 20_000


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient with its standard error and 95 % interval."""

    term: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Combination:
    """A number computed from coefficients, with its standard error (delta method) and 95 % interval."""

    expression: str
    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """An estimated gravity model.

    Attributes
    ----------
    model, y : str
        "ppml" or "ols"; the dependent variable.
    x, fe, cluster : tuple of str
        Regressors, absorbed effects and clusters, as in the call.
    coefficients : DataFrame, shape (k, 6)
        Index: term. Columns: estimate, std_error, statistic, p_value, low, high.
    covariance : DataFrame, shape (k, k)
    rows : Rows
        How many were given, used and dropped, by reason: a missing number, singleton, separated.
    collinear : tuple of str
        Regressors left out because the others and the effects determine them.
    levels : dict
        Levels of each absorbed effect among the rows used.
    clusters : int or None
        The number of clusters (the smaller one of a two-way clustering).
    se : str
        The convention of the standard errors, in words.
    converged : bool
    r2 : float
        For OLS the usual R²; for PPML the squared correlation of trade and fitted trade.
    deviance : float
    fitted : Series
        The linear predictor of each row used, effects included; index as in the panel.
    degrees : float or None
        Degrees of freedom of the t distribution; None for the normal.
    weights, offset : str or None
        Their columns. The offset is part of `fitted`.
    """

    model: str
    y: str
    x: tuple[str, ...]
    fe: tuple[str, ...]
    cluster: tuple[str, ...]
    coefficients: pd.DataFrame
    covariance: pd.DataFrame = field(repr=False)
    rows: Rows
    collinear: tuple[str, ...]
    levels: dict[str, int]
    clusters: int | None
    se: str
    converged: bool
    r2: float
    deviance: float
    fitted: pd.Series = field(repr=False)
    degrees: float | None
    weights: str | None
    offset: str | None
    _ready: pd.DataFrame = field(repr=False)
    _reset: Callable[..., float] = field(repr=False)

    def __getitem__(self, term: str) -> Coefficient:
        """Return the coefficient of `term`."""
        row = self.coefficients.loc[self._known(term)]
        return Coefficient(term, *row.to_numpy(dtype=float).tolist())

    @property
    def n(self) -> int:
        """The number of observations used."""
        return self.rows.used

    def lincom(self, weights: dict[str, float]) -> Combination:
        """Return a weighted sum of coefficients with its standard error.

        >>> import pandas as pd
        >>> from toolkit import gravity
        >>> panel = pd.DataFrame({"trade": [4.0, 2.0, 3.0, 9.0], "rta": [0.0, 0.0, 1.0, 1.0]})
        >>> round(gravity.estimate(panel, y="trade", x=["rta"]).lincom({"rta": 2}).estimate, 4)
        1.3863
        """
        terms = [self._known(term) for term in weights]
        gradient = np.array(list(weights.values()), dtype=float)
        value = float(gradient @ self.coefficients.loc[terms, "estimate"].to_numpy())
        said = " + ".join(term if weight == 1 else f"{weight:g} {term}" for term, weight in weights.items())
        return self._combination(said, value, terms, gradient)

    def percent_change(self, term: str, *, by: float = 1.0, base: str | None = None) -> Combination:
        """Return the effect of `term` on trade in percent, ``100 (exp(b) - 1)``.

        If `term` changes by an amount other than one, pass it as `by`: ``log(2)`` for
        twice the distance, ``log(1.1)`` for a tariff of 10 % where the term is log(1 + t).
        The interval is that of the coefficient, transformed, so it never falls below
        -100 %; the standard error comes from the delta method.
        With `base`, return by how many percent the coefficient itself differs from
        that of `base`, ``100 (b - b0) / b0``, as in the distance puzzle.

        >>> import pandas as pd
        >>> from toolkit import gravity
        >>> panel = pd.DataFrame({"trade": [4.0, 2.0, 3.0, 9.0], "rta": [0.0, 0.0, 1.0, 1.0]})
        >>> round(gravity.estimate(panel, y="trade", x=["rta"]).percent_change("rta").estimate, 4)
        100.0
        """
        found = self[term]
        b = found.estimate
        if base is None:
            low, value, high = (float(100 * np.expm1(by * each)) for each in sorted((found.low, b, found.high)))
            said = f"100 (exp({term}) - 1)" if by == 1 else f"100 (exp({by:.4g} {term}) - 1)"
            error = abs(by) * (100 + value) * found.std_error
            return Combination(said, value, error, found.p_value, *sorted((low, high)))
        b0 = self[base].estimate
        gradient = np.array([100 / b0, -100 * b / b0**2])
        return self._combination(f"100 ({term} - {base}) / {base}", 100 * (b - b0) / b0, [term, base], gradient)

    def effects(self) -> pd.DataFrame:
        """Return the absorbed effects of each row, shape (n, effects): `fitted` less the regressors' part.

        They are identified up to constants that can move between effects: compare values
        only within a column.
        """
        from scipy import sparse
        from scipy.sparse.linalg import lsqr

        used, short = self._ready, {f"x{i}": term for i, term in enumerate(self.x)}
        slopes = self.coefficients["estimate"]
        known = sum(slopes[term] * used[name].to_numpy() for name, term in short.items() if term in slopes.index)
        groups = [np.unique(used[f"g{i}"].to_numpy(), return_inverse=True)[1] for i in range(len(self.fe))]
        rows, ones = np.arange(len(used)), np.ones(len(used))
        dummies = sparse.hstack([sparse.csr_matrix((ones, (rows, group))) for group in groups], format="csr")
        known = known + (used["o"].to_numpy() if "o" in used else 0.0)
        levels = lsqr(dummies, self.fitted.to_numpy() - known, atol=_EXACT, btol=_EXACT, iter_lim=_MOST_PASSES)[0]
        starts = np.cumsum([0, *(group.max() + 1 for group in groups)])
        columns = {name: levels[start + group] for name, start, group in zip(self.fe, starts[:-1], groups, strict=True)}
        return pd.DataFrame(columns, index=used.index)

    def reset(self, *, classical: bool = False) -> float:
        """Return the p-value of Ramsey's RESET: in a well-specified model the squared fit adds nothing.

        The standard errors are those of the model; `classical` takes the errors as
        independent with equal variance, as the Guide's printed OLS tests do.
        """
        return self._reset(classical=classical)

    def table(self) -> Table:
        """Return this model as a publication table of one column."""
        return table(self)

    def _known(self, term: str) -> str:
        if term in self.collinear:
            raise SchemaError(f"{term} was left out as collinear", remedy="Drop another regressor or effect instead")
        if term not in self.coefficients.index:
            raise UnknownCode(
                f"the model has no term {term!r}", remedy=f"Use one of {', '.join(self.coefficients.index)}"
            )
        return term

    def _combination(self, said: str, value: float, terms: list[str], gradient: np.ndarray) -> Combination:
        from scipy import stats

        error = float((gradient @ self.covariance.loc[terms, terms].to_numpy() @ gradient) ** 0.5)
        law = stats.norm if self.degrees is None else stats.t(self.degrees)
        reach, p = float(law.ppf(0.975)) * error, float(2 * law.sf(abs(value) / error)) if error else 1.0
        return Combination(said, float(value), error, p, float(value) - reach, float(value) + reach)


def table(
    *models: Estimate,
    titles: Sequence[str] = (),
    terms: Sequence[str] = (),
    decimals: int = 3,
    errors: Literal["se", "t", "ci"] = "se",
    caption: str = "",
) -> Table:
    """Set models side by side.

    Parameters
    ----------
    titles : sequence of str
        One per model; "(1)", "(2)" ... if empty.
    terms : sequence of str
        The coefficients to show, in order; all if empty.
    errors : "se", "t" or "ci"
        What the brackets below a coefficient hold: standard error, t statistic or 95 % interval.
    """
    if not models or (titles and len(titles) != len(models)):
        raise SchemaError(f"{len(models)} models, {len(titles)} titles", remedy="Pass one title per model")
    shown = list(terms) or list(dict.fromkeys(term for model in models for term in model.coefficients.index))
    body: list[tuple[str, tuple[str, ...]]] = []
    for term in shown:
        body.append((term, tuple(_cell(model, term, decimals) for model in models)))
        body.append(("", tuple(_error(model, term, decimals, errors) for model in models)))
    return Table(
        head=tuple(titles) or tuple(f"({i})" for i in range(1, len(models) + 1)),
        body=tuple(body),
        foot=_foot(models),
        notes=_notes(models, errors),
        caption=caption,
    )


def _cell(model: Estimate, term: str, decimals: int) -> str:
    if term not in model.coefficients.index:
        return "collinear" if term in model.collinear else ""
    found = model[term]
    stars = next((mark for level, mark in _STARS if found.p_value < level), "")
    return f"{found.estimate:.{decimals}f}{stars}"


def _error(model: Estimate, term: str, decimals: int, errors: str) -> str:
    if term not in model.coefficients.index:
        return ""
    found = model[term]
    if errors == "ci":
        return f"[{found.low:.{decimals}f}, {found.high:.{decimals}f}]"
    return f"({found.std_error if errors == 'se' else found.statistic:.{decimals}f})"


def _foot(models: Sequence[Estimate]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    effects = list(dict.fromkeys(effect for model in models for effect in model.fe))
    lines = [("Estimator", tuple(model.model.upper() for model in models))]
    lines += [
        (f"Effects: {name.replace('^', ' × ')}", tuple("yes" if name in model.fe else "no" for model in models))
        for name in effects
    ]
    if any(model.weights or model.offset for model in models):
        lines.append(
            ("Weights, offset", tuple(", ".join(filter(None, (m.weights, m.offset))) or "none" for m in models))
        )
    lines.append(("Observations", tuple(f"{model.n:,}" for model in models)))
    reasons = list(dict.fromkeys(part.reason for model in models for part in model.rows.dropped))
    for reason in reasons:
        counts = [sum(part.count for part in model.rows.dropped if part.reason == reason) for model in models]
        lines.append((f"Left out, {reason}", tuple(f"{count:,}" for count in counts)))
    lines.append(("R²", tuple(f"{model.r2:.3f}" for model in models)))
    return tuple(lines)


def _notes(models: Sequence[Estimate], errors: str) -> tuple[str, ...]:
    brackets = {"se": "Standard errors", "t": "t statistics", "ci": "95 % intervals"}[errors]
    said = dict.fromkeys(f"{model.model.upper()}: {model.se}" for model in models)
    stars = ", ".join(f"{mark} p < {level:g}" for level, mark in reversed(_STARS))
    fit = "R² of PPML is the squared correlation of trade and fitted trade."
    return (f"{brackets} in brackets. {'; '.join(said)}. {stars}. {fit}",)
