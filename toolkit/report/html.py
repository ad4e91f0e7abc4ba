"""HTML pages from templates, above all a self-contained page for each executed notebook."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from toolkit.article import Article
from toolkit.files import PACKAGE, read_text
from toolkit.report.notebook import Notebook, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jinja2 import Environment

__all__ = ["clean", "finding", "heading", "markdown", "page", "render"]

_TEMPLATES = PACKAGE / "templates"
# the first of these that an output has is shown
_FORMS = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_VOID = re.compile(r"<(br|col|hr|img|input|link|meta|wbr)\b", re.IGNORECASE)
_MOST_CHARACTERS, _MOST_DEPTH = 8_000_000, 150  # the cleaner's time grows with the square of the depth
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ALIGNED = re.compile(r'(<t[hd]) style="text-align:\s*(right|center|left);?"')
_TABLE = re.compile(r'(?:<div class="scroll">)?(<table.*?</table>)(?:</div>)?', re.DOTALL)
_DATE = re.compile(r"<td>(?=\d{4}-\d\d(-\d\d)?</td>)")
_BLOCK, _TAG = re.compile(r"</?(?:br|div|li|p)\b[^>]*>"), re.compile(r"<[^>]+>")
_ANSWER = re.compile(r'<div class="answer">(.*?)</div>', re.DOTALL)
_TITLE = re.compile(r'<figcaption class="finding">(.*?)</figcaption>', re.DOTALL)
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_BOX = r'<div class="scroll" tabindex="0" role="region" aria-label="Table">\1</div>'


def page(notebook: Notebook, run: Mapping[str, Any]) -> str:
    """Return the HTML page of an executed notebook and its run record `run`."""
    cells = [cell | {"source": join(cell["source"])} for cell in notebook["cells"]]
    first = _first_prose({"cells": cells})
    blocks = list(_blocks([cell for cell in cells if cell is not first]))
    return render("report.html", title=run["title"], question=markdown(run["question"]), blocks=blocks, run=run)


def render(template: str, **values: Any) -> str:
    """Fill a template of ``toolkit/templates``; text is escaped unless it has been cleaned.

    If a script has the template's name, it is put into the page, whose policy lets no other script run.
    """
    css = read_text(_TEMPLATES / "style.css")
    path = _TEMPLATES / template.replace(".html", ".js")
    if path.is_file():
        script = read_text(path).rstrip("\n")
        values |= {"script": script, "script_seal": _seal(script)}
    return _environment().get_template(template).render(css=css, seal=_seal(css), **values)


def _seal(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def heading(notebook: Notebook) -> tuple[str, str]:
    """Return the title of a notebook and the question below it, both from its first Markdown cell."""
    first = _first_prose(notebook)
    title, _, rest = (first["source"] if first else "").strip().partition("\n")
    return (title[2:].strip(), rest.strip()) if title.startswith("# ") else ("", f"{title}\n{rest}".strip())


def finding(notebook: Notebook) -> str:
    """Return the finding of an executed notebook: the first sentence of its answer, or its first chart's title.

    >>> answer = {"text/html": '<div class="answer"><p>It fell by 2.1 %. Cars made up a third.</p></div>'}
    >>> finding({"cells": [{"outputs": [{"data": answer}]}]})
    'It fell by 2.1 %.'
    """
    shown = [
        join(o.get("data", {}).get("text/html", "")) for cell in notebook["cells"] for o in cell.get("outputs", [])
    ]
    for pattern in (_ANSWER, _TITLE):
        if found := next((match[1] for match in map(pattern.search, shown) if match), ""):
            words = " ".join(unescape(_TAG.sub("", _BLOCK.sub(" ", found))).split())
            return _first_sentence(words) if pattern is _ANSWER else words
    return ""


def _first_sentence(words: str) -> str:
    sentences = Article(words).sentences()
    return words[sentences[0].start : sentences[0].end] if sentences else words


def clean(markup: str) -> Any:
    """Return `markup` without scripts and outside content, each table in a box that scrolls on its own.

    >>> print(clean('<p onclick="x()">Trade<script>steal()</script><img src="https://example.org/a.png"></p>'))
    <p>Trade<img></p>
    """
    import nh3
    from markupsafe import Markup

    if len(markup) > _MOST_CHARACTERS or _depth(markup) > _MOST_DEPTH:
        return Markup('<p class="error">Too large or too deep to show; it is in report.ipynb</p>')
    cleaned = nh3.clean(
        _ALIGNED.sub(r'\1 class="\2"', markup),
        tags=nh3.ALLOWED_TAGS | {"section", "tfoot"},
        clean_content_tags={"script", "style"},
        attributes=nh3.ALLOWED_ATTRIBUTES | {"*": {"class", "id", "lang", "title"}},
        attribute_filter=_kept,
        generic_attribute_prefixes={"aria-", "data-"},
        url_schemes={"data", "http", "https", "mailto"},
    )
    whole = _PERCENT.sub("\N{NO-BREAK SPACE}", _DATE.sub(r'<td class="day">', cleaned))
    return Markup(_TABLE.sub(_BOX, whole))  # noqa: S704 - just cleaned


def markdown(source: str) -> Any:
    """Convert Markdown to clean HTML; HTML in the source is shown as text."""
    from markdown_it import MarkdownIt

    return clean(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))


def _blocks(cells: list[Notebook]) -> Iterator[dict[str, Any]]:
    """Yield prose and outputs in order, each output with the code since the previous one."""
    code: list[str] = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            yield {"prose": markdown(cell["source"])}
            continue
        code += [cell["source"]] if cell["cell_type"] == "code" and cell["source"].strip() else []
        if shown := [_output(output) for output in cell.get("outputs", [])]:
            yield {"outputs": shown, "code": code}
            code = []
    if code:
        yield {"outputs": [], "code": code}


def _output(output: Notebook) -> Any:
    if output["output_type"] == "stream":
        return _pre(f"stream {output['name']}", output["text"])
    if output["output_type"] == "error":
        said, trace = escape(f"{output['ename']}: {output['evalue']}"), _pre("trace", "\n".join(output["traceback"]))
        return clean(f'<div class="error"><p>{said}</p><details><summary>Where</summary>{trace}</details></div>')
    forms = output["data"]
    best = next((form for form in _FORMS if form in forms), "")
    if best.startswith("image/"):
        return _picture(best, join(forms[best]), join(forms.get("text/plain", "")))
    if best in {"text/html", "text/markdown"}:
        return (clean if best == "text/html" else markdown)(join(forms[best]))
    return _pre("result", forms[best] if best else f"({', '.join(forms)} cannot be shown)")


def _picture(form: str, content: str, plain: str) -> Any:
    encoded = base64.b64encode(content.encode()).decode() if form == "image/svg+xml" else "".join(content.split())
    alt = "Chart" if plain.startswith("<") else escape(plain)
    return clean(f'<figure class="chart"><img alt="{alt}" src="data:{form};base64,{encoded}"></figure>')


def _pre(kind: str, text: str | list[str]) -> Any:
    return clean(f'<pre class="{kind}">{escape(_ANSI.sub("", join(text)))}</pre>')


def _kept(tag: str, name: str, value: str) -> str | None:
    """Allow only pictures that are in the page itself, and no link to a data address."""
    if (tag, name) == ("img", "src"):
        return value if _PICTURE.fullmatch(value) else None
    return None if name == "href" and value.strip().lower().startswith("data:") else value


def _depth(markup: str) -> int:
    depth = deepest = 0
    for tag in re.finditer(r"<(/?)[a-zA-Z]", _VOID.sub("", markup)):
        depth = max(0, depth + (-1 if tag[1] else 1))
        deepest = max(deepest, depth)
    return deepest


def _first_prose(notebook: Notebook) -> Notebook | None:
    return next((cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"), None)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    strict: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, **strict)
    environment.filters |= {"day": _day, "markdown": markdown, "words": _words}
    return environment


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "–"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return str(value) or "–"
