"""What a report is made from: the hash of each part, and the files that it may read."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import toolkit
from toolkit.datasets import home, resources
from toolkit.errors import SchemaError, ToolkitError
from toolkit.report._notebook import load, tags

PACKAGE = Path(toolkit.__file__).parent
_CATALOGUE = "data/datapackage.json"
_ALWAYS = (_CATALOGUE, "data/registry.jsonl")
_CODE = ("*.py", "templates/*.*", "codes_tables/*")


@cache
def source_hash() -> str:
    """Give the sha256 over the toolkit's own code, templates and code lists."""
    whole = hashlib.sha256()
    files = {path for kind in _CODE for path in PACKAGE.rglob(kind)} | {*(PACKAGE.parent / "data" / "codes").glob("*")}
    for path in sorted(files):
        whole.update(f"{path.relative_to(PACKAGE.parent).as_posix()} {file_hash(path)}\n".encode())
    return whole.hexdigest()


def lock_hash() -> str:
    """Give the sha256 of the project's lock file, or an empty text where it has none."""
    path = home() / "requirements.lock"
    return file_hash(path) if path.is_file() else ""


def file_hash(path: Path) -> str:
    """Give the sha256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def notebook_hash(path: Path) -> str:
    """Give the sha256 of what a notebook says and does: the sources and tags of its cells."""
    cells = [[cell["cell_type"], cell["source"], tags(cell)] for cell in load(path)["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def readable(needs: tuple[str, ...] | None) -> tuple[str, ...]:
    """Give the files of the project that a report may read: articles, the registry, declared tables.

    Of the tables all, or those in `needs` and the tables that they refer to.
    """
    declared = {} if needs is None and not (home() / _CATALOGUE).is_file() else resources()
    wanted = {*(declared if needs is None else needs)}
    wanted |= {
        key["reference"]["resource"]
        for name in wanted & declared.keys()
        for key in declared[name].schema.get("foreignKeys", ())
    }
    tables = (declared[name].file for name in sorted(wanted & declared.keys()))
    articles = (path.relative_to(home()).as_posix() for path in (home() / "seeds").glob("**/*"))
    return (*_ALWAYS, *tables, *sorted(articles))


def settle_files(read: dict[str, str]) -> dict[str, str]:
    """Sort the files that were read; of the catalogue only the entries of the others among them count."""
    return {name: _print_of(name, read) for name in sorted(read)}


def still(read: dict[str, str]) -> str:
    """Name the first file of `read` that is not what it was, or ""."""
    for name in sorted(read, key=lambda name: name == _CATALOGUE):  # another table means another catalogue
        before = read[name]
        try:
            now = _print_of(name, read) if name == _CATALOGUE else file_hash(home() / name)
        except (OSError, ToolkitError):
            return name
        if now != before:
            return name
    return ""


def _print_of(name: str, read: dict[str, str]) -> str:
    if name != _CATALOGUE:
        return read[name]
    try:
        entries = json.loads((home() / _CATALOGUE).read_text(encoding="utf-8"))["resources"]
    except (OSError, ValueError, LookupError) as error:
        raise SchemaError(f"{_CATALOGUE}: {error}", remedy="Restore the file from version control") from None
    counted = [entry for entry in entries if f"data/{entry['path']}" in read]
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()
