"""A brief as PDF: tagged (PDF/UA), set by Typst, each figure a link whose address carries its key."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from toolkit.brief import _pandoc
from toolkit.errors import ToolkitError

_MEND, _LETTER = "Correct the Markdown there", "Leave that letter out, or build html or docx: the PDF's font lacks it"
_TEMPLATE = Path(__file__).parents[1] / "templates" / "brief.typ"


def document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:
    """Give the document of a filled-in tree."""
    import typst

    options = ("-f", "json", "-t", "typst", "--citeproc", "--template", str(_TEMPLATE), "--wrap=none")
    source = _pandoc.run(json.dumps(tree).encode(), *options, path=path, epoch=epoch)
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in {"brief.typ": source, **media}.items():
            (Path(folder) / name).write_bytes(raw)
        try:
            made: bytes = typst.compile(
                str(Path(folder) / "brief.typ"),
                root=folder,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1"],
                timestamp=int(epoch),
            )
        except typst.TypstError as error:
            raise ToolkitError(
                f"{path}: Typst says {error}", remedy=_LETTER if "with font" in str(error) else _MEND
            ) from None
    return made
