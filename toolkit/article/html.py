"""The article in a web page: its main text, its metadata, and the text that it hides."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.article.decoding import decode_page
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["html"]

_REMEDY = "Save the article's text alone"
_MOST_BYTES = 5_000_000
_MOST_DEPTH = 200  # beyond about 250 the parser silently drops text
_MOST_ELEMENTS = 100_000  # the extraction takes about 0.1 ms for each
_MOST_ATTRIBUTES = 500  # parsing time grows with their square
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*+)>")
_ATTRIBUTE = re.compile(r"\s[\w:@.-]++(?=[\s=/]|$)")
_SKIPPED = re.compile(r"<(?:!--|script|style|noscript|template|svg)\b|<!--", re.IGNORECASE)
# Elements without content, or closed by the next one of their kind: they do not nest.
_FLAT = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "colgroup", "html", "head", "body",
))  # fmt: skip
_HIDING = (  # styles; a size or opacity of 0 but not of 0.5, a place far outside the page
    "display:none", "visibility:hidden", r"font-size:0(?!\.?[1-9])", r"opacity:0(?!\.?[1-9])", r"text-indent:-\d{3}",
    r"left:-\d{3}", r"top:-\d{3}", r"clip:rect\(0",
)  # fmt: skip
_HIDDEN = re.compile("|".join(_HIDING).replace(":", r"\s*:\s*"), re.IGNORECASE)
_COLOUR = re.compile(r"(?<![-\w])(background(?:-color)?|color)\s*:\s*([#\w]+)", re.IGNORECASE)
_WHITE = {"#fff": "white", "#ffffff": "white", "#FFF": "white", "#FFFFFF": "white"}
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")
_QUOTED = 60  # characters of hidden text in a notice

# The names of metadata in pages, the most reliable first.
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "headline"),
    "outlet": ("og:site_name", "dc.publisher", "publisher", "application-name"),
    "date": (
        "article:published_time", "datepublished", "dc.date", "date", "pubdate", "parsely-pub-date", "dcterms.date",
    ),
    "url": ("og:url",),
}  # fmt: skip


def html(raw: bytes, path: Path, encoding: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return the main text of a page and its metadata.

    Hidden text is removed first and quoted in `notices`; scripts never run.

    Raises
    ------
    SchemaError
        If the page is too large or too deep, or has no article in it.
    """
    if len(raw) > _MOST_BYTES:
        raise SchemaError(f"{path}: {len(raw):,} bytes, more than {_MOST_BYTES:,}", remedy=_REMEDY)
    page, notices = decode_page(raw, path, encoding)
    _check_shape(page, path)
    # heavy, and only web pages need them
    from lxml import html as parser
    from trafilatura import extract

    try:
        clean = page.replace("\0", "").encode("utf-8", "replace")
        tree = parser.document_fromstring(clean, parser=parser.HTMLParser(encoding="utf-8"))
    except (parser.etree.ParserError, ValueError) as error:
        raise SchemaError(f"{path}: not a web page ({error})", remedy=_REMEDY) from None
    about = _metadata(tree)
    notices += [f"hidden text, not read: “{text}”" for text in _take_hidden(tree)]
    paragraphs = sum(len(" ".join(part.text_content().split())) for part in tree.iter("p"))
    text = extract(tree, include_comments=False, include_tables=True, deduplicate=False, output_format="txt")
    if not text:
        raise SchemaError(f"{path}: no article text found in the page", remedy=f"{_REMEDY}, as .txt")
    if len(text) < paragraphs / 2:
        share = f"{len(text):,} of the {paragraphs:,} characters in the page's paragraphs"
        notices.append(f"{share} were taken as the article")
    return text, {**about, "form": "html", "notices": tuple(notices)}


