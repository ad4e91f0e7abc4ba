"""What a report is made from: typed parameter values, the files it may read, and the hash of each part."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import math
import re
import tokenize
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from toolkit.errors import SchemaError, ToolkitError
from toolkit.files import PACKAGE, home, read_text, sha256
from toolkit.report.notebook import load, tags
from toolkit.spreadsheet import user_table
from toolkit.store import imported_tables
from toolkit.store.datasets import resources
from toolkit.warm.guard import listing

__all__ = [
    "Parameter", "changed_input", "lock_hash", "notebook_hash", "parameters", "parse", "readable", "source_hash", "spell",
    "stable_hashes",
]  # fmt: skip

_CATALOGUE = "data/datapackage.json"
_ALWAYS = (_CATALOGUE, "data/registry.jsonl")
_CODE = ("*.py", "templates/*.*", "codes_tables/*")
_Fit = Callable[[Any], Any]  # returns the value in its type; a ValueError says what is expected
_RANGE = re.compile(r"(?<![\w.-])(-?\d[\d.-]*?)\.\.(-?\d[\d.-]*\d|-?\d)(?![\w])")  # 1990..2030 in a comment
_TRUTH = {"true": True, "True": True, "false": False, "False": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a notebook's ``parameters`` cell: ``name: annotation = default  # comment``."""

    name: str
    annotation: str
    default: object
    comment: str

    def __str__(self) -> str:
        """Return the line as it stands in the notebook."""
        return f"{self.name}: {self.annotation} = {spell(self.default)}" + f"  # {self.comment}" * bool(self.comment)


def parameters(path: str | Path) -> list[Parameter]:
    """Read the parameters that the notebook at `path` declares, without running it.

    Supported types: ``str int float bool date``, ``Literal[...]``, ``list[...]`` of
    these, and ``... | None``. A comment with ``1990..2030`` sets the smallest and
    the largest number or date that is accepted.

    Raises
    ------
    SchemaError
        If a line is not ``name: type = default``, or the default does not fit the type.
    """
    return [parameter for parameter, _ in _declared(Path(path))]


def parse(path: str | Path, values: Mapping[str, object]) -> dict[str, Any]:
    """Convert `values` to the types that the notebook at `path` declares.

    Text from a command line is converted by the annotation, never guessed:
    ``0101`` stays text for a ``str`` and is refused for an ``int``; ``NO`` is not a bool.
    A list is ``USA,JPN`` or JSON. Any other value must have the declared type already.

    Raises
    ------
    SchemaError
        If a name is unknown or a value does not fit; the message shows what is declared.
    """
    declared = {parameter.name: (parameter, fit) for parameter, fit in _declared(Path(path))}
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name not in declared:
            close = get_close_matches(name, declared, n=1)
            known = "".join(f"\n     {parameter}" for parameter, _ in declared.values()) or " none"
            hint = f"Did you mean {close[0]!r}? " if close else ""
            raise SchemaError(f"{path}: no parameter {name!r}", remedy=f"{hint}It declares{known}")
        parameter, fit = declared[name]
        try:
            given[name] = fit(value)
        except ValueError as error:
            wrong = f"{path}: parameter {name!r} is {parameter.annotation}, and {value!r} is not {error}"
            raise SchemaError(wrong, remedy=f"It declares {parameter}") from None
    return given


def spell(value: Any) -> str:
    """Write `value` as Python source.

    >>> spell([date(2025, 10, 28), "0101", None])
    "[date(2025, 10, 28), '0101', None]"
    """
    if isinstance(value, list):
        return f"[{', '.join(map(spell, value))}]"
    return f"date({value.year}, {value.month}, {value.day})" if isinstance(value, date) else repr(value)


