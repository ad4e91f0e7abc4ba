"""Comparison of a claim with data: supported, contradicted, or not comparable and why.

>>> found = evidence("jp-us-investment")[-1]
>>> print(found.role, found.quantity.unit)
measurement USD
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from toolkit import article, observation, registry
from toolkit.claim import Claim, claim_of
from toolkit.errors import SchemaError
from toolkit.period import Period
from toolkit.quantity import Basis, Hedge, Quantity, show
from toolkit.spreadsheet import user_table
from toolkit.store import datasets, imported_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = [
    "Evidence", "Outcome", "Role", "Sources", "Verdict", "cell", "cell_record", "claim_of_row", "definition", "evidence", "judge",
    "publish_cell", "sources",
]  # fmt: skip
__dir__ = __all__.copy

_HALF, _ENDLESS = Decimal("0.5"), Decimal("Infinity")
_MOST_DIGITS = 7  # no office measures more precisely, whatever it prints
_PROMISES = {"expected": "The expected figure", "pledged": "The pledge", "target": "The target"}
# numbers that differ in one of these are of different things; if they differ elsewhere in
# their definitions, they are different measures of one thing
_OTHER_THING = {"stage", "product", "place", "measure"}
# from the column of a table to the field of a record
_FIELDS = {
    "ref_area": "place", "economy": "place", "counterpart_area": "partner", "recipient": "partner",
    "product": "product", "time_period": "period", "date": "period", "valuation": "valuation",
}  # fmt: skip
_STATUS = {"E": "estimated", "F": "expected"}


class Outcome(StrEnum):
    """The outcomes of comparing a claim with evidence, the most informative first."""

    CONTRADICTED = "contradicted"
    SUPPORTED = "supported"
    NOT_YET_TESTABLE = "not yet testable"
    DIFFERENT_DEFINITION = "different definition"
    REPORTED_ELSEWHERE = "reported elsewhere"
    NOT_COMPARABLE = "not comparable"
    NO_DATA = "no data"


class Role(StrEnum):
    """The role of a piece of evidence: a measurement, a plan, or a statement."""

    MEASUREMENT = "measurement"
    PLAN = "plan"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number with which a claim is compared.

    Attributes
    ----------
    quantity : Quantity
    words : str
        What the number is about, and its publisher.
    role : Role
    period : str
        ISO 8601; empty if not stated.
    precision : int
        Decimal exponent of the last significant digit.
    valuation : str
    definition : dict
        What was counted and how, where claim and evidence could differ.
    source : str
        Id of the source.
    """

    quantity: Quantity
    words: str
    role: Role = Role.MEASUREMENT
    period: str = ""
    precision: int = 0
    valuation: str = "NA"
    definition: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a comparison, in a word and in a sentence; `parts` are the verdicts it rests on."""

    outcome: Outcome
    why: str
    evidence: Evidence | None = None
    parts: tuple[Verdict, ...] = ()


def evidence(key: str) -> list[Evidence]:
    """Return the evidence that ``data/comparisons.csv`` lists for the claim `key`."""
    rows = [row for row in datasets.rows("comparisons") if row["key"] == key and row["dataset"]]
    return [_evidence(row, found) for row in rows for found in _select(row)]


def definition(key: str) -> dict[str, str]:
    """Return the definition of the claim `key` in ``data/comparisons.csv``: its row without a dataset."""
    stated = (row for row in datasets.rows("comparisons") if row["key"] == key and not row["dataset"])
    return _pairs(next(stated, {"definition": ""})["definition"])


def judge(record: registry.Record, *found: Evidence, counts: Mapping[str, str] | None = None) -> Verdict:
    """Compare a claim with evidence.

    The outcome is computed from definition, unit, basis, role, period, hedge and printed
    precision. `counts` is the definition of the claim.

    Examples
    --------
    >>> note = {"type": "article", "source": "a.txt", "article": {"date": "2025-10-28"}, "selector": []}
    >>> claim = registry.Record("cn-share", Quantity.stated(90, "%", "more_than"), "China's share", note)
    >>> judge(claim, Evidence(Quantity.stated(91, "%"), "IEA", period="2024")).outcome.value
    'supported'
    """
    if not found:
        return Verdict(Outcome.NO_DATA, "There are no data on it here.")
    parts = tuple(Verdict(*_finding(record, item, counts or {}), item) for item in found)
    outcomes = Counter(part.outcome for part in parts)
    if outcomes[Outcome.SUPPORTED] and outcomes[Outcome.CONTRADICTED]:
        return Verdict(Outcome.NOT_COMPARABLE, "The measurements disagree with each other.", parts=parts)
    best = next(outcome for outcome in Outcome if outcomes[outcome])
    first = next(part for part in parts if part.outcome == best)
    return Verdict(best, first.why, first.evidence, parts)


def publish_cell(key: str, row: Mapping[str, Any], *, about: str, table: str = "") -> None:
    """Publish one cell under `key`: show a card, and put a pointer to the cell into the registry.

    `row` is an observation, or a row of the dataset `table` if that contains no observations.
    """
    registry.publish_record(cell_record(key, row, about=about, table=table))


def cell_record(key: str, row: Mapping[str, Any], *, about: str, table: str = "") -> registry.Record:
    """Return the record of one cell; `row` is as in `publish_cell`."""
    source = imported_tables.source(str(row["source"]))
    quantity, promised = observation.quantity(row), row["basis"] == Basis.COMMITMENT
    return registry.Record(
        key,
        quantity,
        about,
        cell(row, table) if table else observation.cell(row),
        **{into: row[column] for column, into in _FIELDS.items() if row.get(column)},
        status="pledged" if promised else _STATUS.get(str(row.get("obs_status")), "reported"),
        speaker=source["publisher"] or None,
        precision=max(observation.precision(row), Decimal(quantity.value or 0).adjusted() - _MOST_DIGITS + 1),
        retrieved=source["read"] or str(row.get("retrieved_at", ""))[:10] or None,
    )


_CODED_AS_HS = {"HS", "HTS", "HTSUS", "NA", "as named", "BPM6"}  # the digits of other lists are no HS codes
_TRADE = dict.fromkeys(("HS", "HTS", "HTSUS", "NAICS", "SITC"), "goods trade")
_BOTH = {"goods and services": "TOTAL services"}  # two values of the slot


def claim_of_row(row: Mapping[str, Any]) -> Claim:
    """Return what a row of data is; the reason of each slot is the name of its column.

    >>> from toolkit import observation
    >>> goods = observation.read("us_japan_goods_annual")
    >>> row = observation.select(goods, time_period="2023", valuation="CIF").iloc[0].to_dict()
    >>> str(claim_of_row(row).measure), claim_of_row(row).owner.because.words
    ('goods imports', 'ref_area')
    """
    scheme, product = str(row.get("product_scheme") or "NA"), str(row.get("product") or "")
    traded, named = row.get("flow") in {"M", "X"}, _BOTH.get(product, product)
    services = (scheme, product) == ("BPM6", "services")
    about = "services trade" if services else _TRADE.get(scheme) or ("goods trade" if product == "TOTAL" else None)
    said = {
        "product": named if scheme in _CODED_AS_HS or not named else f"{scheme}:{named}",
        "about": about if traded else None,
    }
    return claim_of({**row, **said}, rule="column")


def cell(row: Mapping[str, Any], table: str) -> dict[str, Any]:
    """Return the pointer to the value in a row of `table`, for tables without observations."""
    resource = datasets.resources()[table]
    key = {name: row[name] for name in resource.schema["primaryKey"]}
    lines = [line for line, each in enumerate(datasets.rows(table), 2) if key.items() <= each.items()]
    return {
        "type": "dataset",
        "dataset": table,
        "vintage": row.get("date", ""),
        "sha256": datasets.sha256(table),
        "row": key,
        "column": "value",
        "pointer": f"{resource.file}#row={lines[0]}&column=value",
        "source": row["source"],
    }


@dataclass(frozen=True)
class Sources:
    """The sources of a page: articles, tables, and the publishers of what it shows."""

    groups: dict[str, list[str]]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        items = (
            f"<li>{escape(title)}<ul>{''.join(f'<li>{escape(one)}</li>' for one in found)}</ul></li>"
            for title, found in self.groups.items()
        )
        plain = "\n".join(f"{title}: {'; '.join(found)}" for title, found in self.groups.items())
        return {"text/html": f'<ul class="sources">{"".join(items)}</ul>', "text/plain": plain}


def sources(*shown: pd.DataFrame | user_table.UserTable) -> Sources:
    """Return the sources of a page, for the last cell of a notebook.

    `shown` are the rows that the page shows, each with its `source`: the tables they come
    from have further rows from other sources. The analyst's own tables are listed apart.
    """
    read = [datasets.resources()[name] for name in datasets.opened()]
    mine = [each for each in shown if isinstance(each, user_table.UserTable)]
    frames = [each for each in shown if not isinstance(each, user_table.UserTable)]
    keys = sorted({str(key) for frame in frames for key in frame["source"]})
    seen = imported_tables.opened().keys() - {table.name for table in mine}
    others = [entry for name in sorted(seen) if (entry := imported_tables.find(name))]
    groups = {
        "Articles": article.articles_read(),
        "Figures": sorted({_cited(imported_tables.source(key)) for key in keys}),
        "Tables": [f"{table.title} ({table.file})" for table in read],
        "Your own tables": [f"{table.credit}: {table.cited}" for table in mine]
        + [f"{entry.name}, vintage {entry.vintage} (data/{entry.file})" for entry in others],
    }
    return Sources({title: found for title, found in groups.items() if found})


_Finding = tuple[Outcome, str]


def _finding(record: registry.Record, item: Evidence, counts: Mapping[str, str]) -> _Finding:
    return (
        _by_definition(item, counts)
        or _by_likeness(record, item)
        or _by_role(record, item)
        or _by_period(record, item)
        or _by_number(record, item)
    )


def _by_definition(item: Evidence, counts: Mapping[str, str]) -> _Finding | None:
    """Separate a different concept from the same concept counted differently."""
    apart = [name for name in counts if item.definition.get(name, counts[name]) != counts[name]]
    if not apart:
        return None
    words = "; ".join(f"{name}: {item.definition[name]}, not {counts[name]}" for name in apart)
    outcome = Outcome.NOT_COMPARABLE if _OTHER_THING & {*apart} else Outcome.DIFFERENT_DEFINITION
    return outcome, f"{item.words} counts something else ({words})."


def _by_likeness(record: registry.Record, item: Evidence) -> _Finding | None:
    """Refuse a difference in unit, basis, price base or valuation where both state it."""
    claim, held = record.quantity, item.quantity
    pairs = {
        "unit": (claim.unit, held.unit),
        "basis": (claim.basis, held.basis),
        "price base": (claim.price_base, held.price_base),
        "valuation": (record.valuation, item.valuation),
    }
    if pairs["basis"] == (Basis.COMMITMENT, Basis.FLOW):
        del pairs["basis"]  # a flow fulfils a commitment, and can test it once it is due
    for name, pair in pairs.items():
        if len({*pair} - {None, "NA", Basis.UNKNOWN}) > 1:
            return Outcome.NOT_COMPARABLE, f"{item.words} differs in {name}: {pair[1]}, where the claim is {pair[0]}."
    return None


def _by_role(record: registry.Record, item: Evidence) -> _Finding | None:
    """Separate statements and plans from measurements, and promises from results."""
    stated, promise = show(item.quantity, "short", precision=item.precision), record.status in _PROMISES
    if item.role == Role.STATEMENT:
        claim, said = _interval(record.quantity, record.precision), _interval(item.quantity, item.precision)
        other = said[1] < claim[0] or claim[1] < said[0]
        moral = (
            "a statement refutes nothing without a measurement" if other else "repeating a claim does not support it"
        )
        return Outcome.REPORTED_ELSEWHERE, f"{item.words} says {stated}; {moral}."
    if item.role == Role.PLAN and promise:
        return Outcome.NOT_YET_TESTABLE, f"{item.words} plans {stated}; the outcome is not known yet."
    if item.role == Role.PLAN:
        return Outcome.NOT_COMPARABLE, f"{item.words} is a plan, but the claim is about something done."
    dated = record.period and item.period
    if promise and not (dated and Period.parse(item.period).end >= Period.parse(record.period).end):
        due = f"is due in {record.period}" if record.period else "names no deadline, so it cannot be tested yet"
        return Outcome.NOT_YET_TESTABLE, f"{_PROMISES[record.status]} {due}; {item.words} covers {item.period}."
    return None


def _by_period(record: registry.Record, item: Evidence) -> _Finding | None:
    """Refuse a period other than the claim's, or one that had not ended when the article was written."""
    written = record.source.get("article", {}).get("date")
    if record.period and item.period and record.period != item.period:
        return Outcome.NOT_COMPARABLE, f"{item.words} covers {item.period}, the claim {record.period}."
    if written and item.period and str(Period.parse(item.period).end) > written:
        return Outcome.NOT_COMPARABLE, f"{item.words} covers {item.period}, which had not ended on {written}."
    return None


