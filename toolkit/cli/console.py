"""What the commands share: options, worked examples, errors in words, tables and JSON on the terminal."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.errors import ToolkitError
from toolkit.files import home

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from toolkit.registry import Registry

__all__ = [
    "DAY", "FILE", "FOUND_WRONG", "Commands", "Renamed", "as_json", "citable", "day_or_today", "example", "show", "to_json",
]  # fmt: skip

FOUND_WRONG = 1  # exit code of a check that found something; a user's mistake is 2
FILE = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class _Mistake(click.ClickException):
    """A user's mistake: one paragraph on stderr, no traceback."""

    exit_code = 2


class Commands(click.Group):
    """Commands in the order in which they are added; any ToolkitError is shown as problem and remedy."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which the commands were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and turn a ToolkitError into a message."""
        try:
            return super().invoke(ctx)
        except ToolkitError as error:
            raise _Mistake(str(error)) from None


class Renamed(click.Option):
    """An option whose former name still works, but is not shown in the help."""

    def __init__(self, names: Sequence[str], *, former: str, **more: Any) -> None:
        super().__init__(names, **more)
        self.former = former

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser accept the former name too."""
        names, self.opts = self.opts, [*self.opts, self.former]
        super().add_to_parser(parser, ctx)
        self.opts = names


def example(*lines: str) -> Callable[[Any], Any]:
    """Put a worked example below a command's help."""

    def decorate(command: Any) -> Any:
        command.epilog = "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
        return command

    return decorate


def day_or_today(day: datetime | None) -> date:
    """Return the day of a ``--date`` option, or the user's own today; no other code reads the clock for it."""
    return day.date() if day else date.today()  # noqa: DTZ011 - the user's own day is meant


def citable() -> Registry:
    """Return the figures of the newest edition with their history, or else those that are kept by hand."""
    from toolkit import registry

    places = [home() / "reports" / "latest" / "registry.jsonl", home() / "data" / "registry.jsonl"]
    newest = next((place for place in places if place.is_file()), places[1])
    history = newest.with_name("history.jsonl")  # every edition passes it on to the next
    return registry.load(newest, earlier=[history][: history.is_file()])


def show(full: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, as_json: bool) -> None:
    """Print `full` as JSON, or `rows` as a table with aligned columns."""
    if as_json:
        click.echo(to_json(full))
        return
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    for row in [names, *rows] if rows else []:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def to_json(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)
