"""The commands ``toolkit registry``: add, find, show and recheck the figures that may be cited."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from toolkit.cli.console import FILE, FOUND_WRONG, Renamed, as_json, citable, example, show, to_json
from toolkit.errors import SchemaError, UnknownCode
from toolkit.files import home, read_text

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.registry import Record

__all__ = ["registry"]

_FORMS = ("csl-json", "biblatex", "annotation", "owid")
_FIELDS = ("about", "place", "partner", "product", "period", "valuation", "status", "speaker", "retrieved")
_FORMER = {"anchors": "recheck", "log": "history"}  # names of commands that were changed, and still work


class _Registry(click.Group):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, _FORMER.get(cmd_name, cmd_name))


@click.group(cls=_Registry)
def registry() -> None:
    """Register figures that may be cited, and look them up."""


@example(
    'toolkit registry add jp-us-investment seeds/us-japan-deal.txt --quote "550-billion" --about "Japan\'s package"',
    "toolkit registry add --import exported.json",
)
@registry.command()
@click.argument("key", required=False)
@click.argument("article", type=FILE, required=False)
@click.option("--quote", help="Words of the article that contain the figure.")
@click.option(
    "--import",
    "exported",
    cls=Renamed,
    former="--from",
    type=FILE,
    help="Add the records of a `registry show --as` file.",
)
@click.option("--supersede", is_flag=True, help="Replace the key's newest record, which stays in its history.")
@click.option(
    "--registry", "file", cls=Renamed, former="--to", type=FILE, help="Registry file.  [default: data/registry.jsonl]"
)
@click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help=f"Set a field: {', '.join(_FIELDS)}.")
@click.option("--about", help="What the number measures.")
def add(
    key: str | None,
    article: Path | None,
    quote: str | None,
    exported: Path | None,
    supersede: bool,
    file: Path | None,
    fields: tuple[str, ...],
    about: str | None,
) -> None:
    """Register a figure that an article states, under a key that never changes."""
    from toolkit import registry as figures

    target = file or home() / "data" / "registry.jsonl"
    if exported:
        records = figures.read_back(read_text(exported))
    elif key and article and quote:
        records = [_from_article(key, article, quote, _pairs(fields) | ({"about": about} if about else {}))]
    else:
        remedy = 'Write registry add KEY ARTICLE --quote "words"'
        raise SchemaError("neither an article's figure nor --import", remedy=remedy)
    for record in records:
        if supersede:
            record = replace(record, supersedes=figures.load(target).resolve(record.key).id)  # noqa: PLW2901 - same one
        click.echo(f"{record.key} {figures.append(target, record)}: {record}")


@example("toolkit registry show jp-us-investment", "toolkit registry show --as biblatex > figures.bib")
@registry.command("show")
@click.argument("keys", nargs=-1)
@click.option("--as", "form", type=click.Choice(_FORMS), help="Export in this format.")
def show_(keys: tuple[str, ...], form: str | None) -> None:
    """Print whole records, or export them for other programs; without a key, print all of them."""
    from toolkit import registry as figures

    known = citable()
    records = [known.resolve(key) for key in keys] if keys else [*known]
    shown = figures.export(records, form) if form else to_json([record.to_dict() for record in records])
    click.echo(shown, nl=not form)


@example("toolkit registry find imports Japan 2025")
@registry.command()
@click.argument("words", nargs=-1, required=True)
@as_json
def find(words: tuple[str, ...], as_json: bool) -> None:
    """List the figures with all of these words in key, subject, place, period, unit or quotation."""
    found = [record for record in citable() if all(word.casefold() in _searched(record) for word in words)]
    rows = [(each.key, str(each), each.about) for each in found]
    show([each.to_dict() for each in found], ("key", "figure", "about"), rows, as_json=as_json)


@example("toolkit registry conflicts")
@registry.command()
@as_json
def conflicts(as_json: bool) -> None:
    """Show pairs of figures that disagree about the same thing, with their sources; exit code 1 if there are any."""
    from toolkit import registry as figures

    found = figures.conflicts(citable())
    rows = [
        (f"{one.key} / {two.key}", f"{one} / {two}", f"{figures.describe(one)} / {figures.describe(two)}")
        for one, two in found
    ]
    show([[one.to_dict(), two.to_dict()] for one, two in found], ("keys", "figures", "sources"), rows, as_json=as_json)
    if not as_json:
        click.echo(f"{len(found)} conflict{'s' * (len(found) != 1)}")
    if found:
        sys.exit(FOUND_WRONG)


@example("toolkit registry history us-imports-jp-2025")
@registry.command()
@click.argument("key")
@as_json
def history(key: str, as_json: bool) -> None:
    """Show all records that a key has had, newest first."""
    known = citable()
    records = [*([known.resolve(key)] if key in {record.key for record in known} else []), *known.history(key)]
    if not records:
        known.resolve(key)  # raises an error that suggests similar keys
    rows = [(each.id, str(each), each.retrieved or "", each.about) for each in records]
    show([each.to_dict() for each in records], ("id", "figure", "read", "about"), rows, as_json=as_json)


@example("toolkit registry recheck", "toolkit registry recheck --write")
@registry.command()
@click.option("--write", is_flag=True, help="Append a record with the new position of each quotation that has moved.")
def recheck(write: bool) -> None:
    """Read the articles again and report each quotation as same, moved, changed or gone.

    The exit code is 1 if a quotation is changed or gone.
    """
    from toolkit import article
    from toolkit import registry as figures

    lost = False
    for record in [each for each in citable() if each.source["type"] == "article"]:
        path = home() / record.source["source"]
        if not path.is_file():
            click.echo(f"{record.key}: {path.name} is not kept here")
            continue
        anchor, moved = figures.reanchor(record, article.read(path))
        lost = lost or anchor.state in {"changed", "gone"}
        click.echo(f"{record.key}: {anchor.state}" + (f", now “{anchor.text}”" if anchor.state == "changed" else ""))
        if moved and write:
            figures.append(home() / "data" / "registry.jsonl", moved)
    if lost:
        sys.exit(FOUND_WRONG)


def _from_article(key: str, path: Path, quote: str, fields: dict[str, str]) -> Record:
    """Return the record of the one figure of an article that `quote` names."""
    from toolkit import article, figures
    from toolkit import registry as register

    text, plain = article.read(path), " ".join(quote.split())
    stated = [(each, " ".join(each.quote.split())) for each in figures.extract(text)]
    found = [each for each, words in stated if plain in words or words in plain]
    if len(found) != 1:
        shown = "; ".join(each.quote for each in found or [each for each, _ in stated[:5]])
        raise UnknownCode(f"{path}: {len(found)} figures contain “{quote}”", remedy=f"Quote one of: {shown}")
    return register.from_figure(key, found[0], text, **fields)


def _pairs(fields: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.partition("=")[::2] for each in fields)
    if unknown := sorted(pairs.keys() - set(_FIELDS)):
        raise SchemaError(f"--set {unknown[0]}: no such field", remedy=f"Use {', '.join(_FIELDS)}")
    return pairs


def _searched(record: Record) -> str:
    quote = record.source["selector"][0]["exact"] if record.source["type"] == "article" else ""
    fields = (record.key, record.about, record.place, record.partner, record.product, record.period, record.speaker)
    return " ".join(part for part in (*fields, record.quantity.unit, quote, str(record)) if part).casefold()