def _check_shape(page: str, path: Path) -> None:
    """Refuse a page that the parser would cut, or that would take too long."""
    depth = deepest = count = 0
    for tag in _TAG.finditer(_visible(page)):
        count += 1
        if len(tag[3]) > _MOST_ATTRIBUTES and len(_ATTRIBUTE.findall(tag[3])) > _MOST_ATTRIBUTES:
            raise SchemaError(f"{path}: <{tag[2]}> has over {_MOST_ATTRIBUTES} attributes", remedy=_REMEDY)
        if tag[2].lower() not in _FLAT and not tag[3].endswith("/"):
            depth = max(0, depth - 1) if tag[1] else depth + 1
            deepest = max(deepest, depth)
    if deepest > _MOST_DEPTH:
        raise SchemaError(f"{path}: elements {deepest} deep, more than {_MOST_DEPTH}", remedy=_REMEDY)
    if count > _MOST_ELEMENTS:
        raise SchemaError(f"{path}: {count:,} tags, more than {_MOST_ELEMENTS:,}", remedy=_REMEDY)


def _visible(page: str) -> str:
    """Return the page without comments and scripts; one that is never closed goes on to the end."""
    kept, at, lower = [], 0, page.lower()
    while found := _SKIPPED.search(page, at):
        kept.append(page[at : found.start()])
        opened = found[0].lower()
        closed = lower.find("-->" if opened == "<!--" else f"</{opened[1:]}", found.end())
        if closed < 0:
            return "".join(kept)
        at = closed + len("-->")
    return "".join([*kept, page[at:]])


def _take_hidden(tree: Any) -> Iterator[str]:
    """Remove the elements that a reader does not see, and yield their words."""
    for element in list(tree.iter()):
        if isinstance(element.tag, str) and element.getparent() is not None and _is_hidden(element):
            words = " ".join(element.text_content().split())
            element.drop_tree()
            if words:
                yield words[:_QUOTED] + ("…" if len(words) > _QUOTED else "")


def _is_hidden(element: Any) -> bool:
    style = element.get("style") or ""
    named = ((name.lower().removesuffix("-color"), value) for name, value in _COLOUR.findall(style))
    colours = {name: _WHITE.get(value, value.lower()) for name, value in named}
    same = "color" in colours and colours["color"] == colours.get("background", "white")
    return "hidden" in element.attrib or _HIDDEN.search(style) is not None or same


def _metadata(tree: Any) -> dict[str, str]:
    """Return title, outlet, date and address as the page states them."""
    said = dict(_linked_data(tree))
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name and (value := (meta.get("content") or "").strip()):
            said.setdefault(name, value)
    found = {field: next((said[name] for name in names if name in said), "") for field, names in _META.items()}
    found["title"] = found["title"] or (tree.findtext(".//title") or "").strip()
    canonical = (link.get("href") or "" for link in tree.iter("link") if link.get("rel") == "canonical")
    found["url"] = found["url"] or next(canonical, "")
    timed = next((time.get("datetime") for time in tree.iter("time") if time.get("datetime")), "")
    dated = _DATE.search(found.pop("date") or timed or "")
    about = {field: " ".join(value.split()) for field, value in found.items() if value.strip()}
    if not about.get("url", "").startswith(("http://", "https://")):
        about.pop("url", None)
    return about | ({"date": dated[0], "date_basis": "stated"} if dated else {})


def _linked_data(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield what the page's JSON-LD says about the article."""
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            things = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for thing in _things(things):
            if isinstance(thing.get("datePublished"), str):
                yield "datepublished", thing["datePublished"]
            if isinstance(thing.get("headline"), str):
                yield "headline", thing["headline"]
            publisher = thing.get("publisher")
            if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
                yield "publisher", publisher["name"]


def _things(data: Any) -> Iterator[dict[str, Any]]:
    listed = data if isinstance(data, list) else [data]
    for thing in listed:
        if isinstance(thing, dict):
            yield thing
            yield from (part for part in thing.get("@graph") or () if isinstance(part, dict))
