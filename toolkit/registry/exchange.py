"""Records written for other programs, and read back: CSL-JSON, biblatex, W3C Web Annotation, OWID-like origins."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError, ToolkitError
from toolkit.registry.record import Record
from toolkit.registry.source import cited_article, describe, publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["FORMS", "export", "read_back"]

Row = dict[str, Any]
_SPECIAL = str.maketrans(
    {each: f"\\{each}" for each in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}
)
_VERBATIM = "verba"  # biblatex's field for text that is kept but not printed
_ENTRY = re.compile(r"^\s*@\w+\{", re.MULTILINE)
_WHOLE = re.compile(rf"^\s*{_VERBATIM} = \{{(\{{.*\}})\}},?$", re.MULTILINE)
_FIGURE = "figure"  # the member that carries the whole record, so that it can be read back
_FRAGMENTS = "http://tools.ietf.org/rfc/rfc7111"  # fragments of CSV: #row=5


def export(records: Iterable[Record], form: str) -> str:
    """Return `records` in one of `FORMS`, as text.

    Raises
    ------
    SchemaError
        If the form is unknown.
    """
    if form not in FORMS:
        raise SchemaError(f"no form {form!r} for records", remedy=f"Choose {', '.join(FORMS)}")
    rows = [FORMS[form](record) for record in records]
    if form == "biblatex":
        return "\n".join(rows)
    whole: Any = rows
    if form == "annotation":
        whole = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationPage", "items": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read_back(text: str) -> list[Record]:
    """Return the records that `export` wrote in any of `FORMS`.

    Raises
    ------
    SchemaError
        If it is in none of these forms, or an entry holds no record of a registry.
    """
    remedy = "Export with toolkit registry show KEY --as csl-json, biblatex, annotation or owid"
    try:
        if text.lstrip().startswith(("@", "%")):
            entries = _ENTRY.split(text)[1:]
            held = [json.loads(_WHOLE.findall(each)[0]) for each in entries]
        else:
            found = json.loads(text)
            rows = found["items"] if isinstance(found, dict) and "items" in found else found
            held = [row.get(_FIGURE) or row.get("custom", {}).get(_FIGURE) or row["body"][0][_FIGURE] for row in rows]
        return [Record.from_dict(each) for each in held]
    except ToolkitError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise SchemaError(f"not exported records: {error!r}", remedy=remedy) from None


def _csl(record: Record) -> Row:
    about = _about(record)
    row = {
        "id": record.key,
        "type": about["kind"],
        "title": about["title"],
        "publisher": about["publisher"],
        "container-title": about["outlet"],
        "URL": about["url"],
        "version": about["vintage"],
        "issued": _csl_date(about["published"]),
        "accessed": _csl_date(about["read"]),
        "note": f"{record}: {record.about}",
        "custom": {_FIGURE: record.to_dict()},
    }
    return {name: value for name, value in row.items() if value}


def _csl_date(stated: str | None) -> Row | None:
    parts = [int(part) for part in re.findall(r"\d+", stated or "")[:3]]
    return {"date-parts": [parts]} if parts else None


def _biblatex(record: Record) -> str:
    about = _about(record)
    kind = {"dataset": "dataset", "article-newspaper": "article"}.get(str(about["kind"]), "misc")
    rows = {
        "title": about["title"],
        "organization" if kind == "dataset" else "publisher": about["publisher"],
        "journaltitle": about["outlet"],
        "date": about["published"] if re.fullmatch(r"\d{4}(?:-\d\d(?:-\d\d)?)?", str(about["published"])) else None,
        "url": about["url"],
        "urldate": about["read"],
        "version": about["vintage"],
        "note": f"{record}: {record.about}",
    }
    verbatim = {"url", _VERBATIM}
    rows[_VERBATIM] = _balanced(json.dumps(record.to_dict(), ensure_ascii=False))
    lines = [
        f"  {name} = {{{value if name in verbatim else str(value).translate(_SPECIAL)}}},"
        for name, value in rows.items()
        if value
    ]
    return "\n".join([f"@{kind}{{{record.key},", *lines, "}", ""])


def _balanced(row: str) -> str:
    """Escape the braces in the texts of some JSON: a brace would end a field of BibTeX."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda text: text[0].replace("{", "\\u007b").replace("}", "\\u007d"), row)


def _annotation(record: Record) -> Row:
    """Return an annotation whose body is the record and whose target is the article's words or the cell."""
    source = record.source
    place, selector = source.get("source") or source.get("notebook") or "", source.get("selector", [])
    if source["type"] == "dataset":
        place, _, fragment = str(source.get("pointer") or source["dataset"]).partition("#")
        selector = [{"type": "FragmentSelector", "conformsTo": _FRAGMENTS, "value": fragment}]
    target = {"source": place, "selector": selector}
    said = {"type": "TextualBody", "value": f"{record}: {record.about}", "purpose": "identifying"}
    body = said | {_FIGURE: record.to_dict()}
    return {"id": f"urn:figure:{record.key}:{record.id}", "type": "Annotation", "body": [body], "target": target}


def _owid(record: Record) -> Row:
    about = _about(record)
    return {
        "title": about["title"],
        "producer": about["publisher"] or about["outlet"],
        "citationFull": describe(record),
        "attribution": about["publisher"] or about["outlet"],
        "versionProducer": about["vintage"],
        "license": about["licence"],
        "urlMain": about["url"],
        "dateAccessed": about["read"],
        "datePublished": about["published"],
        _FIGURE: record.to_dict(),
    }


def _about(record: Record) -> dict[str, str | None]:
    """Return what a bibliography states of a record's source."""
    empty = dict.fromkeys(("kind", "title", "publisher", "outlet", "url", "published", "read", "vintage", "licence"))
    source = record.source
    if source["type"] == "article":
        text = cited_article(source)
        known = {
            "kind": "article-newspaper",
            "title": text.title,
            "outlet": text.outlet,
            "url": text.url,
            "published": text.date,
        }
        return empty | known | {"read": record.retrieved}
    if source["type"] == "computed":
        title = f"{source['notebook']}: {source['expression']}"
        return empty | {"kind": "software", "title": title, "vintage": source["run"]}
    cited = publication(source["source"]) if source.get("source") else {}
    named = {name: cited.get(name) for name in ("title", "publisher", "url", "published", "read", "licence")}
    title = named["title"] or source["dataset"]
    return empty | named | {"kind": "dataset", "vintage": source["vintage"], "title": title}


FORMS: dict[str, Callable[[Record], Any]] = {
    "csl-json": _csl,
    "biblatex": _biblatex,
    "annotation": _annotation,
    "owid": _owid,
}
