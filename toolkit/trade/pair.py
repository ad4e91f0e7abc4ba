"""The trade of two economies, whoever reports it: one release at a time, both sides of it, its goods, what is not held."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit import codes, observation, trade
from toolkit.errors import NotComparable, SchemaError
from toolkit.sources import library
from toolkit.store import datasets
from toolkit.trade import concordance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_EMBEDDED = {
    frozenset(("USA", "JPN")): (
        "us_japan_goods_annual", "us_japan_goods_monthly", "us_japan_services", "us_japan_products",
    )
}  # fmt: skip
# exports and imports that one page may show together, best first; the last pair has no balance
_SIDES = (("FAS", "CUSTOMS"), ("FOB", "FOB"), ("FAS", "FOB"), ("FOB", "CIF"))
_SERVICES = re.compile(r"BPM\d|EB\d*|EBOPS.*")
_ALL_SERVICES = ("services", "TOTAL", "200", "S")
_THE = {"ARE", "BHS", "CAF", "COD", "COG", "COM", "CZE", "DOM", "EUU", "GBR", "GMB", "MDV", "NLD", "PHL", "USA"}
_STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_LISTED = 4  # so many absent months are named
_MOF = "MOF principal commodity"
_FETCH = {
    "totals": "toolkit data fetch comtrade --reporter {r},{p} --partner {p},{r} --years 2018:2024 --as {n}",
    "months": "toolkit data add MONTHS.csv --as {n}, or for the United States toolkit data fetch census",
    "goods": "toolkit data fetch comtrade --reporter {r},{p} --partner {p},{r} --years 2023 --product 870323,870421 --as {n}",
    "services": "toolkit data add SERVICES.csv --as {n}",
    "prices": "toolkit data fetch fred --series CPIAUCSL --as prices, then -p prices=prices",
}


def called(area: str) -> str:
    """Name an economy as a sentence does.

    >>> called("USA"), called("JPN")
    ('the United States', 'Japan')
    """
    return f"{'the ' if area in _THE else ''}{codes.economy_name(area)}"


def short(area: str) -> str:
    """Return the two letters that begin a key.

    >>> short("JPN")
    'jp'
    """
    import pycountry

    known = pycountry.countries.get(alpha_3=area)
    return known.alpha_2.lower() if known else area.lower()


def scale(values: Iterable[float]) -> tuple[float, str]:
    """Return the step in which the largest of some amounts reads well.

    >>> scale([145_842_000_000.0, -3.0]), scale([12_000.0])
    ((1000000000.0, 'billion'), (1000.0, 'thousand'))
    """
    most = max((abs(value) for value in values if value == value), default=0.0)  # noqa: PLR0124 (NaN)
    return next(((step, word) for step, word in _STEPS if most >= step), (1.0, ""))


def amount(value: float, unit: str) -> str:
    """Write an amount as a sentence does.

    >>> amount(145_842_000_000.0, "USD"), amount(-2_500.0, "KRW")
    ('US$145.8 billion', '−KRW 2.5 thousand')
    """
    step, word = scale([value])
    digits = f"{value / step:z,.1f}"
    return f"{'−' if digits.startswith('-') else ''}{sign(unit)}{digits.lstrip('-')} {word}".rstrip()


def sign(unit: str) -> str:
    """Return what stands before an amount of a currency.

    >>> sign("USD"), sign("KRW")
    ('US$', 'KRW ')
    """
    return {"USD": "US$", "JPY": "¥", "EUR": "€", "GBP": "£"}.get(unit, f"{unit} ")


def label(unit: str, step: str) -> str:
    """Name the step of an axis or a column.

    >>> label("USD", "billion"), label("KRW", "trillion")
    ('US$ billion', 'KRW trillion')
    """
    return f"{sign(unit).strip()} {step}".strip()


def held(reporter: str, partner: str, tables: Sequence[str] = ()) -> pd.DataFrame:
    """Return all observations held on the trade of two economies, as either of them reports it.

    Parameters
    ----------
    reporter, partner : str
        ISO 3166-1 alpha-3.
    tables : sequence of str
        What was added or fetched, by name; beside the embedded tables on this pair.

    Raises
    ------
    SchemaError
        If nothing is held; the error says how to bring it.
    """
    embedded = _EMBEDDED.get(frozenset((reporter, partner)), ())
    found = [observation.read(*embedded)] if embedded else []
    found += [library.table(name) for name in tables]
    rows = (
        pd.concat(found, ignore_index=True)
        if found
        else pd.DataFrame(columns=[*observation.COLUMNS, *observation.EXTRA])
    )
    ours = (rows["ref_area"] == reporter) & (rows["counterpart_area"] == partner)
    theirs = (rows["ref_area"] == partner) & (rows["counterpart_area"] == reporter)
    if not (ours | theirs).any():
        said = f" in {', '.join(tables)}" if tables else ""
        remedy = f"Bring it: {command('totals', reporter, partner)}, then -p table={_named(reporter, partner)}"
        raise SchemaError(f"nothing is held on trade of {called(reporter)} with {called(partner)}{said}", remedy=remedy)
    return rows[ours | theirs].reset_index(drop=True)


def command(what: str, reporter: str, partner: str) -> str:
    """Return the command that would bring what is missing: totals, months, goods, services or prices.

    >>> command("services", "USA", "JPN")
    'toolkit data add SERVICES.csv --as usa-jpn'
    """
    return _FETCH[what].format(r=reporter, p=partner, n=_named(reporter, partner))


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return the values of all goods together, under one name whatever classification they are added up from."""
    goods = (table["product"] == "TOTAL") & ~table["product_scheme"].str.fullmatch(_SERVICES)
    rows = table[goods & (table["measure"] == "value") & (table["breakdown"] == "") & table["obs_value"].notna()]
    return rows.assign(product_scheme="NA", product_vintage="")


