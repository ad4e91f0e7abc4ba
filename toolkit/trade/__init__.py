"""Trade flows: both sides of a flow, balances, unit values, sums over months, currencies and prices.

>>> goods = observation.read("us_japan_goods_annual")
>>> balance(observation.select(goods, source="census-country-2016-11"))["kind"].unique().tolist()
['headline']
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from toolkit import observation
from toolkit.errors import NotComparable, SchemaError
from toolkit.period import Grain, Period

__all__ = [
    "as_of", "balance", "convert", "goods_and_services", "mirror", "months_of", "real", "to_baci", "to_date",
    "to_gravity", "unit_values", "years",
]  # fmt: skip
__dir__ = __all__.copy

_SAME_FLOW = [
    "freq", "time_period", "exporter", "importer", "product", "product_scheme", "product_vintage", "breakdown",
]  # fmt: skip
_SAME_TRADE = [
    "freq", "time_period", "ref_area", "counterpart_area", "product", "product_scheme", "breakdown", "source",
    "vintage", "unit_measure",
]  # fmt: skip
_GAPS = (  # after the notes of the UN Statistics Division on bilateral asymmetries
    "imports are counted with freight and insurance (CIF), exports without (FOB); imports name the country of origin, "
    "exports the last known destination; goods shipped in one period arrive in the next; the systems of trade, secrecy "
    "and re-exports differ"
)
_BALANCES = {("FAS", "CUSTOMS"): "headline", ("FOB", "FOB"): "one valuation", ("FAS", "FOB"): "near"}
_FAR = 3.5  # robust z-score of Iglewicz and Hoaglin (1993)
_NORMAL = 0.6745  # median absolute deviation of a normal distribution


def mirror(table: pd.DataFrame) -> pd.DataFrame:
    """Put the report of the importer beside that of the exporter for each flow.

    Returns
    -------
    DataFrame
        One row per flow: ``import_cif``, ``import_fob`` (or the customs value), ``export_fob``
        (or FAS), ``margin`` = CIF / FOB - 1 of the importer, ``gap`` = imports FOB (or else
        CIF) minus exports, ``asymmetry`` = gap / mean of both, ``gap_basis`` and ``note``.
    """
    values = _values(table)
    imports = values[values["flow"] == "M"].rename(columns={"ref_area": "importer", "counterpart_area": "exporter"})
    exports = values[values["flow"] == "X"].rename(columns={"ref_area": "exporter", "counterpart_area": "importer"})
    left = _spread(imports, {"CIF": "import_cif", "FOB": "import_fob", "CUSTOMS": "import_customs"})
    right = _spread(exports, {"FOB": "export_fob", "FAS": "export_fas"})
    both = left.merge(right, on=_SAME_FLOW, how="outer", validate="one_to_one")
    fob = both["import_fob"].fillna(both["import_customs"])
    export = both["export_fob"].fillna(both["export_fas"])
    gap = fob.fillna(both["import_cif"]) - export
    basis = both["import_customs"].notna().map({True: "customs value", False: "CIF"})
    basis = basis.mask(both["import_fob"].notna(), "FOB")
    basis += " less " + both["export_fob"].notna().map({True: "FOB", False: "FAS"})
    found = both.assign(
        import_fob=fob,
        export_fob=export,
        margin=both["import_cif"] / fob - 1,
        gap=gap,
        asymmetry=gap / ((fob.fillna(both["import_cif"]) + export) / 2),
        gap_basis=basis.where(gap.notna(), ""),
        note=_GAPS,
    )
    return found.drop(columns=["import_customs", "export_fas"]).sort_values(_SAME_FLOW, ignore_index=True)


def balance(table: pd.DataFrame) -> pd.DataFrame:
    """Return exports minus imports of each reporter, for each pair of valuations that may be subtracted.

    ``kind`` is "headline" for exports FAS minus imports at customs value, "one valuation" for
    FOB minus FOB, and "near" for FAS minus FOB. FOB minus CIF is not a balance.

    Raises
    ------
    NotComparable
        If the table has no exports and imports that may be subtracted.
    """
    values = _values(table)
    tables = []
    for (out, into), kind in _BALANCES.items():
        exports = values[(values["flow"] == "X") & (values["valuation"] == out)]
        imports = values[(values["flow"] == "M") & (values["valuation"] == into)]
        left, right = (
            side[[*_SAME_TRADE, "obs_value"]].rename(columns={"obs_value": name})
            for name, side in (("exports", exports), ("imports", imports))
        )
        both = left.merge(right, on=_SAME_TRADE, validate="one_to_one")
        both["balance"] = both["exports"] - both["imports"]
        tables.append(both.assign(kind=kind, valuations=f"{out} less {into}"))
    found = pd.concat(tables, ignore_index=True)
    if found.empty:
        sides = sorted({f"{row.flow} {row.valuation}" for row in values.itertuples()})
        problem = f"no exports and imports that may be subtracted; there is {', '.join(sides)}"
        raise NotComparable(
            problem, remedy="Get exports FAS and imports at customs value, or both FOB; CIF less FOB is no balance"
        )
    return found


def unit_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the value per kilogram of each flow, with outliers flagged.

    ``outlier`` is true where the logarithm is more than 3.5 robust standard deviations from
    the median of the same product, flow and valuation, if there are at least five.
    """
    keys = [name for name in observation.KEY if name not in ("measure", "valuation", "price_base")]
    values = _values(table)
    weights = table[(table["measure"] == "net_weight") & table["obs_value"].notna()]
    found = values.merge(
        weights[[*keys, "obs_value", "obs_status"]], on=keys, suffixes=("", "_kg"), validate="many_to_one"
    )
    found = found.assign(unit_value=found["obs_value"] / found["obs_value_kg"], unit=found["unit_measure"] + "/kg")
    logs = np.log(found["unit_value"].where(found["unit_value"] > 0))
    groups = [found[name] for name in ("product", "flow", "valuation")]
    off = logs - logs.groupby(groups).transform("median")
    spread = off.abs().groupby(groups).transform("median")
    enough = logs.groupby(groups).transform("size") >= 5  # noqa: PLR2004 (see above)
    far = (_NORMAL * off.abs() > _FAR * spread) & (off.abs() > 1e-9) & enough  # noqa: PLR2004 (rounding)
    return found.assign(outlier=far, estimated=found["obs_status_kg"] == "E")


