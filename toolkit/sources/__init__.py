"""One small module per service: build the request, parse the answer into observations.

>>> provider("comtrade").request.__name__
'request'
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from toolkit import observation
from toolkit.errors import RowCap, ToolkitError, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from toolkit.store.answers import Receipt, Store
    from toolkit.web import Client, Limits, Request

__all__ = [
    "PROVIDERS", "SAVED", "Checking", "Limited", "Paged", "Parser", "Provider", "Splitting", "ask", "parse",
    "parse_all", "provider",
]  # fmt: skip
__dir__ = __all__.copy

SAVED = ("usatrade",)  # without an address: a person saves the file, `toolkit data add --service` imports it
PROVIDERS = ("baci", "census", "comtrade", "eurostat", "fred", "sdmx", "usgs", "wits", "worldbank")


class Parser(Protocol):
    """What every module here has."""

    @property
    def parse(self) -> Callable[..., pd.DataFrame]:
        """Return the observations of all pages of one answer: ``parse(*pages, retrieved_at="", **options)``.

        It is decorated with `_table.parser` and ends in `_table.observations`.
        """


class Provider(Parser, Protocol):
    """A service that can be asked."""

    @property
    def request(self) -> Callable[..., Request]:
        """Return what to ask: ``request(*, ...)``.

        Its arguments are keyword-only and annotated, since they become the options of
        ``toolkit data fetch NAME``. A key goes into ``Request(key=Key(...))``, never into
        the address.
        """


@runtime_checkable
class Paged(Provider, Protocol):
    """A service that answers in pages."""

    def further(self, raw: bytes, query: dict[str, Any], /) -> list[dict[str, Any]]:
        """Return the queries for the pages after the first, which is `raw`."""


@runtime_checkable
class Splitting(Provider, Protocol):
    """A service that sends no more than a number of rows."""

    def split(self, query: dict[str, Any], /) -> list[dict[str, Any]]:
        """Return smaller queries that together ask for the same; `RowCap` if there are none."""


@runtime_checkable
class Checking(Provider, Protocol):
    """A service whose pages are not checked by `parse` before they are stored."""

    @property
    def check(self) -> Callable[[bytes], Any] | None:
        """Refuse a page; None accepts every page."""


@runtime_checkable
class Limited(Provider, Protocol):
    """A service that needs more time or sends more bytes than usual."""

    @property
    def LIMITS(self) -> Limits:  # noqa: N802 (a constant of the module)
        """How long to wait, and how much to accept."""


if TYPE_CHECKING:  # mypy compares each module with what it offers
    from toolkit.sources import baci, census, comtrade, eurostat, fred, sdmx, usatrade, usgs, wits, worldbank

    _PARSERS: tuple[Parser, ...] = (usatrade,)
    _PROVIDERS: tuple[Provider, ...] = (baci, census, comtrade, eurostat, fred, sdmx, usgs, wits, worldbank)
    _PAGED: tuple[Paged, ...] = (worldbank,)
    _SPLITTING: tuple[Splitting, ...] = (comtrade,)
    _CHECKING: tuple[Checking, ...] = (baci, worldbank)
    _LIMITED: tuple[Limited, ...] = (baci,)


@dataclass(frozen=True, slots=True)
class _Session:
    """Whom to ask, and where answers are kept."""

    name: str
    store: Store
    web: Client | None
    options: dict[str, Any]
    progress: Callable[[str], None]

    def answers(self, query: dict[str, Any]) -> Iterator[list[Receipt]]:
        """Yield the receipts of the answers that together cover `query`."""
        module = provider(self.name)
        try:
            first = self.receipt(query)
        except (RowCap, UnknownCode) as error:
            if not isinstance(module, Splitting) or (isinstance(error, UnknownCode) and self.web is not None):
                raise
            for part in _parts(module, query, error):
                yield from self.answers(part)
            return
        further = module.further(self.store.read(first.sha256), query) if isinstance(module, Paged) else []
        yield [first, *(self.receipt(page, first=first.sha256) for page in further)]

    def receipt(self, query: dict[str, Any], *, first: str = "") -> Receipt:
        """Ask for one page, or replay it."""
        module = provider(self.name)
        request = module.request(**query)
        self.progress(request.address)
        check = module.check if isinstance(module, Checking) else lambda raw: module.parse(raw, **self.options)
        about = {"request": query, "options": self.options, "first": first}
        return self.store.ask(self.name, request, web=self.web, query=about, check=check)


def provider(name: str) -> Provider:
    """Return the module of one service.

    >>> provider("comtrade").__name__
    'toolkit.sources.comtrade'
    """
    if name not in PROVIDERS + SAVED:
        raise UnknownCode(f"no provider {name!r}", remedy=f"Use one of {', '.join(PROVIDERS + SAVED)}")
    return cast("Provider", import_module(f"toolkit.sources.{name}"))


def ask(
    name: str,
    query: dict[str, Any],
    store: Store,
    *,
    web: Client | None,
    options: dict[str, Any] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[list[Receipt]]:
    """Return the receipts of the answers that together cover `query`, each with its pages.

    A query that reaches the service's row cap is split and asked again; all pages of an
    answer are fetched. Without `web` the stored answers are replayed instead.

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
        Called with one line before each request.
    """
    return list(_Session(name, store, web, options or {}, progress).answers(query))


def parse_all(answers: list[list[Receipt]], store: Store) -> pd.DataFrame:
    """Return the observations of several answers together; a key in two of them is an error."""
    import pandas as pd

    table = pd.concat([parse(receipts, store) for receipts in answers], ignore_index=True)
    if len(answers) > 1:
        observation.check(table)
    return table


def parse(receipts: list[Receipt], store: Store) -> pd.DataFrame:
    """Return the observations of one answer, which may be several pages, from the store alone."""
    first = receipts[0]
    options = first.query.get("options", {})
    pages = [store.read(receipt.sha256) for receipt in receipts]
    table: pd.DataFrame = provider(first.provider).parse(*pages, retrieved_at=first.received_at, **options)
    return table


def _parts(module: Splitting, query: dict[str, Any], error: ToolkitError) -> list[dict[str, Any]]:
    try:
        parts: list[dict[str, Any]] = module.split(query)
    except RowCap as final:
        raise (final if isinstance(error, RowCap) else error) from None
    return parts