def release(table: pd.DataFrame, reporter: str, *, freq: str = "A", covering: Sequence[str] = ()) -> pd.DataFrame:
    """Return exports and imports of `reporter` from one release of one publisher, never joined from two.

    Of the releases that hold both flows in every period of `covering` the one that
    reaches furthest, has the year before, whose valuations may be subtracted, and which
    is newest.

    Raises
    ------
    NotComparable
        If no release holds both flows in all these periods.
    """
    rows = totals(table)
    rows = rows[(rows["ref_area"] == reporter) & (rows["freq"] == freq)]
    candidates = []
    for (source, vintage, _), part in rows.groupby(["source", "vintage", "unit_measure"], sort=True):
        for rank, (out, into) in enumerate(_SIDES):
            chosen = part[
                ((part["flow"] == "X") & (part["valuation"] == out))
                | ((part["flow"] == "M") & (part["valuation"] == into))
            ]
            sides = [set(chosen.loc[chosen["flow"] == flow, "time_period"]) for flow in "XM"]
            both = sides[0] & sides[1]
            if both and both >= set(covering):
                reach = covering[-1] if covering else max(both)
                before = freq == "A" and str(int(reach) - 1) in both
                candidates.append(
                    ((reach, before, -rank, bool(re.match(r"\d{4}", str(vintage))), str(vintage), str(source)), chosen)
                )
    if not candidates:
        there = sorted({f"{row.flow} {row.valuation} ({row.source}, {row.vintage})" for row in rows.itertuples()})
        wanted = f" in {', '.join(covering[:3])}" if covering else ""
        problem = f"no release of {called(reporter)} holds both exports and imports, freq {freq}{wanted}"
        other = next(iter(rows["counterpart_area"]), "its partner")
        bring = f"Bring what is missing: {command('totals', reporter, other)}" if len(rows) else "Bring its totals"
        raise NotComparable(problem, remedy=f"There is {'; '.join(there[:_LISTED]) or 'no total at all'}. {bring}")
    return max(candidates, key=lambda each: each[0])[1].sort_values(["time_period", "flow"], ignore_index=True)


def months(table: pd.DataFrame, reporter: str, until: str = "") -> tuple[pd.DataFrame, str]:
    """Return the release that holds a month, the year up to it and the same months a year before; and the month.

    Without `until` the latest such month. An empty frame and ``""`` if there is none.
    """
    rows = totals(table)
    known = sorted(set(rows.loc[(rows["ref_area"] == reporter) & (rows["freq"] == "M"), "time_period"]), reverse=True)
    for month in [until] if until else known:
        year, last = int(month[:4]), int(month[5:])
        wanted = [f"{y}-{m:02d}" for y in (year - 1, year) for m in range(1, last + 1)]
        try:
            return release(table, reporter, freq="M", covering=wanted), month
        except NotComparable:
            continue
    return rows.iloc[:0], ""


