"""The trade of two economies: releases, both sides of each flow, goods, services, and how to get what is missing.

>>> flows = observations("USA", "JPN")
>>> amount(release(flows, "USA", covering=["2023"])["obs_value"].max(), "USD")
'US$148.0 billion'
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from toolkit import codes, observation, trade
from toolkit.errors import NotComparable, SchemaError
from toolkit.period import Period
from toolkit.sources import library
from toolkit.store import datasets
from toolkit.trade import concordance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "amount", "balances", "breaks", "fetch_command", "in_dollars", "key_prefix", "label", "mirror", "months", "newest",
    "observations", "products", "release", "scale", "services", "sign", "totals", "unit_values", "year_sums", "yearly",
]  # fmt: skip
__dir__ = __all__.copy


_EMBEDDED = {
    frozenset(("USA", "JPN")): (
        "us_japan_goods_annual", "us_japan_goods_monthly", "us_japan_services", "us_japan_products",
    )
}  # fmt: skip
# valuations of exports and imports that one page may show together, best first; the last pair has no balance
_SIDES = (("FAS", "CUSTOMS"), ("FOB", "FOB"), ("FAS", "FOB"), ("FOB", "CIF"))
_SERVICES = re.compile(r"BPM\d|EB\d*|EBOPS.*")
_ALL_SERVICES = ("services", "TOTAL", "200", "S")
_STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_LISTED = 4  # at most so many missing months are named
_MOF = "MOF principal commodity"
_FETCH = {
    "totals": "toolkit data fetch comtrade --reporter {r},{p} --partner {p},{r} --years 2018:2024 --as {n}",
    "months": "toolkit data add MONTHS.csv --as {n}, or for the United States toolkit data fetch census",
    "goods": "toolkit data fetch comtrade --reporter {r},{p} --partner {p},{r} --years 2023 --product 870323,870421 --as {n}",
    "services": "toolkit data add SERVICES.csv --as {n}",
    "prices": "toolkit data fetch fred --series CPIAUCSL --as prices, then -p prices=prices",
}


def key_prefix(area: str) -> str:
    """Return the two letters with which a key begins.

    >>> key_prefix("JPN")
    'jp'
    """
    import pycountry

    known = pycountry.countries.get(alpha_3=area)
    return known.alpha_2.lower() if known else area.lower()


def scale(values: Iterable[float]) -> tuple[float, str]:
    """Return the scale that suits the largest of some amounts, and its word.

    >>> scale([145_842_000_000.0, -3.0]), scale([12_000.0])
    ((1000000000.0, 'billion'), (1000.0, 'thousand'))
    """
    most = max((abs(value) for value in values if value == value), default=0.0)  # noqa: PLR0124 (NaN)
    return next(((step, word) for step, word in _STEPS if most >= step), (1.0, ""))


def amount(value: float, unit: str) -> str:
    """Return an amount as it is written in a sentence.

    >>> amount(145_842_000_000.0, "USD"), amount(-2_500.0, "KRW")
    ('US$145.8 billion', '−KRW 2.5 thousand')
    """
    step, word = scale([value])
    digits = f"{value / step:z,.1f}"
    return f"{'−' if digits.startswith('-') else ''}{sign(unit)}{digits.lstrip('-')} {word}".rstrip()


def sign(unit: str) -> str:
    """Return the sign or code that is written before an amount of a currency.

    >>> sign("USD"), sign("KRW")
    ('US$', 'KRW ')
    """
    return {"USD": "US$", "JPY": "¥", "EUR": "€", "GBP": "£"}.get(unit, f"{unit} ")


def label(unit: str, step: str) -> str:
    """Return the label of an axis or a column.

    >>> label("USD", "billion"), label("KRW", "trillion")
    ('US$ billion', 'KRW trillion')
    """
    return f"{sign(unit).strip()} {step}".strip()


def observations(reporter: str, partner: str, tables: Sequence[str] = ()) -> pd.DataFrame:
    """Return all observations of the trade of two economies, as reported by either of them.

    Parameters
    ----------
    reporter, partner : str
        ISO 3166-1 alpha-3.
    tables : sequence of str
        Names of imported tables, used in addition to the embedded tables on this pair.

    Raises
    ------
    SchemaError
        If there are none; the error says how to get them.
    """
    embedded = _EMBEDDED.get(frozenset((reporter, partner)), ())
    found = [observation.read(*embedded)] if embedded else []
    found += [library.table(name) for name in tables]
    found = found or [pd.DataFrame(columns=[*observation.COLUMNS, *observation.EXTRA])]
    rows = pd.concat(found, ignore_index=True)
    ours = (rows["ref_area"] == reporter) & (rows["counterpart_area"] == partner)
    theirs = (rows["ref_area"] == partner) & (rows["counterpart_area"] == reporter)
    if not (ours | theirs).any():
        said = f" in {', '.join(tables)}" if tables else ""
        remedy = f"Get them: {fetch_command('totals', reporter, partner)}, then -p table={_named(reporter, partner)}"
        raise SchemaError(
            f"no observations of the trade of {codes.economy_in_text(reporter)} with {codes.economy_in_text(partner)}{said}",
            remedy=remedy,
        )
    return rows[ours | theirs].reset_index(drop=True)


def fetch_command(what: str, reporter: str, partner: str) -> str:
    """Return the command that gets totals, months, goods, services or prices.

    >>> fetch_command("services", "USA", "JPN")
    'toolkit data add SERVICES.csv --as usa-jpn'
    """
    return _FETCH[what].format(r=reporter, p=partner, n=_named(reporter, partner))


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return the totals of all goods, under one name for all classifications they are added up from."""
    goods = (table["product"] == "TOTAL") & ~table["product_scheme"].str.fullmatch(_SERVICES)
    rows = table[goods & (table["measure"] == "value") & (table["breakdown"] == "") & table["obs_value"].notna()]
    return rows.assign(product_scheme="NA", product_vintage="")


