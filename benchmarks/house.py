"""The package room by room: size, functions, patterns, imports and public names.

A room is a top-level module or folder of `toolkit/`; in `figures/`, `brief/` and `econ/` each subfolder is one too.
A file or function is as long as its lines without its docstring; of a file, blank lines and comments do not count.

Run: .venv/bin/python benchmarks/house.py [CHECKOUT] [--json] [--compare EARLIER_CHECKOUT]
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import statistics
import subprocess
import sys
import tokenize
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Graph: TypeAlias = dict[str, set[str]]
    Value: TypeAlias = int | float

HOUSE = Path(__file__).parents[1]
DEEP = {"figures", "brief", "econ"}  # here each subfolder is a room of its own
LONG, VERY_LONG = 120, 200  # characters of a pattern
BREAK = 8  # columns of the first table
SIZES = ("files", "code lines", "longest file")  # compared room by room
CACHES = {"cache", "cached_property", "lru_cache"}
COMPILERS = {"re", "patterns", "_patterns"}  # the modules whose functions take a pattern first
SEARCHES = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
NESTS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTION)
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
WORD = re.compile(r"(?<!\\)[a-z]{3,}")


@dataclass
class File:
    """One source file of the package and what is counted in it."""

    module: str
    room: str
    source: str
    imports: set[str] = field(default_factory=set)  # modules of ours
    own_inside: set[str] = field(default_factory=set)  # those that a function imports
    libraries_inside: set[str] = field(default_factory=set)
    gates: dict[str, int] = field(default_factory=dict)  # the words of each set given to `.has(...)`

    def __post_init__(self) -> None:
        """Count what needs no other file."""
        tree = ast.parse(self.source)
        self.nodes = list(ast.walk(tree))
        self.functions = [node for node in self.nodes if isinstance(node, FUNCTION)]
        self.code = len(_filled(self.source).difference(*map(_docstring, self.nodes)))
        self.lengths = [(each.end_lineno or 0) - each.lineno + 1 - len(_docstring(each)) for each in self.functions]
        self.parameters = [_parameters(function.args) for function in self.functions]
        self.nesting = [_nesting(function) for function in self.functions]
        decorators = [ast.unparse(each).partition("(")[0] for node in self.functions for each in node.decorator_list]
        self.caches = sum(name.rpartition(".")[2] in CACHES for name in decorators)
        self.calls = [node for node in self.nodes if isinstance(node, ast.Call) and node.args]
        self.patterns = [pattern for call in self.calls if (pattern := _pattern(call))]
        self.assigned = dict(_assigned(tree.body))
        self.exports = "__all__" in self.assigned
        docstrings = [ast.get_docstring(node) or "" for node in _public(tree.body)]
        self.public, self.documented = len(docstrings), sum(map(bool, docstrings))
        self.shown = sum(">>> " in text for text in docstrings)


def read(checkout: Path) -> list[File]:
    """Read every file of the package in `checkout`, its imports resolved to modules."""
    files = {}
    for path in sorted((checkout / "toolkit").rglob("*.py")):
        *folders, name = path.relative_to(checkout / "toolkit").with_suffix("").parts
        module = ".".join(["toolkit", *folders, *([] if name == "__init__" else [name])])
        room = "/".join(folders[: 2 if folders[:1] and folders[0] in DEEP else 1]) or name
        files[module] = File(module, room, path.read_text(encoding="utf-8"))
    for file in files.values():
        inside = {id(node) for function in file.functions for node in ast.walk(function)}
        for node in file.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                _count_import(file, node, files, inside=id(node) in inside)
    for file in files.values():
        file.gates = _gates(file, files)
    return list(files.values())


def _filled(source: str) -> set[int]:
    """Return the lines that hold more than a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {line for each in tokens if each.type not in NO_CODE for line in range(each.start[0], each.end[0] + 1)}


def _docstring(node: ast.AST) -> range:
    """Return the lines that the docstring of `node` takes."""
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    return range(0)


def _parameters(stated: ast.arguments) -> int:
    named = [each.arg for each in (*stated.posonlyargs, *stated.args, *stated.kwonlyargs)]
    return len(named) - (named[:1] in (["self"], ["cls"])) + bool(stated.vararg) + bool(stated.kwarg)


