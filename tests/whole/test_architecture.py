"""The shape of the package: imports point down, rails stay apart, pieces stay small."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "toolkit"
sys.path.insert(0, str(PACKAGE.parent / "docs"))
import rooms  # noqa: E402 - the layers and the page that prints them

LAYERS = rooms.rooms()["layers"]
GROUND, WORDS, NUMBERS = ({*rooms.rooms()["rails"][rail]} for rail in ("ground", "words", "numbers"))
RAILS = [room for inside in rooms.rooms()["rails"].values() for room in inside]

RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
MOST_MODULE_LINES, MOST_INIT_LINES, MOST_FUNCTION_LINES, MOST_NESTING = 400, 40, 40, 3
SOURCES = sorted(PACKAGE.rglob("*.py"))
NESTS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def module_of(path):
    """Name the module that a file belongs to: a package's private parts are the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "toolkit":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("toolkit."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("toolkit."))


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def code_lines(function):
    """Count the lines of a function without its docstring."""
    documented = ast.get_docstring(function) is not None
    skipped = function.body[0].end_lineno - function.body[0].lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - skipped


def nesting(node, depth=0):
    below = [nesting(child, depth + isinstance(child, NESTS)) for child in ast.iter_child_nodes(node)]
    return max([depth, *below])


def test_every_module_has_a_layer_and_a_rail():
    modules = {module_of(path) for path in SOURCES} - {"__init__"}
    assert modules == set(RANK), "give a new room a layer in docs/rooms.toml"
    assert sorted(modules) == sorted(RAILS), "give a new room one rail in docs/rooms.toml"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down_and_rails_stay_apart(path):
    module = module_of(path)
    if module == "__init__":
        return
    for target in set(imported(path)) & set(RANK) - {module}:
        assert RANK[target] < RANK[module], f"{module} must not import {target}"
        assert not (module in WORDS and target in NUMBERS), f"{module} (words) must not import {target} (numbers)"
        assert not (module in NUMBERS and target in WORDS), f"{module} (numbers) must not import {target} (words)"
        assert not (module in GROUND and target not in GROUND), f"{module} (ground) must not import {target}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_pieces_are_small(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (MOST_INIT_LINES if path == PACKAGE / "__init__.py" else MOST_MODULE_LINES)
    for function in functions(path):
        assert code_lines(function) <= MOST_FUNCTION_LINES, f"{function.name} is too long"
        assert nesting(function) <= MOST_NESTING, f"{function.name} nests too deep"


def test_the_page_prints_the_layers_as_they_are():
    assert rooms.page() == rooms.PAGE.read_text(encoding="utf-8"), "run python docs/rooms.py"
