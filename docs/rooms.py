"""Print the layers and files of the package into architecture.md, between its two marks."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "toolkit"
PAGE = HERE / "architecture.md"
BEGIN, END = "<!-- rooms: printed by docs/rooms.py -->\n", "<!-- end of rooms -->\n"


def rooms() -> dict[str, object]:
    """Return the layers, from the ground up, and the rails."""
    return tomllib.loads((HERE / "rooms.toml").read_text(encoding="utf-8"))


def sentence(path: Path) -> str:
    """Return the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def files(room: str) -> list[Path]:
    """Return the files of a room, its front first."""
    place = PACKAGE / room
    return (
        sorted(place.rglob("*.py"), key=lambda path: (path.parent, path.name))
        if (place / "__init__.py").is_file()
        else [place.with_suffix(".py")]
    )


def table() -> str:
    """Return the table of layers, then one list of files for each room that is a folder."""
    stated = rooms()
    rail = {room: name for name, inside in stated["rails"].items() for room in inside}
    lines = ["| layer | room | rail | what it is |", "|---|---|---|---|"]
    for number, layer in enumerate(stated["layers"]):
        lines += [f"| {number} | `{room}` | {rail[room]} | {sentence(files(room)[0])} |" for room in layer]
    for room in (room for layer in stated["layers"] for room in layer):
        inside = [path for path in files(room)[1:] if sentence(path)]
        if inside:
            lines += ["", f"`{room}/`", ""]
            lines += [f"- `{path.relative_to(PACKAGE).as_posix()}`: {sentence(path)}" for path in inside]
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return architecture.md as it should stand."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return head + BEGIN + "\n" + table() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv and text != PAGE.read_text(encoding="utf-8"):
        sys.exit("docs/architecture.md is out of date: run python docs/rooms.py")
    PAGE.write_text(text, encoding="utf-8")
