"""The command line: ``toolkit``, or ``python -m toolkit``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import __version__
from toolkit.editions import add_commands
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOUND_WRONG = 1  # exit code; a user's mistake is 2


class _Mistake(click.ClickException):
    """A user's mistake: one paragraph on stderr, no traceback."""

    exit_code = 2


class _Commands(click.Group):
    """Commands in the order in which they are met, and their errors in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ToolkitError as error:
            raise _Mistake(str(error)) from None


class _Data(_Commands):
    """The commands on declared tables, and those on outside data, which are loaded when one is asked for."""

    outside = ("add", "fetch", "show", "diff", "replay")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*(name for name in super().list_commands(ctx) if name not in self.outside), *self.outside]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.outside and cmd_name not in self.commands:
            from toolkit import desk
            from toolkit.datasets import home

            for command in desk.commands(lambda: home() / "data"):
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


def _example(*lines: str) -> Callable[[Any], Any]:
    """Put a worked example below a command's help."""

    def decorate(command: Any) -> Any:
        command.epilog = "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
        return command

    return decorate


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")
FILE = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("toolkit", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="toolkit")
def main() -> None:
    r"""Read trade news, hold it against trade data, and cite both.

    Run it in a project's folder: one with data/, notebooks/, seeds/ and briefs/.

    \b
    Exit codes: 0 all is well; 1 a check found something; 2 a mistake in the
    command or a file, named on stderr; 3 some reports of an edition failed.
    """


@_example("toolkit figures seeds/us-japan-deal.txt", "toolkit figures seeds/us-japan-deal.txt --json | head")
@main.command()
@click.argument("file", type=FILE)
@as_json
def figures(file: Path, as_json: bool) -> None:
    """List the figures that an article states: the words, the quantity, what it is about, who says it."""
    from toolkit import article
    from toolkit import figures as reader

    found = reader.extract(article.read(file))
    rows = [(f.quote, str(f.quantity), f.about or "", str(f.status), f.speaker or "") for f in found]
    _show([f.to_dict() for f in found], ("words", "quantity", "about", "status", "speaker"), rows, as_json=as_json)


@_example("toolkit report notebooks/bilateral_trade.ipynb -p first_year=2019 -p product=8703")
@main.command()
@click.argument("notebook", type=FILE)
@click.option("-p", "values", multiple=True, metavar="NAME=VALUE", help="Set a parameter; may be given again.")
@click.option("--date", "day", type=DAY, help="Date that the report bears.  [default: today]")
@click.option("--out", type=FILE, help="Folder to write to.  [default: reports/drafts/<name>]")
@as_json
def report(notebook: Path, values: tuple[str, ...], day: datetime | None, out: Path | None, as_json: bool) -> None:
    """Run one notebook as a report: a page, the executed notebook, its figures and run record.

    A parameter must fit the type that the notebook declares; without any, its
    own values hold.
    """
    from toolkit import report as press
    from toolkit.datasets import home

    folder = out or home() / "reports" / "drafts" / notebook.stem.replace("_", "-")
    run = press.run(notebook.resolve(), _pairs(values), folder, edition_date=_day(day))
    click.echo(_json(run.record) if as_json else f"{run.folder / 'report.html'}: {len(run.record['figures'])} figures")


@main.group()
def brief() -> None:
    """Build a brief with cited figures, or check every number in it."""


@_example("toolkit brief build briefs/us-japan-deal.md --to docx")
@brief.command()
@click.argument("file", type=FILE)
@click.option("--to", type=click.Choice(["html", "docx"]), multiple=True, help="Format.  [default: both]")
@click.option("--out", type=FILE, help="Folder to write to.  [default: beside the brief]")
def build(file: Path, to: tuple[str, ...], out: Path | None) -> None:
    """Fill in a brief's figures; add a note each and the list of sources."""
    from toolkit import brief as press

    for form in to or press.FORMATS:
        click.echo(press.build(file, _registry(), form, out or file.parent))


