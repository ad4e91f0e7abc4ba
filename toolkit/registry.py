"""The figures that may be cited: pinned keys, append-only, each checked against its source."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.errors import SchemaError, ToolkitError, UnknownCode
from toolkit.quantity import Quantity, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from toolkit.article import Article
    from toolkit.figures import Figure

MIME = "application/vnd.toolkit.figure+json"
_KEY = re.compile(r"(?=.{1,30}$)[a-z0-9]+(-[a-z0-9]+)*")
_CONTEXT = 32  # characters of prefix and suffix in a quote selector
_SIGNIFICANT = 3  # digits shown of a number whose source prints none
_CLOSED_SETS = {
    "valuation": ("CIF", "FOB", "FAS", "CUSTOMS", "NA"),
    "status": ("reported", "estimated", "expected", "pledged", "target", "denied", "computed"),
}
_SOURCES = {
    "article": ("source", "article", "selector"),
    "dataset": ("dataset", "vintage", "sha256", "row", "column"),
    "computed": ("expression", "inputs", "notebook", "parameters", "run"),
}
_CITED = ("id", "title", "outlet", "date", "date_basis", "url", "original_sha256")


@dataclass(frozen=True, slots=True)
class Record:
    """One figure that a brief may cite.

    Attributes
    ----------
    key : str
        The human name, pinned for ever: ``jp-us-investment``.
    quantity : Quantity
    about : str
        What the number is of, in words.
    source : dict
        ``type`` and what leads to the sentence, the cell or the notebook.
    place, partner : str or None
        ISO 3166-1 alpha-3, or a typed non-country.
    product, period : str or None
        HS codes, separated by a space; ISO 8601.
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
        """Refuse a record that could not be found again."""
        if not _KEY.fullmatch(self.key):
            wrong = f"{self.key!r} ({len(self.key)} characters) cannot be a key"
            raise SchemaError(wrong, remedy="Use at most 30 of a-z and 0-9, words parted by single hyphens")
        kind = str(self.source.get("type"))
        if lacking := [name for name in _SOURCES.get(kind, _SOURCES) if name not in self.source]:
            needed = "; ".join(f"{name} needs {', '.join(needs)}" for name, needs in _SOURCES.items())
            raise SchemaError(f"{self.key}: a source of type {kind!r} without {lacking[0]!r}", remedy=needed)
        for name, allowed in _CLOSED_SETS.items():
            if getattr(self, name) not in allowed:
                raise SchemaError(f"{self.key}: {name} {getattr(self, name)!r}", remedy=f"Use {', '.join(allowed)}")

    @property
    def id(self) -> str:
        """Content hash: the first 16 hex digits of the sha256 of the canonical record.

        Canonical is `to_dict` as JSON with sorted keys, without `id`, without
        `retrieved` and without the source's ``run``: whoever reads the same
        thing again gets the same id.
        """
        source = {name: value for name, value in self.source.items() if name != "run"}
        row = self._content() | {"source": source}
        del row["retrieved"]
        canonical = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        """Give the quantity in words, to its own precision."""
        return show(self.quantity, precision=self.precision)

    def to_dict(self) -> dict[str, Any]:
        """Give the record as JSON values, decimals as text."""
        return {"key": self.key, "id": self.id, **self._content()}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Record:
        """Give the record that `to_dict` wrote; an `id` that is not its content's is refused."""
        known = {field.name for field in fields(cls)} | {"id"}
        if wrong := sorted(row.keys() - known) or sorted({"key", "quantity", "about", "source"} - row.keys()):
            raise SchemaError(f"unknown or missing field {wrong[0]!r}", remedy=f"Use {', '.join(sorted(known))}")
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


class Registry:
    """Records by key; a key resolves to its newest."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._newest: dict[str, Record] = {}
        for record in records:
            self.add(record)

    def __iter__(self) -> Iterator[Record]:
        """Give the newest record of each key."""
        return iter(self._newest.values())

    def resolve(self, key: str) -> Record:
        """Give the newest record of `key`, or an UnknownCode that names near keys."""
        if key in self._newest:
            return self._newest[key]
        near = ", ".join(difflib.get_close_matches(key, self._newest, n=3) or sorted(self._newest)[:3])
        remedy = f"Cite a registered key ({near or 'there is none yet'}), or register the figure first"
        raise UnknownCode(f"no figure {key!r} in the registry", remedy=remedy)

    def add(self, record: Record) -> None:
        """Take in a record; one whose key is known must supersede the key's newest."""
        before = self._newest.get(record.key)
        if record.supersedes != (newest := before.id if before else None):
            raise SchemaError(
                f"{record.key}: the key's newest record is {newest}, but this one supersedes {record.supersedes}",
                remedy="Choose another key, or set supersedes to the id of the key's newest record",
            )
        self._newest[record.key] = record


