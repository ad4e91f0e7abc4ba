"""Figures of a notebook: published in a cell as a card, and harvested by the press."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError
from toolkit.quantity import Quantity
from toolkit.registry.file import Registry
from toolkit.registry.record import Record
from toolkit.registry.source import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MIME", "Card", "computed", "harvest", "publish", "publish_record"]

MIME = "application/vnd.toolkit.figure+json"
_SIGNIFICANT = 3  # digits shown of a number without a stated precision


@dataclass(frozen=True, slots=True)
class Card:
    """A record as a notebook shows it, and as the press finds it there."""

    record: Record

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        key, number, source = self.record.key, self.record.readable, describe(self.record)
        rows = (("value", number), ("about", self.record.about), ("source", source), ("key", key))
        html = "".join(f'<p class="{name}">{escape(words)}</p>' for name, words in rows)
        return {
            "text/html": f'<div class="figure-card">{html}</div>',
            "text/plain": f"{number}: {self.record.about} [{key}]\nSource: {source}",
            MIME: self.record.to_dict(),
        }


def publish(key: str, value: Any, unit: str, **more: Any) -> None:
    """Publish a number that a notebook computed; the arguments are those of `computed`."""
    publish_record(computed(key, value, unit, **more))


def publish_record(record: Record) -> None:
    """Show the card of `record` in a notebook; the press harvests it from there."""
    from IPython.display import display

    display(Card(record))  # type: ignore[no-untyped-call]


def computed(key: str, value: Any, unit: str, *, expression: str, inputs: Sequence[Any], **more: Any) -> Record:
    """Return the record of a computed number.

    Parameters
    ----------
    value : number or None
        In base units; None for an interval, with `low` and `high`.
    expression : str
        The arithmetic, in words or symbols.
    inputs : sequence
        What went in: keys, and cells as `observation.cell` returns them.
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
    ends = [_number(stated.pop(end), key) for end in ("low", "high") if stated.get(end) is not None]
    if value is not None:
        ends = [_number(value, key)]
        quantity = Quantity.stated(ends[0], unit, **stated)
    elif len(ends) == len(("low", "high")):
        stated.pop("hedge", None)
        quantity = Quantity.between(ends[0], ends[1], unit, **stated)
    else:
        raise SchemaError(f"{key}: neither a value nor an interval", remedy="Pass a value, or low and high")
    if more.get("precision") is None:
        more["precision"] = _precision(ends)
    unfinished = dict.fromkeys(("notebook", "parameters", "run"))  # the press knows them
    source = {"type": "computed", "expression": expression, "inputs": [*inputs], **unfinished}
    return Record(key, quantity, source=source, **{"status": "computed", **more})


def harvest(cells: Any, *, notebook: str, parameters: dict[str, Any], run_id: str) -> list[Record]:
    """Return the records that an executed notebook published, with its run written into them."""
    run = {"notebook": notebook, "parameters": parameters, "run": run_id}
    outputs = (output for cell in cells["cells"] for output in cell.get("outputs", ()))
    found = [Record.from_dict(row) for output in outputs if (row := output.get("data", {}).get(MIME))]
    found = [replace(each, source=each.source | run) if "run" in each.source else each for each in found]
    return [*Registry(found)]  # refuses a key that comes twice


def _precision(numbers: list[Decimal]) -> int:
    """Return the exponent of the third digit, or of the last one if that comes before."""
    last = min(int(number.normalize().as_tuple().exponent) for number in numbers)
    return max(max(number.adjusted() for number in numbers) - _SIGNIFICANT + 1, min(last, 0))


def _number(value: Any, key: str) -> Decimal:
    """Keep twelve digits of a float: further digits differ between machines."""
    number = Decimal(value if isinstance(value, int | str | Decimal) else f"{value:.12g}")
    if not number.is_finite():
        raise SchemaError(f"{key}: {value} is not a number", remedy="Publish a number, or say why there is none")
    return number
