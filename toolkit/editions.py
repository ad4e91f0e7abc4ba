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

SOME_FAILED = 3  # exit code
_EXAMPLES = {
    "nightly": ("toolkit nightly --date 2025-10-28", "toolkit nightly --dry-run"),
}
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program to read.")


def add_commands(main: click.Group) -> None:
    """Add the commands of this module to the command line."""
    for command in (nightly,):
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
@_as_json
def nightly(day: datetime | None, dry_run: bool, as_json: bool, **options: Any) -> None:
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
        edition = press.run(today, how, progress=progress)
    click.echo(_json(asdict(edition) | {"folder": str(edition.folder)}) if as_json else _summary(edition))
    for warning in edition.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if edition.failed or edition.warnings:
        sys.exit(SOME_FAILED)


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


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)
