"""Estimation of a gravity model with absorbed effects: pyfixest fits, rows and conventions are decided here."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from toolkit.econ.gravity.result import Estimate
from toolkit.econ.gravity.rows import Dropped, Rows, design, identified, regressors, separated, usable
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["estimate", "separation"]


_AT_INFINITY = "separated: the regressors and effects fit it only at zero"
_MOST_STEPS = 100
_STILL = 1e-10  # stricter than pyfixest's 1e-8: its standard errors are those of the step before
# A zero row that fits has working residual -1; a separated one sinks by 1 a step, so its residual nears 0.
_SINKING = -0.9
_SMALL_SAMPLE: dict[tuple[str, str], dict[str, Any]] = {
    ("stata", "ols"): {"k_fixef": "full"},
    ("stata", "ppml"): {"k_adj": False},
    ("fixest", "ols"): {"k_fixef": "nonnested"},
    ("fixest", "ppml"): {"k_fixef": "nonnested"},
}
_CLUSTERED = {
    ("stata", "ols"): "every absorbed effect counts in (N-1)/(N-K), G/(G-1) for clusters, as Stata's regress",
    ("stata", "ppml"): "G/(G-1) for clusters and no correction for K, as Stata's ppml and ppmlhdfe",
    ("fixest", "ols"): "(N-1)/(N-K) without effects nested in clusters, G/(G-1), as R's fixest",
    ("fixest", "ppml"): "(N-1)/(N-K) without effects nested in clusters, G/(G-1), as R's fixest",
}
_ROBUST = {
    ("stata", "ols"): "robust (HC1), every absorbed effect counts in K, as Stata's regress",
    ("stata", "ppml"): "robust, n/(n-1), as Stata's ppml",
    ("fixest", "ols"): "robust (HC1), as R's fixest",
    ("fixest", "ppml"): "robust (HC1), as R's fixest",
}


def estimate(  # noqa: PLR0913 (the field's own arguments, keyword-only)
    df: pd.DataFrame,
    *,
    y: str,
    x: Sequence[str],
    fe: Sequence[str] = (),
    model: Literal["ppml", "ols"] = "ppml",
    cluster: str | Sequence[str] | None = None,
    se: Literal["stata", "fixest"] = "stata",
    singletons: bool = True,
    weights: str | None = None,
    offset: str | None = None,
) -> Estimate:
    """Estimate a gravity model by PPML or OLS with absorbed fixed effects.

    Parameters
    ----------
    df : DataFrame
        One row per flow; not changed.
    y, x : str, sequence of str
        Columns; ``log(trade)`` and ``log1p(trade)`` take the logarithm. A regressor may be
        a product, ``rta:log(dist)``, or a column's levels as in fixest: ``i(year)``,
        ``i(year, rta)``, ``i(year, rta, ref=2006)``.
    fe : sequence of str
        Absorbed effects; ``exporter^year`` is one effect for each pair of values.
    model : "ppml" or "ols"
        Santos Silva & Tenreyro (2006), or least squares.
    cluster : str or up to two, optional
        If None, standard errors are robust to heteroskedasticity.
    se : "stata" or "fixest"
        Small-sample convention; printed under each table.
    singletons : bool
        Leave out rows that are alone in a group, as ppmlhdfe and reghdfe do, which does
        not change the coefficients. False keeps them, as a regression on dummies does.
    weights : str, optional
        Column of weights above zero, as Stata's pweights.
    offset : str, optional
        Column added to the linear predictor with a coefficient of one (PPML).

    Raises
    ------
    SchemaError
        If flows are negative, all rows are in one cluster, no regressor can be estimated,
        the fit does not converge, or a column is missing or not numeric.
    """
    clusters = (cluster,) if isinstance(cluster, str) else tuple(cluster or ())
    _check_request(tuple(x), clusters, model=model, se=se)
    if offset and model == "ols":
        raise SchemaError("an offset in least squares", remedy=f"Subtract {offset} from {y} instead")
    groups, terms = dict.fromkeys([*fe, *clusters]), regressors(df, x)
    short = {name: f"g{i}" for i, name in enumerate(groups)}
    extra = {code: name for code, name in (("w", weights), ("o", offset)) if name}
    names = {"y": y} | {f"x{i}": term for i, term in enumerate(terms)} | {v: k for k, v in short.items()} | extra
    ready = design(df, y, terms, list(groups), extra)
    whole, dropped = usable(ready, names, model=model)
    used, lost = identified(whole, [short[name] for name in fe], model=model, singletons=singletons)
    request = _Request(model, se, tuple(terms), tuple(short[n] for n in fe), tuple(short[n] for n in clusters))
    with np.errstate(divide="ignore", invalid="ignore"):  # a perfect fit has no errors to divide by
        fit, used, sunk = _fit_without_separated(used, request)
        rows = Rows(len(df), len(used), (*dropped, *lost, *sunk))
        said = {"y": y, "fe": tuple(fe), "cluster": clusters, "rows": rows, "weights": weights, "offset": offset}
        return _result(fit, used, request, said)


def separation(df: pd.DataFrame, *, y: str, x: Sequence[str] = (), fe: Sequence[str] = ()) -> Rows:
    """Find, without fitting, the rows that PPML can fit only with an infinite coefficient.

    `x` may be empty. `estimate` leaves out the same rows by itself.

    >>> import pandas as pd
    >>> trade = pd.DataFrame({"y": [0, 1, 0, 0, 1], "i": [1, 1, 2, 2, 2], "j": [1, 1, 1, 2, 2]})
    >>> separation(trade, y="y", fe=["i", "j"]).because("separated")
    (2,)
    """
    short = {name: f"g{i}" for i, name in enumerate(dict.fromkeys(fe))}
    terms = regressors(df, x)
    columns = [f"x{i}" for i in range(len(terms))]
    names = {"y": y} | dict(zip(columns, terms, strict=True)) | {code: name for name, code in short.items()}
    used, dropped = usable(design(df, y, terms, list(short), {}), names, model="ppml")
    while True:
        used, lost = identified(used, list(short.values()), model="ppml", singletons=False)
        bad = separated(used, list(short.values()), columns)
        dropped += lost
        if not bad.any():
            return Rows(len(df), len(used), tuple(dropped))
        dropped.append(Dropped(_AT_INFINITY, tuple(used.index[bad])))
        used = used[~bad]


@dataclass(frozen=True, slots=True)
class _Request:
    """What to fit; effects and clusters by their short names in the design."""

    model: str
    se: str
    x: tuple[str, ...]
    effects: tuple[str, ...]
    clusters: tuple[str, ...]
    classical: bool = False

    def formula(self, more: str = "") -> str:
        terms = " + ".join(f"x{i}" for i in range(len(self.x))) + more
        return f"y ~ {terms}" + (f" | {' + '.join(self.effects)}" if self.effects else "")

    def vcov(self) -> str | dict[str, str]:
        if self.classical:
            return "iid"
        return {"CRV1": " + ".join(self.clusters)} if self.clusters else "hetero"


def _check_request(x: tuple[str, ...], clusters: tuple[str, ...], *, model: str, se: str) -> None:
    if (se, model) not in _SMALL_SAMPLE:
        raise SchemaError(f"no model {model!r} with se {se!r}", remedy="Use 'ppml' or 'ols', and 'stata' or 'fixest'")
    if not x or len(set(x)) != len(x):
        raise SchemaError(
            "x is empty or names a column twice",
            remedy="Name each regressor once, at least one; separation() needs none",
        )
    if len(set(clusters)) < len(clusters):
        raise SchemaError(f"cluster names {clusters[0]} twice", remedy="Name each cluster once")
    if len(clusters) > 2:  # noqa: PLR2004 (what pyfixest offers)
        raise SchemaError("more than two clusters", remedy="Cluster one or two ways")


def _fit(used: pd.DataFrame, request: _Request, more: str = "") -> Any:
    """Run pyfixest, and turn its errors into SchemaError."""
    import pyfixest as pf

    for cluster in request.clusters:
        if np.ptp(used[cluster].to_numpy()) == 0:
            raise SchemaError("all rows are in one cluster, so no error can be estimated", remedy="Cluster finer")
    options: dict[str, Any] = {
        "vcov": request.vcov(),
        "ssc": pf.ssc(**_SMALL_SAMPLE[request.se, request.model]),
        "fixef_rm": "none",
        "copy_data": False,  # the shallow copy below is enough: its rows are renumbered
        "store_data": False,
    }
    options |= {name: column for name, column in (("weights", "w"), ("offset", "o")) if column in used}
    fit = pf.feols
    if request.model == "ppml":
        fit = partial(pf.fepois, separation_check=[], iwls_tol=_STILL, iwls_maxiter=_MOST_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return fit(request.formula(more), used.copy(deep=False), **options)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as error:
            if "collinear" in str(error):
                raise _nothing_left(request) from None
            raise SchemaError(
                f"the model cannot be fitted: {' '.join(str(error).split())}",
                remedy="Leave out regressors that the effects determine",
            ) from None


def _nothing_left(request: _Request) -> SchemaError:
    return SchemaError(
        f"{', '.join(request.x)}: collinear with the effects", remedy="Use regressors that vary within them"
    )


def _fit_without_separated(used: pd.DataFrame, request: _Request) -> tuple[Any, pd.DataFrame, list[Dropped]]:
    """Fit, leave out the zero rows that only an infinite coefficient would fit, and fit again."""
    lost: list[object] = []
    while True:
        fit, trouble = _attempt(used, request)
        bad = _separated(used, request, fit)
        if bad is None:
            break
        lost += used.index[bad].tolist()
        used, _ = identified(used[~bad], list(request.effects), model="ppml", singletons=False)
    if trouble is not None:
        raise trouble
    if request.model == "ppml" and not fit.convergence:
        raise SchemaError(f"no convergence after {_MOST_STEPS} steps", remedy="Scale the regressors, or use fewer")
    return fit, used, [Dropped(_AT_INFINITY, tuple(lost))] * bool(lost)


def _attempt(used: pd.DataFrame, request: _Request) -> tuple[Any, SchemaError | None]:
    """Return the fit, or the error: separated rows can make PPML fail."""
    try:
        fit = _fit(used, request)
    except SchemaError as error:
        return None, error
    if not len(fit.coef()):
        return None, _nothing_left(request)
    return fit, None


def _separated(used: pd.DataFrame, request: _Request, fit: Any) -> np.ndarray | None:
    """Return the separated rows, or None; the search runs only where the fit shows a sign of them."""
    zero = used["y"].to_numpy() == 0
    if request.model == "ols" or not zero.any() or zero.all():
        return None
    if fit is not None and not (np.asarray(fit.resid(type="working")).ravel()[zero] > _SINKING).any():
        return None
    bad = separated(used, list(request.effects), [f"x{i}" for i in range(len(request.x))])
    return bad if bad.any() else None


def _result(fit: Any, used: pd.DataFrame, request: _Request, said: dict[str, Any]) -> Estimate:
    """Return the results of pyfixest in our form, under the names of the columns."""
    names = {f"x{i}": term for i, term in enumerate(request.x)}
    terms = [names.get(term, term) for term in fit.coef().index]
    covariance = pd.DataFrame(np.asarray(fit._vcov) * _robust(request, len(used)), index=terms, columns=terms)  # noqa: SLF001 (no public name)
    degrees = float(fit._df_t) if request.model == "ols" else None  # noqa: SLF001 (no public name)
    eta = pd.Series(_linear_predictor(fit, used), index=used.index)
    weight = used["w"].to_numpy() if "w" in used else np.ones(len(used))
    outcome, shown = used["y"].to_numpy(), np.exp(eta.to_numpy()) if request.model == "ppml" else eta.to_numpy()
    return Estimate(
        model=request.model,
        x=request.x,
        coefficients=_coefficients(pd.Series(fit.coef().to_numpy(), index=terms), covariance, degrees),
        covariance=covariance,
        collinear=tuple(term for term in request.x if term not in terms),
        levels={n: int(used[c].nunique()) for n, c in zip(said["fe"], request.effects, strict=True)},
        clusters=min((int(used[c].nunique()) for c in request.clusters), default=None),
        se=_convention(request, said["cluster"]),
        converged=True,
        r2=_r_squared(outcome, shown, weight),
        deviance=_deviance(request.model, outcome, shown, weight),
        fitted=eta,
        degrees=degrees,
        _ready=used,
        _reset=partial(_reset_p_value, used, request, eta),
        **said,
    )


def _robust(request: _Request, n: int) -> float:
    """Return the factor n/(n-1) of Stata's robust PPML errors, which those of pyfixest lack."""
    return n / (n - 1) if (request.se, request.model, request.clusters) == ("stata", "ppml", ()) else 1.0


