"""Revisions: what changed between two vintages of the same data, and whether to believe it.

>>> old = observation.read("gdp").drop_duplicates(CELL)
>>> [finding.kind for finding in guard(old, old.assign(obs_value=1000 * old["obs_value"]))][:1]
['unit']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit import observation
from toolkit.errors import NotBelieved, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from toolkit.store.answers import Store

__all__ = ["CELL", "SERIES", "Finding", "accept_vintage", "between", "guard", "revisions"]
__dir__ = __all__.copy

CELL = [name for name in observation.KEY if name != "vintage"]
SERIES = [name for name in CELL if name != "time_period"]
_TELLING = ("ref_area", "counterpart_area", "flow", "product", "measure", "valuation")  # of a key

_MOST_JUMP = 3.0  # one cell, up or down; the largest real revision of US-Japan trade is 1.08
_MOST_DRIFT = 1.6  # the median ratio of one series, up or down
_SAME_FACTOR = 1e-4  # ratios that differ less are one constant
_LEAST_FACTOR = 0.004  # a constant closer to 1 than this is not a change of unit
_MOST_LOST = 0.02  # the share of rows that may be missing
_TINY = 0.01  # of a series' median: smaller cells may jump
_SOME, _MANY = 3, 0.3  # the number and share of cells that make a pattern


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason not to use a vintage without looking at it first.

    Attributes
    ----------
    kind : str
        "unit", "sign", "code", "currency", "duplicate", "coverage", "jump", "moved",
        "digits", "stuck", "missing", "order" or "form".
    detail : str
        What was found, with an example.
    rows : int
        The number of cells affected.
    """

    kind: str
    detail: str
    rows: int


