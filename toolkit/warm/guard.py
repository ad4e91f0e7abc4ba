"""The guard of a kernel: what a notebook may read, write and print, with fixed clocks and random numbers."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import threading
import time
import uuid
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from toolkit.warm.processes import adopt, below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

__all__ = [
    "Forbidden", "Guard", "OutputLimit", "install", "install_in_kernel", "listing", "make_deterministic", "prepare", "size",
]  # fmt: skip

_SYSTEM = ("/dev/", "/lib", "/sys/", "/usr/", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat")
_SYSTEM_FILES = ("fonts", "hosts", "ld.so", "localtime", "mime.types", "nsswitch.conf", "os-release", "ssl", "timezone")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# audit events that change a file, and which of their arguments name one
_CHANGES = {
    "os.chmod": (0,), "os.chown": (0,), "os.link": (1,), "os.mkdir": (0,), "os.remove": (0,), "os.rename": (0, 1),
    "os.rmdir": (0,), "os.symlink": (1,), "os.truncate": (0,), "os.utime": (0,), "shutil.rmtree": (0,),
}  # fmt: skip
_LISTS = ("os.listdir", "os.scandir")  # glob and Path cause these events too
_IMPORTERS = {"_frozen_importlib_external", "importlib", "importlib_metadata", "pkgutil"}  # they list every folder
_CODE_FOLDERS = ("data/codes/", "toolkit/", "notebooks/")


def listing(folder: str | Path) -> str:
    """Return the sha256 of the names in a folder, except hidden files and Python's caches."""
    names = sorted(name for name in os.listdir(folder) if not name.startswith((".", "__pycache__")))  # noqa: PTH208
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


class Forbidden(PermissionError):
    """A notebook did something that a report must not do."""


class OutputLimit(BaseException):
    """A notebook printed and displayed more than a report may hold."""