def year_sums(table: pd.DataFrame, fiscal_from: int) -> pd.DataFrame:
    """Return calendar years, and fiscal years that begin in the month `fiscal_from`, added up from months.

    Returns
    -------
    DataFrame
        ``year`` in words, ``M`` and ``X``, NaN where a month is not held, and which are not.
    """
    rows = []
    for first in dict.fromkeys((1, fiscal_from)) if len(table) else ():
        sums = trade.years(table, first)
        for start, both in sums.groupby(sums["time_period"].str[:4]):
            absent = {when for words in both["obs_comment"] for when in re.findall(r"\d{4}-\d\d", words)}
            said = f"{len(absent)} months" if len(absent) > _LISTED else ", ".join(sorted(absent))
            values = both.set_index("flow")["obs_value"].reindex(["M", "X"])
            name = str(start) if first == 1 else f"fiscal {start}, from {start}-{first:02d}"
            rows.append({"year": name, **values.to_dict(), "absent": said})
    return pd.DataFrame(rows, columns=["year", "M", "X", "absent"])


def newest(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return of several releases of one thing the newest; a dated one is newer than one that is only quoted."""
    dated = table["vintage"].str.match(r"\d{4}")
    return (
        table.assign(_dated=dated)
        .sort_values(["_dated", "vintage"])
        .drop_duplicates([*keys], keep="last")
        .drop(columns="_dated")
    )


def in_dollars(table: pd.DataFrame, rates: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return values in US dollars at the rate of their own period, and what has no such rate and is left out."""
    known = {
        (side, row.freq, row.time_period)
        for row in rates[rates["measure"] == "rate"].itertuples()
        for side in str(row.unit_measure).split("/")
    }
    keys = zip(table["unit_measure"], table["freq"], table["time_period"], strict=True)
    can = np.array([unit == "USD" or (unit, freq, when) in known for unit, freq, when in keys], dtype=bool)
    without = table[~can]
    left = sorted({f"{row.unit_measure} of {row.time_period}" for row in without.itertuples()})
    return trade.convert(table[can], rates, "USD"), left


def mirror(table: pd.DataFrame, rates: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Put both sides' totals beside each other by year, in dollars; and what no rate could convert.

    Each number is of the newest release that has it. ``sources`` names them.
    """
    rows = totals(table)
    rows = rows[(rows["freq"] == "A") & rows["flow"].isin(["M", "X"]) & (rows["valuation"] != "NA")]
    dollars, left = in_dollars(newest(rows, ["ref_area", "flow", "valuation", "time_period"]), rates)
    found = trade.mirror(dollars)
    names = {
        key: ", ".join(
            sorted(
                {f"{row.ref_area} {row.flow} {row.valuation}: {row.source}, {row.vintage}" for row in part.itertuples()}
            )
        )
        for key, part in dollars.groupby("time_period")
    }
    return found.assign(sources=found["time_period"].map(names)), left


def balances(table: pd.DataFrame, reporter: str, rates: pd.DataFrame, year: str) -> pd.DataFrame:
    """List every balance of a year that may be drawn, by release and valuation, in dollars; maybe none.

    ``kind`` as in `trade.balance`; and "both sides' exports": what each side says that it
    sold the other, FOB, which needs nobody's CIF imports.
    """
    rows = totals(table)
    rows = rows[(rows["freq"] == "A") & (rows["time_period"] == year)]
    ours, _ = in_dollars(rows[rows["ref_area"] == reporter], rates)
    ours = ours.drop_duplicates(["flow", "valuation", "source", "vintage"])
    try:
        found = trade.balance(ours)
    except NotComparable:
        found = pd.DataFrame()
    sold, _ = in_dollars(newest(rows[(rows["flow"] == "X") & (rows["valuation"] == "FOB")], ["ref_area"]), rates)
    if set(sold["ref_area"]) >= {reporter} and len(sold) == len(("both", "sides")):
        by_side = sold.set_index(sold["ref_area"].eq(reporter))
        one, other = by_side.loc[True], by_side.loc[False]
        both = {"exports": one.obs_value, "imports": other.obs_value, "balance": one.obs_value - other.obs_value}
        both |= {
            "kind": "both sides' exports",
            "valuations": "FOB less FOB",
            "unit_measure": "USD",
            "time_period": year,
        }
        both |= {"source": f"{one.source}; {other.source}", "vintage": f"{one.vintage}; {other.vintage}"}
        found = pd.concat([found, pd.DataFrame([both])], ignore_index=True)
    return found


def products(table: pd.DataFrame, side: str, flow: str, year: str) -> pd.DataFrame:
    """Return the goods in a flow that `side` reports, largest first, of one release, none counted twice.

    HS codes of the one length that most rows have; of Japan's customs list its items,
    without groups and parts. ``name``, and ``share`` of the total in per cent.
    """
    rows = table[
        (table["ref_area"] == side) & (table["flow"] == flow) & (table["freq"] == "A") & (table["time_period"] == year)
    ]
    rows = rows[(rows["measure"] == "value") & rows["obs_value"].notna() & (rows["breakdown"] == "")]
    rows = rows[rows["vintage"].str.match(r"\d{4}")]
    found = [_listed(part) for _, part in rows.groupby(["source", "vintage", "valuation", "product_scheme"], sort=True)]
    return max(
        found,
        key=lambda each: (len(each) > 1, each["vintage"].max() if len(each) else "", len(each)),
        default=rows.assign(name="", share=0.0),
    )


def unit_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the value of a kilogram of each product with a weight, by year, outliers flagged; maybe none."""
    rows = table[
        ~table["product_scheme"].str.fullmatch(_SERVICES) & (table["product"] != "TOTAL") & (table["breakdown"] == "")
    ]
    return trade.unit_values(newest(rows, [name for name in observation.KEY if name != "vintage"]))


def services(table: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """Put services beside the goods of one release, where a year has both; maybe none."""
    rows = table[
        table["product_scheme"].str.fullmatch(_SERVICES)
        & table["product"].isin(_ALL_SERVICES)
        & (table["breakdown"] == "")
    ]
    side = rows[rows["ref_area"].isin(goods["ref_area"]) & rows["flow"].isin(["M", "X"])]
    one = newest(side, ["freq", "time_period", "flow", "unit_measure"])
    found = trade.goods_and_services(newest(goods, ["freq", "time_period", "flow", "unit_measure"]), one)
    return found.dropna(subset=["services"]).reset_index(drop=True)


def breaks(table: pd.DataFrame) -> list[str]:
    """Say which products among those held change with the edition of the Harmonized System."""
    return [str(each) for each in concordance.warnings(table)]


def yearly(index: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of a monthly or quarterly index over each whole year; a year with a gap is left out."""
    wanted = {"M": 12, "Q": 4, "A": 1}
    rows = index[index["obs_value"].notna() & index["freq"].isin(wanted)]
    groups = rows.assign(time_period=rows["time_period"].str[:4]).groupby(["freq", "time_period"])
    whole = [
        part.iloc[[0]].assign(freq="A", obs_value=part["obs_value"].mean())
        for (freq, _), part in groups
        if len(part) == wanted[str(freq)]
    ]
    if not whole:
        raise SchemaError("the price index covers no whole year", remedy="Fetch it from January to December")

    return pd.concat(whole, ignore_index=True)


def _listed(part: pd.DataFrame) -> pd.DataFrame:
    whole = part.loc[part["product"] == "TOTAL", "obs_value"]
    if part["product_scheme"].iloc[0] == _MOF:
        labels = {(row["flow"], row["product"]): row for row in datasets.rows("mof_commodities")}
        known = [labels.get(pair, {}) for pair in zip(part["flow"], part["product"], strict=True)]
        rows = part.assign(name=[each.get("label", "") for each in known])[
            [each.get("level") == "item" for each in known]
        ]
    else:
        goods = part[part["product"].str.fullmatch(r"\d+")]
        sizes = goods["product"].str.len()
        rows = goods[sizes == sizes.mode().max()] if len(goods) else goods
        rows = rows.assign(name=[_good(code) for code in rows["product"]])
    total = float(whole.iloc[0]) if len(whole) == 1 else float(rows["obs_value"].sum())
    return rows.assign(share=rows["obs_value"] / total * 100).sort_values(
        "obs_value", ascending=False, ignore_index=True
    )


def _good(code: str) -> str:
    words: Iterable[dict[str, Any]] = codes.table("products")
    return next((f"HS {code}, {row['word']}" for row in words if row["codes"] == code), f"HS {code}")


def _named(reporter: str, partner: str) -> str:
    return f"{reporter}-{partner}".lower()
