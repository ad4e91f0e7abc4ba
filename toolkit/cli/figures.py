"""A public page fetched once, kept as it was received, and read as an article."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import article

if TYPE_CHECKING:
    from toolkit.article import Article
    from toolkit.web import Client

_MOST_BYTES, _SECONDS, _ATTEMPTS = 20_000_000, 60.0, 3


def fetch(url: str, folder: str | Path, *, web: Client | None = None) -> Article:
    """Fetch a page and give the article in it; the bytes as received are kept in the raw store `folder`.

    One request, by https, with a time limit and a size limit; every redirect, too, must
    lead to a public host. Beside the bytes stand the address, the headers and the time.

    Parameters
    ----------
    url : str
        Of HTML, PDF or text.
    folder : path
        The raw store, such as ``data/raw``.
    web : Client, optional
        Who asks; by default one that reaches public hosts alone.

    Raises
    ------
    SchemaError
        If the address is not public, or the page holds no article that can be read.
    FetchFailed, NotBelieved
        As `Client.fetch`.
    """
    from toolkit.store.answers import Store
    from toolkit.web import Client, Limits, Request  # takes as long to load as an article to read
    from toolkit.web.address import check_public

    if web is None:
        check_public(url)
        with Client(Limits(seconds=_SECONDS, most_bytes=_MOST_BYTES, attempts=_ATTEMPTS)) as own:
            return fetch(url, folder, web=own)
    store = Store(Path(folder))
    receipt = store.ask("article", Request(url, kind="page"), web=web)
    return article.from_bytes(store.read(receipt.sha256), url, encoding=_charset(receipt.headers))


def _charset(headers: dict[str, str]) -> str | None:
    """Give the encoding that the server names."""
    from email.message import Message

    said = Message()
    said["content-type"] = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return said.get_content_charset()