def _declared(path: Path) -> list[tuple[Parameter, _Fit]]:
    source = "\n".join(cell["source"] for cell in load(path)["cells"] if "parameters" in tags(cell))
    place = f"{path}, parameters cell"
    try:
        lines = [line for line in ast.parse(source).body if not isinstance(line, ast.ImportFrom)]
    except SyntaxError as error:
        raise SchemaError(f"{place}, line {error.lineno}: {error.msg}", remedy="Write name: type = default") from None
    words = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {word.start[0]: word.string.lstrip("# ") for word in words if word.type == tokenize.COMMENT}
    return [_line(line, place, comments.get(line.end_lineno or 0, "")) for line in lines]


def _line(line: ast.stmt, place: str, comment: str) -> tuple[Parameter, _Fit]:
    wrong = f"{place}, line {line.lineno}, {ast.unparse(line)!r}"
    if not (isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value):
        raise SchemaError(f"{wrong}: not a parameter", remedy="Write name: type = default  # meaning, unit")
    try:
        fit, default = _within(comment, _type(line.annotation)), _literal(line.value)
        own = fit(default) == default
    except (ValueError, TypeError) as error:
        raise SchemaError(f"{wrong}: needs {error}", remedy="Correct the annotation or the default") from None
    if not own:
        raise SchemaError(f"{wrong}: the default is of another type", remedy="Correct the annotation or the default")
    return Parameter(line.target.id, ast.unparse(line.annotation), default, comment), fit


def _within(comment: str, fit: _Fit) -> _Fit:
    """Check values against the range in the parameter's comment, if there is one."""
    if not (found := _RANGE.search(comment)):
        return fit
    ends = [date.fromisoformat(end) if end.count("-") > 1 else float(end) for end in found.groups()]

    def fits(value: Any) -> Any:
        fitted = fit(value)
        for part in fitted if isinstance(fitted, list) else [fitted]:
            if type(part) in {int, float, date} and not ends[0] <= part <= ends[1]:
                raise ValueError(f"within {found[0]}")
        return fitted

    return fits


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.List):
        return [_literal(part) for part in node.elts]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "date":
        return date(*map(_literal, node.args))
    with suppress(ValueError):
        return ast.literal_eval(node)
    raise ValueError("a plain value as its default")


def _type(node: ast.expr) -> _Fit:
    name = ast.unparse(node)
    if isinstance(node, ast.BinOp) and name.endswith("| None"):
        inner = _type(node.left)
        return lambda value: None if value is None or value == "None" else inner(value)
    if isinstance(node, ast.Subscript) and name.startswith("Literal["):
        members = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _one_of([_literal(member) for member in members])
    if isinstance(node, ast.Subscript) and name.startswith("list["):
        return _many(_type(node.slice))
    if name not in _PLAIN:
        raise ValueError(f"a type that can be checked: {', '.join(_PLAIN)}, Literal, list, or one of them | None")
    return _PLAIN[name]


def _one_of(members: list[Any]) -> _Fit:
    def fit(value: Any) -> Any:
        for member in members:
            if value == str(member) or (type(value) is type(member) and value == member):
                return member
        raise ValueError(f"one of {', '.join(map(repr, members))}")

    return fit


def _many(one: _Fit) -> _Fit:
    def fit(value: Any) -> list[Any]:
        if isinstance(value, str):
            with suppress(json.JSONDecodeError):
                value = json.loads(value) if value.startswith("[") else value.split(",")
        if isinstance(value, list):
            return [one(part) for part in value]
        raise ValueError("a list such as USA,JPN or JSON")

    return fit


def _scalar(kind: type, pattern: str, read: Callable[[str], Any], name: str) -> _Fit:
    def fit(value: Any) -> Any:
        if type(value) is kind:
            return value
        with suppress(ValueError):  # such as 2025-02-30
            if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
                return read(value)
        raise ValueError(name)

    return fit


def _finite(value: Any) -> float:
    number = float(value) if type(value) is int else _NUMBER(value)
    if not math.isfinite(number):
        raise ValueError("a finite number")
    return float(number)


