"""The commands that make editions and look after them."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.console import FOUND_WRONG, as_json, to_json
from toolkit.cli.console import show as show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.nightly import Edition, Step

SOME_FAILED = 3  # exit code
_EXAMPLES = {
    "nightly": ("toolkit nightly --date 2025-10-28", "toolkit nightly --dry-run"),
    "edition list": ("toolkit edition list",),
    "edition show": ("toolkit edition show latest",),
    "edition diff": ("toolkit edition diff 2025-10-28 latest",),
    "edition verify": ("toolkit edition verify latest",),
    "edition prune": ("toolkit edition prune --keep 30",),
}


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
@as_json
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
    with _progress(options["jobs"]) as progress:
        made = press.run(today, how, progress=progress)
    click.echo(to_json(asdict(made) | {"folder": str(made.folder)}) if as_json else press.summary(made))
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
@as_json
def list_(as_json: bool) -> None:
    """List the editions, the oldest first: items, how many failed, figures moved, sentences to change."""
    from toolkit import nightly as press
    from toolkit.errors import ToolkitError

    shown, rows = "", []
    with suppress(ToolkitError):  # of part editions only, none is the latest
        shown = press.folder("latest").name
    for name in press.names():
        row: dict[str, Any] = {"edition": name, "latest": name == shown}
        try:
            made = press.find(name)
            counts = {"items": len(made.items), "failed": len(made.failed), "moved": len(made.moves)}
            row |= counts | {"to_change": len(made.to_change)}
        except ToolkitError as error:
            row["problem"] = error.problem
        rows.append(row)
    show_table(rows, ("edition", "items", "failed", "moved", "to change", ""), [*map(_listed, rows)], as_json=as_json)
    if not rows and not as_json:
        click.echo("No edition yet: toolkit nightly makes one")


def _listed(row: dict[str, Any]) -> tuple[str, ...]:
    counts = (str(row.get(name, "?")) for name in ("items", "failed", "moved", "to_change"))
    return (row["edition"], *counts, "latest" if row["latest"] else row.get("problem", ""))


@edition.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """Show what an edition holds, why each report was run or taken over, what failed and what moved."""
    from toolkit import nightly as press

    made = press.find(name)
    rows = [asdict(item) for item in made.items]
    lines = [(row["status"], row["name"], row["made"], row["why"] or row["note"].partition("\n")[0]) for row in rows]
    show_table(rows, ("status", "name", "of", "why"), lines, as_json=as_json)
    if not as_json:
        click.echo("\n".join(press.moved(made)))


@edition.command()
@click.argument("one")
@click.argument("two")
@as_json
def diff(one: str, two: str, as_json: bool) -> None:
    """Show the items and figures in which two editions differ; exit code 1 if there are any."""
    from toolkit import nightly as press

    first, second = press.find(one), press.find(two)
    rows = [asdict(row) for row in press.differences(first, second)]
    heads = ("", "name", first.name[:10], second.name[:10])
    show_table(rows, heads, [tuple(row.values()) for row in rows], as_json=as_json)
    if rows:
        sys.exit(FOUND_WRONG)
    if not as_json:
        click.echo(f"{first.name} and {second.name} have the same items and figures")


@edition.command()
@click.argument("name")
@as_json
def verify(name: str, as_json: bool) -> None:
    """Hash every file of an edition; exit code 1 if one is not what was published."""
    from toolkit import nightly as press

    place = press.folder(name)
    wrong = press.verify(place)
    show_table([{"problem": each} for each in wrong], ("problem",), [(each,) for each in wrong], as_json=as_json)
    if not as_json:
        told = (
            f"{press.count(len(wrong), 'problem')}; what is published is no longer whole"
            if wrong
            else "as it was published"
        )
        click.echo(f"{place.name}: {told}")
    if wrong:
        sys.exit(FOUND_WRONG)


@edition.command()
@click.option("--keep", type=click.IntRange(1), default=30, show_default=True, help="How many editions stay.")
def prune(keep: int) -> None:
    """Delete old editions, never the one that reports/latest shows nor the one before it."""
    from toolkit import nightly as press

    gone = press.prune(keep, date.today())  # noqa: DTZ011 - it only stands in the lock
    for name in gone:
        click.echo(f"{name}: deleted")
    click.echo(f"{press.count(len(gone), 'edition')} deleted, {press.count(len(press.names()), 'edition')} kept")


def _show_plan(decisions: list[Any], *, as_json: bool) -> None:
    rows = [{"report": each.row.slug, "action": each.action, "why": each.why} for each in decisions]
    lines = [(row["action"], row["report"], row["why"].partition("\n")[0]) for row in rows]
    show_table(rows, ("would", "report", "why"), lines, as_json=as_json)
    if not as_json:
        counts = Counter(row["action"] for row in rows)
        click.echo(
            f"{counts['run']} of {len(rows)} reports would run, {counts['keep']} be taken over" + _others(counts)
        )


def _others(counts: Counter[str]) -> str:
    words = {"offer": "offered, for want of data", "fail": "fail, being unreadable"}
    return "".join(f", {counts[action]} {said}" for action, said in words.items() if counts[action])


class _Steps:
    """How far a night has come: what became of each item, what runs, and how long the rest will take."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.start = jobs, time.monotonic()
        self.last: dict[str, Step] = {}

    def take(self, step: Step) -> None:
        """Note a step; what was announced long ago and ends now is the latest."""
        if step.state != "runs":
            self.last.pop(step.name, None)
        self.last[step.name] = step

    def waiting(self) -> list[str]:
        """Name the reports that are not made yet, those that run first."""
        return [name for name, step in self.last.items() if step.state == "runs"]

    def remaining(self) -> str:
        """Say how long the reports still to be made will take; what is taken over takes no time."""
        ran, waiting = sum(step.seconds > 0 for step in self.last.values()), len(self.waiting())
        left = (time.monotonic() - self.start) / ran * waiting if ran else 0
        return f", about {left:.0f} s left" if left > 1 else ""

    def rows(self, most: int) -> list[tuple[str, str]]:
        """Give a line each report: what runs, what failed, what ended last, what waits."""
        waiting = self.waiting()
        ended = [step for step in reversed([*self.last.values()]) if step.state != "runs"]
        ended.sort(key=lambda step: step.state != "failed")
        lines = [("running", name) for name in waiting[: self.jobs]]
        lines += [(f"{step.state} {step.seconds:.1f} s" if step.seconds else step.state, step.name) for step in ended]
        return (lines + [("waiting", name) for name in waiting[self.jobs :]])[:most]


