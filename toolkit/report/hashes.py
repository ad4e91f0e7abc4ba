"""What a report is made from: the hash of each part, and the files that it may read."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import toolkit
from toolkit.errors import SchemaError, ToolkitError
from toolkit.files import home
from toolkit.report.notebook import load, tags
from toolkit.store import imported_tables
from toolkit.store.datasets import resources
from toolkit.warm.guard import listing

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


def readable(needs: tuple[str, ...] | None, parameters: dict[str, Any]) -> tuple[str, ...]:
    """Give the files that a report may read: articles, the registry, declared and brought tables.

    Of the declared tables all, or those in `needs` and the tables that they refer to;
    of the analyst's own those that a parameter names.
    """
    declared = {} if needs is None and not (home() / _CATALOGUE).is_file() else resources()
    wanted = {*(declared if needs is None else needs)}
    wanted |= {
        key["reference"]["resource"]
        for name in wanted & declared.keys()
        for key in declared[name].schema.get("foreignKeys", ())
    }
    named = [declared[name] for name in sorted(wanted & declared.keys())]
    tables = [name for each in named for name in ((each.file, f"{each.file}.json") if each.address else (each.file,))]
    articles = (path.relative_to(home()).as_posix() for path in (home() / "seeds").glob("**/*"))
    mine = (
        file
        for name, entry in imported_tables.entries().items()
        if needs is None or name in needs
        for file in entry.files
    )
    return (*_ALWAYS, *tables, *mine, *sorted(articles), *_own(parameters))


def _own(parameters: dict[str, Any]) -> list[str]:
    """Give the files that parameters name, alone or in a list, from the project's home where they lie in it."""
    from toolkit.spreadsheet import user_table  # not at the top: it loads the providers of data

    base = home().resolve()
    values = [each for value in parameters.values() for each in (value if isinstance(value, list) else [value])]
    found = [path.resolve() for value in values if isinstance(value, str) for path in user_table.paths(value)]
    return [path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path) for path in found]


def settle_files(read: dict[str, str]) -> dict[str, str]:
    """Sort the files that were read; of the catalogue only the entries of the others among them count."""
    return {name: _print_of(name, read) for name in sorted(read)}


def still(inputs: dict[str, Any]) -> str:
    """Name the first file or folder that a report has read and that is not what it was, or ""."""
    read = inputs.get("files", {})
    for name in sorted(read, key=lambda name: name == _CATALOGUE):  # another table means another catalogue
        before = read[name]
        try:
            now = _print_of(name, read) if name == _CATALOGUE else file_hash(home() / name)
        except (OSError, ToolkitError):
            return str(name)
        if now != before:
            return str(name)
    for name, before in inputs.get("folders", {}).items():
        if not (home() / name).is_dir() or listing(home() / name) != before:
            return f"the list of files in {name}"
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
