"""The parameters that a notebook declares, and values that fit them."""

from __future__ import annotations

import ast
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
from pathlib import Path
from typing import Any

from toolkit.errors import SchemaError
from toolkit.report.notebook import load, tags

_Fit = Callable[[Any], Any]  # gives a value in its type, or raises ValueError saying what it must be
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
        """Give the line as the notebook has it."""
        return f"{self.name}: {self.annotation} = {spell(self.default)}" + f"  # {self.comment}" * bool(self.comment)


def parameters(path: str | Path) -> list[Parameter]:
    """Read the parameters that the notebook at `path` declares, without running it.

    Types that can be checked: ``str int float bool date``, ``Literal[...]``,
    ``list[...]`` of these, and ``... | None``. A comment with ``1990..2030`` sets
    the least and the most that a number or date may be.

    Raises
    ------
    SchemaError
        If a line is not ``name: type = default``, or its default is not of its type.
    """
    return [parameter for parameter, _ in _declared(Path(path))]


def parse(path: str | Path, values: Mapping[str, object]) -> dict[str, Any]:
    """Give `values` in the types that the notebook at `path` declares for them.

    Text, as a command line gives it, is read by the annotation and never guessed at:
    ``0101`` stays text for a ``str`` and is refused for an ``int``; ``NO`` is no bool.
    A list is ``USA,JPN`` or JSON. Any other value must be of its type already.

    Raises
    ------
    SchemaError
        Naming the notebook, the parameter and what is declared.
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
        raise SchemaError(f"{wrong}: no parameter", remedy="Write name: type = default  # meaning, unit")
    try:
        fit, default = _within(comment, _type(line.annotation)), _literal(line.value)
        own = fit(default) == default
    except (ValueError, TypeError) as error:
        raise SchemaError(f"{wrong}: needs {error}", remedy="Mend the annotation or the default") from None
    if not own:
        raise SchemaError(f"{wrong}: the default is of another type", remedy="Mend the annotation or the default")
    return Parameter(line.target.id, ast.unparse(line.annotation), default, comment), fit


def _within(comment: str, fit: _Fit) -> _Fit:
    """Hold what `fit` gives against the range that the comment states, if it states one."""
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
        with suppress(ValueError):  # as 2025-02-30 gives
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
