"""The commands ``toolkit brief``: build, check, trace and update."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from toolkit.cli.console import FILE, FOUND_WRONG, as_json, citable, example, show
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["brief"]

_FORMATS = ("html", "docx", "tex", "pdf", "md")  # importing toolkit.brief for this would slow every command


def _formats(_: click.Context, option: click.Parameter, value: str) -> list[str]:
    formats = [each.strip() for each in value.split(",")]
    if unknown := [each for each in formats if each not in _FORMATS]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(_FORMATS)}", param=option)
    return formats


@click.group()
def brief() -> None:
    """Build a brief with cited figures, check every number in it, trace a figure, or update the numbers."""


@example("toolkit brief build briefs/us-japan-deal.md --to docx,pdf --out build")
@brief.command()
@click.argument("file", type=FILE)
@click.option(
    "--to",
    default="html,docx",
    show_default=True,
    callback=_formats,
    help=f"Any of {', '.join(_FORMATS)}, with commas.",
)
@click.option("--out", type=FILE, help="Folder to write to.  [default: beside the brief]")
def build(file: Path, to: list[str], out: Path | None) -> None:
    """Fill in the figures of a brief; add a note to each, the list of sources and the figures used."""
    from toolkit import brief as press

    figures = citable()
    for form in to:
        click.echo(press.build(file, figures, form, out or file.parent))


@example("toolkit brief check briefs/us-japan-deal.md", "toolkit brief check brief.docx --comments checked.docx")
@brief.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@as_json
@click.option("--flagged", is_flag=True, help="Show only the numbers to correct or to cite.")
@click.option("--html", "page", type=FILE, help="Write a page with every number marked.")
@click.option("--comments", type=FILE, help="Write a copy of the docx with a comment on each flagged number.")
@click.option("--sarif", type=FILE, help="Write SARIF, which code hosts show beside the lines.")
def check(
    files: tuple[Path, ...], as_json: bool, flagged: bool, page: Path | None, comments: Path | None, sarif: Path | None
) -> None:
    """Judge every number in a md, docx, html, tex, ipynb or pdf file; exit code 1 if one is flagged."""
    from toolkit import brief as press

    if len(files) > 1 and (page or comments):
        raise SchemaError("--html and --comments mark one file", remedy="Check the files one by one")
    figures = citable()
    judged = [(file, press.check(file, figures)) for file in files]
    for file, verdicts in judged:
        listed = [v for v in verdicts if v.is_flagged or v.verdict == "candidate" or not flagged]
        rows = [(v.text, v.verdict, v.key or "", v.reason) for v in listed]
        show([v.to_dict() for v in listed], ("number", "verdict", "key", "why"), rows, as_json=as_json)
        if not as_json:
            foreign = file.suffix == ".pdf" and not any(v.key and v.verdict != "uncited" for v in verdicts)
            note = "This PDF has no keys: each number was compared with the whole registry\n" if foreign else ""
            click.echo(note + (f"{file}: " if len(files) > 1 else "") + press.tally(verdicts))
    for target, write in ((page, press.marked_page), (comments, press.commented)):
        if target:
            write(*judged[0], target)
    if sarif:
        press.sarif(judged, sarif)
    if any(verdict.is_flagged for _, verdicts in judged for verdict in verdicts):
        sys.exit(FOUND_WRONG)


@example("toolkit brief trace jp-us-investment", "toolkit brief trace us-imports-jp-2025 --html trace.html")
@brief.command()
@click.argument("key")
@click.option("--html", "page", type=FILE, help="Write the trace as one self-contained page.")
def trace(key: str, page: Path | None) -> None:
    """Follow a figure from its sentence or cell, through the notebook that computed it, to the briefs that cite it."""
    from toolkit import brief as press
    from toolkit import files

    figures = citable()
    click.echo(press.as_text(press.trace(key, figures)))
    if page:
        files.write(page, press.page([key], figures, key), parents=True)


@example("toolkit brief update briefs/us-japan-deal.md", "toolkit brief update briefs/us-japan-deal.md --write")
@brief.command()
@click.argument("file", type=FILE)
@click.option(
    "--write", is_flag=True, help="Write the new numbers into the brief; without this option nothing is written."
)
@as_json
def update(file: Path, write: bool, as_json: bool) -> None:
    """List the numbers that a new edition has changed, old and new; --write updates those that have a key."""
    from toolkit import brief as press

    found = (press.update if write else press.changes)(file, citable())
    rows = [(each.old, each.new or "–", each.size, each.reason) for each in found]
    show([each._asdict() for each in found], ("old", "new", "revision", "why"), rows, as_json=as_json)
    if not as_json:
        patched = sum(each.new is not None for each in found)
        state = "updated" if write else "to update with --write"
        click.echo(f"{len(found)} out of date: {patched} {state}, {len(found) - patched} to look at")
