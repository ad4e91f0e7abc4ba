"""What differs from run to run although nothing has changed: clocks, salts, unseeded random numbers."""

from __future__ import annotations

import datetime as dt
import importlib.abc
import importlib.machinery
import sys
import time
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType


def install(epoch: int, seed: int) -> None:
    """Fix each module that is loaded, and every other one when it is."""
    fixes: dict[str, Callable[[Any], None]] = {
        "matplotlib": lambda module: module.rcParams.update({"svg.hashsalt": "toolkit"}),
        "numpy.random": lambda module: module.seed(seed),
        "pandas.io.formats.style_render": lambda module: setattr(module, "uuid4", _counter()),
        "statsmodels.iolib.summary": lambda module: setattr(module, "time", _clock(epoch)),
        "statsmodels.iolib.summary2": lambda module: setattr(module, "datetime", _calendar(epoch)),
    }
    for name in fixes.keys() & sys.modules.keys():
        fixes.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _Finder(fixes))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules to fix as Python would, and fixes each once it has been loaded."""

    def __init__(self, fixes: dict[str, Callable[[Any], None]]) -> None:
        self.fixes = fixes

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.fixes or not (spec := importlib.machinery.PathFinder.find_spec(fullname, path)):
            return None
        loader: Any = spec.loader
        fix, load = self.fixes.pop(fullname), loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            fix(module)

        loader.exec_module = exec_module
        return spec


def _clock(epoch: int) -> SimpleNamespace:
    return SimpleNamespace(localtime=lambda *_: time.gmtime(epoch), strftime=time.strftime)


def _calendar(epoch: int) -> SimpleNamespace:
    class Fixed(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Fixed:
            return cls.fromtimestamp(epoch, tz or dt.UTC)

    return SimpleNamespace(datetime=Fixed)


def _counter() -> Callable[[], uuid.UUID]:
    count = 0

    def uuid4() -> uuid.UUID:
        nonlocal count
        count += 1
        return uuid.UUID(int=count * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)

    return uuid4
