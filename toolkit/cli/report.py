"""The commands ``toolkit report``, which runs one notebook, and ``toolkit tidy``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from toolkit.cli.console import DAY, FILE, FOUND_WRONG, as_json, day_or_today, example, to_json
from toolkit.errors import ToolkitError
from toolkit.files import home

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["report", "tidy"]


@example("toolkit report notebooks/bilateral_trade.ipynb -p year=2024 -p first_year=2000")
@click.command()
@click.argument("notebook", type=FILE)
@click.option("-p", "values", multiple=True, metavar="NAME=VALUE", help="Set a parameter; may be repeated.")
@click.option("--date", "day", type=DAY, help="Date printed in the report.  [default: today]")
@click.option("--out", type=FILE, help="Folder to write to.  [default: reports/drafts/<name>]")
@as_json
def report(notebook: Path, values: tuple[str, ...], day: datetime | None, out: Path | None, as_json: bool) -> None:
    """Run one notebook as a report: a page, the executed notebook, its figures and a run record.

    A value must fit the type that the notebook declares for the parameter.
    A parameter that is not set keeps the notebook's own value.
    """
    from toolkit import report as press

    folder = out or home() / "reports" / "drafts" / notebook.stem.replace("_", "-")
    run = press.run(notebook.resolve(), _pairs(values), folder, edition_date=day_or_today(day))
    shown = to_json(run.record) if as_json else f"{run.folder / 'report.html'}: {len(run.record['figures'])} figures"
    click.echo(shown)


@example("toolkit tidy notebooks/*.ipynb", "toolkit tidy --check notebooks/*.ipynb   # in CI: change nothing")
@click.command()
@click.argument("notebooks", nargs=-1, required=True, type=FILE)
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if a notebook is not canonical.")
def tidy(notebooks: tuple[Path, ...], check: bool) -> None:
    """Rewrite notebooks in their canonical form: no outputs, cell ids in order, only essential metadata."""
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