def to_date(table: pd.DataFrame, month: str) -> pd.DataFrame:
    """Compare a month, and the year to date, with the same months a year before.

    Parameters
    ----------
    table : DataFrame
        Monthly observations.
    month : str
        ``"2026-04"``.

    Raises
    ------
    SchemaError
        If one of the months is missing from a series.
    """
    until = Period.parse(month)
    spans = {"month": until, "year to date": Period.of_months(until.start.year, 1, until.start.month)}
    rows = []
    for name, span in spans.items():
        for key, series in _monthly(table):
            sums = [_sum(series, months_of(each)) for each in (span, span.shift(-1, Grain.YEAR))]
            change = sums[0] / sums[1] - 1 if sums[1] else float("nan")
            rows.append(key | {"span": name, "until": month, "now": sums[0], "year_before": sums[1], "change": change})
    return pd.DataFrame(rows)


def years(table: pd.DataFrame, first_month: int = 1) -> pd.DataFrame:
    """Add up months to years that begin in `first_month`; Japan's fiscal year begins in month 4.

    An incomplete year is a missing value whose comment names the missing months. Calendar
    years have freq A; others have ``_O`` and a period such as ``2024-04-01/P1Y``.
    """
    rows = []
    for key, series in _monthly(table):
        spans = sorted({Period.fiscal_year(Period.parse(when).start, first_month) for when in series.index})
        for start, wanted in ((span.start.year, months_of(span)) for span in spans):
            absent = [when for when in wanted if when not in series.index or pd.isna(series[when])]
            calendar = first_month == 1
            rows.append(
                key
                | {
                    "freq": "A" if calendar else "_O",
                    "time_period": str(start) if calendar else f"{start}-{first_month:02d}-01/P1Y",
                    "obs_value": None if absent else float(series[wanted].sum()),
                    "obs_status": "M" if absent else "A",
                    "obs_comment": f"without {', '.join(absent)}" if absent else "sum of twelve months",
                }
            )
    made = pd.DataFrame(rows).astype({"obs_value": float})
    return made[[name for name in table.columns if name in made.columns]]


