"""The command line: ``toolkit``, or ``python -m toolkit``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from toolkit import __version__
from toolkit.commands import brief, registry
from toolkit.console import FILE, FOUND_WRONG, as_json
from toolkit.console import example as _example
from toolkit.console import show as _show
from toolkit.console import to_json as _json
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from toolkit.nightly import Edition

SOME_FAILED = 3  # exit code; 1 is a check that found something, 2 a user's mistake


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


@_example("toolkit nightly --date 2025-10-28")
@main.command()
@click.option("--date", "day", type=DAY, help="Date of the edition.  [default: today]")
@click.option("--force", is_flag=True, help="Run again even if nothing has changed.")
@as_json
def nightly(day: datetime | None, force: bool, as_json: bool) -> None:
    """Make the edition: every report, brief and article of notebooks/nightly.toml, under reports/.

    Nothing is run if a whole edition of the same inputs is there. A report that
    fails never loses the others: the edition says so, and the exit code is 3.
    """
    from toolkit import nightly as press

    with _progress() as progress:
        edition = press.run(_day(day), force=force, progress=progress)
    click.echo(_json(_plain(edition)) if as_json else _summary(edition))
    if edition.failed:
        sys.exit(SOME_FAILED)


main.add_command(brief)
main.add_command(registry)


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


def _day(day: datetime | None) -> date:
    return day.date() if day else date.today()  # noqa: DTZ011 - the user's own today; the only clock here


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on a terminal; plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, what: click.echo(f"[{done}/{total}] {what}", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)


def _summary(edition: Edition) -> str:
    state = "unchanged" if edition.unchanged else "published"
    lines = [f"{item.status:>8}  {item.name}" + f"  {item.note}" * (item.status != "ok") for item in edition.items]
    where = edition.folder.parent / "latest" / "index.html"
    return "\n".join([*lines, f"Edition {edition.name}, {state}: {where}"])


def _plain(edition: Edition) -> dict[str, Any]:
    return asdict(edition) | {"folder": str(edition.folder)}


if __name__ == "__main__":
    main(prog_name="toolkit")