def _nesting(node: ast.AST, depth: int = 0) -> int:
    return max([depth, *(_nesting(each, depth + isinstance(each, NESTS)) for each in ast.iter_child_nodes(node))])


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Yield each name that an assignment of the module gives a value to, and the value."""
    for node in body:
        match node:
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                yield from (
                    (name.id, value) for name, value in zip(names, values, strict=False) if isinstance(name, ast.Name)
                )
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                yield name, value


def _pattern(call: ast.Call) -> str:
    """Return what is literal in the pattern of ``re.search(pattern, ...)``; nothing of another call."""
    match call:
        case ast.Call(ast.Attribute(ast.Name(module), function), [ast.Constant() | ast.JoinedStr() as first, *_]):
            parts = getattr(first, "values", [first]) if module in COMPILERS and function in SEARCHES else []
            return " ".join(each.value for each in parts if isinstance(getattr(each, "value", None), str))
    return ""


def _public(body: list[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield functions, classes and methods whose names do not start with an underscore."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
            yield from _public(node.body if isinstance(node, ast.ClassDef) else [])


def _count_import(file: File, node: ast.Import | ast.ImportFrom, files: dict[str, File], *, inside: bool) -> None:
    base = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    for name in (".".join([*base, alias.name]) for alias in node.names):
        own = next((each for each in (name, name.rpartition(".")[0]) if each in files), None)
        library = name.split(".")[0]
        if own and own != file.module:
            file.imports.add(own)
        if own and inside:
            file.own_inside.add(own)
        elif inside and library not in sys.stdlib_module_names:
            file.libraries_inside.add(library)


def _gates(file: File, files: dict[str, File]) -> dict[str, int]:
    """Count the words of each literal set that ``.has(...)`` is asked about, in `file` or where it is imported from."""
    asked = [call.args[0] for call in file.calls if getattr(call.func, "attr", "") == "has"]
    names = {node.id for each in asked for node in ast.walk(each) if isinstance(node, ast.Name)}
    gates = {f"{file.module}:{each.lineno}": _words(each) for each in asked}
    for module in (file.module, *file.imports):
        assigned = files[module].assigned
        gates |= {f"{module}.{name}": _words(assigned[name]) for name in names & assigned.keys()}
    return {gate: words for gate, words in gates.items() if words}


def _words(node: ast.AST) -> int:
    literal = [each for outer in ast.walk(node) if isinstance(outer, ast.Set) for each in outer.elts]
    return sum(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in literal)


def _lengths(files: list[File]) -> list[int]:
    return sorted(length for file in files for length in file.lengths) or [0]


def _patterns(files: list[File], longer: int = 0) -> list[str]:
    return [pattern for file in files for pattern in file.patterns if len(pattern) > longer]


def _percent(part: int, files: list[File]) -> int:
    return round(100 * part / max(sum(file.public for file in files), 1))


MEASURES: dict[str, Callable[[list[File]], Value]] = {
    "files": len,
    "code lines": lambda files: sum(file.code for file in files),
    "longest file": lambda files: max(file.code for file in files),
    "function median": lambda files: statistics.median(_lengths(files)),
    "function p90": lambda files: _lengths(files)[len(_lengths(files)) * 9 // 10],
    "function longest": lambda files: _lengths(files)[-1],
    "most parameters": lambda files: max(count for file in files for count in [0, *file.parameters]),
    "most nesting": lambda files: max(depth for file in files for depth in [0, *file.nesting]),
    "patterns": lambda files: len(_patterns(files)),
    f"patterns >{LONG}": lambda files: len(_patterns(files, LONG)),
    f"patterns >{VERY_LONG}": lambda files: len(_patterns(files, VERY_LONG)),
    "words in patterns": lambda files: sum(len(WORD.findall(pattern)) for pattern in _patterns(files)),
    "gates": lambda files: len({gate for file in files for gate in file.gates}),
    "words in gates": lambda files: sum({gate: n for file in files for gate, n in file.gates.items()}.values()),
    "own imports inside": lambda files: sum(len(file.own_inside) for file in files),
    "library imports inside": lambda files: sum(len(file.libraries_inside) for file in files),
    "caches": lambda files: sum(file.caches for file in files),
    "files with __all__": lambda files: sum(file.exports for file in files),
    "public names": lambda files: sum(file.public for file in files),
    "% with docstring": lambda files: _percent(sum(file.documented for file in files), files),
    "% with example": lambda files: _percent(sum(file.shown for file in files), files),
}


def cycles(graph: Graph) -> list[list[str]]:
    """Return the groups of nodes that reach each other."""
    beyond = {node: _reached(graph, node) for node in graph}
    groups = {frozenset(other for other in beyond[node] if node in beyond[other]) for node in graph}
    return sorted(sorted(group) for group in groups if group)


def _reached(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [*graph[start]]
    while waiting:
        if (node := waiting.pop()) not in seen:
            seen.add(node)
            waiting += graph[node]
    return seen


def floors(graph: Graph) -> int:
    """Return the number of nodes on the longest path, a cycle counted as one node."""
    group = {node: frozenset([node]) for node in graph}
    group |= {node: frozenset(each) for each in cycles(graph) for node in each}

    @cache
    def height(nodes: frozenset[str]) -> int:
        below = {group[target] for node in nodes for target in graph[node]} - {nodes}
        return 1 + max(map(height, below), default=0)

    return max(map(height, group.values()), default=0)


@dataclass
class Found:
    """The numbers of a checkout, a row for each room and one for all, and the groups that import each other."""

    rows: dict[str, dict[str, Value]]
    file_cycles: list[list[str]]
    room_cycles: list[list[str]]


def measure(checkout: Path) -> Found:
    """Measure the package in `checkout`; imports inside functions and for type checkers count in cycles."""
    files, rooms = read(checkout), defaultdict(list)
    for file in files:
        rooms[file.room].append(file)
    home, imports = {file.module: file.room for file in files}, {file.module: file.imports for file in files}
    between = {room: {home[to] for file in inside for to in file.imports} - {room} for room, inside in rooms.items()}
    figures = {module for module, room in home.items() if room.split("/")[0] == "figures"}
    file_cycles, room_cycles = cycles(imports), cycles(between)
    whole = {name: count(files) for name, count in MEASURES.items()} | {
        "file cycles": len(file_cycles),
        "room cycles": len(room_cycles),
        "names in tk": _names_of_tk(checkout),
        "floors in figures/": floors({module: imports[module] & figures for module in figures}),
    }
    rows = {room: {name: count(inside) for name, count in MEASURES.items()} for room, inside in sorted(rooms.items())}
    return Found({**rows, "all": whole}, file_cycles, room_cycles)


def _names_of_tk(checkout: Path) -> int:
    command = [sys.executable, "-c", "import toolkit; print(*(name for name in dir(toolkit) if name[0] != '_'))"]
    return len(subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout.split())


def _table(rows: list[list[str]]) -> str:
    """Align the columns, the first to the left; a heading of several words takes several lines."""
    lines = [*zip_longest(*(name.split() for name in rows[0]), fillvalue=""), *rows[1:]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines
    )


def report(found: Found) -> str:
    """Show a row for each room and for all, and below them what only the whole has."""
    names = [*MEASURES]
    parts = [
        _table([["room", *part], *([room, *(f"{row[each]:g}" for each in part)] for room, row in found.rows.items())])
        for part in (names[:BREAK], names[BREAK:])
    ]
    whole = [f"{name}: {value:g}" for name, value in found.rows["all"].items() if name not in MEASURES]
    circles = [f"in a cycle: {', '.join(each)}" for each in (*found.file_cycles, *found.room_cycles)]
    return "\n\n".join([*parts, "\n".join([*whole, *circles])])


def comparison(before: Found, after: Found) -> str:
    """Show the numbers of the whole, then files and lines of each room, before and after."""
    whole = [["all", "before", "after"]]
    whole += [[name, f"{before.rows['all'][name]:g}", f"{value:g}"] for name, value in after.rows["all"].items()]
    rooms = [["room", *(f"{name} {when}" for name in SIZES for when in ("before", "after"))]]
    for room in sorted((before.rows.keys() | after.rows.keys()) - {"all"}):
        sizes = [found.rows.get(room, {}).get(name, "-") for name in SIZES for found in (before, after)]
        rooms.append([room, *map(str, sizes)])
    return "\n\n".join([_table(whole), _table(rooms)])


def main() -> None:
    """Print the table, the numbers as JSON, or two checkouts side by side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkout", nargs="?", type=Path, default=HOUSE)
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--compare", type=Path, metavar="EARLIER_CHECKOUT", help="print both side by side")
    asked = parser.parse_args()
    found = measure(asked.checkout)
    if asked.json:
        print(json.dumps(asdict(found), indent=2))
    else:
        print(comparison(measure(asked.compare), found) if asked.compare else report(found))


if __name__ == "__main__":
    main()
