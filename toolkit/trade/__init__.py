"""Two sides of one flow, balances, unit values, years, currencies and prices; views for BACI and gravity users."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit import observation
from toolkit.errors import NotComparable, SchemaError

_SAME_FLOW = [
    "freq",
    "time_period",
    "exporter",
    "importer",
    "product",
    "product_scheme",
    "product_vintage",
    "breakdown",
]
_GAPS = (  # after the notes of the UN Statistics Division on bilateral asymmetries
    "imports are counted with freight and insurance (CIF), exports without (FOB); imports name the country of origin, "
    "exports the last known destination; goods shipped in one period arrive in the next; the systems of trade, secrecy "
    "and re-exports differ"
)
_BALANCES = {("FAS", "CUSTOMS"): "headline", ("FOB", "FOB"): "one valuation", ("FAS", "FOB"): "near"}
_FAR = 3.5  # robust z-score of Iglewicz and Hoaglin (1993)
_NORMAL = 0.6745  # median absolute deviation of a normal distribution
_MONTHS = 12


def mirror(table: pd.DataFrame) -> pd.DataFrame:
    """Put what the importer says beside what the exporter says of one flow.

    Returns
    -------
    DataFrame
        One row a flow: ``import_cif``, ``import_fob`` (customs value where that is given),
        ``export_fob`` (or FAS), ``margin`` = CIF / FOB - 1 of the importer, ``gap`` =
        import FOB, or else CIF, less export, ``asymmetry`` = gap / mean of both,
        ``gap_basis`` and ``note``.
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
    whose = (
        both["import_customs"]
        .notna()
        .map({True: "customs value", False: "CIF"})
        .mask(both["import_fob"].notna(), "FOB")
    )
    basis = whose + " less " + both["export_fob"].notna().map({True: "FOB", False: "FAS"})
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
    """Return exports less imports of each reporter, by pair of valuations that may be subtracted.

    ``kind`` is "headline" for FAS exports less imports at customs value, "one valuation" for
    FOB less FOB, "near" for FAS less FOB. FOB less CIF is not a balance and is not given.

    Raises
    ------
    NotComparable
        If the table has exports and imports, but none that may be subtracted.
    """
    values = _values(table)
    keys = [
        "freq",
        "time_period",
        "ref_area",
        "counterpart_area",
        "product",
        "product_scheme",
        "breakdown",
        "source",
        "vintage",
    ]
    tables = []
    for (out, into), kind in _BALANCES.items():
        exports = values[(values["flow"] == "X") & (values["valuation"] == out)]
        imports = values[(values["flow"] == "M") & (values["valuation"] == into)]
        both = exports[[*keys, "unit_measure", "obs_value"]].merge(
            imports[[*keys, "unit_measure", "obs_value"]],
            on=[*keys, "unit_measure"],
            suffixes=("_x", "_m"),
            validate="one_to_one",
        )
        both = both.rename(columns={"obs_value_x": "exports", "obs_value_m": "imports"})
        tables.append(
            both.assign(balance=both["exports"] - both["imports"], kind=kind, valuations=f"{out} less {into}")
        )
    found = pd.concat(tables, ignore_index=True)
    if found.empty:
        sides = sorted({f"{row.flow} {row.valuation}" for row in values.itertuples()})
        problem = f"no exports and imports that may be subtracted; there is {', '.join(sides)}"
        raise NotComparable(
            problem, remedy="Get exports FAS and imports at customs value, or both FOB; CIF less FOB is no balance"
        )
    return found


def unit_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return value per kilogram of each flow, with outliers flagged.

    ``outlier`` is true where the logarithm lies more than 3.5 robust standard deviations
    from the median of the same product, flow and valuation (at least five of them).
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
    """Compare a month, and the year up to it, with the same months a year before.

    Parameters
    ----------
    table : DataFrame
        Monthly observations.
    month : str
        ``"2026-04"``.

    Raises
    ------
    SchemaError
        If one of the months is missing from a series: a part-year is never a year.
    """
    year, last = int(month[:4]), int(month[5:])
    spans = {"month": [last], "year to date": list(range(1, last + 1))}
    rows = []
    for name, months in spans.items():
        for key, series in _monthly(table):
            sums = [_sum(series, [f"{y}-{m:02d}" for m in months]) for y in (year, year - 1)]
            change = sums[0] / sums[1] - 1 if sums[1] else float("nan")
            rows.append(key | {"span": name, "until": month, "now": sums[0], "year_before": sums[1], "change": change})
    return pd.DataFrame(rows)