class Guard:
    """Watches one kernel.

    Attributes
    ----------
    broken, at : str, int
        The first rule that it broke, and the number of the input that broke it.
    read, listed : dict
        Hash of each file that it read, and of the names in each folder that it listed.
    running : dict
        From each process that it has running to the input after which it was first seen.
    off_main : int
        The signal that stops the cell when another thread reaches the output limit.
    """

    def __init__(self, rules: dict[str, Any]) -> None:
        self.home, self.allowed = rules["home"] + os.sep, set(rules["allowed"])
        self.own = tuple(os.path.realpath(place) for place in rules["own"])
        libraries = [path for path in sys.path if "-packages" in path]
        roots = {sys.prefix, sys.base_prefix, sys.exec_prefix, *rules["code"], *libraries}
        etc = [f"/etc/{name}" for name in _SYSTEM_FILES]
        self.system = (*_SYSTEM, f"/proc/{os.getpid()}/", *etc, *map(os.path.realpath, roots), *self.own)
        self.folders = {*(name.rpartition("/")[0] for name in self.allowed), "data/codes", "data/brought"} - {""}
        self.read: dict[str, str] = {}
        self.listed: dict[str, str] = {}
        self.broken, self.at, self.left = "", 0, rules["output_mb"] * 1_000_000
        self._checks: dict[str, Any] = {"open": self._opened, "os.chdir": self._moves}
        self._checks |= dict.fromkeys(_LISTS, self._lists)
        self.shell: Any = None
        self.running: dict[str, int] = {}
        self.off_main = 0
        self.displays, self.off = rules["displays"], True

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Check an audit event; Python calls this for each one."""
        if self.off:
            return
        for number in _CHANGES.get(event, ()):
            self._changes(arguments[number])
        if check := self._checks.get(event):
            check(*arguments)

    def spend(self, size: int, displays: int = 0) -> None:
        """Count output; raise OutputLimit at the limit and each time after it."""
        self.left, self.displays = self.left - size, self.displays - displays
        if min(self.left, self.displays) < 0:
            self._breaks("put out more than a report may hold")
            if self.off_main and threading.current_thread() is not threading.main_thread():
                signal.pthread_kill(threading.main_thread().ident or 0, self.off_main)
            raise OutputLimit(self.broken)

    def _opened(self, path: Any, mode: Any, flags: int) -> None:  # noqa: ARG002 - the event's arguments
        if isinstance(path, int):
            return
        if flags & _WRITES:
            self._changes(path)
            return
        real = self._real(path)
        if real.startswith(self.system) or not os.path.isfile(real):  # noqa: PTH113 - a Path costs more, at every import
            return
        name = real.removeprefix(self.home)
        if name not in self.allowed and not real.startswith(self.home):
            self._refuse(f"reads {self._name(path)}, which is outside the project")
        if name not in self.allowed and not name.startswith(_CODE_FOLDERS):
            self._refuse(f"reads {name}, which it does not declare")
        if name in self.allowed and name not in self.read:
            self.off = True
            self.read[name] = hashlib.sha256(Path(real).read_bytes()).hexdigest()
            self.off = False

    def _lists(self, path: Any) -> None:
        """Note the names in a folder, unless Python itself is looking for a module there."""
        asks = sys._getframe(2).f_globals.get("__name__", "")  # noqa: SLF001 - the only way to know
        real = self._real("." if path is None or isinstance(path, int) else path)
        name = real.removeprefix(self.home)
        code = f"{name}/".startswith(_CODE_FOLDERS)
        if asks.partition(".")[0] in _IMPORTERS or isinstance(path, int) or code or not os.path.isdir(real):  # noqa: PTH112 - as above
            return
        if f"{real}/".startswith((*self.system, "/proc/")) or "fonts" in real:
            return
        if not real.startswith(self.home):
            where = "the whole project" if f"{real}/" == self.home else f"{real}, which is outside the project"
            self._refuse(f"lists {where}")
        if name not in self.folders:
            self._refuse(f"lists {name}, which it does not declare")
        if name not in self.listed:
            self.off = True
            self.listed[name] = listing(real)
            self.off = False

    def _moves(self, path: Any) -> None:
        self._refuse(f"changes the working directory to {self._name(path)}")

    def _changes(self, path: Any) -> None:
        if isinstance(path, int):
            return
        real = self._real(path)
        if not real.startswith((*self.own, "/dev/", "/proc/self/fd")) and "/__pycache__" not in real:
            self._refuse(f"writes {self._name(path)}, outside its own folder")

    def _refuse(self, what: str) -> None:
        self._breaks(what)
        raise Forbidden(what)

    def _breaks(self, what: str) -> None:
        if not self.broken:
            self.broken, self.at = what, self.number()

    def number(self) -> int:
        """Return the number of the input that is running."""
        return int(self.shell.displayhook.prompt_count) if self.shell else 0

    def note_running(self, *_: Any) -> None:
        """Note processes that the notebook started, with the number of the present input."""
        if sys.platform == "linux":
            self.running |= {str(pid): self.number() for pid in below(os.getpid()) if str(pid) not in self.running}

    def _name(self, path: Any) -> str:
        return self._real(path).removeprefix(self.home)

    @staticmethod
    def _real(path: Any) -> str:
        return os.path.realpath(os.fsdecode(path))


def install(rules: dict[str, Any]) -> Guard:
    """Install a guard with `rules` in this process; it stays off until the first cell."""
    _limit_memory(rules["memory_mb"])
    random.seed(_seed(rules))
    make_deterministic(rules["epoch"], _seed(rules))
    guard = Guard(rules)
    sys.addaudithook(guard)
    _no_input()
    return guard


def _seed(rules: dict[str, Any]) -> int:
    return int(rules["seed"][:8], 16)


def install_in_kernel(rules: dict[str, Any]) -> None:
    """Install a guard with `rules` in a Jupyter kernel, and count its output; forks count theirs in `cells`."""
    from IPython.core.getipython import get_ipython

    guard = install(rules)
    if sys.platform == "linux":
        adopt()  # what the notebook's programs leave behind stays below this process, where we find it
    shell: Any = get_ipython()
    _count_streams(guard)
    shell.display_pub.publish = _counted(shell.display_pub.publish, guard, size, displays=1)
    prepare(shell, guard)

    def seed_again(_: Any) -> None:  # before the first cell: a kernel uses random numbers while it starts
        random.seed(_seed(rules))
        shell.events.unregister("pre_run_cell", seed_again)

    shell.events.register("pre_run_cell", seed_again)
    shell.events.register("post_run_cell", guard.note_running)
    guard.off = False


def _count_streams(guard: Guard) -> None:
    """Count what is written to the streams of a kernel, even if IPython replaces their `write`."""
    base: Any = type(sys.stdout)

    def counted(self: Any, text: Any) -> Any:
        guard.spend(len(text) if isinstance(text, str) else 0)
        return base.write(self, text)

    def stop(*_: Any) -> None:
        raise OutputLimit(guard.broken)

    write = property(lambda self: partial(counted, self), lambda _, __: None)
    watched = type(base.__name__, (base,), {"write": write})
    for stream in (sys.stdout, sys.stderr):
        stream.__class__ = watched
    if hasattr(signal, "SIGUSR1"):
        guard.off_main = signal.SIGUSR1
        signal.signal(signal.SIGUSR1, stop)


def prepare(shell: Any, guard: Guard) -> None:
    """Connect a shell with its guard, and make ``quit()`` a failure."""
    shell.toolkit_guard, guard.shell = guard, shell
    shell.ask_exit = _leave


def _leave() -> None:
    raise SystemExit("quit() was called")


def _counted(put_out: Any, guard: Guard, measure: Any, *, displays: int = 0) -> Any:
    def counted(*given: Any, **named: Any) -> Any:
        guard.spend(measure(given[0] if given else named["data"]), displays)
        return put_out(*given, **named)

    return counted


def size(forms: dict[str, Any]) -> int:
    """Count the characters in all forms of a display."""
    return sum(len(form) for form in forms.values() if isinstance(form, str | bytes))


def _limit_memory(megabytes: float) -> None:
    """Limit memory, so that a greedy cell gets a MemoryError before the system kills a process."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = int(megabytes * 1_000_000)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _no_input() -> None:
    """Let C code and other programs read an empty standard input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def make_deterministic(epoch: int, seed: int) -> None:
    """Replace clocks, salts and random seeds in modules that are loaded now or later."""
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
    """Finds modules as Python does, and applies its fix to a module once it is loaded."""

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
