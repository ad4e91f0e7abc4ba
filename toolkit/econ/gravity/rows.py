"""The rows of a panel that an estimator can use, and the reason for leaving out each of the others.

A row with zero trade is separated, so that only an infinite coefficient would fit it, if
some combination of regressors and effects is zero on every positive row, never positive
on a row of zero trade, and negative on this one (Correia, Guimaraes & Zylkin 2021).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse

__all__ = ["Dropped", "Rows", "codes", "design", "identified", "numbers", "regressors", "separated", "usable"]

_MOST_PASSES = 100


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows left out for one reason; `rows` are their labels in the panel."""

    reason: str
    rows: tuple[object, ...] = field(repr=False)

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows were given, used, and dropped for which reason: ``given == used + sum of dropped``."""

    given: int
    used: int
    dropped: tuple[Dropped, ...] = ()

    def because(self, word: str) -> tuple[object, ...]:
        """Return the labels of the rows dropped for a reason that starts with `word`."""
        return tuple(row for part in self.dropped if part.reason.startswith(word) for row in part.rows)

    def __str__(self) -> str:
        """Return a summary in one line."""
        parts = "; ".join(f"{part.count:,} {part.reason}" for part in self.dropped)
        return f"{self.given:,} rows given, {self.used:,} used" + (f" ({parts})" if parts else "")


def codes(frame: pd.DataFrame, effect: str) -> np.ndarray:
    """Return the groups of ``"exporter^year"`` as numbers from 0; -1 where a part is missing."""
    whole = np.zeros(len(frame), dtype=np.int64)
    for name in effect.split("^"):
        part, levels = pd.factorize(_column(frame, name))
        whole = np.where((whole < 0) | (part < 0), -1, whole * len(levels) + part)
    return whole if "^" not in effect else pd.factorize(np.where(whole < 0, np.nan, whole))[0]


def design(
    frame: pd.DataFrame, y: str, x: dict[str, np.ndarray], groups: Sequence[str], extra: dict[str, str]
) -> pd.DataFrame:
    """Return the numbers and group codes that an estimator needs, under names that are safe in a formula.

    `extra` maps "w" and "o" to the columns of weights and offset, if any.
    """
    if not frame.index.is_unique:
        raise SchemaError("two rows of the panel have one label", remedy="Call reset_index(drop=True) on it")
    parts = {"y": numbers(frame, y)} | {f"x{i}": values for i, values in enumerate(x.values())}
    parts |= {short: numbers(frame, name) for short, name in extra.items()}
    parts |= {f"g{i}": codes(frame, effect) for i, effect in enumerate(groups)}
    return pd.DataFrame(parts, index=frame.index)


def usable(ready: pd.DataFrame, names: dict[str, str], *, model: str) -> tuple[pd.DataFrame, list[Dropped]]:
    """Leave out rows with a missing number, naming the column; refuse negative flows."""
    if "w" in ready and (light := ready["w"].to_numpy() <= 0).any():
        raise SchemaError(
            f"the weight {names['w']} is zero or less in row {ready.index[light][0]!r} ({int(light.sum())} rows)",
            remedy="Leave those rows out of the panel",
        )
    if model == "ppml" and (negative := ready["y"].to_numpy() < 0).any():
        raise SchemaError(
            f"{names['y']} is negative in row {ready.index[negative][0]!r} ({int(negative.sum())} rows)",
            remedy="Correct the flows: a trade value is zero or more",
        )
    whole, dropped = np.ones(len(ready), dtype=bool), []
    for short, name in names.items():
        values = ready[short].to_numpy()
        hole = (values < 0 if short.startswith("g") else ~np.isfinite(values)) & whole
        if hole.any():
            dropped.append(Dropped(f"no number in {name}", tuple(ready.index[hole])))
            whole &= ~hole
    if not whole.any():
        raise SchemaError("no row of the panel is complete", remedy="Check " + "; ".join(d.reason for d in dropped))
    return (ready if whole.all() else ready[whole]), dropped


def identified(
    ready: pd.DataFrame, effects: list[str], *, model: str, singletons: bool
) -> tuple[pd.DataFrame, list[Dropped]]:
    """Leave out groups without information: all zero (PPML), or a single row.

    Dropping a row can make another group such a one, so the search repeats until nothing changes.
    """
    keep, positive = np.ones(len(ready), dtype=bool), ready["y"].to_numpy() > 0
    lost: dict[str, np.ndarray] = {}
    for _ in range(_MOST_PASSES):
        before = int(keep.sum())
        for effect in effects:
            group = ready[effect].to_numpy()
            count = np.bincount(group[keep], minlength=group.max() + 1)
            if model == "ppml":
                some = np.bincount(group[keep], weights=positive[keep], minlength=len(count))
                keep = _lose(lost, "separated: zero in the whole group", keep, (some == 0)[group])
            if singletons:
                keep = _lose(lost, "singleton: alone in its group", keep, (count == 1)[group])
        if int(keep.sum()) == before:
            break
    if not keep.any():
        raise SchemaError("no row is left: every group is all zero or a single row", remedy="Use fewer fixed effects")
    dropped = [Dropped(reason, tuple(ready.index[rows])) for reason, rows in lost.items()]
    return (ready if keep.all() else ready[keep]), dropped


def _lose(lost: dict[str, np.ndarray], reason: str, keep: np.ndarray, bad: np.ndarray) -> np.ndarray:
    """Add the kept rows that are `bad` to `lost` under `reason`, and return the rows still kept."""
    if (bad & keep).any():
        lost[reason] = lost.get(reason, ~keep & keep) | (bad & keep)
    return np.asarray(keep & ~bad)


_CALL = re.compile(r"(log|log1p)\((.+)\)")
_LEVELS = re.compile(r"i\(([^,()]+)(?:,(?!\s*ref=)\s*([^,()]+))?(?:,\s*ref=([^()]+))?\)")
_MOST_LEVELS = 500


def numbers(frame: pd.DataFrame, term: str) -> np.ndarray:
    """Return a column as numbers: ``log(x)`` and ``log1p(x)`` as logarithms (of zero: NaN), ``a:b`` as a product."""
    if term not in frame.columns and ":" in term:
        parts = [numbers(frame, part.strip()) for part in term.split(":")]
        return np.asarray(np.prod(parts, axis=0))
    call = None if term in frame.columns else _CALL.fullmatch(term)
    values = _numeric(frame, call[2] if call else term)
    if call is None:
        return values
    if call[1] == "log1p":
        return np.asarray(np.log1p(np.where(values > -1, values, np.nan)))
    return np.asarray(np.log(np.where(values > 0, values, np.nan)))


def regressors(frame: pd.DataFrame, x: Sequence[str]) -> dict[str, np.ndarray]:
    """Return every regressor by name; ``i(year)`` and ``i(year, rta, ref=2006)`` become one per level.

    Levels are named as fixest names them, ``year::1990:rta``. The reference is the lowest
    level of a column alone, and of a product only the level named with ``ref``.
    """
    found: dict[str, np.ndarray] = {}
    for term in x:
        call = None if term in frame.columns else _LEVELS.fullmatch(term)
        parts = {term: numbers(frame, term)} if call is None else _levels(frame, term, *call.groups())
        if twice := [name for name in parts if name in found]:
            raise SchemaError(f"x names {twice[0]} twice", remedy="Name each regressor once")
        found |= parts
    return found


def _levels(frame: pd.DataFrame, term: str, by: str, of: str | None, ref: str | None) -> dict[str, np.ndarray]:
    """Return a dummy for each level of a column, times another column if there is one."""
    column = _column(frame, by)
    levels = sorted(column.dropna().unique(), key=lambda level: (isinstance(level, str), level))
    names = {_spelled(level): level for level in levels}
    if ref is not None and ref.strip() not in names:
        raise SchemaError(f"{term}: {by} has no level {ref.strip()!r}", remedy=f"It has {', '.join(list(names)[:20])}")
    if len(names) > _MOST_LEVELS:
        raise SchemaError(f"{term}: {by} has {len(names)} levels", remedy="Absorb it as fe instead")
    left_out = ref.strip() if ref else (None if of else next(iter(names), None))
    times = numbers(frame, of.strip()) if of else np.ones(len(frame))
    times = np.where(column.isna(), np.nan, times)
    end = f":{of.strip()}" if of else ""
    return {
        f"{by}::{name}{end}": np.where(column == level, times, np.where(np.isnan(times), np.nan, 0.0))
        for name, level in names.items()
        if name != left_out
    }


def _spelled(level: object) -> str:
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise SchemaError(f"the panel has no column {name!r}", remedy=f"Use one of {', '.join(map(str, frame))}")
    return frame[name]


def _numeric(frame: pd.DataFrame, name: str) -> np.ndarray:
    column = _column(frame, name)
    remedy = f"Convert it, absorb it as fe, or ask for its levels with i({name})"
    problem = f"column {name!r} does not hold numbers"
    if pd.api.types.infer_dtype(column) == "string":  # digits as text may be codes
        raise SchemaError(problem, remedy=remedy)
    try:
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError):
        raise SchemaError(problem, remedy=remedy) from None


_PRECISE, _MOST_STEPS, _MOST_DIRECTIONS = 1e-12, 5_000, 200
_SEEN = 1e-6  # a smaller part of a random combination of order 1 counts as determined
_SEED = 20160


def separated(used: pd.DataFrame, effects: list[str], regressors: list[str]) -> np.ndarray:
    """Return True for each separated row of `used`, shape (n,)."""
    matrix, zero = _design(used, effects, regressors), used["y"].to_numpy() == 0
    positive, rest = matrix[~zero], matrix[zero]
    directions = _free_directions(positive, rest)
    found = np.zeros(len(used), dtype=bool)
    if directions.shape[1]:
        found[zero] = _pulled_down(directions)
    return found


def _design(used: pd.DataFrame, effects: list[str], regressors: list[str]) -> sparse.csr_matrix:
    """Return regressors and dummies side by side, each column of length 1."""
    from scipy import sparse

    n = len(used)
    blocks = [sparse.csr_matrix(used[regressors].to_numpy(dtype=float))]
    for effect in effects:
        group = np.unique(used[effect].to_numpy(), return_inverse=True)[1]
        blocks.append(sparse.csr_matrix((np.ones(n), (np.arange(n), group))))
    if not effects:
        blocks.append(sparse.csr_matrix(np.ones((n, 1))))
    whole = sparse.hstack(blocks, format="csr")
    length = np.sqrt(np.asarray(whole.multiply(whole).sum(axis=0)).ravel())
    return sparse.csr_matrix(whole @ sparse.diags(1 / np.where(length > 0, length, 1)))


def _free_directions(positive: sparse.csr_matrix, rest: sparse.csr_matrix) -> np.ndarray:
    """Return values the zero rows can take while every positive row stays at zero, shape (zero rows, d).

    Subtracting from a random combination its projection on the positive rows leaves a
    random direction that they do not determine; directions are drawn until one adds nothing.
    """
    from scipy.sparse.linalg import lsqr

    chance, found = np.random.default_rng(_SEED), np.empty((rest.shape[0], 0))
    while found.shape[1] < _MOST_DIRECTIONS:
        drawn = chance.standard_normal(positive.shape[1])
        seen = lsqr(positive, positive @ drawn, atol=_PRECISE, btol=_PRECISE, iter_lim=_MOST_STEPS)[0]
        new = rest @ (drawn - seen)
        new = new - found @ (found.T @ new)
        if np.max(np.abs(new), initial=0.0) < _SEEN:
            break
        found = np.column_stack([found, new / np.linalg.norm(new)])
    return found


def _pulled_down(directions: np.ndarray) -> np.ndarray:
    """Return True for the rows that some combination of directions makes negative and no row positive."""
    from scipy.optimize import linprog

    found = np.zeros(len(directions), dtype=bool)
    scale = np.max(np.abs(directions), axis=1, initial=0.0)
    rows = np.flatnonzero(scale > _SEEN)
    while len(rows):
        part = directions[rows] / scale[rows][:, np.newaxis]
        answer = linprog(
            part.sum(axis=0),
            A_ub=np.vstack([part, -part]),
            b_ub=np.r_[np.zeros(len(rows)), np.ones(len(rows))],
            bounds=(None, None),
        )
        low = part @ answer.x < -_SEEN if answer.x is not None else np.zeros(len(rows), dtype=bool)
        if not low.any():
            break
        found[rows[low]] = True
        rows = rows[~low]
    return found
