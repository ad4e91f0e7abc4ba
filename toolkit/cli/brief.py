"""The commands for briefs and for the registry of figures that they cite."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.console import FILE, FOUND_WRONG, as_json, example, held, show, to_json
from toolkit.errors import SchemaError, UnknownCode

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.article import Article
    from toolkit.registry import Record

_FORMATS = ("html", "docx", "tex", "pdf", "md")  # importing toolkit.brief for them would slow every command
_FORMS = ("csl-json", "biblatex", "annotation", "owid")
_FIELDS = ("about", "place", "partner", "product", "period", "valuation", "status", "speaker", "retrieved")


def _formats(_: click.Context, option: click.Parameter, value: str) -> list[str]:
    formats = [each.strip() for each in value.split(",")]
    if unknown := [each for each in formats if each not in _FORMATS]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of {', '.join(_FORMATS)}", param=option)
    return formats


@click.group()
def brief() -> None:
    """Build a brief with cited figures, check every number in it, trace one, or bring it up to date."""


@example("toolkit brief build briefs/us-japan-deal.md --to docx,pdf --out build")
@brief.command()
@click.argument("file", type=FILE)
@click.option(
    "--to",
    default="html,docx",
    show_default=True,
    callback=_formats,
    help=f"Formats, parted by commas: {', '.join(_FORMATS)}.",
)
@click.option("--out", type=FILE, help="Folder to write to.  [default: beside the brief]")
def build(file: Path, to: list[str], out: Path | None) -> None:
    """Fill in a brief's figures; add a note each, the list of sources and the figures used."""
    from toolkit import brief as press

    figures = held()
    for form in to:
        click.echo(press.build(file, figures, form, out or file.parent))


@example("toolkit brief check briefs/us-japan-deal.md", "toolkit brief check brief.docx --comments checked.docx")
@brief.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@as_json
@click.option("--flagged", is_flag=True, help="Show only the numbers to mend or to cite.")
@click.option("--html", "page", type=FILE, help="Write a page with every number marked.")
@click.option("--comments", type=FILE, help="Write a copy of the docx with a comment on each flagged number.")
@click.option("--sarif", type=FILE, help="Write SARIF, which code hosts show beside the lines.")
def check(
    files: tuple[Path, ...], as_json: bool, flagged: bool, page: Path | None, comments: Path | None, sarif: Path | None
) -> None:
    """Give a verdict on every number in a md, docx, html, tex, ipynb or pdf; exit code 1 if one is flagged."""
    from toolkit import brief as press

    if len(files) > 1 and (page or comments):
        raise SchemaError("--html and --comments mark one file", remedy="Check the files one by one")
    figures = held()
    judged = [(file, press.check(file, figures)) for file in files]
    for file, verdicts in judged:
        listed = [v for v in verdicts if v.is_flagged or v.verdict == "candidate" or not flagged]
        rows = [(v.text, v.verdict, v.key or "", v.reason) for v in listed]
        show([v.to_dict() for v in listed], ("number", "verdict", "key", "why"), rows, as_json=as_json)
        if not as_json:
            foreign = file.suffix == ".pdf" and not any(v.key and v.verdict != "uncited" for v in verdicts)
            note = "no key in this PDF: each number was held against the registry without one\n" if foreign else ""
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
@click.option("--html", "page", type=FILE, help="Write one page that needs nothing else.")
def trace(key: str, page: Path | None) -> None:
    """Follow a figure to its sentence or cell, through the notebook and run that computed it, to the briefs that cite it."""
    from toolkit import brief as press
    from toolkit import files

    figures = held()
    click.echo(press.as_text(press.trace(key, figures)))
    if page:
        files.write(page, press.page([key], figures, key), parents=True)


@example("toolkit brief update briefs/us-japan-deal.md", "toolkit brief update briefs/us-japan-deal.md --write")
@brief.command()
@click.argument("file", type=FILE)
@click.option("--write", is_flag=True, help="Patch the keyed numbers; without it nothing is written.")
@as_json
def update(file: Path, write: bool, as_json: bool) -> None:
    """List the numbers that a new edition has overtaken, old and new; patch those that carry a key with --write."""
    from toolkit import brief as press

    found = (press.update if write else press.changes)(file, held())
    rows = [(each.old, each.new or "–", each.size, each.reason) for each in found]
    show([each._asdict() for each in found], ("old", "new", "revision", "why"), rows, as_json=as_json)
    if not as_json:
        patched = sum(each.new is not None for each in found)
        click.echo(
            f"{len(found)} overtaken: {patched} {'patched' if write else 'to patch with --write'}, {len(found) - patched} to look at"
        )


@click.group()
def registry() -> None:
    """Add to the figures that may be cited, and look into them."""


@example(
    'toolkit registry add jp-us-investment seeds/us-japan-deal.txt --quote "550-billion" --about "Japan\'s package"',
    "toolkit registry add --from exported.json",
)
@registry.command()
@click.argument("key", required=False)
@click.argument("article", type=FILE, required=False)
@click.option("--quote", help="Words of the article that hold the figure.")
@click.option("--from", "exported", type=FILE, help="Take in records that `registry show --as` exported.")
@click.option("--supersede", is_flag=True, help="Replace the key's newest record, which stays as history.")
@click.option("--to", "file", type=FILE, help="The registry.  [default: data/registry.jsonl]")
@click.option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help=f"Say it yourself: {', '.join(_FIELDS)}.")
@click.option("--about", help="What the number is of.")
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
    """Register a figure that an article states, under a key that stays for ever."""
    from toolkit import registry as figures
    from toolkit.store.datasets import home

    target = file or home() / "data" / "registry.jsonl"
    if exported:
        records = figures.read_back(exported.read_text(encoding="utf-8"))
    elif key and article and quote:
        records = [_from_article(key, article, quote, _pairs(fields) | ({"about": about} if about else {}))]
    else:
        raise SchemaError(
            "neither an article's figure nor --from", remedy='Write registry add KEY ARTICLE --quote "words"'
        )
    for record in records:
        known = figures.load(target).resolve(record.key).id if supersede else None
        click.echo(
            f"{record.key} {figures.append(target, replace(record, supersedes=known) if supersede else record)}: {record}"
        )


