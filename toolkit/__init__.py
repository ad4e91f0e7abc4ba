"""Read trade news, hold it against trade data, and cite both.

Use it as ``import toolkit as tk``; each module loads when it is first named.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit import article as article
    from toolkit import brief as brief
    from toolkit import charts as charts
    from toolkit import codes as codes
    from toolkit import compare as compare
    from toolkit import datasets as datasets
    from toolkit import editions as editions
    from toolkit import figures as figures
    from toolkit import indicators as indicators
    from toolkit import nightly as nightly
    from toolkit import observation as observation
    from toolkit import quantity as quantity
    from toolkit import registry as registry
    from toolkit import report as report
    from toolkit import warm as warm

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    if name not in __dir__():
        raise AttributeError(f"toolkit has no {name!r}; its modules are {', '.join(__dir__())}")
    return import_module(f"toolkit.{name}")


def __dir__() -> list[str]:
    return [module.name for module in iter_modules(__path__) if not module.name.startswith("_")]
