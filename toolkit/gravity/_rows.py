"""The rows that a gravity model can use, and the reason of every row that it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import SchemaError
from toolkit.gravity._result import Dropped, Rows
from toolkit.gravity._terms import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

_MOST_PASSES = 100


def codes(frame: pd.DataFrame, effect: str) -> np.ndarray:
    """Give the groups of ``"exporter^year"`` as numbers from 0; -1 where a part is missing."""
    import numpy as np
    import pandas as pd

    whole = np.zeros(len(frame), dtype=np.int64)
    for name in effect.split("^"):
        if name not in frame.columns:
            raise SchemaError(f"the panel has no column {name!r}", remedy=f"Use one of {', '.join(map(str, frame))}")
        part, levels = pd.factorize(frame[name])
        whole = np.where((whole < 0) | (part < 0), -1, whole * len(levels) + part)
    return whole if "^" not in effect else pd.factorize(np.where(whole < 0, np.nan, whole))[0]


def design(
    frame: pd.DataFrame, y: str, x: dict[str, np.ndarray], groups: Sequence[str], extra: dict[str, str]
) -> pd.DataFrame:
    """Give the numbers and group codes that an estimator needs, under names that no formula mistakes.

    `extra` names the columns of weights ("w") and offset ("o"), if any.
    """
    import pandas as pd

    if not frame.index.is_unique:
        raise SchemaError("two rows of the panel have one label", remedy="Call reset_index(drop=True) on it")
    parts = {"y": numbers(frame, y)} | {f"x{i}": values for i, values in enumerate(x.values())}
    parts |= {short: numbers(frame, name) for short, name in extra.items()}
    parts |= {f"g{i}": codes(frame, effect) for i, effect in enumerate(groups)}
    return pd.DataFrame(parts, index=frame.index)


def usable(ready: pd.DataFrame, names: dict[str, str], *, model: str) -> tuple[pd.DataFrame, list[Dropped]]:
    """Leave out rows with a hole, naming the column; refuse flows below zero."""
    import numpy as np

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
        raise SchemaError("no row of the panel is complete", remedy="Look at " + "; ".join(d.reason for d in dropped))
    return (ready if whole.all() else ready[whole]), dropped


def identified(
    ready: pd.DataFrame, effects: list[str], *, model: str, singletons: bool
) -> tuple[pd.DataFrame, list[Dropped]]:
    """Leave out groups that say nothing: all zero (PPML), or a single row.

    A dropped row can leave another group empty-handed, so the search repeats until nothing changes.
    """
    import numpy as np

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
    """Note the kept rows that are `bad` under `reason`; give what stays."""
    import numpy as np

    if (bad & keep).any():
        lost[reason] = lost.get(reason, ~keep & keep) | (bad & keep)
    return np.asarray(keep & ~bad)


def account(given: int, used: int, dropped: list[Dropped]) -> Rows:
    """Say how many rows came in, were used and were left out; the three agree."""
    return Rows(given=given, used=used, dropped=tuple(dropped))