def release(table: pd.DataFrame, reporter: str, *, freq: str = "A", covering: Sequence[str] = ()) -> pd.DataFrame:
    """Return exports and imports of `reporter` from a single release of one publisher.

    Of the releases with both flows in every period of `covering`, this is the one that
    extends furthest, includes the year before, has valuations that may be subtracted, and
    is newest, in this order.

    Raises
    ------
    NotComparable
        If no release has both flows in all these periods.
    """
    rows = totals(table)
    rows = rows[(rows["ref_area"] == reporter) & (rows["freq"] == freq)]
    candidates = []
    for (source, vintage, _), part in rows.groupby(["source", "vintage", "unit_measure"], sort=True):
        for rank, (out, into) in enumerate(_SIDES):
            chosen = part[part["valuation"] == part["flow"].map({"X": out, "M": into})]
            sides = [set(chosen.loc[chosen["flow"] == flow, "time_period"]) for flow in "XM"]
            both = sides[0] & sides[1]
            if both and both >= set(covering):
                reach = covering[-1] if covering else max(both)
                before = freq == "A" and str(Period.parse(reach).shift(-1)) in both
                dated = bool(re.match(r"\d{4}", str(vintage)))
                candidates.append(((reach, before, -rank, dated, str(vintage), str(source)), chosen))
    if not candidates:
        there = sorted({f"{row.flow} {row.valuation} ({row.source}, {row.vintage})" for row in rows.itertuples()})
        wanted = f" in {', '.join(covering[:3])}" if covering else ""
        problem = f"no release of {codes.economy_in_text(reporter)} has both exports and imports, freq {freq}{wanted}"
        other = next(iter(rows["counterpart_area"]), "its partner")
        bring = f"Get what is missing: {fetch_command('totals', reporter, other)}" if len(rows) else "Get its totals"
        raise NotComparable(problem, remedy=f"There is {'; '.join(there[:_LISTED]) or 'no total at all'}. {bring}")
    return max(candidates, key=lambda each: each[0])[1].sort_values(["time_period", "flow"], ignore_index=True)


