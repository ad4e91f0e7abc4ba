"""Products in several editions of a classification: which codes split or merge, and how to convert series.

>>> edition(2020), [str(each) for each in breaks(["870421"], embedded("H5", "H6"))]
('H5', ['870421 is split into 870421, 870441 (light diesel trucks: hybrids go to 870441)'])
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from toolkit import codes, observation
from toolkit.errors import SchemaError, UnknownCode
from toolkit.store import datasets

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Break", "Concordance", "breaks", "carry", "code_changes", "edition", "embedded", "load", "read"]
__dir__ = __all__.copy


_FROM_TO = re.compile(r"^(?:from|to)|(?:product)?codes?$|^between")
_LENGTHS = {f"H{edition}": (6,) for edition in range(7)} | {"HTS": (10,), "SCHB": (10,), "NAICS": (6, 5, 4)}
_LENGTHS |= {f"N{year}": (6,) for year in (2012, 2017, 2022)} | {"B4": (3, 2, 1)}
_NO_CODE = {"NA", "N/A", "NULL", "NONE", "999999", "N.A."}


@dataclass(frozen=True)
class Concordance:
    """The pairs of codes of two editions that have goods in common.

    Attributes
    ----------
    source, target : str
        Editions: ``H0`` to ``H6``, ``S3``, ``S4`` ...
    pairs : frozenset of (code in source, code in target)
    """

    source: str
    target: str
    pairs: frozenset[tuple[str, str]]

    @cached_property
    def onward(self) -> dict[str, list[str]]:
        """The codes of the target for each code of the source."""
        return _grouped(self.pairs)

    @cached_property
    def back(self) -> dict[str, list[str]]:
        """The codes of the source for each code of the target."""
        return _grouped((two, one) for one, two in self.pairs)

    def turned(self) -> Concordance:
        """Return the concordance in the opposite direction."""
        return Concordance(self.target, self.source, frozenset((two, one) for one, two in self.pairs))


@dataclass(frozen=True, slots=True)
class Break:
    """A code that covers other goods in the later of two editions.

    Attributes
    ----------
    code : str
    kind : {"split", "merged", "both", "moved"}
    others : tuple of str
        Where its goods went, or the codes it was merged with.
    note : str
    """

    code: str
    kind: str
    others: tuple[str, ...]
    note: str = ""

    def __str__(self) -> str:
        """Return the change as a sentence."""
        words = {
            "split": "is split into", "merged": "is merged with", "both": "is split and merged with", "moved": "is now",
        }  # fmt: skip
        return f"{self.code} {words[self.kind]} {', '.join(self.others)}" + (f" ({self.note})" if self.note else "")


def edition(year: int) -> str:
    """Return the HS edition in force in a year.

    >>> edition(2021), edition(2022)
    ('H5', 'H6')
    """
    known = [row for row in codes.table("hs_editions") if int(row["first_year"]) <= year]
    if not known:
        raise UnknownCode(f"there was no Harmonized System in {year}", remedy="Use SITC before 1988")
    return known[-1]["edition"]


def embedded(earlier: str, later: str) -> Concordance:
    """Return the changes that ship with the toolkit: only those of goods that are often in the news.

    >>> embedded("H5", "H6").onward["870421"]
    ['870421', '870441']
    """
    rows = [row for row in codes.table("hs_changes") if (row["earlier"], row["later"]) == (earlier, later)]
    return Concordance(earlier, later, frozenset((row["code_earlier"], row["code_later"]) for row in rows))


def load(source: str, target: str, *, conversion: bool = False) -> Concordance:
    """Return the whole concordance of two editions, from a data set that was fetched by name.

    A workbook of just these two is preferred to the one with all editions side by side; a
    workbook in the opposite direction is reversed.

    Parameters
    ----------
    source, target : str
        ``H0`` to ``H6``, ``S1`` to ``S4``, ``B4``, ``B5``, ``HTS``, ``NAICS``, ``N2017`` ...
    conversion : bool
        Use the UN's conversion, which assigns one code of the older edition to each code of
        the newer one, instead of the correlation, which has every pair.

    Raises
    ------
    UnknownCode
        If no declared data set has both.
    SchemaError
        If none that does was fetched; the error names the command that fetches one.
    """
    known = [(row["name"], row["from"].split(), row["to"].split()) for row in codes.table("concordances")]
    known.sort(key=lambda each: len(each[1]))  # those with two editions first
    ways = [
        (name, turned)
        for name, one, two in known
        for turned in (False, True)
        if source != target and (source in two and target in one if turned else source in one and target in two)
    ]
    if not ways:
        there = sorted({each for _, one, two in known for each in (*one, *two)})
        raise UnknownCode(f"no concordance from {source} to {target}", remedy=f"There are {', '.join(there)}")
    datasets.bring(tuple(name for name, _ in ways))
    here = [way for way in ways if datasets.copy(way[0])]
    name, turned = (here or ways)[0]
    raw = datasets.path(name).read_bytes()
    found = read(raw, *((target, source) if turned else (source, target)), conversion=conversion)
    return found.turned() if turned else found


def read(raw: bytes, source: str, target: str, *, conversion: bool = False) -> Concordance:
    """Read the columns of two editions from a workbook of the UN or the Census Bureau, or a CSV with a header.

    Raises
    ------
    SchemaError
        If a column is missing, or a cell is not a code.
    """
    grids = _workbook(raw, conversion=conversion) if raw.startswith(b"PK") else [_csv(raw)]
    places = ((rows, start, _both(row, source, target)) for rows in grids for start, row in enumerate(rows))
    found = next((each for each in places if each[2]), None)
    if found is None:
        heads = [str(cell) for rows in grids for row in rows[:5] for cell in row if cell]
        problem = f"no columns of {source} and {target} under one header"
        raise SchemaError(
            problem,
            remedy=f"Choose the file of these two editions; this one has {', '.join(heads[:12]) or 'no columns'}",
        )
    rows, start, (left, right) = found
    pairs = {
        (_code(row[left], source, number), _code(row[right], target, number))
        for number, row in enumerate(rows[start + 1 :], start=start + 2)
        if len(row) > max(left, right)
    }
    pairs = {(one, two) for one, two in pairs if one and two}
    if not pairs:
        raise SchemaError("a concordance without codes", remedy="Choose the sheet of correlations")
    return Concordance(source, target, frozenset(pairs))


def breaks(products: list[str], table: Concordance) -> list[Break]:
    """Return the codes among `products` whose goods change between the two editions.

    >>> [str(found) for found in breaks(["870421", "284690"], embedded("H5", "H6"))]
    ['870421 is split into 870421, 870441 (light diesel trucks: hybrids go to 870441)']
    """
    notes = {(row["code_earlier"], row["code_later"]): row["note"] for row in codes.table("hs_changes")}
    found = []
    for code in dict.fromkeys(products):
        after = table.onward.get(code, [])
        together = sorted({other for one in after for other in table.back[one]} - {code})
        if len(after) <= 1 and not together and after in ([], [code]):
            continue
        kinds = {(True, True): "both", (True, False): "split", (False, True): "merged", (False, False): "moved"}
        kind = kinds[len(after) > 1, bool(together)]
        others = together if kind == "merged" else [*after, *together]
        note = notes.get((code, code)) or next((notes[code, one] for one in after if (code, one) in notes), "")
        found.append(Break(code, kind, tuple(others), note))
    return found


def code_changes(table: pd.DataFrame, concordances: list[Concordance] | None = None) -> list[Break]:
    """Return the changes of codes within a table of observations that spans HS editions."""
    goods = table[(table["product_scheme"] == "HS") & table["product_vintage"].str.fullmatch("H[0-6]")]
    editions = sorted(set(goods["product_vintage"]))
    known = {(one.source, one.target): one for one in concordances or []}
    found = []
    for earlier, later in pairwise(editions):
        step = known.get((earlier, later)) or embedded(earlier, later)
        both = goods[goods["product_vintage"].isin([earlier, later])]
        found += breaks(sorted(set(both["product"])), step)
    return found


def carry(
    table: pd.DataFrame, step: Concordance, weights: Mapping[tuple[str, str], float] | None = None
) -> pd.DataFrame:
    """Return observations of the source edition in the codes of the target edition; totals do not change.

    Parameters
    ----------
    table : DataFrame
        Observations of values or quantities in edition ``step.source``.
    step : Concordance
    weights : mapping of (source code, target code) to share, optional
        How a code that splits is divided; equal shares where none are given. Divided
        values have status I and name their weight.

    Raises
    ------
    SchemaError
        If a code is not in the concordance, the weights of a code do not add up to 1, or
        the table has rates, which cannot be added.
    """
    if not table["measure"].isin(["value", "quantity", "net_weight"]).all():
        raise SchemaError("rates and shares cannot be converted by adding", remedy="Convert values and weights only")
    rows: list[dict[Any, Any]] = []
    for row in table.to_dict("records"):
        if row["product_vintage"] != step.source:
            raise SchemaError(f"a row is of edition {row['product_vintage']}", remedy=f"Select {step.source} first")
        for code, share, how in _shares(row["product"], step, weights):
            made = {"product": code, "product_vintage": step.target, "obs_value": row["obs_value"] * share}
            comment = "; ".join(filter(None, (row["obs_comment"], how)))
            status = "I" if share != 1 and row["obs_status"] != "M" else row["obs_status"]
            rows.append(row | made | {"obs_comment": comment, "obs_status": status})
    return _added_up(pd.DataFrame(rows, columns=table.columns))


def _shares(
    code: str, step: Concordance, weights: Mapping[tuple[str, str], float] | None
) -> list[tuple[str, float, str]]:
    after = [code] if code == "TOTAL" else step.onward.get(code)
    if not after:
        raise SchemaError(
            f"{step.source} code {code} is not in the concordance", remedy="Fetch the whole table by name"
        )
    if len(after) == 1:
        return [(after[0], 1.0, "" if after[0] == code else f"{step.source} {code}")]
    given = [weights.get((code, one)) for one in after] if weights else [None] * len(after)
    shares = [1 / len(after) if share is None else share for share in given]
    if abs(sum(shares) - 1) > 1e-9:  # noqa: PLR2004 (rounding)
        raise SchemaError(f"the weights of {code} add up to {sum(shares):.6g}", remedy="Pass shares that add up to 1")
    how = "given" if weights and None not in given else "equal"
    return [
        (one, share, f"{share:.4g} of {step.source} {code}, {how} weights")
        for one, share in zip(after, shares, strict=True)
    ]


def _added_up(table: pd.DataFrame) -> pd.DataFrame:
    """Add up the rows under each code; a missing part makes the sum missing."""
    together: dict[str, Any] = {name: "first" for name in table.columns if name not in observation.KEY}
    groups = table.groupby(observation.KEY, sort=False, as_index=False)
    made = groups.agg(
        together
        | {
            "obs_value": lambda values: values.sum(skipna=False),
            "obs_comment": lambda words: " + ".join(dict.fromkeys(filter(None, words))),
            "obs_status": lambda several: (
                "M" if "M" in set(several) else "I" if "I" in set(several) else several.iloc[0]
            ),
            "raw_pointer": lambda several: " ".join(dict.fromkeys(several)),
        }
    )
    return made[list(table.columns)]


def _both(row: list[Any], source: str, target: str) -> tuple[int, ...]:
    """Return the positions of the columns of two editions in a header, or nothing if one is missing."""
    folded = [_FROM_TO.sub("", re.sub("[^a-z0-9]", "", str(cell or "").casefold())) for cell in row]
    named = {row["heading"]: row["edition"] for row in codes.table("concordance_headings")}
    places = {edition: index for index, word in reversed([*enumerate(folded)]) if (edition := named.get(word))}
    if "commodity" in folded:  # the Census Bureau's word for the code that is reported
        places |= dict.fromkeys(("HTS", "SCHB"), folded.index("commodity"))
    return (places[source], places[target]) if source in places and target in places else ()


def _code(cell: Any, edition: str, number: int) -> str:
    """Return a code as text; a spreadsheet may have turned it into a number without its leading zeros."""
    text = str(cell if cell is not None else "").strip().lstrip("'")
    lengths = _LENGTHS.get(edition, ())
    if isinstance(cell, int | float) and not lengths:
        problem = f"row {number}: {cell!r} is a number where {edition} has codes with leading zeros"
        raise SchemaError(problem, remedy="Format the column as text, or use the publisher's own file")
    text = re.sub(r"\.0$", "", text) if isinstance(cell, float) else text.replace(".", "")
    if not text or text.upper() in _NO_CODE or not any(sign.isdigit() for sign in text):
        return ""
    if text.isdigit() and len(lengths) == 1 and len(text) == lengths[0] - 1:
        return f"0{text}"
    if lengths and len(text) not in lengths:
        raise SchemaError(f"row {number}: {cell!r} is not a code of {edition}", remedy="Check that row of the file")
    return text


def _csv(raw: bytes) -> list[list[Any]]:
    return [list(row) for row in csv.reader(io.StringIO(raw.decode("utf-8-sig")))]


def _workbook(raw: bytes, *, conversion: bool) -> list[list[list[Any]]]:
    """Return the sheets of correlations (every pair) or of conversions (one code each)."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    wanted, other = ("conversion", "correlation") if conversion else ("correlation", "conversion")
    titles = [(sheet.title.lower(), sheet) for sheet in book.worksheets]
    sheets = [sheet for title, sheet in titles if wanted in title] or [s for title, s in titles if other not in title]
    if not sheets:
        raise SchemaError(f"a workbook without a sheet of {wanted}s", remedy="Use the UN's own file")
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in sheets]


def _grouped(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one, two in sorted(pairs):
        found[one].append(two)
    return dict(found)