def load(*paths: Path | str) -> Registry:
    """Give the registry of one or more files of JSON Lines, read in that order.

    Raises
    ------
    SchemaError
        Naming file and line, if a line is no record or a key comes twice.
    """
    registry = Registry()
    for path in map(Path, paths):
        for number, line in enumerate(_lines(path), start=1):
            try:
                registry.add(_record(line))
            except ToolkitError as error:
                raise SchemaError(f"{path}:{number}: {error.problem}", remedy=error.remedy) from None
    return registry


def dumps(records: Iterable[Record]) -> str:
    """Give `records` as JSON Lines."""
    return "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in records)


def append(path: Path | str, record: Record) -> str:
    """Add `record` to a file under a lock, on the disk when this returns; give its id."""
    from filelock import FileLock

    path = Path(path).resolve()
    # a lock file beside the registry would stay behind in data/
    lock = Path(tempfile.gettempdir()) / f"toolkit-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.lock"
    with FileLock(lock):
        (load(path) if path.exists() else Registry()).add(record)  # refuses before anything is written
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(dumps([record]))
            stream.flush()
            os.fsync(stream.fileno())
    return record.id


def from_figure(key: str, figure: Figure, article: Article, **more: Any) -> Record:
    """Give the record of a figure that `article` states; `more` are fields that replace what was read.

    The source is a W3C Web Annotation target: a quote with what stands around
    it (TextQuoteSelector) and a place (TextPositionSelector).
    """
    start, end = figure.start, figure.end
    around = {"prefix": article.text[max(0, start - _CONTEXT) : start], "suffix": article.text[end : end + _CONTEXT]}
    cited = {name: value if (value := getattr(article, name)) is None else str(value) for name in _CITED}
    source = {
        "type": "article",
        "source": Path(article.path).name if article.path else None,
        "article": cited | {"is_note": article.is_note},
        "selector": [
            {"type": "TextQuoteSelector", "exact": article.text[start:end], **around},
            {"type": "TextPositionSelector", "start": start, "end": end},
        ],
    }
    place, partner = [*figure.economies, None, None][:2]
    read = {
        "about": figure.about,
        "place": place,
        "partner": partner,
        "product": " ".join(figure.products) or None,
        "period": figure.period,
        "status": str(figure.status),
        "speaker": figure.speaker,
        "precision": _printed(figure.quantity, figure.quote),
    }
    return Record(key, figure.quantity, source=source, **(read | more))


class Anchor(NamedTuple):
    """Where an article says now what a record quotes; `state` is same, moved, changed or gone."""

    state: str
    start: int = -1
    end: int = -1
    text: str = ""


def check(record: Record, article: Article) -> Anchor:
    """Find a record's quotation in `article`: by its place, by its words, by what stood around it."""
    quote, position = record.source["selector"]
    exact, before, after = quote["exact"], quote["prefix"], quote["suffix"]
    text, start = article.text, position["start"]
    places = [match.start() for match in re.finditer(re.escape(exact), text)]
    framed = [at for at in places if text[:at].endswith(before) or text.startswith(after, at + len(exact))]
    if framed or len(places) == 1:
        at = min(framed or places, key=lambda place: abs(place - start))
        return Anchor("same" if at == start else "moved", at, at + len(exact), exact)
    opened = text.find(before) + len(before)
    closed = text.find(after, opened)
    if before in text and closed >= 0:
        return Anchor("changed", opened, closed, text[opened:closed])
    return Anchor("gone")


def describe(record: Record) -> str:
    """Say in one line where a record's number comes from."""
    source = record.source
    if source["type"] == "article":
        cited = source["article"]
        return (
            f"{'our note on ' if cited['is_note'] else ''}“{cited['title']}”, {cited['outlet'] or 'outlet not named'}"
        )
    if source["type"] == "dataset":
        return _cell(source)
    inputs = ", ".join(each if isinstance(each, str) else _cell(each) for each in source["inputs"])
    return f"computed: {source['expression']}; from {inputs}"