def months(table: pd.DataFrame, reporter: str, until: str = "") -> tuple[pd.DataFrame, str]:
    """Return a month, and the release that has the year up to it and the same months a year before.

    Without `until` it is the latest such month. If there is none, an empty frame and ``""``.
    """
    rows = totals(table)
    known = sorted(set(rows.loc[(rows["ref_area"] == reporter) & (rows["freq"] == "M"), "time_period"]), reverse=True)
    for month in [until] if until else known:
        last = Period.parse(month).start
        wanted = [
            each
            for year in (last.year - 1, last.year)
            for each in trade.months_of(Period.of_months(year, 1, last.month))
        ]
        with suppress(NotComparable):
            return release(table, reporter, freq="M", covering=wanted), month
    return rows.iloc[:0], ""


def year_sums(table: pd.DataFrame, fiscal_from: int) -> pd.DataFrame:
    """Return calendar years, and fiscal years that begin in the month `fiscal_from`, added up from months.

    Returns
    -------
    DataFrame
        ``year`` in words, ``M`` and ``X`` (NaN where a month is missing), and ``absent``, the
        missing months.
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
    """Return the newest release for each combination of `keys`; one with a date is newer than one without."""
    dated = table["vintage"].str.match(r"\d{4}")
    ordered = table.assign(_dated=dated).sort_values(["_dated", "vintage"])
    return ordered.drop_duplicates([*keys], keep="last").drop(columns="_dated")


def in_dollars(table: pd.DataFrame, rates: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return values in US dollars at the rate for their own period, and what is left out for lack of a rate."""
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
    """Return the totals reported by both sides, by year and in dollars, and what no rate could convert.

    Each number is from the newest release that has it; ``sources`` names the releases.
    """
    rows = totals(table)
    rows = rows[(rows["freq"] == "A") & rows["flow"].isin(["M", "X"]) & (rows["valuation"] != "NA")]
    dollars, left = in_dollars(newest(rows, ["ref_area", "flow", "valuation", "time_period"]), rates)
    found = trade.mirror(dollars)
    releases = [
        f"{row.ref_area} {row.flow} {row.valuation}: {row.source}, {row.vintage}" for row in dollars.itertuples()
    ]
    by_year = pd.Series(releases, index=dollars.index, dtype=object).groupby(dollars["time_period"])
    names = {when: ", ".join(sorted(set(part))) for when, part in by_year}
    return found.assign(sources=found["time_period"].map(names)), left


def balances(table: pd.DataFrame, reporter: str, rates: pd.DataFrame, year: str) -> pd.DataFrame:
    """Return every balance of a year that may be computed, by release and valuation, in dollars; it may be empty.

    ``kind`` is as in `trade.balance`, or "both sides' exports": the difference between what
    each side reports as exports to the other, FOB, which avoids imports CIF.
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
    """Return the goods in a flow reported by `side`, largest first, from one release, none counted twice.

    HS codes are of one length, that of most rows; of Japan's customs list only items are
    used, not groups and parts. ``share`` is in per cent of the total.
    """
    wanted = {
        "ref_area": side, "flow": flow, "freq": "A", "time_period": year, "measure": "value", "breakdown": "",
    }  # fmt: skip
    chosen = (table[[*wanted]] == pd.Series(wanted)).all(axis=1)
    rows = table[chosen & table["obs_value"].notna() & table["vintage"].str.match(r"\d{4}")]
    found = [_listed(part) for _, part in rows.groupby(["source", "vintage", "valuation", "product_scheme"], sort=True)]
    return max(
        found,
        key=lambda each: (len(each) > 1, each["vintage"].max() if len(each) else "", len(each)),
        default=rows.assign(name="", share=0.0),
    )


def unit_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the value per kilogram of each product with a weight, by year, outliers flagged; it may be empty."""
    rows = table[
        ~table["product_scheme"].str.fullmatch(_SERVICES) & (table["product"] != "TOTAL") & (table["breakdown"] == "")
    ]
    return trade.unit_values(newest(rows, [name for name in observation.KEY if name != "vintage"]))


def services(table: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """Put services beside the goods of one release, for years with both; it may be empty."""
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
    """Return, in words, which of the products change between editions of the Harmonized System."""
    return [str(each) for each in concordance.code_changes(table)]


def yearly(index: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of a monthly or quarterly index over each complete year; incomplete years are left out."""
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
