"""Read trade news, hold it against trade data, and cite both.

Use it as ``import toolkit as tk``; each module loads when it is first named.
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"
_PLACES = {
    "concordance": "trade.concordance", "datasets": "store.datasets", "events": "econ.events", "forecast": "econ.forecast",
    "gravity": "econ.gravity", "imported_tables": "store.imported_tables", "indicators": "econ.indicators",
    "library": "sources.library", "pair": "trade.pair", "tariffs": "econ.tariffs",
    "user_table": "spreadsheet.user_table",
}  # fmt: skip
__all__ = [  # noqa: PLE0604 (loaded by `__getattr__`)
    "article", "brief", "charts", "codes", "compare", "errors", "figures", "observation", "quantity", "registry",
    "sources", "trade", "vintages", *_PLACES,
]  # fmt: skip


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"toolkit.{_PLACES.get(name, name)}")
    raise AttributeError(f"toolkit has no {name!r}; it has {', '.join(sorted(__all__))}")


def __dir__() -> list[str]:
    return sorted(__all__)
