"""Briefs of every format, read as text with the figures that they cite."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from toolkit.brief.read.source import Brief

__all__ = ["read"]

_READERS = {
    ".docx": "docx",
    ".htm": "html",
    ".html": "html",
    ".ipynb": "notebook",
    ".md": "source",
    ".pdf": "pdf",
    ".tex": "tex",
}


def read(path: Path | str) -> Brief:
    """Read a brief of any format.

    Raises
    ------
    SchemaError
        If the format is unknown or the file is not what its name says.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _READERS:
        remedy = f"Check one of {', '.join(sorted(_READERS))}"
        raise SchemaError(f"{path}: no reader for {suffix or 'a file without an ending'}", remedy=remedy)
    brief: Brief = import_module(f"toolkit.brief.read.{_READERS[suffix]}").parse(path)
    return brief
