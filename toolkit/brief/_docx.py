"""A brief for Word: our styles, its dates from the edition, each figure a bookmark in a content control."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.brief import _pandoc

if TYPE_CHECKING:
    from collections.abc import Callable


_STYLES = Path(__file__).parents[1] / "templates" / "brief-styles.xml"
_A4 = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1361" w:right="1993" w:bottom="1361" w:left="1993" w:header="709" w:footer="709" w:gutter="0"/>'
_SECTION = re.compile(rb"<w:footnotePr>.*?</w:footnotePr>(?=\s*</w:sectPr>)", re.DOTALL)  # numbers notes anew a section
_EARLIEST = 315532800  # a zip archive cannot be older than 1980
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


def document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - they are in the tree
    """Give the document of a filled-in tree."""
    options = ("-f", "json", "-t", "docx", "--citeproc", "-o", "-")
    return _finish(_pandoc.run(json.dumps(tree).encode(), *options, path=path, epoch=epoch), int(epoch))


def _finish(raw: bytes, epoch: int) -> bytes:
    """Put our styles, page and dates into what pandoc wrote; its sandbox knows no date but 1970."""
    moment = datetime.fromtimestamp(max(epoch, _EARLIEST), UTC)
    undated, dated = (f"{when:{_STAMP}}".encode() for when in (datetime.fromtimestamp(0, UTC), moment))
    edits: dict[str, Callable[[bytes], bytes]] = {
        "word/styles.xml": lambda _: _STYLES.read_bytes(),
        "word/document.xml": lambda part: _SECTION.sub(_A4.encode(), part),
        "docProps/core.xml": lambda part: part.replace(undated, dated),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = edits.get(name, bytes)(old.read(name))
            new.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()
