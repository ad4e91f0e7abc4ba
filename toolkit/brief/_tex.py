"""A brief for LaTeX: each figure the argument of a macro that carries its key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toolkit.brief import _pandoc

_BACK = b"\\section{Sources}\\label{list-of-sources}"  # from there on in small letters
_TEMPLATE = Path(__file__).parents[1] / "templates" / "brief.tex"


def document(tree: dict[str, Any], media: dict[str, bytes], *, path: str, epoch: str) -> bytes:  # noqa: ARG001 - the build writes them beside it
    """Give the source of a filled-in tree."""
    options = ("-f", "json", "-t", "latex", "--citeproc", "--template", str(_TEMPLATE), "--wrap=none")
    made = _pandoc.run(json.dumps(tree).encode(), *options, path=path, epoch=epoch)
    return made.replace(_BACK, _BACK + b"\n\\footnotesize")
