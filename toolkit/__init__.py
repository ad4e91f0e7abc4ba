"""Read trade news, hold it against trade data, and cite both.

Use it as ``import toolkit as tk``; each module loads when it is first named.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit import (  # noqa: I001 (one line each would be longer than the rest of the file)
        areas as areas, article as article, brief as brief, brought as brought, charts as charts, codes as codes, compare as compare,
        concordance as concordance, content as content, datasets as datasets, desk as desk, editions as editions, events as events,
        figures as figures, files as files, forecast as forecast, gravity as gravity, indicators as indicators, nightly as nightly,
        observation as observation, own as own, pair as pair, parquet as parquet, quantity as quantity, raw as raw, registry as registry,
        report as report, sources as sources, tariffs as tariffs, trade as trade, vintages as vintages, warm as warm,
        web as web,
    )  # fmt: skip

__version__ = "0.1.0"
_COMMANDS = {"__main__", "commands", "console"}


def __getattr__(name: str) -> ModuleType:
    if not name.startswith("_") and name not in _COMMANDS:
        try:
            return import_module(f"toolkit.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"toolkit.{name}":
                raise
    raise AttributeError(f"toolkit has no {name!r}; its modules are {', '.join(__dir__())}")


def __dir__() -> list[str]:
    from pkgutil import iter_modules  # dear, and seldom needed

    return [each.name for each in iter_modules(__path__) if each.name not in _COMMANDS]
