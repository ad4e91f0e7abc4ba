"""The command ``toolkit figures``: the figures of an article, a folder of articles, or a public web page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.console import FILE, as_json, example, show
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.article import Article
    from toolkit.web import Client

__all__ = ["fetch", "figures"]

_MOST_BYTES, _SECONDS, _ATTEMPTS = 20_000_000, 60.0, 3


@example(
    "toolkit figures seeds/us-japan-deal.txt",
    "toolkit figures seeds/us-japan-deal.txt --json | head",
    "toolkit figures https://news.example/deal          # stored as received in data/raw",
    "toolkit figures archive/ --out figures.jsonl     # a folder, on every core; run it again to continue",
)
@click.command()
@click.argument("file", metavar="FILE|FOLDER|URL")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, safe to open in a spreadsheet.")
@click.option("--out", type=FILE, help="For a folder: the file to write, one JSON line for each article.")
@as_json
def figures(file: str, as_csv: bool, out: Path | None, as_json: bool) -> None:
    """Show the figures that an article states: its sentences with the figures marked, and a table.

    FILE is text, HTML or PDF. A page at URL is fetched once and stored as
    received in data/raw. The last line counts the candidates that could not be
    read with certainty; they are not listed.
    """
    from toolkit import article
    from toolkit import figures as reader
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
    show(rows, tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows], as_json=False)
    unclear = sum(refusal.reason == "unclear" for refusal in reading.refused)
    click.echo(f"{len(rows)} figures; {unclear} left as unclear")


def _read_folder(folder: Path, out: Path | None) -> None:
    """Read a folder of articles, with a progress bar on a terminal."""
    from toolkit import figures as reader

    if out is None:
        raise ToolkitError(f"{folder} is a folder", remedy="Say where its figures go: --out figures.jsonl")
    with click.progressbar(length=1, file=sys.stderr, label="articles") as bar:

        def update(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        count = reader.read_folder(folder, out, progress=update)
    click.echo(f"{out}: {count['read']} read, {count['kept']} kept, {count['failed']} failed")


def fetch(url: str, folder: str | Path, *, web: Client | None = None) -> Article:
    """Fetch a page, store it as received in `folder`, and return the article in it.

    One request by https, with a time limit and a size limit; every redirect must lead to
    a public host. Address, headers and time are stored with the bytes.

    Parameters
    ----------
    url : str
        Address of an HTML page, a PDF or a text.
    folder : path
        Where answers are stored, such as ``data/raw``.
    web : Client, optional
        By default a client that can reach public hosts only.

    Raises
    ------
    SchemaError
        If the address is not public, or the page contains no readable article.
    FetchFailed, NotBelieved
        As `Client.fetch`.
    """
    from toolkit import article
    from toolkit.store.answers import Store
    from toolkit.web import Client, Limits, Request
    from toolkit.web.address import check_public

    if web is None:
        check_public(url)
        with Client(Limits(seconds=_SECONDS, most_bytes=_MOST_BYTES, attempts=_ATTEMPTS)) as own:
            return fetch(url, folder, web=own)
    store = Store(Path(folder))
    receipt = store.ask("article", Request(url, kind="page"), web=web)
    return article.from_bytes(store.read(receipt.sha256), url, encoding=_charset(receipt.headers))


def _charset(headers: dict[str, str]) -> str | None:
    """Return the encoding that the server declares."""
    from email.message import Message

    message = Message()
    message["content-type"] = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return message.get_content_charset()