def _coefficients(values: pd.Series, covariance: pd.DataFrame, degrees: float | None) -> pd.DataFrame:
    """Return estimate, error, statistic, p-value and 95 % interval of each term."""
    from scipy import stats

    law = stats.norm if degrees is None else stats.t(degrees)
    errors = np.sqrt(np.diag(covariance))
    reach, estimates = law.ppf(0.975) * errors, values.to_numpy()
    return pd.DataFrame(
        {
            "estimate": estimates, "std_error": errors, "statistic": estimates / errors,
            "p_value": 2 * law.sf(np.abs(estimates / errors)), "low": estimates - reach, "high": estimates + reach,
        },
        index=values.index.rename("term"),
    )  # fmt: skip


def _convention(request: _Request, clusters: tuple[str, ...]) -> str:
    if not clusters:
        return _ROBUST[request.se, request.model]
    return f"clustered by {' and '.join(clusters)}; {_CLUSTERED[request.se, request.model]}"


def _linear_predictor(fit: Any, used: pd.DataFrame) -> np.ndarray:

    if hasattr(fit, "_Y_hat_link") and len(np.atleast_1d(fit._Y_hat_link)) == len(used):  # noqa: SLF001 (saves a refit)
        return np.asarray(fit._Y_hat_link, dtype=float).ravel()  # noqa: SLF001
    return np.asarray(used["y"].to_numpy() - np.asarray(fit.resid(), dtype=float).ravel())