@dataclass(frozen=True, slots=True)
class Card:
    """A record as a notebook shows it, and as the press finds it there."""

    record: Record

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        key, number, source = self.record.key, str(self.record), describe(self.record)
        rows = (("value", number), ("about", self.record.about), ("source", source), ("key", key))
        html = "".join(f'<p class="{name}">{escape(words)}</p>' for name, words in rows)
        return {
            "text/html": f'<div class="figure-card">{html}</div>',
            "text/plain": f"{number}: {self.record.about} [{key}]\nSource: {source}",
            MIME: self.record.to_dict(),
        }


def publish(key: str, value: Any, unit: str, **more: Any) -> None:
    """Publish a number that a notebook computed, by one call; arguments as in `computed`."""
    publish_record(computed(key, value, unit, **more))


def publish_record(record: Record) -> None:
    """Show the card of `record` in a notebook; the press harvests it from there."""
    from IPython.display import display

    display(Card(record))  # type: ignore[no-untyped-call]


def computed(key: str, value: Any, unit: str, *, expression: str, inputs: Sequence[Any], **more: Any) -> Record:
    """Give the record of a computed number.

    Parameters
    ----------
    value : number or None
        In base units; None for an interval, with `low` and `high`.
    expression : str
        The arithmetic, in words or symbols.
    inputs : sequence
        What went in: keys, and cells as `observation.cell` gives them.
    more
        `about`, and further fields of Record or Quantity. Without a precision
        three significant digits are shown.

    Examples
    --------
    >>> share = computed("cn-share", 69.23, "%", about="share of mining", expression="CHN / WLD", inputs=["a", "b"])
    >>> print(share)
    69.2 %
    """
    stated = {field.name: more.pop(field.name) for field in fields(Quantity) if field.name in more}
    low, high = (_number(stated.pop(end, 0) or 0, key) for end in ("low", "high"))
    if value is None:
        quantity = Quantity.between(low, high, unit, **{name: stated[name] for name in stated if name != "hedge"})
    else:
        high = _number(value, key)
        quantity = Quantity.stated(high, unit, **stated)
    if more.get("precision") is None:
        more["precision"] = high.adjusted() - _SIGNIFICANT + 1
    unfinished = dict.fromkeys(("notebook", "parameters", "run"))  # the press knows them
    source = {"type": "computed", "expression": expression, "inputs": [*inputs], **unfinished}
    return Record(key, quantity, source=source, **{"status": "computed", **more})


def harvest(cells: Any, *, notebook: str, parameters: dict[str, Any], run_id: str) -> list[Record]:
    """Give the records that an executed notebook published, its run written into them."""
    run = {"notebook": notebook, "parameters": parameters, "run": run_id}
    outputs = (output for cell in cells["cells"] for output in cell.get("outputs", ()))
    found = [Record.from_dict(row) for output in outputs if (row := output.get("data", {}).get(MIME))]
    found = [replace(each, source=each.source | run) if "run" in each.source else each for each in found]
    return [*Registry(found)]  # refuses a key that comes twice


def _lines(path: Path) -> list[bytes]:
    try:
        *lines, rest = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SchemaError(f"{path}: {error.strerror}", remedy="Name a registry file that can be read") from None
    if rest:
        raise SchemaError(f"{path}:{len(lines) + 1}: the line breaks off", remedy="Restore it, or delete that line")
    return lines


def _record(line: bytes) -> Record:
    try:
        return Record.from_dict(json.loads(line.decode("utf-8")))
    except ToolkitError:
        raise
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SchemaError(f"no record: {error}", remedy="Restore the line; registry.append writes them") from None


def _number(value: Any, key: str) -> Decimal:
    """Keep twelve digits of a float: what lies behind them differs between machines."""
    number = Decimal(value if isinstance(value, int | str | Decimal) else f"{value:.12g}")
    if not number.is_finite():
        raise SchemaError(f"{key}: {value} is not a number", remedy="Publish a number, or say why there is none")
    return number


def _printed(quantity: Quantity, quote: str) -> int:
    """Give the exponent of the last significant digit that `quote` prints; zeros that end an integer are none."""
    top = next(number for number in (quantity.value, quantity.high, quantity.low) if number is not None)
    digits = [token.replace(",", "") for token in re.findall(r"\d[\d,]*(?:\.\d+)?", quote)]
    last = digits[-1] if digits else "1" * _SIGNIFICANT
    significant = last.replace(".", "").lstrip("0") if "." in last else last.strip("0")
    return top.adjusted() - max(len(significant), 1) + 1


def _cell(cell: dict[str, Any]) -> str:
    row = ", ".join(str(value) for value in cell["row"].values() if value)
    return f"data/{cell['dataset']}.csv ({row}), column {cell['column']}"
