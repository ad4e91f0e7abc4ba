"""Notebook files: read with care, written in one canonical form."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from toolkit import files
from toolkit.errors import SchemaError

__all__ = ["FORM", "Notebook", "dumps", "join", "load", "read_json", "tags", "tidy", "without_timings", "write_json"]
Notebook = dict[str, Any]
FORM = {
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# differs from run to run without meaning: object addresses, the kernel's process number in a traceback
_NOISE = re.compile(r"(?<=\bat 0x)[0-9a-fA-F]{6,16}|(?<=ipykernel_)\d+/\d+")

_RESTORE = "Restore the file (git checkout), or save it again from JupyterLab"


def load(path: Path) -> Notebook:
    """Read the notebook at `path` in its canonical form, the source of each cell as one string.

    The canonical form has no outputs, cell ids in order, and only kernelspec and tags as metadata.

    Raises
    ------
    SchemaError
        If there is no such file, or it is empty, binary, cut off, or not of format 4.
    """
    try:
        stat = path.stat()
        return _loaded(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except SchemaError as error:
        raise SchemaError(error.problem, remedy=_RESTORE) from None
    except OSError as error:
        remedy = "Name a notebook that can be read, as in notebooks/"
        raise SchemaError(f"{path}: {error.strerror}", remedy=remedy) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        why = f"{type(error).__name__}: {error}" if path.stat().st_size else "the file is empty"
        raise SchemaError(f"{path}: not a notebook of format 4 ({why})", remedy=_RESTORE) from None


@lru_cache(maxsize=256)
def _loaded(path: Path, *_: int) -> Notebook:
    """Read a notebook once for each state of the file; callers must not change the result."""
    return _canonical(read_json(path))


def tidy(path: str | Path, *, check: bool = False) -> bool:
    """Rewrite the notebook at `path` in its canonical form; return whether that changes it. `check` only looks."""
    after = dumps(load(Path(path)))
    if (changed := files.read(path) != after.encode()) and not check:
        files.write(path, after)
    return changed


def without_timings(notebook: Notebook) -> Notebook:
    """Return an executed notebook without timings, memory addresses and papermill's own notes."""
    return FORM | {"cells": [_cell_without_timings(cell) for cell in notebook["cells"]]}


def dumps(notebook: Notebook) -> str:
    """Return `notebook` as Jupyter writes it: sorted keys, sources as lists of lines."""
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    return json.dumps(notebook | {"cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; a ValueError says that it is missing, unreadable or not JSON."""
    return json.loads(files.read_text(path))


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` as JSON with sorted keys."""
    files.write(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n")


def join(text: str | list[str]) -> str:
    """Return `text` as one string; in a notebook file it may be a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def tags(cell: Notebook) -> list[str]:
    """Return the tags of `cell`."""
    return list(cell.get("metadata", {}).get("tags", []))


def _canonical(notebook: Any) -> Notebook:
    if notebook["nbformat"] != FORM["nbformat"]:
        raise ValueError(f"format {notebook['nbformat']}")
    return FORM | {"cells": [_bare(number, cell) for number, cell in enumerate(notebook["cells"])]}


def _bare(number: int, cell: Notebook) -> Notebook:
    bare: Notebook = {"id": f"cell-{number:02}", "metadata": _metadata(cell), "source": join(cell["source"])}
    code: Notebook = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return {name: cell[name] for name in ("cell_type", "attachments") if name in cell} | bare | code


def _cell_without_timings(cell: Notebook) -> Notebook:
    """Join streams that came in pieces, and remove the noise from texts."""
    outputs = {"outputs": [_quiet(output) for output in _joined(cell["outputs"])]} if "outputs" in cell else {}
    return cell | outputs | {"metadata": _metadata(cell)}


def _joined(outputs: list[Notebook]) -> list[Notebook]:
    """Join what was printed between two other outputs, stdout before stderr: how a kernel interleaves them is chance."""
    joined: list[Notebook] = []
    for is_stream, run in groupby(outputs, key=lambda output: output["output_type"] == "stream"):
        if not is_stream:
            joined += run
            continue
        pieces = list(run)
        for name in ("stdout", "stderr"):
            if text := "".join(join(piece["text"]) for piece in pieces if piece["name"] == name):
                joined.append({"output_type": "stream", "name": name, "text": text})
    return joined


def _metadata(cell: Notebook) -> Notebook:
    return {"tags": tags(cell)} if tags(cell) else {}


def _quiet(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part if name.startswith("image/") else _quiet(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_quiet(part) for part in value]
    return _NOISE.sub("0", value) if isinstance(value, str) else value
