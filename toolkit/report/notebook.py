"""A notebook file: read with suspicion, written in its one canonical spelling."""

from __future__ import annotations

import json
import os
import re
import threading
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from toolkit.errors import SchemaError

Notebook = dict[str, Any]
FORM = {
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# differs from run to run and means nothing: object addresses, the kernel's process number in a traceback
_NOISE = re.compile(r"(?<=\bat 0x)[0-9a-fA-F]{6,16}|(?<=ipykernel_)\d+/\d+")


def load(path: Path) -> Notebook:
    """Read the notebook at `path` in its canonical form, the source of each cell as one string.

    Canonical is: no outputs, cell ids in order, only kernelspec and tags as metadata.

    Raises
    ------
    SchemaError
        If there is no such file, or it is empty, binary, cut off, or not of format 4.
    """
    try:
        stat = path.stat()
        return _loaded(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except OSError as error:
        remedy = "Name a notebook that can be read, as in notebooks/"
        raise SchemaError(f"{path}: {error.strerror}", remedy=remedy) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        why = f"{type(error).__name__}: {error}" if path.stat().st_size else "the file is empty"
        raise SchemaError(
            f"{path}: not a notebook of format 4 ({why})",
            remedy="Restore the file (git checkout), or save it again from JupyterLab",
        ) from None


@lru_cache(maxsize=256)
def _loaded(path: Path, *_: int) -> Notebook:
    """Give what `load` gives, once for each state of the file; nobody changes it."""
    return _canonical(json.loads(path.read_text(encoding="utf-8")))


def tidy(path: str | Path, *, check: bool = False) -> bool:
    """Rewrite the notebook at `path` in its canonical form, unless only to `check`; tell whether it was not."""
    path = Path(path)
    after = dumps(load(path))
    if (changed := path.read_bytes() != after.encode()) and not check:
        write(path, after)
    return changed


def settled(notebook: Notebook) -> Notebook:
    """Give an executed notebook without timings, addresses and papermill's own notes."""
    return FORM | {"cells": [_settled(cell) for cell in notebook["cells"]]}


def dumps(notebook: Notebook) -> str:
    """Spell `notebook` as Jupyter does: sorted keys, sources as lists of lines."""
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    return json.dumps(notebook | {"cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(path: Path, content: str) -> None:
    """Put `content` at `path` whole or not at all: written aside, flushed to disk, renamed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Put `value` at `path` as JSON, keys sorted."""
    write(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n")


def join(text: str | list[str]) -> str:
    """Give `text` as one string; in the file it may be a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def tags(cell: Notebook) -> list[str]:
    """Give the tags of `cell`."""
    return list(cell.get("metadata", {}).get("tags", []))


def _canonical(notebook: Any) -> Notebook:
    if notebook["nbformat"] != FORM["nbformat"]:
        raise ValueError(f"format {notebook['nbformat']}")
    return FORM | {"cells": [_bare(number, cell) for number, cell in enumerate(notebook["cells"])]}


def _bare(number: int, cell: Notebook) -> Notebook:
    bare: Notebook = {"id": f"cell-{number:02}", "metadata": _metadata(cell), "source": join(cell["source"])}
    code: Notebook = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return {name: cell[name] for name in ("cell_type", "attachments") if name in cell} | bare | code


def _settled(cell: Notebook) -> Notebook:
    """Join streams that came in pieces, and take the noise out of texts."""
    outputs = {"outputs": [_quiet(output) for output in _joined(cell["outputs"])]} if "outputs" in cell else {}
    return cell | outputs | {"metadata": _metadata(cell)}


def _joined(outputs: list[Notebook]) -> list[Notebook]:
    """Join what was printed between two other outputs, stdout before stderr: a kernel's cuts and order are chance."""
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
