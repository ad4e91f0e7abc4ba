"""An author's own citations, ``[@key, p. 5; @other]``, which the reading format does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.brief import _pandoc
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from toolkit.brief._source import Node

_KEY = re.compile(r"(-?)@([\w](?:[\w:.#$%&+?<>~/-]*\w)?)(.*)", re.DOTALL)
CITATION = re.compile(r"\[(-?@\w[^\[\]\n]*)\]")
_FORMS = {".json": "csljson", ".bib": "biblatex", ".yaml": "markdown"}
_MOST = 200  # inlines of one citation


def cite(inlines: list[Any]) -> list[Any]:
    """Make a Cite of each bracketed run of words that begins with @."""
    made: list[Any] = []
    at = 0
    while at < len(inlines):
        end = _end(inlines, at)
        parts = [_citation(part) for part in _words(inlines[at + 1 : end - 1]).split(";")] if end else [None]
        if end and all(parts):
            made.append({"t": "Cite", "c": [parts, inlines[at:end]]})
            at = end
        else:
            made.append(inlines[at])
            at += 1
    return made


def references(meta: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """Give the entries of the brief's bibliography as CSL-JSON; none if it names none."""
    from toolkit.brief._html import plain

    named = plain(meta.get("bibliography"))
    if not named:
        return []
    file = Path(path).parent / named
    form = _FORMS.get(file.suffix)
    if form is None or not file.is_file():
        raise SchemaError(f"{path}: no bibliography {named}", remedy="Name a .bib or CSL .json file beside the brief")
    found: list[dict[str, Any]] = json.loads(
        _pandoc.run(file.read_bytes(), "-f", form, "-t", "csljson", path=str(file))
    )
    return found


def as_meta(value: Any) -> Any:
    """Give a JSON value as pandoc's metadata."""
    if isinstance(value, dict):
        return {"t": "MetaMap", "c": {name: as_meta(each) for name, each in value.items()}}
    if isinstance(value, list):
        return {"t": "MetaList", "c": [as_meta(each) for each in value]}
    return {"t": "MetaString", "c": str(value)}


def cited_keys(source: str) -> set[str]:
    """Give the keys of the literature that a text cites."""
    return {
        found[2] for run in CITATION.findall(source) for part in run.split(";") if (found := _KEY.match(part.strip()))
    }


def _end(inlines: list[Any], at: int) -> int:
    """Give where the citation that begins at `at` ends; 0 if none does."""
    if not (
        _is(inlines, at, "[") and at + 1 < len(inlines) and _words(inlines[at + 1 : at + 3]).lstrip("-").startswith("@")
    ):
        return 0
    for end in range(at + 1, min(at + _MOST, len(inlines))):
        if _is(inlines, end, "]"):
            return end + 1
        if not isinstance(inlines[end], dict) or inlines[end].get("t") not in {"Str", "Space", "SoftBreak"}:
            return 0
    return 0


def _is(inlines: list[Any], at: int, words: str) -> bool:
    each = inlines[at]
    return isinstance(each, dict) and each.get("t") == "Str" and each.get("c") == words


def _words(inlines: list[Node]) -> str:
    return "".join(each.get("c", " ") if isinstance(each, dict) and each.get("t") == "Str" else " " for each in inlines)


def _citation(words: str) -> Node | None:
    found = _KEY.fullmatch(words.strip())
    if not found:
        return None
    suffix = [{"t": "Str", "c": found[3].rstrip()}] if found[3].strip() else []
    mode = "SuppressAuthor" if found[1] else "NormalCitation"
    return {
        "citationId": found[2],
        "citationPrefix": [],
        "citationSuffix": suffix,
        "citationMode": {"t": mode},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