@example("toolkit registry show jp-us-investment", "toolkit registry show --as biblatex > figures.bib")
@registry.command("show")
@click.argument("keys", nargs=-1)
@click.option("--as", "form", type=click.Choice(_FORMS), help="Export in this form.")
def show_(keys: tuple[str, ...], form: str | None) -> None:
    """Give records whole, or for other programs; all of them without a key."""
    from toolkit import registry as figures

    known = held()
    records = [known.resolve(key) for key in keys] if keys else [*known]
    click.echo(
        figures.export(records, form) if form else to_json([record.to_dict() for record in records]), nl=not form
    )


@example("toolkit registry find imports Japan 2025")
@registry.command()
@click.argument("words", nargs=-1, required=True)
@as_json
def find(words: tuple[str, ...], as_json: bool) -> None:
    """List the figures that speak of all these words: in key, subject, place, period, unit or quotation."""
    found = [record for record in held() if all(word.casefold() in _spoken(record) for word in words)]
    rows = [(each.key, str(each), each.about) for each in found]
    show([each.to_dict() for each in found], ("key", "figure", "about"), rows, as_json=as_json)


@example("toolkit registry conflicts")
@registry.command()
@as_json
def conflicts(as_json: bool) -> None:
    """Show figures on one thing that disagree, both with their sources; exit code 1 if there are any."""
    from toolkit import registry as figures

    found = figures.conflicts(held())
    rows = [
        (f"{one.key} / {two.key}", f"{one} / {two}", f"{figures.describe(one)} / {figures.describe(two)}")
        for one, two in found
    ]
    show([[one.to_dict(), two.to_dict()] for one, two in found], ("keys", "figures", "sources"), rows, as_json=as_json)
    if not as_json:
        click.echo(f"{len(found)} conflict{'s' * (len(found) != 1)}")
    if found:
        sys.exit(FOUND_WRONG)


@example("toolkit registry log us-imports-jp-2025")
@registry.command()
@click.argument("key")
@as_json
def log(key: str, as_json: bool) -> None:
    """Show what a key has stood for, the newest first."""
    known = held()
    records = [*([known.resolve(key)] if key in {record.key for record in known} else []), *known.history(key)]
    if not records:
        known.resolve(key)  # says what is near
    rows = [(each.id, str(each), each.retrieved or "", each.about) for each in records]
    show([each.to_dict() for each in records], ("id", "figure", "read", "about"), rows, as_json=as_json)


@example("toolkit registry anchors", "toolkit registry anchors --write")
@registry.command()
@click.option("--write", is_flag=True, help="Append a record with the new place of each quotation that has moved.")
def anchors(write: bool) -> None:
    """Read the articles again: is each quotation the same, moved, changed or gone? Exit code 1 if one changed."""
    from toolkit import article, registry
    from toolkit.store.datasets import home

    known, lost = held(), False
    for record in [each for each in known if each.source["type"] == "article"]:
        path = home() / record.source["source"]
        if not path.is_file():
            click.echo(f"{record.key}: {path.name} is not kept here")
            continue
        anchor, moved = registry.reanchor(record, article.read(path))
        lost = lost or anchor.state in {"changed", "gone"}
        click.echo(f"{record.key}: {anchor.state}" + (f", now “{anchor.text}”" if anchor.state == "changed" else ""))
        if moved and write:
            registry.append(home() / "data" / "registry.jsonl", moved)
    if lost:
        sys.exit(FOUND_WRONG)


def _from_article(key: str, path: Path, quote: str, fields: dict[str, str]) -> Record:
    """Give the record of the one figure of an article that `quote` names."""
    from toolkit import article, figures
    from toolkit import registry as register

    text: Article = article.read(path)
    plain = " ".join(quote.split())
    found = [
        each
        for each in figures.extract(text)
        if plain in " ".join(each.quote.split()) or " ".join(each.quote.split()) in plain
    ]
    if len(found) != 1:
        told = "; ".join(each.quote for each in found or figures.extract(text)[:5])
        raise UnknownCode(f"{path}: {len(found)} figures hold “{quote}”", remedy=f"Quote one of: {told}")
    return register.from_figure(key, found[0], text, **fields)


def _pairs(fields: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.partition("=")[::2] for each in fields)
    if unknown := sorted(pairs.keys() - set(_FIELDS)):
        raise SchemaError(f"--set {unknown[0]}: no such field", remedy=f"Use {', '.join(_FIELDS)}")
    return pairs


def _spoken(record: Record) -> str:
    source: dict[str, Any] = record.source
    quote = source["selector"][0]["exact"] if source["type"] == "article" else ""
    parts = (
        record.key,
        record.about,
        record.place,
        record.partner,
        record.product,
        record.period,
        record.quantity.unit,
        record.speaker,
        quote,
        str(record),
    )
    return " ".join(part for part in parts if part).casefold()
