"""Economic complexity: which economies make what few others can (Hidalgo & Hausmann 2009)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError
from toolkit.indicators._advantage import balassa

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

ADVANTAGE = 1.0


@dataclass(frozen=True)
class Complexity:
    """The two indices, and what was too small to be ranked.

    Attributes
    ----------
    economies, products : Series
        Index of complexity, mean 0 and standard deviation 1 over what was used.
    diversity, ubiquity : Series
        How many products an economy has an advantage in; how many economies a product.
    dropped : Series
        Reason by label, of economies and products left out.
    """

    economies: pd.Series
    products: pd.Series
    diversity: pd.Series
    ubiquity: pd.Series
    dropped: pd.Series


def complexity(exports: pd.DataFrame, *, least_exports: float = 0.0, least_world: float = 0.0) -> Complexity:
    """Give the economic complexity of economies and products.

    The second eigenvector of ``D^-1 M U^-1 M'``, with M = 1 where Balassa's index is
    1 or more, D the diversity and U the ubiquity (Hausmann, Hidalgo et al. 2011);
    positive with diversity.

    Parameters
    ----------
    exports : DataFrame, shape (economies, products)
        Values, none missing or negative.
    least_exports, least_world : float
        Economies that sell less in all, and products the world sells less of, are
        left out: without it islands with two exports head the list.
    """
    import numpy as np
    import pandas as pd

    kept, dropped = _large(exports, least_exports, least_world)
    has = (balassa(kept) >= ADVANTAGE).astype(float)
    diversity, ubiquity = has.sum(axis=1), has.sum(axis=0)
    if (ubiquity == 0).any() or (diversity == 0).any() or min(has.shape) < 3:  # noqa: PLR2004 (no second dimension)
        raise SchemaError(
            f"{has.shape[0]} economies and {has.shape[1]} products do not give a ranking",
            remedy="Lower the size filter",
        )
    links = has.to_numpy()
    step = (links / diversity.to_numpy()[:, np.newaxis]) @ (links / ubiquity.to_numpy()).T
    vector = _second(step)
    vector = vector * np.sign(np.corrcoef(vector, diversity)[0, 1])
    economies = pd.Series((vector - vector.mean()) / vector.std(), index=kept.index)
    across = (links / ubiquity.to_numpy()).T @ economies.to_numpy()
    products = pd.Series((across - across.mean()) / across.std(), index=kept.columns)
    return Complexity(economies, products, diversity.astype(int), ubiquity.astype(int), dropped)


def proximity(exports: pd.DataFrame) -> pd.DataFrame:
    """Give how often two products are sold together, in [0, 1], 1 with itself (Hidalgo et al. 2007).

    The smaller of the two conditional probabilities of an advantage in one, given one
    in the other: ``sum_c M_ci M_cj / max(U_i, U_j)``.
    """
    import numpy as np
    import pandas as pd

    links = (balassa(exports) >= ADVANTAGE).to_numpy(dtype=float)
    ubiquity = links.sum(axis=0)
    together = links.T @ links
    near = together / np.maximum.outer(ubiquity, ubiquity)
    return pd.DataFrame(near, index=exports.columns, columns=exports.columns)


def _large(exports: pd.DataFrame, least_exports: float, least_world: float) -> tuple[pd.DataFrame, pd.Series]:
    """Leave out the small until all that is left is large; name what goes."""
    import pandas as pd

    reasons: dict[object, str] = {}
    while True:
        sold, world = exports.sum(axis=1), exports.sum(axis=0)
        small = sold.index[(sold < least_exports) | (sold == 0)]
        rare = world.index[(world < least_world) | (world == 0)]
        if not len(small) and not len(rare):
            return exports, pd.Series(reasons, dtype=object)
        reasons |= dict.fromkeys(small, f"exports below {least_exports:g}")
        reasons |= dict.fromkeys(rare, f"world exports below {least_world:g}")
        exports = exports.drop(index=small, columns=rare)


def _second(step: np.ndarray) -> np.ndarray:
    """Give the eigenvector of the second largest eigenvalue of a stochastic matrix."""
    import numpy as np

    values, vectors = np.linalg.eig(step)
    order = np.argsort(-values.real)
    if np.isclose(values.real[order[1]], 1):
        raise SchemaError("some economies share no product with the rest", remedy="Raise the size filter")
    second: np.ndarray = vectors[:, order[1]].real
    return second
