"""One small file a service: build the question, parse the answer into observations."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from toolkit.errors import RowCap, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    import pandas as pd

    from toolkit.store.answers import Receipt, Store
    from toolkit.web import Client

SAVED = ("usatrade",)  # no address to ask: a person saves the file, `toolkit data add --from` takes it
PROVIDERS = ("baci", "census", "comtrade", "eurostat", "fred", "sdmx", "usgs", "wits", "worldbank")


def provider(name: str) -> ModuleType:
    """Give the module that asks and parses one service.

    >>> provider("comtrade").__name__
    'toolkit.sources.comtrade'
    """
    if name not in PROVIDERS + SAVED:
        raise UnknownCode(f"no provider {name!r}", remedy=f"Use one of {', '.join(PROVIDERS + SAVED)}")
    return import_module(f"toolkit.sources.{name}")


def fetch(
    name: str,
    query: dict[str, Any],
    store: Store,
    *,
    web: Client | None,
    options: dict[str, Any] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Ask a service, keep every answer, and give the observations.

    Parameters
    ----------
    name, query, store, web, options, progress
        As for `ask`.
    """
    return parse_all(ask(name, query, store, web=web, options=options, progress=progress), store)


def ask(
    name: str,
    query: dict[str, Any],
    store: Store,
    *,
    web: Client | None,
    options: dict[str, Any] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[list[Receipt]]:
    """Give the receipts of the answers that together cover `query`, each with its pages.

    A query that hits the service's row cap is split and asked again; all pages of an
    answer are walked. Without `web` nothing is asked: the stored answers are replayed.

    Parameters
    ----------
    name : str
        One of `PROVIDERS`.
    query : dict
        Arguments of the provider's `request`.
    store : Store
    web : Client or None
    options : dict, optional
        Arguments of the provider's `parse`, such as ``splits=True``.
    progress : callable, optional
        Told one line before each question.
    """
    return list(_answers(name, query, store, web, (options or {}, progress)))


def parse_all(answers: list[list[Receipt]], store: Store) -> pd.DataFrame:
    """Give the observations of several answers, one below the other; a key in two of them is an error."""
    import pandas as pd

    from toolkit import observation

    table = pd.concat([parse(receipts, store) for receipts in answers], ignore_index=True)
    if len(answers) > 1:
        observation.check(table)
    return table


def parse(receipts: list[Receipt], store: Store) -> pd.DataFrame:
    """Give the observations of one answer, which may be several pages, from the store alone."""
    first = receipts[0]
    options = first.query.get("options", {})
    pages = [store.read(receipt.sha256) for receipt in receipts]
    table: pd.DataFrame = provider(first.provider).parse(*pages, retrieved_at=first.received_at, **options)
    return table


def replay(store: Store) -> Iterator[tuple[Receipt, pd.DataFrame | ToolkitError]]:
    """Parse every stored answer again, oldest first; an answer that is refused comes with its error."""
    known = (receipt for receipt in store.receipts() if receipt.provider in PROVIDERS + SAVED)
    receipts = list({(receipt.url, receipt.params, receipt.sha256): receipt for receipt in known}.values())
    for first in receipts:
        if first.query.get("first") or store.quarantined(first.sha256):
            continue
        pages = {receipt.params: receipt for receipt in receipts if receipt.query.get("first") == first.sha256}
        try:
            yield first, parse([first, *pages.values()], store)
        except ToolkitError as error:
            yield first, error


def _answers(
    name: str,
    query: dict[str, Any],
    store: Store,
    web: Client | None,
    how: tuple[dict[str, Any], Callable[[str], None]],
) -> Iterator[list[Receipt]]:
    """Give the receipts of the answers that together cover `query`."""
    module, options = provider(name), how[0]
    try:
        first = _ask(name, query, store, web, how)
    except (RowCap, UnknownCode) as error:
        if not hasattr(module, "split") or (isinstance(error, UnknownCode) and web is not None):
            raise
        for part in _parts(module, query, error):
            yield from _answers(name, part, store, web, how)
        return
    further = module.further(store.read(first.sha256), query) if hasattr(module, "further") else []
    yield [first, *(_ask(name, page, store, web, (options, how[1]), first=first.sha256) for page in further)]


def _parts(module: ModuleType, query: dict[str, Any], error: ToolkitError) -> list[dict[str, Any]]:
    try:
        parts: list[dict[str, Any]] = module.split(query)
    except RowCap as final:
        raise (final if isinstance(error, RowCap) else error) from None
    return parts


def _ask(
    name: str,
    query: dict[str, Any],
    store: Store,
    web: Client | None,
    how: tuple[dict[str, Any], Callable[[str], None]],
    *,
    first: str = "",
) -> Receipt:
    module, (options, progress) = provider(name), how
    request = module.request(**query)
    progress(request.address)
    judge = getattr(module, "check", module.parse)
    check = None if judge is None else lambda raw: judge(raw, **(options if judge is module.parse else {}))
    return store.ask(name, request, web=web, query={"request": query, "options": options, "first": first}, check=check)
