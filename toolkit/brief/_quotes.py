"""Whether what a brief quotes still stands in the article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit import article
from toolkit.brief._judge import Judgement
from toolkit.datasets import home
from toolkit.errors import ToolkitError
from toolkit.registry import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.article import Article
    from toolkit.brief._source import Place
    from toolkit.registry import Record

_MARKS = {"“": "”", '"': '"', "‘": "’", "«": "»", "„": "“"}


class Quotes:
    """The articles behind the figures, each read once."""

    def __init__(self) -> None:
        self._read: dict[str, Article | None] = {}

    def objection(self, records: Iterable[Record], text: str, place: Place) -> Judgement | None:
        """Say what differs: the article from its record, or a quotation from the article."""
        for record in records:
            if record.source["type"] != "article":
                continue
            exact = record.source["selector"][0]["exact"]
            held = self._article(record.source["source"])
            state = check(record, held).state if held else "same"
            if state in {"changed", "gone"}:
                return Judgement("quote_changed", f"“{exact}” is {state} in {record.source['source']} as it stands now")
            quoted = _quoted(text, place)
            if quoted and _plain(quoted) not in _plain(exact) and _plain(exact) not in _plain(quoted):
                return Judgement("quote_changed", f"the brief quotes “{quoted}”, the source has “{exact}”")
        return None

    def _article(self, name: str) -> Article | None:
        """Give the article as it stands now; None where the project does not keep it."""
        if name not in self._read:
            path = home() / name
            try:
                self._read[name] = article.read(path) if path.is_file() else None
            except ToolkitError:
                self._read[name] = None
        return self._read[name]


def _quoted(text: str, place: Place) -> str | None:
    """Give the words of a span that stands in quotation marks, which may be inside it."""
    start, end = place
    inside = text[start:end]
    if _MARKS.get(inside[:1]) == inside[-1:] and len(inside) > 1:
        return inside[1:-1]
    return inside if _MARKS.get(text[max(0, start - 1) : start]) == text[end : end + 1] != "" else None


def _plain(words: str) -> str:
    return "".join(words.split()).casefold()
