"""Finds the zero flows that only an infinite coefficient would fit (Correia, Guimaraes & Zylkin 2021).

A zero row is separated if some combination of regressors and effects is nothing on
every positive row, never above nothing on a zero row, and below nothing on this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from scipy import sparse

_PRECISE, _MOST_STEPS, _MOST_DIRECTIONS = 1e-12, 5_000, 200
_SEEN = 1e-6  # of a random combination of order 1: what the positive rows do not determine
_SEED = 20160


def separated(used: pd.DataFrame, effects: list[str], regressors: list[str]) -> np.ndarray:
    """Give True for each separated row of `used`, shape (n,)."""
    import numpy as np

    matrix, zero = _design(used, effects, regressors), used["y"].to_numpy() == 0
    positive, rest = matrix[~zero], matrix[zero]
    directions = _free_directions(positive, rest)
    found = np.zeros(len(used), dtype=bool)
    if directions.shape[1]:
        found[zero] = _pulled_down(directions)
    return found


def _design(used: pd.DataFrame, effects: list[str], regressors: list[str]) -> sparse.csr_matrix:
    """Give regressors and dummies side by side, each column of length 1."""
    import numpy as np
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
    """Give what zero rows can take while every positive row stays at nothing, shape (zero rows, d).

    A random combination less the one that the positive rows see is a random
    direction that they do not; new ones are drawn until they add nothing.
    """
    import numpy as np
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
    """Give True for the rows that some combination of directions pulls down while none goes up."""
    import numpy as np
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