def revisions(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return every cell that differs between the two vintages.

    Returns
    -------
    DataFrame
        The key without ``vintage``, ``old``, ``new``, ``change``, ``ratio``, and ``what``:
        "revised", "added", "removed", "filled" or "emptied"; largest change first.

    Raises
    ------
    SchemaError
        If a key occurs twice in one vintage.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(observation.KEY, "") | {"unit_measure": "USD"}
    >>> before, after = (pd.DataFrame([cell | {"obs_value": v}]) for v in (31.0, 62.0))
    >>> revisions(before, after)[["what", "old", "new", "ratio"]].values.tolist()
    [['revised', 31.0, 62.0, 2.0]]
    """
    both = _side_by_side(old, new)
    before, after = both["old"], both["new"]
    what = both["_merge"].map({"left_only": "removed", "right_only": "added", "both": "revised"}).astype(str)
    here = both["_merge"] == "both"
    what[here & before.isna() & after.notna()] = "filled"
    what[here & before.notna() & after.isna()] = "emptied"
    same = here & ((before == after) | (before.isna() & after.isna()))
    found = both.assign(what=what, change=after - before, ratio=after / before.where(before != 0))[~same]
    order = found["change"].abs().sort_values(ascending=False, na_position="last").index
    return found.loc[order, [*CELL, "what", "old", "new", "change", "ratio"]].reset_index(drop=True)


def between(table: pd.DataFrame, earlier: str, later: str) -> pd.DataFrame:
    """Return the `revisions` between two vintages in one table."""
    one, two = (observation.select(table, vintage=stamp) for stamp in (earlier, later))
    return revisions(one, two)


def guard(old: pd.DataFrame, new: pd.DataFrame) -> list[Finding]:
    """Return the reasons not to replace `old` with `new` without looking at it first; empty if there are none.

    Ordinary revisions pass: recent periods changed by a few per cent, new periods and
    series, gaps filled. What statistical offices do not do to their figures is reported: a
    changed unit, sign, code or currency, rows duplicated or lost, values moved between keys.
    """
    if old.empty:
        return []
    if forms := list(_form(old, new)):
        return forms
    both = _side_by_side(old, new)
    kept = both[(both["_merge"] == "both") & both["old"].notna() & both["new"].notna()]
    kept = kept.assign(series=kept.groupby(SERIES, sort=False).ngroup())
    checks = (_labels, _factors, _signs, _jumps, _moved, _digits, _stuck)
    found = [finding for check in checks for finding in check(kept)]
    found += [*_order(old, new), *_coverage(both), *_renamed(both), *_emptied(both)]
    return found


def accept_vintage(old: pd.DataFrame, new: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return `new` if `guard` finds nothing; otherwise quarantine the answers it was read from.

    Raises
    ------
    NotBelieved
        If `guard` found something, which the error names; the old vintage stays in use.
    """
    if findings := guard(old, new):
        reasons = [f"{finding.kind}: {finding.detail}" for finding in findings]
        for sha256 in sorted(set(new["raw_sha256"]) - set(old["raw_sha256"])):
            store.quarantine(sha256, reasons)
        problem = f"the new vintage of {', '.join(sorted(set(new['dataset'])))} is quarantined: {'; '.join(reasons)}"
        raise NotBelieved(
            problem, remedy="Look at it with toolkit data diff, then release it or wait for the next vintage"
        )
    return new


def _side_by_side(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    for name, table in (("old", old), ("new", new)):
        if (twice := table.duplicated(CELL)).any():
            row = table[twice].iloc[0]
            problem = f"the {name} vintage has {int(twice.sum())} keys twice, first in {row['time_period']}"
            raise SchemaError(problem, remedy="Pass one vintage at a time")
    wanted = [*CELL, "obs_value", "unit_measure"]
    names = {"obs_value": "old", "unit_measure": "unit_old"}, {"obs_value": "new", "unit_measure": "unit_new"}
    left, right = (table[wanted].rename(columns=name) for table, name in zip((old, new), names, strict=True))
    return left.merge(right, on=CELL, how="outer", indicator=True, validate="one_to_one")


def _form(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Finding]:
    """Yield what makes a comparison impossible."""
    if absent := [name for name in observation.COLUMNS if name not in new]:
        yield Finding("form", f"the column {absent[0]!r} is gone", len(new))
        return
    if new.empty:
        yield Finding("coverage", "the new vintage has no rows", len(old))
        return
    if new["obs_value"].dtype.kind != "f":
        yield Finding("form", "values are not numbers", len(new))
        return
    if (infinite := new["obs_value"].abs() == float("inf")).any():
        yield Finding("form", "values are infinite", int(infinite.sum()))
    for name, table in (("new", new), ("old", old)):
        if (twice := table.duplicated(CELL)).any():
            detail = f"{_name(table[twice].iloc[0])} occurs twice in the {name} vintage"
            yield Finding("duplicate", detail, int(twice.sum()))


def _labels(kept: pd.DataFrame) -> Iterator[Finding]:
    other = kept[kept["unit_old"] != kept["unit_new"]]
    if len(other):
        row = other.iloc[0]
        money = all(re.fullmatch("[A-Z]{3}", unit) for unit in (row["unit_old"], row["unit_new"]))
        detail = f"{_name(row)} counted in {row['unit_old']}, now in {row['unit_new']}"
        yield Finding("currency" if money else "unit", detail, len(other))


def _factors(kept: pd.DataFrame) -> Iterator[Finding]:
    """Yield constant factors over the table or a series, and series that drift as a whole."""
    cells = kept[(kept["old"] != 0) & (kept["new"] != 0)]
    if cells.empty:
        return
    cells = cells.assign(ratio=cells["new"] / cells["old"])
    changed = cells[cells["ratio"] != 1].assign(series=-1)
    if len(changed) > _MANY * len(cells):
        yield from _constant(changed, "the table")
    yield from _constant(cells, "")


def _constant(cells: pd.DataFrame, name: str) -> Iterator[Finding]:
    """Yield the groups in which nine ratios in ten are nearly the same and not 1."""
    groups = cells.groupby("series")["ratio"]
    middle = groups.transform("median")
    off = ((cells["ratio"] - middle) / middle).abs()
    facts = groups.agg(["size", "median"]).assign(off=off.groupby(cells["series"]).quantile(0.9))
    same = (facts["size"] > _SOME) & (facts["off"] < _SAME_FACTOR) & ((facts["median"] - 1).abs() > _LEAST_FACTOR)
    drift = (facts["size"] > 1) & ~facts["median"].between(1 / _MOST_DRIFT, _MOST_DRIFT)
    for series, fact in facts.assign(same=same)[same | drift].iterrows():
        row = cells[cells["series"] == series].iloc[0]
        how = "all values times" if fact["same"] else "values are, in the middle, times"
        yield Finding("unit", f"{name or _name(row)}: {how} {fact['median']:.6g}", int(fact["size"]))


def _signs(kept: pd.DataFrame) -> Iterator[Finding]:
    """Yield values that kept their size but changed sign, and negative values in series that had none."""
    turned = kept[(kept["old"] * kept["new"] < 0) & ((kept["new"] + kept["old"]).abs() < 0.2 * kept["old"].abs())]
    positive = kept.groupby("series")["old"].transform("min") >= 0
    negative = kept[positive & (kept["new"] < 0)]
    found = kept.loc[turned.index.union(negative.index)]
    if len(found):
        row = found.iloc[0]
        yield Finding("sign", f"{_name(row)} was {row['old']:,.6g}, now {row['new']:,.6g}", len(found))


def _jumps(kept: pd.DataFrame) -> Iterator[Finding]:
    middle = kept["old"].abs().groupby(kept["series"]).transform("median")
    size = kept[["old", "new"]].abs().max(axis=1)
    ratio = (kept["new"] / kept["old"].where(kept["old"] != 0)).abs()
    far = (ratio > _MOST_JUMP) | (ratio < 1 / _MOST_JUMP) | ((kept["old"] == 0) & (kept["new"] != 0))
    found = kept[far & (size > _TINY * middle)]
    if len(found):
        row = found.iloc[0]
        yield Finding("jump", f"{_name(row)} was {row['old']:,.6g}, now {row['new']:,.6g}", len(found))


def _moved(kept: pd.DataFrame) -> Iterator[Finding]:
    """Yield values that are now under another key: shifted periods, swapped economies or columns."""
    changed = kept[(kept["old"] != kept["new"]) & _telling(kept["new"])]
    known = kept["old"].value_counts()
    distinct = set(known[known == 1].index)
    found = changed[changed["new"].isin(distinct)]
    if len(found) >= _SOME and len(found) > _MANY * len(changed):
        row = found.iloc[0]
        yield Finding("moved", f"{_name(row)} has a value that another key had: {row['new']:,.10g}", len(found))


def _digits(kept: pd.DataFrame) -> Iterator[Finding]:
    """Yield series that lost their decimals."""
    broken = (kept["old"] % 1 != 0) & (kept["old"].abs() > 0)
    cut = broken & (kept["new"] % 1 == 0)
    if broken.sum() > _SOME and cut.sum() > 0.9 * broken.sum():
        yield Finding("digits", f"{_name(kept[cut].iloc[0])} and others have lost their decimals", int(cut.sum()))


def _stuck(kept: pd.DataFrame) -> Iterator[Finding]:
    groups = kept.groupby("series")
    facts = groups.agg(size=("new", "size"), new=("new", "nunique"), old=("old", "nunique"), value=("new", "first"))
    for series, fact in facts[(facts["size"] > _SOME) & (facts["new"] == 1) & (facts["old"] > _SOME)].iterrows():
        row = groups.get_group(series).iloc[0]
        yield Finding("stuck", f"{_name(row)} is {fact['value']:,.6g} in every period", int(fact["size"]))


def _order(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Finding]:
    before, after = max(old["vintage"]), max(new["vintage"])
    if before[:1].isdigit() and after[:1].isdigit() and after < before:
        yield Finding("order", f"the new vintage {after} is older than {before}", len(new))


def _coverage(both: pd.DataFrame) -> Iterator[Finding]:
    gone, there = both[both["_merge"] == "left_only"], both[both["_merge"] != "right_only"]
    if len(gone) > _MOST_LOST * len(there):
        yield Finding("coverage", f"{len(gone)} of {len(there)} rows are gone, first {_name(gone.iloc[0])}", len(gone))
    newest = both[both["_merge"] != "left_only"].groupby("freq")["time_period"].max()
    for freq, last in there.groupby("freq")["time_period"].max().items():
        if newest.get(freq, "") < last:
            detail = f"frequency {freq} ended in {last}, now in {newest.get(freq, 'nothing')}"
            yield Finding("coverage", detail, int((there["time_period"] == last).sum()))
    still = both[both["_merge"] != "left_only"]
    for name in _TELLING:
        if lost := sorted(set(there[name]) - set(still[name])):
            yield Finding("coverage", f"{name} {', '.join(lost[:5])} is gone", int(there[name].isin(lost).sum()))


def _renamed(both: pd.DataFrame) -> Iterator[Finding]:
    """Yield values that are now under another code, or under two codes."""
    added = both[(both["_merge"] == "right_only") & _telling(both["new"])]
    gone = set(_pairs(both[both["_merge"] == "left_only"], "old"))
    kept = set(_pairs(both[both["_merge"] == "both"], "new"))
    for kind, known, words in (("code", gone, "had another code"), ("duplicate", kept, "stands under a second code")):
        found = added[[pair in known for pair in _pairs(added, "new")]]
        if len(found) >= _SOME and len(found) > _MANY * min(len(added), len(known) or 1):
            yield Finding(kind, f"{_name(found.iloc[0])} {words}", len(found))


def _telling(values: pd.Series[float]) -> pd.Series[bool]:
    """Return whether each value has four significant digits or more: 100 is in many cells by chance."""
    digits = values.map(lambda value: len(f"{abs(value):.10g}".replace(".", "").strip("0")))
    return values.notna() & (values != 0) & (digits >= 4)  # noqa: PLR2004 (see above)


def _pairs(table: pd.DataFrame, column: str) -> list[tuple[str, float]]:
    return list(zip(table["time_period"], table[column], strict=True))


def _emptied(both: pd.DataFrame) -> Iterator[Finding]:
    there = both[(both["_merge"] == "both") & both["old"].notna()]
    empty = there[there["new"].isna()]
    if len(empty) > _MOST_LOST * len(there):
        detail = f"{len(empty)} of {len(there)} values are missing now, first {_name(empty.iloc[0])}"
        yield Finding("missing", detail, len(empty))


def _name(row: Any) -> str:
    """Return a name for a cell: the informative parts of its key."""
    return " ".join(row[name] for name in ("time_period", *_TELLING) if row[name] not in ("", "NA"))
