"""The iteration of the Advanced Guide, step by step, to reproduce its printed tables.

Yotov, Piermartini, Monteiro & Larch (2016, chapter 2) stop when prices move by less
than 0.01, so their printed results are not the equilibrium. Use `counterfactual` for that,
and this module to check a reading of the Guide against its tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from toolkit.econ.gravity.equilibrium import square, trade_square
from toolkit.errors import SchemaError

__all__ = ["STOP", "Printed", "as_printed", "balance"]

STOP = 0.01  # as printed: both the spread and the largest of the price changes
_MOST_ROUNDS, _BALANCED, _MOST_PASSES = 100, 1e-14, 100_000


@dataclass(frozen=True)
class Printed:
    """The Guide's five measures in percent, one row per economy.

    `economies` has the columns conditional_exports, exports, price, price_index,
    real_output; `rounds` counts the rounds of the iteration.
    """

    economies: pd.DataFrame
    reference: str
    sigma: float
    rounds: int


class _State(NamedTuple):
    """One round: fitted flows, the two sets of effects, output, expenditure, both resistances."""

    flows: np.ndarray
    pi: np.ndarray
    chi: np.ndarray
    output: np.ndarray
    expenditure: np.ndarray
    outward: np.ndarray
    inward: np.ndarray


def balance(
    cost: np.ndarray, output: np.ndarray, expenditure: np.ndarray, reference: int = -1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the flows ``pi_i * cost_ij * chi_j`` that add up to output and expenditure, then `pi` and `chi`.

    This is PPML with exporter and importer effects and an offset; ``chi[reference]`` is 1.

    >>> import numpy as np
    >>> flows, pi, chi = balance(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0]))
    >>> flows.tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    chi = np.ones(len(expenditure))
    for _ in range(_MOST_PASSES):
        pi = output / (cost @ chi)
        gap = (pi @ cost) * chi / expenditure
        chi = chi / gap
        if np.max(np.abs(gap - 1)) < _BALANCED:
            break
    else:
        raise SchemaError("the flows cannot be balanced", remedy="Check that output and expenditure add up to the same")
    pi, chi = pi * chi[reference], chi / chi[reference]
    return pi[:, np.newaxis] * cost * chi, pi, chi


def as_printed(flows: pd.DataFrame, *, baseline: str, counterfactual: str, sigma: float, reference: str) -> Printed:
    """Run the Guide's iteration for a change of trade costs.

    Parameters
    ----------
    flows : DataFrame
        Columns exporter, importer, trade, and the two below; every pair once.
    baseline, counterfactual : str
        Columns with ``t**(1 - sigma)`` before and after, as fitted by the gravity model.
    sigma : float
        Elasticity of substitution; the Guide uses 7.
    reference : str
        Economy whose price index is the numeraire; the Guide uses DEU.
    """
    trade = trade_square(flows)
    if reference not in trade.index:
        raise SchemaError(
            f"the reference {reference!r} is not an economy of the flows", remedy="Use one of the exporters"
        )
    if not sigma > 1:
        raise SchemaError(f"sigma is {sigma}", remedy="Pass the elasticity of substitution, above 1")
    r = list(trade.index).index(reference)
    output, expenditure = trade.sum(axis=1).to_numpy(), trade.sum(axis=0).to_numpy()
    before, after = (square(flows, name).to_numpy() for name in (baseline, counterfactual))
    base = _state(balance(before, output, expenditure, r), output, expenditure, r)
    conditional = _state(balance(after, output, expenditure, r), output, expenditure, r)
    last, rounds = _loop(base, conditional, after, sigma, r)
    measures = _measures(base, conditional, last, after, (sigma, r))
    return Printed(pd.DataFrame(measures, index=trade.index.rename("economy")), reference, sigma, rounds)


def _state(
    fitted: tuple[np.ndarray, np.ndarray, np.ndarray], output: np.ndarray, expenditure: np.ndarray, r: int
) -> _State:
    flows, pi, chi = fitted
    numeraire = expenditure[r]
    return _State(flows, pi, chi, output, expenditure, output * numeraire / pi, expenditure / (chi * numeraire))


def _price_change(new: _State, old: _State, sigma: float, r: int) -> np.ndarray:
    power: np.ndarray = ((new.pi / old.pi) / (new.expenditure[r] / old.expenditure[r])) ** (1 / (1 - sigma))
    return power


def _loop(base: _State, first: _State, cost: np.ndarray, sigma: float, r: int) -> tuple[_State, int]:
    """Let prices feed back into trade until the Guide's rule says stop."""
    phi, now = base.expenditure / base.output, first
    change, earlier = _price_change(first, base, sigma, r), np.zeros(len(base.output))
    resistance = np.ones((2, len(base.output)))
    for round_ in range(1, _MOST_ROUNDS + 1):
        target = now.flows * np.outer(change / resistance[0], change / resistance[1])
        fitted = balance(cost, target.sum(axis=1), target.sum(axis=0), r)
        output = fitted[0].sum(axis=1)
        new = _state(fitted, output, phi * output, r)
        moved = change - earlier
        resistance = np.array([new.outward / now.outward, new.inward / now.inward])
        change, earlier, now = _price_change(new, now, sigma, r), change, new
        spread = np.repeat(moved, len(moved)).std(ddof=1)  # over pairs, as the do-file has it
        if spread <= STOP and abs(moved.max()) <= STOP:
            return now, round_
    raise SchemaError(f"the Guide's rule is not met after {_MOST_ROUNDS} rounds", remedy="Use counterfactual()")


def _measures(
    base: _State, conditional: _State, last: _State, cost: np.ndarray, closure: tuple[float, int]
) -> dict[str, np.ndarray]:
    """Return the five measures in percent."""
    sigma, r = closure
    price = _price_change(last, base, sigma, r)
    output = price * base.output
    expenditure = base.expenditure / base.output * output
    outward = output * last.expenditure[r] / last.pi
    flows = np.outer(output, expenditure) * cost / np.outer(outward, last.inward)
    index = (last.inward / base.inward) ** (1 / (1 - sigma))
    exports = [_abroad(x) for x in (base.flows, conditional.flows, flows)]
    return {
        "conditional_exports": 100 * (exports[1] / exports[0] - 1),
        "exports": 100 * (exports[2] / exports[0] - 1),
        "price": 100 * (price - 1),
        "price_index": 100 * (index - 1),
        "real_output": 100 * (price / index - 1),
    }


def _abroad(flows: np.ndarray) -> np.ndarray:
    total: np.ndarray = flows.sum(axis=1) - flows.diagonal()
    return total
