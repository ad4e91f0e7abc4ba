"""The commands that make editions and look after them."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.nightly import Edition, Step

FOUND_WRONG, SOME_FAILED = 1, 3  # exit codes
_EXAMPLES = {
    "nightly": ("toolkit nightly --date 2025-10-28", "toolkit nightly --dry-run"),
    "edition list": ("toolkit edition list",),
    "edition show": ("toolkit edition show latest",),
    "edition diff": ("toolkit edition diff 2025-10-28 latest",),
    "edition verify": ("toolkit edition verify latest",),
    "edition prune": ("toolkit edition prune --keep 30",),
}
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")


def add_commands(main: click.Group) -> None:
    """Add the commands of this module to the command line."""
    for command in (nightly, edition):
        main.add_command(command)
    for words, lines in _EXAMPLES.items():
        found: Any = main
        for word in words.split():
            found = found.commands[word]
        found.epilog = "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Date of the edition.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Show what would run, and why; run and write nothing.")
@click.option("--force", is_flag=True, help="Run everything again, even if nothing has changed.")
@click.option(
    "--cold", is_flag=True, help="Start a kernel for each report, as papermill does; slower, and the reference."
)
@click.option("--jobs", type=click.IntRange(1), help="Reports at a time.  [default: one a processor]")
@click.option("--tag", "tags", multiple=True, help="Only reports with this tag; may be given again.")
@click.option(
    "--sample", type=click.IntRange(0), default=1, show_default=True, help="Reports to run again and compare."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    default="",
    help="Run on the workers of a Dask scheduler; local[:N] starts one here.",
)
@click.option("--notify", metavar="COMMAND", help="Give the summary to this command's standard input at the end.")
@_as_json
def nightly(day: datetime | None, dry_run: bool, notify: str | None, as_json: bool, **options: Any) -> None:
    """Make the edition: every report, brief and article of notebooks/nightly.toml, under reports/.

    Only what has changed is run; nothing at all if an edition of the same inputs
    is there. A report that fails never loses the others: the edition says so, its
    last good one stays, and the exit code is 3.
    """
    from toolkit import nightly as press

    today = day.date() if day else date.today()  # noqa: DTZ011 - the user's own today; the only clock here
    how = press.How(**options | {"jobs": options["jobs"] or 0})
    if dry_run:
        _show_plan(press.dry_run(press.matrix().tagged(how.tags), today), as_json=as_json)
        return
    with _progress() as progress:
        made = press.run(today, how, progress=progress)
    click.echo(_json(asdict(made) | {"folder": str(made.folder)}) if as_json else _summary(made))
    for warning in made.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if notify:
        _notify(notify, made)
    if made.failed or made.warnings:
        sys.exit(SOME_FAILED)


@click.group()
def edition() -> None:
    """List editions, hold one against another, verify one, delete old ones."""


@edition.command("list")
@_as_json
def list_(as_json: bool) -> None:
    """List the editions, the oldest first: name, items, how many failed."""
    from toolkit import nightly as press

    rows = [{"edition": each.name, "items": len(each.items), "failed": len(each.failed)} for each in press.editions()]
    _lines(rows, "{edition}  {items:4} items  {failed:3} failed", as_json=as_json)


@edition.command()
@click.argument("name")
@_as_json
def show(name: str, as_json: bool) -> None:
    """Show what an edition holds, and why each report was run or taken over."""
    from toolkit import nightly as press

    rows = [asdict(item) for item in press.find(name).items]
    _lines(rows, "{status:7}  {name}  {made}  {why}", as_json=as_json)


@edition.command()
@click.argument("one")
@click.argument("two")
@_as_json
def diff(one: str, two: str, as_json: bool) -> None:
    """Show the items and figures in which two editions differ; exit code 1 if there are any."""
    from toolkit import nightly as press

    rows = [asdict(row) for row in press.differences(press.find(one), press.find(two))]
    _lines(rows, "{kind:6}  {name}  {before} -> {now}", as_json=as_json)
    if rows:
        sys.exit(FOUND_WRONG)


@edition.command()
@click.argument("name")
@_as_json
def verify(name: str, as_json: bool) -> None:
    """Hash every file of an edition; exit code 1 if one is not what was published."""
    from toolkit import nightly as press

    found = press.find(name)
    wrong = press.verify(found)
    _lines([{"problem": problem} for problem in wrong], "{problem}", as_json=as_json)
    if not as_json:
        click.echo(
            f"{found.name}: {f'{len(wrong)} files are not what was published' if wrong else 'as it was published'}"
        )
    if wrong:
        sys.exit(FOUND_WRONG)


@edition.command()
@click.option("--keep", type=click.IntRange(1), default=30, show_default=True, help="How many editions stay.")
def prune(keep: int) -> None:
    """Delete old editions, never the one that reports/latest shows."""
    from toolkit import nightly as press

    for name in press.prune(keep, date.today()):  # noqa: DTZ011 - it only stands in the lock
        click.echo(f"{name}: deleted")


def _lines(rows: list[dict[str, Any]], pattern: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(_json(rows))
        return
    for row in rows:
        click.echo(pattern.format(**row).rstrip())


def _show_plan(decisions: list[Any], *, as_json: bool) -> None:
    rows = [{"report": each.row.slug, "action": each.action, "why": each.why} for each in decisions]
    if as_json:
        click.echo(_json(rows))
        return
    width = max((len(row["report"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['action']:5}  {row['report']:{width}}  {row['why'].partition(chr(10))[0]}")
    click.echo(f"{sum(row['action'] == 'run' for row in rows)} of {len(rows)} reports would run")


@contextmanager
def _progress() -> Iterator[Callable[[Step], None]]:
    """Show a live line each report and the time that remains on a terminal; plain lines elsewhere."""
    start = time.monotonic()

    def plain(step: Step) -> None:
        if step.state == "runs":
            return
        took = f" in {step.seconds:.1f} s" if step.seconds else ""
        click.echo(f"[{step.done}/{step.total}] {step.name} {step.state}{took}{_remaining(step, start)}", err=True)

    if not sys.stderr.isatty():
        yield plain
        return
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    states: dict[str, str] = {}

    def live(step: Step) -> None:
        states[step.name] = f"{step.state} {step.seconds:.1f} s" if step.seconds else step.state
        table = Table.grid(padding=(0, 2))
        running = [name for name, state in states.items() if state == "runs"]
        for name in [*running, *(name for name in states if name not in running)][: screen.console.height - 3]:
            table.add_row(states[name], name)
        table.add_row(f"{step.done}/{step.total}", _remaining(step, start).strip(", "))
        screen.update(table)

    with Live(console=Console(stderr=True), transient=True) as screen:
        yield live


def _remaining(step: Step, start: float) -> str:
    left = (time.monotonic() - start) / step.done * (step.total - step.done) if step.done else 0
    return f", about {left:.0f} s left" if left > 1 else ""


def _summary(edition: Edition) -> str:
    state = "unchanged" if edition.unchanged else f"published, {len(edition.ran)} reports run"
    lines = [f"{item.status:>8}  {item.name}" + f"  {item.note}" * (item.status != "ok") for item in edition.items]
    where = edition.folder / "index.html"
    return "\n".join([*lines, f"Edition {edition.name}, {state}: {where}"])


def _notify(command: str, made: Edition) -> None:
    """Hand the summary to a command, for mail or chat; a command that fails is told of, and is no failed report."""
    import shlex
    import subprocess

    subject = (
        f"{made.name}: {len(made.failed)} of {len(made.items)} failed" if made.failed else f"{made.name}: all well"
    )
    text = "\n".join([subject, "", _summary(made), *made.warnings]) + "\n"
    try:
        subprocess.run(shlex.split(command), input=text, text=True, check=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        click.echo(f"Warning: --notify: {error}", err=True)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)
