"""Read trade news, hold it against trade data, and cite both.

Use it as ``import toolkit as tk``; each module loads when it is first named.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit import (  # noqa: I001 (one line each would be longer than the rest of the file)
        areas as areas, article as article, brief as brief, brought as brought, charts as charts, codes as codes, compare as compare,
        concordance as concordance, content as content, datasets as datasets, desk as desk, editions as editions, events as events,
        figures as figures, forecast as forecast, gravity as gravity, indicators as indicators, nightly as nightly,
        observation as observation, own as own, pair as pair, parquet as parquet, quantity as quantity, raw as raw, registry as registry,
        report as report, sources as sources, tariffs as tariffs, trade as trade, vintages as vintages, warm as warm,
        web as web,
    )  # fmt: skip

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    if name not in __dir__():
        raise AttributeError(f"toolkit has no {name!r}; its modules are {', '.join(__dir__())}")
    return import_module(f"toolkit.{name}")


def __dir__() -> list[str]:
    return [each.name for each in iter_modules(__path__) if each.name not in {"__main__", "commands", "console"}]