@_example("toolkit brief check briefs/us-japan-deal.md")
@brief.command()
@click.argument("file", type=FILE)
@as_json
def check(file: Path, as_json: bool) -> None:
    """Give a verdict on every number in a brief; exit code 1 if one is uncited or not what its source says."""
    from toolkit import brief as press

    verdicts = press.check(file, _registry())
    rows = [(v.text, v.verdict, v.key or "", v.reason) for v in verdicts]
    _show([v._asdict() for v in verdicts], ("number", "verdict", "key", "why"), rows, as_json=as_json)
    if not as_json:
        click.echo(press.tally(verdicts))
    if any(v.is_flagged for v in verdicts):
        sys.exit(FOUND_WRONG)


@main.group(cls=_Data)
def data() -> None:
    """List and verify the data that analyses may read; bring in your own file or a service's answer."""


@_example("toolkit data list")
@data.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the declared tables, and what was fetched with its vintages: name, rows, title."""
    from toolkit import datasets, desk

    tables = datasets.describe()
    rows = [(t["name"], f"{t['rows']:,}", t["title"]) for t in tables]
    rows += [
        (name, "", f"fetched, vintages {', '.join(v)}") for name, v in desk.names(datasets.home() / "data").items()
    ]
    _show(tables, ("table", "rows", "title"), rows, as_json=as_json)


@_example("toolkit data verify")
@data.command()
@as_json
def verify(as_json: bool) -> None:
    """Check hashes, schema, keys and totals of every table, and what was fetched; exit code 1 if one is not in order."""
    from toolkit import datasets, desk

    checks = datasets.verify()
    checks += [datasets.Check("fetched", "bytes", problem) for problem in desk.verify(datasets.home() / "data")]
    wrong = [check for check in checks if not check.ok]
    rows = [(check.resource, check.what, str(check.problem)) for check in wrong]
    _show([asdict(check) for check in checks], ("table", "check", "problem"), rows, as_json=as_json)
    if not as_json:
        click.echo(f"{len(checks)} checks: {len(checks) - len(wrong)} ok, {len(wrong)} not")
    if wrong:
        sys.exit(FOUND_WRONG)


@_example("toolkit tidy notebooks/*.ipynb", "toolkit tidy --check notebooks/*.ipynb   # in CI: change nothing")
@main.command()
@click.argument("notebooks", nargs=-1, required=True, type=FILE)
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if a notebook is not canonical.")
def tidy(notebooks: tuple[Path, ...], check: bool) -> None:
    """Bring notebooks into their canonical form: no outputs, ids in order, bare metadata."""
    from toolkit import report as press

    changed = [path for path in notebooks if press.tidy(path, check=check)]
    for path in changed:
        click.echo(f"{path}: {'not canonical' if check else 'made canonical'}")
    if changed and check:
        sys.exit(FOUND_WRONG)


def _pairs(values: tuple[str, ...]) -> dict[str, object]:
    pairs: dict[str, object] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or name in pairs:
            problem = f"-p {value}: {'given twice' if equals else 'no value'}"
            raise ToolkitError(problem, remedy="Write -p name=value, each name once")
        pairs[name] = text
    return pairs


def _registry() -> Any:
    """Give the figures of the newest edition, or those kept by hand where there is none yet."""
    from toolkit import registry
    from toolkit.datasets import home

    places = [home() / "reports" / "latest" / "registry.jsonl", home() / "data" / "registry.jsonl"]
    return registry.load(next((place for place in places if place.is_file()), places[1]))


def _day(day: datetime | None) -> date:
    return day.date() if day else date.today()  # noqa: DTZ011 - the user's own today; the only clock here


def _show(full: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, as_json: bool) -> None:
    """Print JSON, or a table whose columns are as wide as they need to be."""
    if as_json:
        click.echo(_json(full))
        return
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    for row in [names, *rows] if rows else []:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)


add_commands(main)

if __name__ == "__main__":
    main(prog_name="toolkit")
