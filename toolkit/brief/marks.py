"""Verdicts shown in place: on a page, as comments in a Word document, as SARIF for a code host."""

from __future__ import annotations

import json
import re
import zipfile
from html import escape
from typing import TYPE_CHECKING

from toolkit import files
from toolkit.brief.judge.verdict import Verdict, tally
from toolkit.brief.make import formats
from toolkit.brief.read import read
from toolkit.brief.read.docx import footnotes, text_runs
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["commented", "marked_page", "sarif"]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_AUTHOR = "toolkit brief check"
_RUN = re.compile(r"<w:r[ >].*?</w:r>", re.DOTALL)
_TEXT = re.compile(r"<w:t[ >/]")
_COMMENTS = ("word/comments.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_FIRST_ID = 9_000  # of these comments, above those of authors


def marked_page(path: Path, verdicts: list[Verdict], target: Path) -> None:
    """Write one self-contained page of the text with every number marked, and the list of verdicts below."""
    source, parts, reached = read(path).source, [], 0
    for at, each in enumerate(verdicts, 1):
        start, end = max(each.start, reached), max(each.end, reached)
        parts += [(source[reached:start], None, 0), (source[start:end], each, at)]
        reached = end
    parts.append((source[reached:], None, 0))
    styles, told = ("brief.css", "trace.css"), tally(verdicts)
    made = formats.render("verdicts.html", *styles, title=path.name, parts=parts, verdicts=verdicts, tally=told)
    files.write(target, made, parents=True)


def commented(path: Path, verdicts: list[Verdict], target: Path) -> None:
    """Write a copy of a docx with a comment on each flagged number.

    Raises
    ------
    SchemaError
        If it is not a docx, or would be overwritten.
    """
    if path.suffix.lower() != ".docx" or path.resolve() == target.resolve():
        raise SchemaError(f"{path}: comments go into a copy of a docx", remedy="Check a docx, and name another file")
    flagged = [each for each in verdicts if each.is_flagged]
    runs, notes = text_runs(path), footnotes(path)
    with zipfile.ZipFile(path) as document:
        held = {name: document.read(name) for name in document.namelist()}
    files.write(target, formats.zipped(held | _with_comments(held, flagged, runs, notes)), parents=True)


def sarif(judged: Iterable[tuple[Path, list[Verdict]]], target: Path) -> None:
    """Write the flagged numbers as SARIF 2.1.0."""
    results = []
    for path, verdicts in judged:
        source = read(path).source
        results += [_result(path, source, each) for each in verdicts if each.is_flagged]
    rules = [{"id": name} for name in sorted({str(each["ruleId"]) for each in results})]
    run = {"tool": {"driver": {"name": "toolkit", "rules": rules}}, "results": results}
    whole = {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}
    files.write(target, json.dumps(whole, indent=1, ensure_ascii=False) + "\n", parents=True)


def _result(path: Path, source: str, verdict: Verdict) -> dict[str, object]:
    region = {
        "startLine": source.count("\n", 0, verdict.start) + 1,
        "charOffset": verdict.start,
        "charLength": verdict.end - verdict.start,
    }
    place = {"artifactLocation": {"uri": path.as_posix()}, "region": region}
    expected = f"; expected {verdict.expected}" if verdict.expected else ""
    return {
        "ruleId": verdict.verdict,
        "level": "error",
        "message": {"text": f"{verdict.text}: {verdict.reason}{expected}"},
        "locations": [{"physicalLocation": place}],
    }


def _with_comments(
    held: dict[str, bytes], flagged: list[Verdict], runs: list[tuple[int, int]], notes: list[tuple[int, str]]
) -> dict[str, bytes]:
    """Return the parts of the document with the comments; that on a number in a footnote is at the note's mark."""
    xml = held["word/document.xml"].decode()
    texts = [match.start() for match in _TEXT.finditer(xml)]
    edges = [match.span() for match in _RUN.finditer(xml)]
    said, edits = [], []
    for at, each in enumerate(flagged, _FIRST_ID):
        place = _place(each, texts, runs) if _is_body(each) else _mark(each, xml, notes)
        edge = next((edge for edge in edges if place is not None and edge[0] <= place < edge[1]), None)
        if edge is None:
            continue
        words = f"{each.verdict}: {each.reason}" + (f". Expected: {each.expected}" if each.expected else "")
        words = escape(f"“{each.text}” {words}")
        text = f'<w:p><w:r><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'
        said.append(f'<w:comment w:id="{at}" w:author="{_AUTHOR}">{text}</w:comment>')
        edits += [
            (edge[0], f'<w:commentRangeStart w:id="{at}"/>'),
            (edge[1], f'<w:commentRangeEnd w:id="{at}"/><w:r><w:commentReference w:id="{at}"/></w:r>'),
        ]
    for place, words in sorted(edits, reverse=True):
        xml = xml[:place] + words + xml[place:]
    return {"word/document.xml": xml.encode(), **_comments_part(held, "".join(said))}


def _is_body(verdict: Verdict) -> bool:
    return str(verdict.where).startswith("word/document.xml")


def _place(verdict: Verdict, texts: list[int], runs: list[tuple[int, int]]) -> int | None:
    """Return the offset in the XML of the text of a number."""
    number = next((index for start, index in reversed(runs) if start <= verdict.start), None)
    return None if number is None else texts[number]


def _mark(verdict: Verdict, xml: str, notes: list[tuple[int, str]]) -> int | None:
    """Return the offset in the XML of the mark of a number's footnote; Word allows no comments in the note itself."""
    if verdict.where != "word/footnotes.xml":
        return None
    number = next((number for start, number in reversed(notes) if start <= verdict.start), None)
    found = re.search(rf'<w:footnoteReference\b[^>]*w:id="{number}"', xml) if number else None
    return found.start() if found else None


def _comments_part(held: dict[str, bytes], notes: str) -> dict[str, bytes]:
    name, kind = _COMMENTS
    if name in held:
        return {name: _before(held[name], "</w:comments>", notes)}
    part = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:comments xmlns:w="{_W}">{notes}</w:comments>'
    relations = "word/_rels/document.xml.rels"
    link = f'<Relationship Id="rIdToolkitComments" Type="{_RELATION}" Target="comments.xml"/>'
    types, override = "[Content_Types].xml", f'<Override PartName="/{name}" ContentType="{kind}"/>'
    return {
        name: part.encode(),
        relations: _before(held[relations], "</Relationships>", link),
        types: _before(held[types], "</Types>", override),
    }


def _before(raw: bytes, mark: str, words: str) -> bytes:
    """Put `words` before the end of a part; an empty element is opened first."""
    text = raw.decode()
    if mark not in text:
        text = re.sub(r"/>\s*$", ">" + mark, text)
    return text.replace(mark, words + mark).encode()