def convert(table: pd.DataFrame, rates: pd.DataFrame, to: str) -> pd.DataFrame:
    """Return values in another currency, each at the rate for its own period.

    Parameters
    ----------
    table : DataFrame
        Observations in one or more currencies.
    rates : DataFrame
        Observations of rates with units such as ``JPY/USD``, at the same frequency.
    to : str
        ISO 4217.

    Raises
    ------
    NotComparable
        If a period has no rate, or more than one.
    """
    known = _rates(rates, to)
    rows = table["measure"].eq("value") & table["unit_measure"].ne(to)
    factors, comments = [], []
    for freq, when, unit, comment in table.loc[rows, ["freq", "time_period", "unit_measure", "obs_comment"]].to_numpy():
        if (found := known.get((unit, freq, when))) is None:
            problem = f"no rate of {unit} to {to} for {when}"
            raise NotComparable(problem, remedy="Add a rate for that same period; that of another is no substitute")
        factors.append(found[0])
        comments.append("; ".join(filter(None, (comment, f"from {unit} at {found[1]}"))))
    made = table.copy()
    made.loc[rows, "obs_value"] = table.loc[rows, "obs_value"] * factors
    made.loc[rows, "obs_comment"] = comments
    made.loc[rows, "unit_measure"] = to
    return made


def real(table: pd.DataFrame, index: pd.DataFrame, base: str) -> pd.DataFrame:
    """Return values at the prices of the period `base`, using a price index at the same frequency."""
    levels = index.set_index(["freq", "time_period"])["obs_value"]
    if levels.index.has_duplicates:
        raise NotComparable("the price index has two values for one period", remedy="Select one index and one vintage")
    based = levels.xs(base, level="time_period")
    keys = list(zip(table["freq"], table["time_period"], strict=True))
    if absent := [when for freq, when in keys if (freq, when) not in levels.index or freq not in based.index]:
        problem = f"the price index has no value for {absent[0]} or {base}"
        raise NotComparable(problem, remedy="Use an index that covers both")
    factors = [based[freq] / levels[freq, when] for freq, when in keys]
    name = str(index["product"].iloc[0] or index["dataset"].iloc[0])
    return table.assign(
        obs_value=table["obs_value"] * factors,
        price_base=f"constant {base}",
        obs_comment=[f"deflated by {name}"] * len(table),
    )


