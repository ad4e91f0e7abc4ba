"""Our figures in the form that the gold sets' scorer reads: ``score.py --adapter figures_adapter:extract``."""

from toolkit.codes import table
from toolkit.codes.phrases import Tokens
from toolkit.figures import LocatedQuantity
from toolkit.figures.numbers import find_quantities
from toolkit.figures.numbers.tables import HEDGES
from toolkit.quantity import is_currency

BOUNDS = {"about": "~", "more_than": ">", "at_least": ">", "less_than": "<", "at_most": "<"}
KINDS = {"%": "percent", "pp": "pp", "x": "multiple"}
MINOR = {"cent", "cents", "pence", "penny", "sen", "us cents", "us cent", "p", "satoshi", "satoshis", "¢"}
RATES = {
    "d": "day", "h": "hour", "t": "tonne", "bbl": "barrel", "kg": "kilogram", "g": "gram", "lb": "pound", "oz": "ounce",
    "bu": "bushel", "gal": "gallon", "L": "litre", "ft2": "square foot", "m2": "square metre", "s": "second", "min": "minute",
    "km": "kilometre", "mi": "mile", "ms": "millisecond", "ha": "hectare", "MWh": "megawatt hour", "kWh": "kilowatt hour",
    "mmBtu": "mmbtu", "m3": "cubic metre",
}  # fmt: skip

COMPOUND = {row["said"] for row in table("units") if "/" in row["unit"]}


def extract(text: str) -> list[dict]:
    """Return the figures of `text` as the scorer wants them, in the unit that the words state."""
    return [row(finding, text) for finding in find_quantities(text)[0]]


def row(finding: LocatedQuantity, text: str) -> dict:
    """Return one figure: base units are turned back into the unit that was said."""
    quantity, (said, factor) = finding.quantity, finding.said
    symbol, _, rate = quantity.unit.partition("/")
    currency = (
        symbol if is_currency(symbol) and finding.kind in {"money", "price"} and said.lower() not in MINOR else None
    )
    minor = said.lower() in MINOR
    fraction = said == "fraction"
    unit = quantity.counted or (said.rstrip("s") if minor else currency) or ("fraction" if fraction else said)
    if said in COMPOUND:
        rate = ""
    if rate and unit and " per " not in unit:
        unit += f" per {RATES.get(rate, rate)}"
    scale = 1 if currency and not minor and factor >= 1 else factor
    kind = "fraction" if fraction else KINDS.get(symbol)
    values = {
        name: None if (value := getattr(quantity, name)) is None else float(value / scale)
        for name in ("value", "low", "high")
    }
    if quantity.value is not None:
        values["low"] = values["high"] = None
    return {
        "start": finding.start, "end": finding.end, **values, "unit": unit, "currency": currency, "kind": kind,
        "bound": bound(str(quantity.hedge), text[finding.start : finding.end]),
    }  # fmt: skip


def bound(hedge: str, quote: str) -> str:
    """Return the scorer's sign; a range that is hedged says so in its words alone."""
    if hedge == "range" and (hedged := HEDGES.at(Tokens(quote), 0)):
        hedge = str(hedged[0])
    return BOUNDS.get(hedge, "=")


def extract_money(text: str) -> list[dict]:
    """Return the figures without their rates: the Recognizers' specification marks "$98" of "$98 a share"."""
    rows = extract(text)
    for one in rows:
        one["unit"] = one["unit"].split(" per ")[0]
    return rows
