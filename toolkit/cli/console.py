"""What the commands share: options, worked examples, tables and JSON on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.registry import Registry

FOUND_WRONG = 1  # exit code of a check that found something; a user's mistake is 2


def example(*lines: str) -> Callable[[Any], Any]:
    """Put a worked example below a command's help."""

    def decorate(command: Any) -> Any:
        command.epilog = "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
        return command

    return decorate


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
FILE = click.Path(path_type=Path)


def held() -> Registry:
    """Give the figures of the newest edition with their history; those kept by hand where there is none."""
    from toolkit import registry
    from toolkit.files import home

    places = [home() / "reports" / "latest" / "registry.jsonl", home() / "data" / "registry.jsonl"]
    newest = next((place for place in places if place.is_file()), places[1])
    history = newest.with_name("history.jsonl")  # which every edition hands on to the next
    return registry.load(newest, earlier=[history][: history.is_file()])


def show(full: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, as_json: bool) -> None:
    """Print JSON, or a table whose columns are as wide as they need to be."""
    if as_json:
        click.echo(to_json(full))
        return
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    for row in [names, *rows] if rows else []:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def to_json(value: Any) -> str:
    """Give a value as JSON that people can read."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)