def goods_and_services(goods: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Put goods and services of the same flow, period, economies and currency side by side, with their sum.

    Customs and the balance of payments count by different rules: ``note`` names the valuation
    of the goods. If either is missing there is no sum.
    """
    keys = ["freq", "time_period", "ref_area", "counterpart_area", "flow", "unit_measure"]
    tables = {"goods": _values(goods), "services": _values(services)}
    for table in tables.values():
        _once(table, keys)
    left = tables["goods"][[*keys, "valuation", "obs_value"]].rename(columns={"obs_value": "goods"})
    right = tables["services"][[*keys, "obs_value"]].rename(columns={"obs_value": "services"})
    both = left.merge(right, on=keys, how="outer", validate="one_to_one")
    note = "goods " + both["valuation"].fillna("NA") + ", services by the balance of payments"
    return both.assign(total=both["goods"] + both["services"], note=note)


def as_of(table: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the latest observation of each series whose period begins on or before `day`, as for a tariff rate."""
    last = date.fromisoformat(day[:10])
    began = table[[Period.parse(when).start <= last for when in table["time_period"]]]
    series = [name for name in observation.KEY if name != "time_period"]
    if began.empty:
        raise SchemaError(f"nothing was in force on {day}", remedy=f"The first period is {table['time_period'].min()}")
    return began.sort_values("time_period").groupby(series, as_index=False, sort=False).tail(1)


def to_baci(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of CEPII's BACI: year t, exporter i, importer j, product k, thousand dollars v, tonnes q."""
    keys = ["time_period", "ref_area", "counterpart_area", "product"]
    chosen = table[(table["flow"] == "X") & table["valuation"].isin(["FOB", "NA"]) & (table["freq"] == "A")]
    values = chosen[(chosen["measure"] == "value") & (chosen["valuation"] == "FOB") & (chosen["unit_measure"] == "USD")]
    weights = chosen[chosen["measure"] == "net_weight"]
    _once(values, keys)
    _once(weights, keys)
    found = values[[*keys, "obs_value"]].merge(
        weights[[*keys, "obs_value"]], on=keys, how="left", suffixes=("_v", "_q")
    )
    found = found.rename(columns=dict(zip(keys, "tijk", strict=True)))
    return (
        found.assign(v=found.pop("obs_value_v") / 1000, q=found.pop("obs_value_q") / 1000)
        .dropna(subset=["v"])
        .reset_index(drop=True)
    )


def to_gravity(table: pd.DataFrame, *, flow: str = "X", valuation: str = "FOB") -> pd.DataFrame:
    """Return exporter, importer, year, product and trade, as one side reports it."""
    chosen = _values(table)
    chosen = chosen[(chosen["flow"] == flow) & (chosen["valuation"] == valuation) & (chosen["freq"] == "A")]
    sides = ("ref_area", "counterpart_area") if flow == "X" else ("counterpart_area", "ref_area")
    names = {sides[0]: "exporter", sides[1]: "importer", "time_period": "year", "obs_value": "trade"}
    found = chosen.rename(columns=names)[["exporter", "importer", "year", "product", "trade"]]
    _once(found, ["exporter", "importer", "year", "product"])
    if found.empty:
        raise SchemaError(f"no annual {flow} at {valuation}", remedy="Choose a flow and valuation that the table has")
    return found.astype({"year": int}).sort_values(["exporter", "importer", "year", "product"], ignore_index=True)


def _values(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["measure"] == "value") & table["obs_value"].notna()]


def _spread(values: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return valuations side by side; two values for one cell are an error."""
    known = values[values["valuation"].isin(names)]
    _once(known, [*_SAME_FLOW, "valuation"])
    wide = known.set_index([*_SAME_FLOW, "valuation"])["obs_value"].unstack()  # noqa: PD010 (no keys twice: see above)
    return wide.reindex(columns=list(names)).rename(columns=names).reset_index()


def _once(table: pd.DataFrame, keys: list[str]) -> None:
    twice = table[table.duplicated(keys)]
    if len(twice):
        row = twice.iloc[0]
        what = " ".join(str(row[name]) for name in keys)
        raise SchemaError(f"two values for {what}", remedy="Select one data set, one vintage and one breakdown first")


def months_of(span: Period) -> list[str]:
    """Return the months of a span as text.

    >>> months_of(Period.parse("2025-Q1"))
    ['2025-01', '2025-02', '2025-03']
    """
    return [str(month) for month in span.parts(Grain.MONTH)]


def _monthly(table: pd.DataFrame) -> list[tuple[dict[str, Any], pd.Series[float]]]:
    """Return each monthly series with its key."""
    if set(table["freq"]) != {"M"}:
        raise SchemaError(f"not monthly: freq {', '.join(sorted(set(table['freq'])))}", remedy="Select freq M first")
    keys = [name for name in table.columns if name in observation.KEY and name not in ("freq", "time_period")]
    keys = [*keys, "unit_measure"]
    groups = table.groupby(keys, sort=False)
    return [(dict(zip(keys, key, strict=True)), series.set_index("time_period")["obs_value"]) for key, series in groups]


def _sum(series: pd.Series[float], wanted: list[str]) -> float:

    if absent := [when for when in wanted if when not in series.index or pd.isna(series[when])]:
        raise SchemaError(f"a series has no value for {', '.join(absent)}", remedy="Compare up to an earlier month")
    return float(series[wanted].sum())


def _rates(rates: pd.DataFrame, to: str) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Return the factors to the currency `to` by currency, frequency and period, with the name of each rate."""
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    rows: list[dict[Any, Any]] = rates[(rates["measure"] == "rate") & rates["obs_value"].notna()].to_dict("records")
    for row in rows:
        top, _, bottom = row["unit_measure"].partition("/")
        if to not in (top, bottom):
            continue
        other, factor = (top, 1 / row["obs_value"]) if to == bottom else (bottom, row["obs_value"])
        key = (other, row["freq"], row["time_period"])
        if key in found:
            problem = f"two rates of {other} for {row['time_period']}"
            raise NotComparable(problem, remedy="Select one rate: its source and basis")
        basis = f", {row['breakdown']}" if row["breakdown"] else ""
        found[key] = (factor, f"{row['obs_value']:g} {row['unit_measure']} ({row['source']}{basis})")
    return found
