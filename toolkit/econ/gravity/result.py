"""What a gravity model found: coefficients, how sure they are, and the rows they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError, UnknownCode

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from toolkit.econ.gravity.tables import Table

CONVENTIONS = {
    ("stata", "ols"): "every absorbed effect counts in (N-1)/(N-K), G/(G-1) for clusters, as Stata's regress",
    ("stata", "ppml"): "G/(G-1) for clusters and no correction for K, as Stata's ppml and ppmlhdfe",
    ("fixest", "ols"): "(N-1)/(N-K) without effects nested in clusters, G/(G-1), as R's fixest",
    ("fixest", "ppml"): "(N-1)/(N-K) without effects nested in clusters, G/(G-1), as R's fixest",
}
ROBUST = {
    ("stata", "ols"): "robust (HC1), every absorbed effect counts in K, as Stata's regress",
    ("stata", "ppml"): "robust, n/(n-1), as Stata's ppml",
    ("fixest", "ols"): "robust (HC1), as R's fixest",
    ("fixest", "ppml"): "robust (HC1), as R's fixest",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows left out for one reason; `rows` are their labels in the panel."""

    reason: str
    rows: tuple[object, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows came in, were used, and were left out and why: ``given == used + sum of dropped``."""

    given: int
    used: int
    dropped: tuple[Dropped, ...] = ()

    def because(self, word: str) -> tuple[object, ...]:
        """Give the labels of the rows dropped for a reason that starts with `word`."""
        return tuple(row for part in self.dropped if part.reason.startswith(word) for row in part.rows)

    def __str__(self) -> str:
        """Say it in one line."""
        parts = "; ".join(f"{part.count:,} {part.reason}" for part in self.dropped)
        return f"{self.given:,} rows given, {self.used:,} used" + (f" ({parts})" if parts else "")


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
    """A number made of coefficients, its standard error by the delta method, and its 95 % interval."""

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
        Regressors, absorbed effects, clusters as asked for.
    coefficients : DataFrame, shape (k, 6)
        Index: term. Columns: estimate, std_error, statistic, p_value, low, high.
    covariance : DataFrame, shape (k, k)
    rows : Rows
        Given, used, and dropped by reason: hole, singleton, separated.
    collinear : tuple of str
        Regressors left out because the others and the effects determine them.
    levels : dict
        Levels of each absorbed effect among the rows used.
    clusters : int or None
        How many clusters (the smaller number of a two-way clustering).
    se : str
        The convention of the standard errors, in words.
    converged : bool
    r2 : float
        OLS: the usual. PPML: squared correlation of trade and fitted trade.
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
    _convention: str = field(repr=False)

    def __getitem__(self, term: str) -> Coefficient:
        """Give the coefficient of `term`."""
        row = self.coefficients.loc[self._known(term)]
        return Coefficient(term, *row.to_numpy(dtype=float).tolist())

    @property
    def n(self) -> int:
        """How many observations were used."""
        return self.rows.used

    def lincom(self, weights: dict[str, float]) -> Combination:
        """Give a weighted sum of coefficients with its standard error.

        >>> import pandas as pd
        >>> from toolkit import gravity
        >>> panel = pd.DataFrame({"trade": [4.0, 2.0, 3.0, 9.0], "rta": [0.0, 0.0, 1.0, 1.0]})
        >>> round(gravity.estimate(panel, y="trade", x=["rta"]).lincom({"rta": 2}).estimate, 4)
        1.3863
        """
        import numpy as np

        terms = [self._known(term) for term in weights]
        gradient = np.array(list(weights.values()), dtype=float)
        value = float(gradient @ self.coefficients.loc[terms, "estimate"].to_numpy())
        said = " + ".join(term if weight == 1 else f"{weight:g} {term}" for term, weight in weights.items())
        return self._combination(said, value, terms, gradient)

    def percent_change(self, term: str, *, by: float = 1.0, base: str | None = None) -> Combination:
        """Give what `term` does to trade in percent, ``100 (exp(b) - 1)``.

        Where `term` changes by another amount than one, say so with `by`: ``log(2)`` for
        twice the distance, ``log(1.1)`` for a tariff of 10 % where the term is log(1 + t).
        The interval is that of the coefficient, transformed, so it never falls below
        -100 %; the standard error is the delta method's.
        With `base`, give by how many percent the coefficient itself differs from
        that of `base`, ``100 (b - b0) / b0``, as in the distance puzzle.

        >>> import pandas as pd
        >>> from toolkit import gravity
        >>> panel = pd.DataFrame({"trade": [4.0, 2.0, 3.0, 9.0], "rta": [0.0, 0.0, 1.0, 1.0]})
        >>> round(gravity.estimate(panel, y="trade", x=["rta"]).percent_change("rta").estimate, 4)
        100.0
        """
        import numpy as np

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
        """Give the absorbed effects row by row, shape (n, effects), as `fitted` less the regressors' part.

        They are known up to constants that move from one to another: compare values
        within a column.
        """
        from toolkit.econ.gravity.estimation import absorbed

        return absorbed(self)

    def reset(self, *, classical: bool = False) -> float:
        """Give the p-value of Ramsey's RESET: the square of the fit, added to the model, should matter nothing.

        The errors are those of the model; `classical` takes them as independent and
        equal, as the Guide's printed OLS tests do.
        """
        from toolkit.econ.gravity.estimation import reset_p_value

        return reset_p_value(self, classical=classical)

    def table(self) -> Table:
        """Give this model as a publication table of one column."""
        from toolkit.econ.gravity.tables import table

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