_NUMBER = _scalar(float, r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", float, "a number such as 0.5")
_PLAIN: dict[str, _Fit] = {
    "str": _scalar(str, ".*", str, "text"),
    "int": _scalar(int, r"-?(0|[1-9]\d*)", int, "a whole number such as 2019, without leading zeros"),
    "float": _finite,
    "bool": _scalar(bool, "|".join(_TRUTH), _TRUTH.__getitem__, "true or false"),
    "date": _scalar(date, r"\d{4}-\d\d-\d\d", date.fromisoformat, "a date such as 2025-10-28"),
}


@cache
def source_hash() -> str:
    """Return the sha256 over the toolkit's own code, templates and code lists."""
    whole = hashlib.sha256()
    paths = {path for kind in _CODE for path in PACKAGE.rglob(kind)} | {*(PACKAGE.parent / "data" / "codes").glob("*")}
    for path in sorted(paths):
        whole.update(f"{path.relative_to(PACKAGE.parent).as_posix()} {sha256(path)}\n".encode())
    return whole.hexdigest()


def lock_hash() -> str:
    """Return the sha256 of the project's lock file, or "" if it has none."""
    path = home() / "requirements.lock"
    return sha256(path) if path.is_file() else ""


def notebook_hash(path: Path) -> str:
    """Return the sha256 of what a notebook says and does: the sources and tags of its cells."""
    cells = [[cell["cell_type"], cell["source"], tags(cell)] for cell in load(path)["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def readable(needs: tuple[str, ...] | None, values: dict[str, Any]) -> tuple[str, ...]:
    """Return the files that a report may read: articles, the registry, declared and imported tables.

    `needs` limits the declared tables to those it names and the tables that they refer to.
    A file of the user's own may be read if one of the parameter values names it.
    """
    declared = {} if needs is None and not (home() / _CATALOGUE).is_file() else resources()
    wanted = {*(declared if needs is None else needs)}
    keys = [key for name in wanted & declared.keys() for key in declared[name].schema.get("foreignKeys", ())]
    wanted |= {key["reference"]["resource"] for key in keys}
    named = [declared[name] for name in sorted(wanted & declared.keys())]
    tables = [name for each in named for name in ((each.file, f"{each.file}.json") if each.address else (each.file,))]
    articles = sorted(path.relative_to(home()).as_posix() for path in (home() / "seeds").glob("**/*"))
    entries = imported_tables.entries().items()
    imported = [file for name, entry in entries if needs is None or name in needs for file in entry.files]
    return (*_ALWAYS, *tables, *imported, *articles, *_named_files(values))


def _named_files(values: dict[str, Any]) -> list[str]:
    """Return the files that parameter values name, relative to the project's folder if they lie in it."""
    base = home().resolve()
    flat = [each for value in values.values() for each in (value if isinstance(value, list) else [value])]
    found = [path.resolve() for value in flat if isinstance(value, str) for path in user_table.paths(value)]
    return [path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path) for path in found]


def stable_hashes(read: dict[str, str]) -> dict[str, str]:
    """Sort the files that were read; hash of the catalogue only the entries of tables that were read."""
    return {name: _hash_of_entries(read) if name == _CATALOGUE else read[name] for name in sorted(read)}


def changed_input(inputs: dict[str, Any]) -> str:
    """Name the first file or folder read by a report that has changed since, or return ""."""
    read = inputs.get("files", {})
    for name in sorted(read, key=lambda name: name == _CATALOGUE):  # a changed table changes the catalogue too
        try:
            now = _hash_of_entries(read) if name == _CATALOGUE else sha256(home() / name)
        except ToolkitError:
            return str(name)
        if now != read[name]:
            return str(name)
    for name, before in inputs.get("folders", {}).items():
        if not (home() / name).is_dir() or listing(home() / name) != before:
            return f"the list of files in {name}"
    return ""


def _hash_of_entries(read: dict[str, str]) -> str:
    try:
        entries = json.loads(read_text(home() / _CATALOGUE))["resources"]
    except (ValueError, LookupError) as error:
        raise SchemaError(f"{_CATALOGUE}: {error}", remedy="Restore the file from version control") from None
    counted = [entry for entry in entries if f"data/{entry['path']}" in read]
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()
