"""The command line: ``toolkit``, or ``python -m toolkit``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from toolkit import __version__
from toolkit.cli.brief import brief, registry
from toolkit.cli.console import FILE, FOUND_WRONG, as_json
from toolkit.cli.console import example as _example
from toolkit.cli.console import show as _show
from toolkit.cli.console import to_json as _json
from toolkit.cli.edition import add_commands
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from pathlib import Path


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
            from toolkit.cli.data import commands
            from toolkit.files import home

            for command in commands(lambda: home() / "data"):
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


DAY = click.DateTime(["%Y-%m-%d"])


@click.group("toolkit", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="toolkit")
def main() -> None:
    """Read trade news, hold it against trade data, and cite both.

    Run it in a project's folder: one with data/, notebooks/, seeds/ and briefs/.

    Exit codes: 0 all is well; 1 a check found something; 2 a mistake in the
    command or a file, named on stderr; 3 some reports of an edition failed.
    """


@_example(
    "toolkit figures seeds/us-japan-deal.txt",
    "toolkit figures seeds/us-japan-deal.txt --json | head",
    "toolkit figures https://news.example/deal          # kept as received in data/raw",
    "toolkit figures archive/ --out figures.jsonl     # a folder, on every core; run it again to go on",
)
@main.command()
@click.argument("file", metavar="FILE|FOLDER|URL")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, safe to open in a spreadsheet.")
@click.option("--out", type=FILE, help="For a folder: the file to write, one JSON line an article.")
@as_json
def figures(file: str, as_csv: bool, out: Path | None, as_json: bool) -> None:
    """Show the figures that an article states: its sentences with the figures marked, and a table.

    FILE is text, HTML or PDF; so is the page at URL, which is fetched once and
    kept as it was received in data/raw. What looks like a figure and was not read for
    certain is counted; --json leaves it out.
    """
    from pathlib import Path

    from toolkit import article
    from toolkit import figures as reader
    from toolkit.cli.figures import fetch
    from toolkit.figures import figure as view

    if Path(file).is_dir():
        _read_folder(Path(file), out)
        return
    text = fetch(file, "data/raw") if "://" in file else article.read(file)
    reading = reader.read(text)
    if as_json or as_csv:
        click.echo(view.as_json(reading.figures) if as_json else view.as_csv(reading.figures), nl=as_json)
        return
    bold = {"left": "\x1b[1;4m", "right": "\x1b[0m"} if sys.stdout.isatty() else {}
    for line in [*text.notices, *view.marked(text, reading.figures, **bold)]:
        click.echo(f"{line}\n")
    rows = view.rows(reading.figures)
    _show(rows, tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows], as_json=False)
    unclear = sum(refusal.reason == "unclear" for refusal in reading.refused)
    click.echo(f"{len(rows)} figures; {unclear} left as unclear")


@_example("toolkit report notebooks/bilateral_trade.ipynb -p year=2024 -p first_year=2000")
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
    from toolkit.files import home

    folder = out or home() / "reports" / "drafts" / notebook.stem.replace("_", "-")
    run = press.run(notebook.resolve(), _pairs(values), folder, edition_date=_day(day))
    click.echo(_json(run.record) if as_json else f"{run.folder / 'report.html'}: {len(run.record['figures'])} figures")


main.add_command(brief)
main.add_command(registry)


@main.group(cls=_Data)
def data() -> None:
    """List and verify the data that analyses may read; bring in your own file or a service's answer."""


@_example("toolkit data list")
@data.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the declared tables, and what was added, or fetched with its vintages: name, rows, title."""
    from toolkit import files
    from toolkit.sources import library
    from toolkit.store import datasets, imported_tables

    tables = datasets.describe()
    rows = [_table_row(table) for table in tables]
    fetched = library.names(files.home() / "data")
    rows += [(name, "", f"fetched, vintages {', '.join(v)}") for name, v in fetched.items()]
    rows += [
        (name, "", f"added, data/{each.file}")
        for name, each in imported_tables.entries().items()
        if name not in fetched
    ]
    _show(tables, ("table", "rows", "title"), rows, as_json=as_json)


@_example("toolkit data verify")
@data.command()
@as_json
def verify(as_json: bool) -> None:
    """Check hashes, schema, keys and totals of every table, and what was fetched; exit code 1 if one is not in order."""
    from toolkit import files
    from toolkit.sources import library
    from toolkit.store import datasets
    from toolkit.store import verify as declared

    checks = declared.verify()
    checks += [datasets.Check("fetched", "bytes", problem) for problem in library.verify(files.home() / "data")]
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


def _read_folder(folder: Path, out: Path | None) -> None:
    """Read a folder of articles with a bar on a terminal."""
    from toolkit import figures as reader

    if out is None:
        raise ToolkitError(f"{folder} is a folder", remedy="Say where its figures go: --out figures.jsonl")
    with click.progressbar(length=1, file=sys.stderr, label="articles") as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        count = reader.read_folder(folder, out, progress=told)
    click.echo(f"{out}: {count['read']} read, {count['kept']} kept, {count['failed']} failed")


def _table_row(table: dict[str, Any]) -> tuple[str, str, str]:
    if "address" not in table:
        return table["name"], f"{table['rows']:,}", table["title"]
    state = f"not fetched: toolkit data fetch {table['name']}"
    if table["copy"]:
        firm = table["copy"]["trust"] == "declared"
        state = f"fetched, hash {'as declared' if firm else 'recorded at the first fetch'}"
    return table["name"], "", f"{table['title']} ({state})"


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


add_commands(main)
