"""The commands ``toolkit nightly``, which makes an edition, and ``toolkit edition``, which looks after editions."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.console import DAY, FOUND_WRONG, Renamed, as_json, day_or_today, example, to_json
from toolkit.cli.console import show as show_table
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from toolkit.nightly import Decision, Edition, Step

__all__ = ["edition", "nightly"]

SOME_FAILED = 3  # exit code
_JOBS = click.IntRange(1)
_RECHECK = click.IntRange(0)


@example("toolkit nightly --date 2025-10-28", "toolkit nightly --dry-run")
@click.command()
@click.option("--date", "day", type=DAY, help="Date of the edition.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Show what would run, and why; run and write nothing.")
@click.option("--force", is_flag=True, help="Run everything again, even if nothing has changed.")
@click.option(
    "--fresh-kernels", cls=Renamed, former="--cold", is_flag=True,
    help="Start a new kernel for each report, as papermill does; slower.",
)  # fmt: skip
@click.option("--jobs", type=_JOBS, help="Reports to run at the same time.  [default: one for each processor]")
@click.option("--tag", "tags", multiple=True, help="Run only reports with this tag; may be repeated.")
@click.option(
    "--recheck", cls=Renamed, former="--sample", type=_RECHECK, default=1, show_default=True,
    help="Number of reports to run again and compare, to find results that change from run to run.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="ADDRESS", default="",
    help="Run on the workers of a Dask scheduler; local or local:N starts one on this machine.",
)  # fmt: skip
@click.option("--notify", metavar="COMMAND", help="At the end, send the summary to the standard input of this command.")
@as_json
def nightly(day: datetime | None, dry_run: bool, notify: str | None, as_json: bool, **chosen: Any) -> None:
    """Make the edition: every report, brief and article of notebooks/nightly.toml, under reports/.

    Only reports whose inputs have changed are run. If an edition with the same
    inputs exists, nothing runs. A report that fails does not stop the others:
    the edition says that it failed and shows its last good version, and the
    exit code is 3.
    """
    from toolkit import nightly as press

    today = day_or_today(day)
    options = press.RunOptions(**chosen | {"jobs": chosen["jobs"] or 0})
    if dry_run:
        _show_plan(press.dry_run(press.matrix().tagged(options.tags), today), as_json=as_json)
        return
    with _progress(options.jobs) as progress:
        made = press.run(today, options, progress=progress)
    click.echo(to_json(asdict(made) | {"folder": str(made.folder)}) if as_json else press.summary(made))
    for warning in made.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if notify:
        _notify(notify, made)
    if made.failed or made.warnings:
        sys.exit(SOME_FAILED)


@click.group()
def edition() -> None:
    """List, show, compare, verify and delete editions."""


@example("toolkit edition list")
@edition.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the editions, oldest first: items, failures, figures that moved, sentences to change."""
    from toolkit import nightly as press

    shown, rows = "", []
    with suppress(ToolkitError):  # if there are only editions of some reports, none is the latest
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


@example("toolkit edition show latest")
@edition.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """Show what an edition contains, why each report was run or reused, what failed and what moved.

    NAME is latest, or the name of an edition or its beginning, such as its date.
    """
    from toolkit import nightly as press

    made = press.find(name)
    rows = [asdict(item) for item in made.items]
    lines = [(row["status"], row["name"], row["made"], row["why"] or row["note"].partition("\n")[0]) for row in rows]
    show_table(rows, ("status", "name", "of", "why"), lines, as_json=as_json)
    if not as_json:
        click.echo("\n".join(press.moved(made)))


@example("toolkit edition diff 2025-10-28 latest")
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


@example("toolkit edition verify latest")
@edition.command()
@click.argument("name")
@as_json
def verify(name: str, as_json: bool) -> None:
    """Compare every file of an edition with its published hash; exit code 1 if one differs."""
    from toolkit import nightly as press

    place = press.folder(name)
    wrong = press.verify(place)
    show_table([{"problem": each} for each in wrong], ("problem",), [(each,) for each in wrong], as_json=as_json)
    if not as_json:
        found = f"{press.count(len(wrong), 'problem')}; the edition is no longer as it was published"
        click.echo(f"{place.name}: {found if wrong else 'as it was published'}")
    if wrong:
        sys.exit(FOUND_WRONG)


@example("toolkit edition prune --keep 30")
@edition.command()
@click.option("--keep", type=click.IntRange(1), default=30, show_default=True, help="Number of editions to keep.")
def prune(keep: int) -> None:
    """Delete old editions, but never the one that reports/latest shows nor the one before it."""
    from toolkit import nightly as press

    gone = press.prune(keep, day_or_today(None))
    for name in gone:
        click.echo(f"{name}: deleted")
    click.echo(f"{press.count(len(gone), 'edition')} deleted, {press.count(len(press.names()), 'edition')} kept")


def _show_plan(decisions: list[Decision], *, as_json: bool) -> None:
    rows = [{"report": each.row.slug, "action": each.action, "why": each.why} for each in decisions]
    lines = [(row["action"], row["report"], row["why"].partition("\n")[0]) for row in rows]
    show_table(rows, ("would", "report", "why"), lines, as_json=as_json)
    if not as_json:
        counts = Counter(each.action for each in decisions)
        words = {"keep": "be reused", "offer": "be offered, since data are missing", "fail": "fail, being unreadable"}
        others = "".join(f", {counts[action]} {end}" for action, end in words.items() if counts[action])
        click.echo(f"{counts['run']} of {len(rows)} reports would run{others}")


class _Steps:
    """Progress of a night: the state of each item, and how long the rest will take."""

    def __init__(self, jobs: int) -> None:
        self.jobs, self.start = jobs, time.monotonic()
        self.last: dict[str, Step] = {}

    def take(self, step: Step) -> None:
        """Note a step; an item that ends moves to the end of the list."""
        if step.state != "runs":
            self.last.pop(step.name, None)
        self.last[step.name] = step

    def waiting(self) -> list[str]:
        """Name the reports that are not finished; those that are running come first."""
        return [name for name, step in self.last.items() if step.state == "runs"]

    def remaining(self) -> str:
        """Estimate how long the unfinished reports will take; reused ones take no time."""
        ran, waiting = sum(step.seconds > 0 for step in self.last.values()), len(self.waiting())
        left = (time.monotonic() - self.start) / ran * waiting if ran else 0
        return f", about {left:.0f} s left" if left > 1 else ""

    def rows(self, most: int) -> list[tuple[str, str]]:
        """Return a line for each report: first what is running, then failures, then what ended last, then the rest."""
        waiting = self.waiting()
        ended = [step for step in reversed([*self.last.values()]) if step.state != "runs"]
        ended.sort(key=lambda step: step.state != "failed")
        lines = [("running", name) for name in waiting[: self.jobs]]
        lines += [(f"{step.state} {step.seconds:.1f} s" if step.seconds else step.state, step.name) for step in ended]
        return (lines + [("waiting", name) for name in waiting[self.jobs :]])[:most]


@contextmanager
def _progress(jobs: int) -> Iterator[Callable[[Step], None]]:
    """On a terminal, show live what each report does and the time left; elsewhere, print a line for each that ran."""
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
    """Send the summary to a command, for mail or chat; if that fails, only warn."""
    import shlex
    import subprocess  # slow to load, and few nights need it

    from toolkit import nightly as press

    text = "\n".join([press.subject(made), "", press.summary(made), *made.warnings]) + "\n"
    try:
        subprocess.run(shlex.split(command), input=text, text=True, check=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        click.echo(f"Warning: --notify: {error}", err=True)