def years(table: pd.DataFrame, first_month: int = 1) -> pd.DataFrame:
    """Add months up to years that begin in `first_month`; Japan's fiscal year begins in month 4.

    An incomplete year is a missing value that says which months are not there. Calendar
    years have freq A; others ``_O`` and a period such as ``2024-04-01/P1Y``.
    """
    rows = []
    for key, series in _monthly(table):
        starts = sorted({_year_of(when, first_month) for when in series.index})
        for start in starts:
            wanted = [
                f"{start + (m > _MONTHS)}-{(m - 1) % _MONTHS + 1:02d}"
                for m in range(first_month, first_month + _MONTHS)
            ]
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
    """Return values in another currency, each at the rate of its own period.

    Parameters
    ----------
    table : DataFrame
        Observations in one or more currencies.
    rates : DataFrame
        Observations of rates with units such as ``JPY/USD``, of the same frequency.
    to : str
        ISO 4217.

    Raises
    ------
    NotComparable
        If a period has no rate, or more than one.
    """
    known = _rates(rates, to)
    rows = table["measure"].eq("value") & table["unit_measure"].ne(to)
    factors, bases = [], []
    for row in table[rows].itertuples():
        key = (row.unit_measure, row.freq, row.time_period)
        if key not in known:
            problem = f"no rate of {row.unit_measure} to {to} for {row.time_period}"
            raise NotComparable(
                problem, remedy="Add rates of the same frequency; another period's rate is no substitute"
            )
        factors.append(known[key][0])
        bases.append(known[key][1])
    made = table.copy()
    made.loc[rows, "obs_value"] = table.loc[rows, "obs_value"] * factors
    made.loc[rows, "obs_comment"] = [
        "; ".join(filter(None, (comment, f"from {unit} at {basis}")))
        for comment, unit, basis in zip(
            table.loc[rows, "obs_comment"], table.loc[rows, "unit_measure"], bases, strict=True
        )
    ]
    made.loc[rows, "unit_measure"] = to
    return made


def real(table: pd.DataFrame, index: pd.DataFrame, base: str) -> pd.DataFrame:
    """Return values at the prices of the period `base`, by a price index of the same frequency."""
    levels = index.set_index(["freq", "time_period"])["obs_value"]
    if levels.index.has_duplicates:
        raise NotComparable("the price index has two values for one period", remedy="Select one index and one vintage")
    based = levels.xs(base, level="time_period")
    keys = list(zip(table["freq"], table["time_period"], strict=True))
    if absent := [when for freq, when in keys if (freq, when) not in levels.index or freq not in based.index]:
        raise NotComparable(
            f"the price index has no value for {absent[0]} or {base}", remedy="Use an index that covers both"
        )
    factors = [based[freq] / levels[freq, when] for freq, when in keys]
    name = str(index["product"].iloc[0] or index["dataset"].iloc[0])
    return table.assign(
        obs_value=table["obs_value"] * factors,
        price_base=f"constant {base}",
        obs_comment=[f"deflated by {name}"] * len(table),
    )


def goods_and_services(goods: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Put goods and services of the same flow, period, sides and currency beside each other, with their sum.

    Goods by customs and services by the balance of payments are counted on different rules:
    ``note`` names the valuation of the goods. A flow that only one of them has has no sum.
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
    """Return of each series the newest observation whose period begins on or before `day`: tariff rates need a date."""
    began = table[table["time_period"] <= day[:10]]
    series = [name for name in observation.KEY if name != "time_period"]
    if began.empty:
        raise SchemaError(f"nothing was in force on {day}", remedy=f"The first period is {table['time_period'].min()}")
    return began.sort_values("time_period").groupby(series, as_index=False, sort=False).tail(1)


def to_baci(table: pd.DataFrame) -> pd.DataFrame:
    """Return t, i, j, k, v, q as CEPII's BACI does: exporter i, thousands of dollars FOB, tonnes."""
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
    """Return exporter, importer, year, product and trade in dollars, as one side reports it."""
    chosen = _values(table)
    chosen = chosen[(chosen["flow"] == flow) & (chosen["valuation"] == valuation) & (chosen["freq"] == "A")]
    sides = ("ref_area", "counterpart_area") if flow == "X" else ("counterpart_area", "ref_area")
    names = {sides[0]: "exporter", sides[1]: "importer", "time_period": "year", "obs_value": "trade"}
    found = chosen.rename(columns=names)[["exporter", "importer", "year", "product", "trade"]]
    _once(found, ["exporter", "importer", "year", "product"])
    if found.empty:
        raise SchemaError(f"no annual {flow} at {valuation}", remedy="Choose the flow and valuation that the table has")
    return found.astype({"year": int}).sort_values(["exporter", "importer", "year", "product"], ignore_index=True)


def _values(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["measure"] == "value") & table["obs_value"].notna()]


def _spread(values: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Put valuations side by side; two values for one cell are an error."""
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


def _monthly(table: pd.DataFrame) -> list[tuple[dict[str, Any], pd.Series[float]]]:
    """Return each monthly series by its key."""
    if set(table["freq"]) != {"M"}:
        raise SchemaError(f"not monthly: {', '.join(sorted(set(table['freq'])))}", remedy="Select freq M first")
    keys = [name for name in table.columns if name in observation.KEY and name not in ("freq", "time_period")]
    keys = [*keys, "unit_measure"]
    groups = table.groupby(keys, sort=False)
    return [(dict(zip(keys, key, strict=True)), series.set_index("time_period")["obs_value"]) for key, series in groups]


def _sum(series: pd.Series[float], wanted: list[str]) -> float:

    if absent := [when for when in wanted if when not in series.index or pd.isna(series[when])]:
        raise SchemaError(f"a series has no value for {', '.join(absent)}", remedy="Compare up to an earlier month")
    return float(series[wanted].sum())


def _year_of(when: str, first_month: int) -> int:
    return int(when[:4]) - (int(when[5:]) < first_month)


def _rates(rates: pd.DataFrame, to: str) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Return factors to `to` by currency, frequency and period, with the name of each rate."""
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
