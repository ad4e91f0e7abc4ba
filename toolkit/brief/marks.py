"""The verdicts where they belong: on a page, in the margin of a Word document, beside a code host's lines."""

from __future__ import annotations

import io
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

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_AUTHOR = "toolkit brief check"
_RUN = re.compile(r"<w:r[ >].*?</w:r>", re.DOTALL)
_TEXT = re.compile(r"<w:t[ >/]")
_COMMENTS = ("word/comments.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_FIRST_ID = 9_000  # of our comments, above those that authors make


def marked_page(path: Path, verdicts: list[Verdict], target: Path) -> None:
    """Write the text with every number marked, and the list of verdicts below: one page that needs nothing else."""
    source, parts, reached = read(path).source, [], 0
    for at, each in enumerate(verdicts, 1):
        start, end = max(each.start, reached), max(each.end, reached)
        parts += [(source[reached:start], None, 0), (source[start:end], each, at)]
        reached = end
    parts.append((source[reached:], None, 0))
    styles, told = ("brief.css", "trace.css"), tally(verdicts)
    files.write(
        target,
        formats.render("verdicts.html", *styles, title=path.name, parts=parts, verdicts=verdicts, tally=told),
        parents=True,
    )


def commented(path: Path, verdicts: list[Verdict], target: Path) -> None:
    """Write a copy of a docx with a comment on each flagged number; the document itself stays.

    Raises
    ------
    SchemaError
        If it is no docx, or would be overwritten.
    """
    if path.suffix.lower() != ".docx" or path.resolve() == target.resolve():
        raise SchemaError(f"{path}: comments go into a copy of a docx", remedy="Check a docx, and name another file")
    flagged = [each for each in verdicts if each.is_flagged]
    runs, notes = text_runs(path), footnotes(path)
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        held = {name: old.read(name) for name in old.namelist()}
        held |= _with_comments(held, flagged, runs, notes)
        for name, raw in held.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)
    files.write(target, made.getvalue(), parents=True)


def sarif(judged: Iterable[tuple[Path, list[Verdict]]], target: Path) -> None:
    """Write the flagged numbers as SARIF 2.1.0."""
    results = []
    for path, verdicts in judged:
        source = read(path).source
        for each in (each for each in verdicts if each.is_flagged):
            region = {
                "startLine": source.count("\n", 0, each.start) + 1,
                "charOffset": each.start,
                "charLength": each.end - each.start,
            }
            place = {"artifactLocation": {"uri": path.as_posix()}, "region": region}
            message = {"text": f"{each.text}: {each.reason}" + (f"; expected {each.expected}" if each.expected else "")}
            results.append(
                {
                    "ruleId": each.verdict,
                    "level": "error",
                    "message": message,
                    "locations": [{"physicalLocation": place}],
                }
            )
    rules = [{"id": name} for name in sorted({str(each["ruleId"]) for each in results})]
    run = {"tool": {"driver": {"name": "toolkit", "rules": rules}}, "results": results}
    whole = {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}
    files.write(target, (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode(), parents=True)


def _with_comments(
    held: dict[str, bytes], flagged: list[Verdict], runs: list[tuple[int, int]], notes: list[tuple[int, str]]
) -> dict[str, bytes]:
    """Return the parts of the document that comments change; on a footnote's number the comment is at its mark."""
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
        said.append(
            f'<w:comment w:id="{at}" w:author="{_AUTHOR}"><w:p><w:r><w:t xml:space="preserve">{escape(f"“{each.text}” {words}")}</w:t></w:r></w:p></w:comment>'
        )
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
    """Return where in the XML the text of a number begins."""
    number = next((index for start, index in reversed(runs) if start <= verdict.start), None)
    return None if number is None else texts[number]


def _mark(verdict: Verdict, xml: str, notes: list[tuple[int, str]]) -> int | None:
    """Return where in the XML the mark of a number's footnote stands; Word takes no comments in the note itself."""
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
    return {
        name: part.encode(),
        relations: _before(held[relations], "</Relationships>", link),
        "[Content_Types].xml": _before(
            held["[Content_Types].xml"], "</Types>", f'<Override PartName="/{name}" ContentType="{kind}"/>'
        ),
    }


def _before(raw: bytes, mark: str, words: str) -> bytes:
    """Put `words` before the end of a part; an empty one is opened first."""
    text = raw.decode()
    if mark not in text:
        text = re.sub(r"/>\s*$", ">" + mark, text)
    return text.replace(mark, words + mark).encode()
