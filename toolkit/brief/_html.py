"""A brief as one page that needs nothing else: in the look of the reports, safe to open."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.brief import _pandoc

if TYPE_CHECKING:
    from toolkit.brief._sources import Entry

_TEMPLATES = Path(__file__).parents[1] / "templates"
_ALIGNED = re.compile(r' style="text-align: (right|center);"')  # the page allows no inline style
_NOTES = '<section id="footnotes"'  # where pandoc's notes begin; text cannot hold it, being escaped


def page(tree: dict[str, Any], entries: list[Entry], *, path: str, epoch: str) -> bytes:
    """Give the page of a filled-in tree."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    fragment = _pandoc.run(
        json.dumps(tree).encode(), "-f", "json", "-t", "html5", "--wrap=none", path=path, epoch=epoch
    ).decode()
    text, mark, notes = _ALIGNED.sub(r' class="\1"', fragment).partition(_NOTES)
    css = _css()
    facts = {name: plain(tree["meta"].get(name)) for name in ("title", "subtitle", "author", "date", "lang")}
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    html = environment.get_template("brief.html").render(
        title=facts["title"] or Path(path).stem,
        subtitle=facts["subtitle"],
        language=facts["lang"] or "en-GB",
        facts=[(name.capitalize(), facts[name]) for name in ("author", "date")],
        text=Markup(text),  # noqa: S704  # pandoc's own escaping; raw HTML is refused when the brief is read
        notes=Markup(mark + notes),  # noqa: S704
        entries=entries,
        figures=text.count("data-fig="),
        css=Markup(css),  # noqa: S704
        seal=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )
    return html.encode()


def plain(meta: Any) -> str:
    """Give a metadata value as text, a list joined by commas.

    >>> plain({"t": "MetaInlines", "c": [{"t": "Str", "c": "A"}, {"t": "Space"}, {"t": "Str", "c": "B"}]})
    'A B'
    """
    if not isinstance(meta, dict):
        return ""
    kind, content = meta["t"], meta.get("c")
    if isinstance(content, str):
        return content
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    parts = [plain(each) for each in content if isinstance(each, dict | list)] if content else []
    return (", " if kind == "MetaList" else "").join(parts)


@cache
def _css() -> str:
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "brief.css"))
