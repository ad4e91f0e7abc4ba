"""Estimates a gravity model with absorbed effects: pyfixest fits, the rows and conventions are ours."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from toolkit.econ.gravity.result import CONVENTIONS, ROBUST, Dropped, Estimate, Rows
from toolkit.econ.gravity.rows import account, design, identified, regressors, separated, usable
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

_AT_INFINITY = "separated: the regressors and effects fit it only at zero"
_MOST_STEPS = 100
_EXACT, _MOST_PASSES = 1e-14, 20_000
_STILL = 1e-10  # one step beyond pyfixest's 1e-8: its standard errors are those of the step before
# A zero row that fits has working residual -1; a separated one sinks by 1 a step, so its residual nears 0.
_SINKING = -0.9
_SMALL_SAMPLE: dict[tuple[str, str], dict[str, Any]] = {
    ("stata", "ols"): {"k_fixef": "full"},
    ("stata", "ppml"): {"k_adj": False},
    ("fixest", "ols"): {"k_fixef": "nonnested"},
    ("fixest", "ppml"): {"k_fixef": "nonnested"},
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
        One row a flow; left as it is.
    y, x : str, sequence of str
        Columns; ``log(trade)`` and ``log1p(trade)`` take the logarithm. A regressor may be
        a product, ``rta:log(dist)``, or a column's levels as in fixest: ``i(year)``,
        ``i(year, rta)``, ``i(year, rta, ref=2006)``.
    fe : sequence of str
        Absorbed effects; ``exporter^year`` is one effect for each pair of values.
    model : "ppml" or "ols"
        Santos Silva & Tenreyro (2006), or least squares.
    cluster : str or up to two, optional
        Without it the standard errors are robust to heteroskedasticity.
    se : "stata" or "fixest"
        Small-sample convention; printed under each table.
    singletons : bool
        Leave out rows that are alone in a group, as ppmlhdfe and reghdfe do; the
        coefficients stay the same. False keeps them, as dummies would.
    weights : str, optional
        Column of weights above zero, as Stata's pweights.
    offset : str, optional
        Column added to the linear predictor with a coefficient of one (PPML).

    Raises
    ------
    SchemaError
        Negative flows, one cluster, no regressor that can be estimated, no
        convergence, a column that is missing or not numeric.
    """
    import numpy as np

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
        rows = account(len(df), len(used), [*dropped, *lost, *sunk])
        said = {"y": y, "fe": tuple(fe), "cluster": clusters, "rows": rows, "weights": weights, "offset": offset}
        return _result(fit, used, request, said)


