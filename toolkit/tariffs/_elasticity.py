"""Elasticities with their definition, sign, range and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.errors import SchemaError, UnknownCode

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["substitution", "demand", "supply"]
_SIGNS = {"substitution": "above 0", "demand": "below 0", "supply": "above 0"}
_REMEDY = {
    "substitution": "Pass it positive; a tariff elasticity such as ProTEE's is minus the substitution elasticity",
    "demand": "Pass it negative: imports fall when their price rises",
    "supply": "Pass it positive, or infinity for a world price that does not move",
}
# The table's word for a tariff elasticity; everything else there is a substitution elasticity.
_TARIFF = "tariff elasticity"


@dataclass(frozen=True, slots=True)
class Elasticity:
    """One elasticity as used: its kind, its value, the range it may lie in, where it is from.

    >>> Elasticity("demand", -1.0, low=-1.5, high=-0.5, source="assumed").low
    -1.5
    """

    kind: Kind
    value: float
    low: float | None = None
    high: float | None = None
    source: str = "given by the caller"

    def __post_init__(self) -> None:
        """Refuse a wrong sign and a value outside its own range."""
        ends = [self.value if end is None else end for end in (self.low, self.value, self.high)]
        if self.kind not in _SIGNS:
            raise SchemaError(f"no elasticity of {self.kind!r}", remedy=f"Use {', '.join(_SIGNS)}")
        wrong = [end for end in ends if not (end < 0 if self.kind == "demand" else end > 0)]
        if wrong:
            raise SchemaError(
                f"an elasticity of {self.kind} of {wrong[0]}; it must be {_SIGNS[self.kind]}", remedy=_REMEDY[self.kind]
            )
        if ends != sorted(ends):
            raise SchemaError(f"{self.value} is outside {self.low} to {self.high}", remedy="Give low <= value <= high")

    def points(self) -> tuple[float, ...]:
        """Give the values to try: the stated one and the ends of the range."""
        return tuple(sorted({self.value, *(end for end in (self.low, self.high) if end is not None)}))


def as_elasticity(kind: Kind, given: float | Elasticity) -> Elasticity:
    """Take a bare number as an elasticity without a range."""
    if isinstance(given, Elasticity):
        if given.kind != kind:
            raise SchemaError(f"an elasticity of {given.kind} stands for {kind}", remedy="Pass each where it belongs")
        return given
    return Elasticity(kind, float(given))


def elasticities(product: str) -> pd.DataFrame:
    """Give every substitution elasticity that the embedded tables have for a product, all positive.

    ProTEE's tariff elasticities come with their sign turned. `repeated` counts the
    other products with the very same value: then it is a grid's edge or a filler, not
    an estimate.

    Returns
    -------
    DataFrame
        Columns product, ref_area, value, series, note, source, repeated.
    """
    import pandas as pd

    from toolkit import datasets

    table = datasets.frame("trade_elasticities")
    known = table[table["value"] != ""].copy()
    known["value"] = pd.to_numeric(known["value"]).where(known["kind"] != _TARIFF, -pd.to_numeric(known["value"]))
    known["repeated"] = known.groupby("value")["product"].transform("nunique") - 1
    mine = known[known["product"].str.contains(rf"(?:^|\D){product.replace('.', '')}", regex=True)]
    if mine.empty:
        raise UnknownCode(f"no elasticity for product {product}", remedy="Use a heading of data/trade_elasticities.csv")
    return mine[["product", "ref_area", "value", "series", "note", "source", "repeated"]].reset_index(drop=True)


def elasticity(product: str, *, series: str | None = None) -> Elasticity:
    """Give the median substitution elasticity of a product's lines, with the middle half as its range.

    Values that repeat across products are left out, medians of medians too. With
    `series`, only that series ("protee_trade_elasticity", "bw_sigma_hts10", ...).
    """
    table = elasticities(product)
    own = table[(table["repeated"] == 0) & ~table["series"].str.endswith("_median")]
    own = own if series is None else own[own["series"] == series]
    if own.empty:
        raise UnknownCode(
            f"no elasticity of {product} in {series}", remedy=f"Use {', '.join(table['series'].unique())}"
        )
    low, middle, high = (float(value) for value in own["value"].quantile([0.25, 0.5, 0.75]))
    names = ", ".join(own["source"].unique())
    said = f"median and middle half of {len(own)} lines of {product} ({names})"
    return Elasticity("substitution", middle, low=low, high=high, source=said)
