"""A brief as one page that needs nothing else: in the look of the reports, safe to open."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from toolkit.brief import _page, _pandoc

_STYLED = re.compile(r' style="([^"<>]*)"')  # the page allows no inline style
_ALIGNED = re.compile(r"text-align: (right|center)")
_BACK = '<div id="sources" class="back-matter">'
_NOTES = '<section id="footnotes"'  # where pandoc's notes begin; text cannot hold it, being escaped


def document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - they are in the tree
    """Give the page of a filled-in tree."""
    from markupsafe import Markup

    options = ("-f", "json", "-t", "html5", "--citeproc", "--wrap=none")
    fragment = _pandoc.run(json.dumps(tree).encode(), *options, path=path, epoch=epoch).decode()
    text, mark, notes = _STYLED.sub(_class, fragment).partition(_NOTES)
    text, behind, back = text.partition(_BACK)
    facts = {name: plain(tree["meta"].get(name)) for name in ("title", "subtitle", "author", "date", "lang")}
    return _page.render(
        "brief.html",
        "brief.css",
        title=facts["title"] or Path(path).stem,
        subtitle=facts["subtitle"],
        language=facts["lang"] or "en-GB",
        facts=[(name.capitalize(), facts[name]) for name in ("author", "date")],
        text=Markup(text),  # noqa: S704  # pandoc's own escaping; raw HTML is refused when the brief is read
        notes=Markup(mark + notes),  # noqa: S704
        back=Markup(behind + back),  # noqa: S704
    )


def _class(style: re.Match[str]) -> str:
    aligned = _ALIGNED.search(style[1])
    return f' class="{aligned[1]}"' if aligned else ""


def plain(meta: Any) -> str:
    """Give a metadata value as text, a list joined by commas.

    >>> plain({"t": "MetaInlines", "c": [{"t": "Str", "c": "A"}, {"t": "Space"}, {"t": "Str", "c": "B"}]})
    'A B'
    """
    if isinstance(meta, list):
        return "".join(map(plain, meta))
    if not isinstance(meta, dict):
        return ""
    kind, content = meta["t"], meta.get("c")
    if isinstance(content, str):
        return content
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    parts = [plain(each) for each in content if isinstance(each, dict | list)] if content else []
    return (", " if kind == "MetaList" else "").join(parts)