def _by_number(record: registry.Record, item: Evidence) -> _Finding:
    """Compare the interval that the claim allows with that of the evidence."""
    claim = _interval(record.quantity, record.precision)
    held = _interval(item.quantity, item.precision)
    stated = f"{item.words} gives {show(item.quantity, 'short', precision=item.precision)}"
    claimed = show(record.quantity, "short", precision=record.precision)
    if claim[0] <= held[0] and held[1] <= claim[1]:
        return Outcome.SUPPORTED, f"{stated}; “{claimed}” holds."
    if held[1] < claim[0] or claim[1] < held[0]:
        return Outcome.CONTRADICTED, f"{stated}; “{claimed}” does not hold."
    return Outcome.NOT_COMPARABLE, f"{stated}; as printed, “{claimed}” may or may not hold."


def _interval(quantity: Quantity, precision: int | None) -> tuple[Decimal, Decimal]:
    """Return the interval that a statement allows: an exact number plus or minus half a unit of its last digit."""
    if quantity.value is None or quantity.hedge not in {Hedge.EXACT, Hedge.ABOUT}:
        low, high = quantity.low, quantity.high
        return (-_ENDLESS if low is None else low), (_ENDLESS if high is None else high)
    step = _HALF.scaleb(quantity.value.adjusted() if precision is None else precision)
    return quantity.value - step, quantity.value + step


def _evidence(row: Mapping[str, str], found: Mapping[str, str]) -> Evidence:
    publisher = datasets.source(found["source"])["publisher"]
    return Evidence(
        observation.quantity(found),
        f"{row['words']} ({publisher})",
        Role(row["role"]),
        found.get("time_period", found.get("date", "")),
        observation.precision(found),
        found.get("valuation", "NA"),
        _pairs(row["definition"]),
        found["source"],
    )


def _select(row: Mapping[str, str]) -> list[dict[str, str]]:
    wanted = _pairs(row["selectors"])
    found = [each for each in datasets.rows(row["dataset"]) if wanted.items() <= each.items()]
    if not found:
        raise SchemaError(
            f"data/comparisons.csv: {row['key']}: no row of {row['dataset']} has {row['selectors']}",
            remedy="Correct the selectors, or take the comparison out",
        )
    return found


def _cited(source: Mapping[str, str]) -> str:
    dated = source["published"] not in source["title"]
    return ", ".join(filter(None, (source["publisher"], source["title"], source["published"] * dated)))


def _pairs(text: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in text.split(";") if part)}
