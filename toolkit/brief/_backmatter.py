"""What the build writes behind a brief's text: its sources and the figures used; and which paragraphs those are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.brief._cited import Cited
from toolkit.brief._sources import credit, entries, note
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.brief._prose import Prose
    from toolkit.brief._source import Node, Place
    from toolkit.registry import Registry

SOURCES, ANNEX, TRACE = "Sources", "Figures used", "Trace"
CLASS = "back-matter"
_ALIKE = str.maketrans({"|": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "..."})
_COLUMNS = (
    ("Key", "AlignLeft", 0.22),
    ("Figure", "AlignLeft", 0.16),
    ("What it is", "AlignLeft", 0.31),
    ("From", "AlignLeft", 0.31),
)


def blocks(cited: Iterable[Cited], registry: Registry) -> list[Node]:
    """Give sources and annex as pandoc's blocks; none where no figure is cited."""
    cited = list(cited)
    if not cited:
        return []
    listed = []
    for entry in entries((record for each in cited for record in each.records), registry):
        link = [{"t": "Space"}, {"t": "Link", "c": [["", [], []], [_text(entry.url)], [entry.url, ""]]}]
        listed.append({"t": "Para", "c": [_text(entry.text), *(link if entry.url else [])]})
    styled = {"t": "Div", "c": [["", ["references"], [["custom-style", "Bibliography"]]], listed]}
    return [_div("sources", [_heading(SOURCES), styled]), _div("annex", [_heading(ANNEX), _table(rows(cited))])]


def rows(cited: Iterable[Cited]) -> list[tuple[str, ...]]:
    """Give a row of the annex for each figure, in the order of their keys."""
    found: list[tuple[str, ...]] = []
    for each in sorted(cited, key=lambda cited: cited.figure):
        records = {record.key: record for record in each.records}.values()
        about = "computed here" if each.is_computed else next(iter(records)).about
        found.append((each.figure, each.show("short"), about, "; ".join(dict.fromkeys(map(credit, records)))))
    return found


def written(prose: Prose, registry: Registry) -> list[Place]:
    """Give the places of the paragraphs in `prose` that the build writes, word for word."""
    held = {each.figure: each for each in prose.cited.values() if isinstance(each, Cited)}
    expected = {_squashed(words) for words in _expected(held, registry)} if held else set()
    found, reached = [], 0
    for paragraph in prose.text.split("\n\n"):
        if _squashed(paragraph) in expected:
            found.append((reached, reached + len(paragraph)))
        reached += len(paragraph) + 2
    return found


def _expected(held: dict[str, Cited], registry: Registry) -> Iterator[str]:
    """Give every paragraph that a build of these figures may have written, on this registry or an earlier one."""
    try:
        for each in held.values():
            yield note(each)
            yield f"{note(each)} {TRACE}"
        for row in rows(held.values()):
            yield "".join(row)
        listed = entries((record for each in held.values() for record in each.records), registry)
    except ToolkitError:  # without the table of sources there is no note to know again
        return
    yield from (f"{entry.text} {entry.url or ''}" for entry in listed)


def _squashed(words: str) -> str:
    return "".join(words.translate(_ALIKE).replace("---", "-").replace("--", "-").split())


def _div(name: str, content: list[Node]) -> Node:
    return {"t": "Div", "c": [[name, [CLASS], []], content]}


def _heading(words: str) -> Node:
    return {"t": "Header", "c": [1, [f"list-of-{words.split(maxsplit=1)[0].lower()}", [], []], [_text(words)]]}


def _text(words: str | None) -> Node:
    return {"t": "Str", "c": words or ""}


def _table(lines: list[tuple[str, ...]]) -> Node:
    empty: list[Any] = ["", [], []]
    columns = [[{"t": align}, {"t": "ColWidth", "c": width}] for _, align, width in _COLUMNS]

    def row(cells: Iterable[str]) -> list[Any]:
        return [empty, [[empty, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": [_text(cell)]}]] for cell in cells]]

    head = [empty, [row(name for name, *_ in _COLUMNS)]]
    body = [[empty, 0, [], [row(line) for line in lines]]]
    return {"t": "Table", "c": [empty, [None, []], columns, head, body, [empty, []]]}
