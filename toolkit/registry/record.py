"""A figure that may be cited: its quantity, what it is about, and the one source it can be followed to."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import Any

from toolkit.claim import Claim, claim_of
from toolkit.errors import SchemaError
from toolkit.period import Period
from toolkit.quantity import Quantity, show

__all__ = ["Record"]

_KEY = re.compile(r"(?=.{1,30}$)[a-z0-9]+(-[a-z0-9]+)*")
_CLOSED_SETS = {
    "valuation": ("CIF", "FOB", "FAS", "CUSTOMS", "NA"),
    "status": ("reported", "estimated", "expected", "pledged", "target", "denied", "computed"),
}
_MILLION, _READABLE = 1_000_000, 4  # digits of a number in the millions that can be read
_SOURCES = {
    "article": ("source", "article", "selector"),
    "dataset": ("dataset", "vintage", "sha256", "row", "column"),
    "computed": ("expression", "inputs", "notebook", "parameters", "run"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One figure that a brief may cite.

    Attributes
    ----------
    key : str
        The name that a brief cites, never changed: ``jp-us-investment``.
    quantity : Quantity
    about : str
        What the number is of, in words.
    source : dict
        Its ``type``, and what leads to the sentence, the cell or the notebook.
    place, partner : str or None
        ISO 3166-1 alpha-3, or a typed non-country.
    product, period : str or None
        HS codes, separated by a space; a `Period` as text.
    valuation : {"CIF", "FOB", "FAS", "CUSTOMS", "NA"}
    status : {"reported", "estimated", "expected", "pledged", "target", "denied", "computed"}
    speaker : str or None
    precision : int or None
        Decimal exponent of the last significant digit, in base units.
    retrieved : str or None
        The day the source was read, ISO 8601.
    supersedes : str or None
        The `id` of the record that this one replaces; its key is the same.

    Examples
    --------
    >>> cell = {"type": "dataset", "dataset": "gdp", "vintage": "2025", "sha256": "0", "row": {}, "column": "value"}
    >>> gdp = Record("jp-gdp", Quantity.stated("4.027e12", "USD"), "GDP of Japan", cell, precision=10)
    >>> str(gdp), Record.from_dict(gdp.to_dict()) == gdp
    ('US$4.03 trillion', True)
    """

    key: str
    quantity: Quantity
    about: str
    source: dict[str, Any]
    place: str | None = None
    partner: str | None = None
    product: str | None = None
    period: str | None = None
    valuation: str = "NA"
    status: str = "reported"
    speaker: str | None = None
    precision: int | None = None
    retrieved: str | None = None
    supersedes: str | None = None

    def __post_init__(self) -> None:
        """Refuse a record that could not be found again, or whose fields have no meaning."""
        if not _KEY.fullmatch(self.key):
            wrong = f"{self.key!r} ({len(self.key)} characters) cannot be a key"
            raise SchemaError(wrong, remedy="Use at most 30 of a-z and 0-9, words parted by single hyphens")
        kind = str(self.source.get("type"))
        if lacking := [name for name in _SOURCES.get(kind, _SOURCES) if name not in self.source]:
            needed = "; ".join(f"{name} needs {', '.join(needs)}" for name, needs in _SOURCES.items())
            raise SchemaError(f"{self.key}: a source of type {kind!r} without {lacking[0]!r}", remedy=needed)
        if not self.about:
            raise SchemaError(f"{self.key}: it does not say what the number is of", remedy='Pass about="..."')
        for name, allowed in _CLOSED_SETS.items():
            if getattr(self, name) not in allowed:
                raise SchemaError(f"{self.key}: {name} {getattr(self, name)!r}", remedy=f"Use {', '.join(allowed)}")
        if self.period is not None:
            _check_period(self.key, self.period)

    @property
    def id(self) -> str:
        """Content hash: the first 16 hex digits of the sha256 of the canonical record.

        Canonical is `to_dict` as JSON with sorted keys, without `id`, without
        `retrieved` and without the source's ``run``: reading the same
        thing again gives the same id.
        """
        source = {name: value for name, value in self.source.items() if name != "run"}
        row = self._content() | {"source": source}
        del row["retrieved"]
        canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        """Return the quantity in words, to its own precision."""
        return show(self.quantity, precision=self.precision)

    @property
    def readable(self) -> str:
        """The quantity in words, with four digits of a number in the millions or above.

        >>> cell = {"type": "dataset", "dataset": "gdp", "vintage": "2025", "sha256": "0", "row": {}, "column": "value"}
        >>> Record("jp-gdp", Quantity.stated("4027597523550", "USD"), "GDP of Japan", cell, precision=6).readable
        'US$4.028 trillion'
        """
        value, precision = self.quantity.value, self.precision
        if value is not None and abs(value) >= _MILLION:
            precision = max(precision or 0, value.adjusted() - _READABLE + 1)
        return show(self.quantity, precision=precision)

    @property
    def claim(self) -> Claim:
        """What the record says that its number is, slot by slot."""
        share = self.quantity.unit == "%" and self.quantity.of
        stated = {field.name: getattr(self, field.name) for field in fields(self)}
        kind = {
            "basis": self.quantity.basis,
            "price_base": self.quantity.price_base,
            "kind": "share" if share else None,
        }
        return claim_of(stated | kind, rule="record")

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON values, decimals as text."""
        return {"key": self.key, "id": self.id, **self._content()}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Record:
        """Return the record that `to_dict` wrote, after a check that its `id` is the hash of its content."""
        known = {field.name for field in fields(cls)} | {"id"}
        if wrong := sorted(row.keys() - known) or sorted({"key", "quantity", "about", "source"} - row.keys()):
            raise SchemaError(f"unknown or missing field {wrong[0]!r}", remedy=f"Use {', '.join(sorted(known))}")
        if any(isinstance(number, float) for number in row["quantity"].values()):
            raise SchemaError("a decimal without quotes", remedy='Write "value": "0.1", which stays exact')
        content = {name: value for name, value in row.items() if name != "id"}
        record = cls(**{**content, "quantity": Quantity.from_dict(row["quantity"])})
        if row.get("id", record.id) != record.id:
            raise SchemaError(
                f"{record.key}: the content hashes to {record.id}, not to its id {row['id']}",
                remedy="Undo the change, or append a record that supersedes the old one",
            )
        return record

    def _content(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"quantity": self.quantity.to_dict()}


def _check_period(key: str, period: str) -> None:
    try:
        Period.parse(period)
    except SchemaError as error:
        raise SchemaError(f"{key}: {error.problem}", remedy=error.remedy) from None