def _r_squared(outcome: np.ndarray, shown: np.ndarray, weight: np.ndarray) -> float:

    if not outcome.std() or not shown.std():
        return float("nan")
    covariance = np.cov(outcome, shown, aweights=weight)
    return float(covariance[0, 1] ** 2 / (covariance[0, 0] * covariance[1, 1]))


def _deviance(model: str, outcome: np.ndarray, mean: np.ndarray, weight: np.ndarray) -> float:
    from scipy.special import xlogy

    if model == "ols":
        return float((weight * (outcome - mean) ** 2).sum())
    return float(2 * np.sum(weight * (xlogy(outcome, outcome) - outcome * np.log(mean) - (outcome - mean))))


def _reset_p_value(used: pd.DataFrame, request: _Request, fitted: pd.Series, *, classical: bool) -> float:
    """Fit once more with the squared linear predictor and return the p-value of its coefficient."""
    from scipy import stats

    again = replace(request, clusters=() if classical else request.clusters, classical=classical)
    fit = _fit(used.assign(square=fitted.to_numpy() ** 2), again, " + square")
    law = stats.norm if request.model == "ppml" else stats.t(float(fit._df_t))  # noqa: SLF001 (no public name)
    return float(2 * law.sf(abs(fit.tstat()["square"])))
