"""Read trade news, hold it against trade data, and cite both.

Two rails stand on common ground and meet in `compare` and in notebooks:

    words     article -> figures -> registry -> brief
    numbers   observation -> indicators -> charts

Use it as ``import toolkit as tk``; each module loads when it is first named.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit import areas as areas
    from toolkit import article as article
    from toolkit import brief as brief
    from toolkit import charts as charts
    from toolkit import codes as codes
    from toolkit import compare as compare
    from toolkit import concordance as concordance
    from toolkit import content as content
    from toolkit import datasets as datasets
    from toolkit import figures as figures
    from toolkit import indicators as indicators
    from toolkit import nightly as nightly
    from toolkit import observation as observation
    from toolkit import parquet as parquet
    from toolkit import quantity as quantity
    from toolkit import raw as raw
    from toolkit import registry as registry
    from toolkit import report as report
    from toolkit import sources as sources
    from toolkit import trade as trade
    from toolkit import vintages as vintages
    from toolkit import web as web

__version__ = "0.1.0"
MODULES = (
    "areas", "article", "brief", "charts", "codes", "compare", "concordance", "content", "datasets", "errors", "figures",
    "indicators", "nightly", "observation", "parquet", "quantity", "raw", "registry", "report", "sources", "trade", "vintages", "web",
)  # fmt: skip


def __getattr__(name: str) -> ModuleType:
    if name in MODULES:
        return import_module(f"toolkit.{name}")
    raise AttributeError(f"toolkit has no {name!r}; its modules are {', '.join(MODULES)}")


def __dir__() -> list[str]:
    return [*MODULES, "__version__"]