@contextmanager
def _progress(jobs: int | None) -> Iterator[Callable[[Step], None]]:
    """Show a live line each report and the time that remains on a terminal; plain lines of what ran elsewhere."""
    steps = _Steps(jobs or os.cpu_count() or 1)

    def plain(step: Step) -> None:
        steps.take(step)
        if step.state in {"runs", "kept"}:
            return
        took = f" in {step.seconds:.1f} s" if step.seconds else ""
        click.echo(f"[{step.done}/{step.total}] {step.name} {step.state}{took}{steps.remaining()}", err=True)

    if not sys.stderr.isatty():
        yield plain
        return
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    def live(step: Step) -> None:
        steps.take(step)
        table = Table.grid(padding=(0, 2))
        for row in steps.rows(screen.console.height - 3):
            table.add_row(*row)
        table.add_row(f"{step.done} of {step.total}", steps.remaining().strip(", "))
        screen.update(table)

    with Live(console=Console(stderr=True), transient=True) as screen:
        yield live


def _notify(command: str, made: Edition) -> None:
    """Hand the summary to a command, for mail or chat; a command that fails is told of, and is no failed report."""
    import shlex
    import subprocess

    from toolkit import nightly as press

    text = "\n".join([press.subject(made), "", press.summary(made), *made.warnings]) + "\n"
    try:
        subprocess.run(shlex.split(command), input=text, text=True, check=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        click.echo(f"Warning: --notify: {error}", err=True)