def separation(df: pd.DataFrame, *, y: str, x: Sequence[str] = (), fe: Sequence[str] = ()) -> Rows:
    """Find the rows that PPML cannot fit but at infinity, without fitting; regressors may be none.

    `estimate` leaves out the same rows by itself.

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
            return account(len(df), len(used), dropped)
        dropped.append(Dropped(_AT_INFINITY, tuple(used.index[bad])))
        used = used[~bad]


@dataclass(frozen=True, slots=True)
class _Request:
    """What to fit; effects and clusters in the short names of the design."""

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
    """Run pyfixest; its complaints become ours."""
    import numpy as np
    import pyfixest as pf

    for cluster in request.clusters:
        if np.ptp(used[cluster].to_numpy()) == 0:
            raise SchemaError("all rows are in one cluster, so no error can be estimated", remedy="Cluster finer")
    options: dict[str, Any] = {
        "vcov": request.vcov(),
        "ssc": pf.ssc(**_SMALL_SAMPLE[request.se, request.model]),
        "fixef_rm": "none",
        "copy_data": False,  # a shallow copy is enough: it numbers the rows anew
        "store_data": False,
    }
    if "w" in used:
        options["weights"] = "w"
    offset = {"offset": "o"} if "o" in used else {}
    ready = used.copy(deep=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if request.model == "ols":
                return pf.feols(request.formula(more), ready, **options)
            return pf.fepois(
                request.formula(more),
                ready,
                separation_check=[],
                iwls_tol=_STILL,
                iwls_maxiter=_MOST_STEPS,
                **options,
                **offset,
            )
        except (ValueError, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as error:
            if "collinear" in str(error):
                raise _nothing_left(request) from None
            raise SchemaError(
                f"the model cannot be fitted: {' '.join(str(error).split())}",
                remedy="Look for regressors that the effects determine",
            ) from None


def _nothing_left(request: _Request) -> SchemaError:
    return SchemaError(
        f"{', '.join(request.x)}: collinear with the effects", remedy="Use regressors that vary within them"
    )


def _fit_without_separated(used: pd.DataFrame, request: _Request) -> tuple[Any, pd.DataFrame, list[Dropped]]:
    """Fit; leave out the zero rows that only an infinite coefficient would fit; fit again."""
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
    """Fit, or give the error: a PPML fit may fail because of separated rows."""
    try:
        fit = _fit(used, request)
    except SchemaError as error:
        return None, error
    if not len(fit.coef()):
        return None, _nothing_left(request)
    return fit, None


def _separated(used: pd.DataFrame, request: _Request, fit: Any) -> np.ndarray | None:
    """Give the separated rows, or None: searched only where the fit shows a sign of them."""
    import numpy as np

    zero = used["y"].to_numpy() == 0
    if request.model == "ols" or not zero.any() or zero.all():
        return None
    if fit is not None and not (np.asarray(fit.resid(type="working")).ravel()[zero] > _SINKING).any():
        return None
    bad = separated(used, list(request.effects), [f"x{i}" for i in range(len(request.x))])
    return bad if bad.any() else None


def _result(fit: Any, used: pd.DataFrame, request: _Request, said: dict[str, Any]) -> Estimate:
    """Bring what pyfixest found into our form and names."""
    import numpy as np
    import pandas as pd

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
        deviance=_deviance(outcome, shown, weight) if request.model == "ppml" else _squares(outcome, shown, weight),
        fitted=eta,
        degrees=degrees,
        _ready=used,
        _convention=request.se,
        **said,
    )


def _robust(request: _Request, n: int) -> float:
    """Give what Stata's robust errors of PPML have and pyfixest's have not: n/(n-1)."""
    return n / (n - 1) if (request.se, request.model, request.clusters) == ("stata", "ppml", ()) else 1.0


def _coefficients(values: pd.Series, covariance: pd.DataFrame, degrees: float | None) -> pd.DataFrame:
    """Give estimate, error, statistic, p-value and 95 % interval of each term."""
    import numpy as np
    import pandas as pd
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
        return ROBUST[request.se, request.model]
    return f"clustered by {' and '.join(clusters)}; {CONVENTIONS[request.se, request.model]}"


def _linear_predictor(fit: Any, used: pd.DataFrame) -> np.ndarray:
    import numpy as np

    if hasattr(fit, "_Y_hat_link") and len(np.atleast_1d(fit._Y_hat_link)) == len(used):  # noqa: SLF001 (saves a refit)
        return np.asarray(fit._Y_hat_link, dtype=float).ravel()  # noqa: SLF001
    return np.asarray(used["y"].to_numpy() - np.asarray(fit.resid(), dtype=float).ravel())


def _r_squared(outcome: np.ndarray, shown: np.ndarray, weight: np.ndarray) -> float:
    import numpy as np

    if not outcome.std() or not shown.std():
        return float("nan")
    covariance = np.cov(outcome, shown, aweights=weight)
    return float(covariance[0, 1] ** 2 / (covariance[0, 0] * covariance[1, 1]))


def _squares(outcome: np.ndarray, shown: np.ndarray, weight: np.ndarray) -> float:
    return float((weight * (outcome - shown) ** 2).sum())


def _deviance(outcome: np.ndarray, mean: np.ndarray, weight: np.ndarray) -> float:
    import numpy as np
    from scipy.special import xlogy

    return float(2 * np.sum(weight * (xlogy(outcome, outcome) - outcome * np.log(mean) - (outcome - mean))))


def reset_p_value(result: Estimate, *, classical: bool) -> float:
    """Fit once more with the squared linear predictor and give the p-value of its coefficient."""
    from scipy import stats

    again = result._ready.assign(square=result.fitted.to_numpy() ** 2)  # noqa: SLF001 (its own rows)
    short = {name: f"g{i}" for i, name in enumerate(dict.fromkeys([*result.fe, *result.cluster]))}
    request = _Request(
        result.model,
        result._convention,  # noqa: SLF001 (its own convention)
        result.x,
        tuple(short[name] for name in result.fe),
        () if classical else tuple(short[name] for name in result.cluster),
        classical=classical,
    )
    fit = _fit(again, request, " + square")
    law = stats.norm if request.model == "ppml" else stats.t(float(fit._df_t))  # noqa: SLF001 (no public name)
    return float(2 * law.sf(abs(fit.tstat()["square"])))


def absorbed(result: Estimate) -> pd.DataFrame:
    """Part what the regressors leave of the fit into one number for each level of each effect."""
    import numpy as np
    import pandas as pd
    from scipy import sparse
    from scipy.sparse.linalg import lsqr

    used, short = result._ready, {f"x{i}": term for i, term in enumerate(result.x)}  # noqa: SLF001 (its own rows)
    slopes = result.coefficients["estimate"]
    known = sum(slopes[term] * used[name].to_numpy() for name, term in short.items() if term in slopes.index)
    groups = [np.unique(used[f"g{i}"].to_numpy(), return_inverse=True)[1] for i in range(len(result.fe))]
    rows, ones = np.arange(len(used)), np.ones(len(used))
    dummies = sparse.hstack([sparse.csr_matrix((ones, (rows, group))) for group in groups], format="csr")
    known = known + (used["o"].to_numpy() if "o" in used else 0.0)
    levels = lsqr(dummies, result.fitted.to_numpy() - known, atol=_EXACT, btol=_EXACT, iter_lim=_MOST_PASSES)[0]
    starts = np.cumsum([0, *(group.max() + 1 for group in groups)])
    columns = {name: levels[start + group] for name, start, group in zip(result.fe, starts[:-1], groups, strict=True)}
    return pd.DataFrame(columns, index=used.index)
