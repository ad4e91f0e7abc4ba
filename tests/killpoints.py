"""Dies, or meets a refusing disk, at every event of the file system that a night causes; then looks what is left."""

import builtins
import errno
import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path

from toolkit import files, nightly, report
from toolkit.errors import ToolkitError
from toolkit.nightly import edition_archive

DAY, NEXT = date(2025, 10, 28), date(2025, 10, 29)
DIED = 137
MODES = {"die": 0, "ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EROFS": errno.EROFS, "EMFILE": errno.EMFILE}
_EVENTS = ("fsync", "rename", "replace", "mkdir", "rmdir", "unlink", "link", "symlink")


class Trip:
    """Counts the events, and at number `at` does what its mode says; a write that dies is torn in the middle."""

    def __init__(self, at=-1, mode="die"):
        self.at, self.mode, self.count = at, mode, 0

    def hit(self, torn=lambda: None):
        self.count += 1
        if self.count == self.at:
            torn()
            self.fail()

    def fail(self):
        if self.mode == "die":
            os._exit(DIED)
        raise OSError(MODES[self.mode], os.strerror(MODES[self.mode]), "disk")

    def install(self):
        """Wrap what makes events, for the rest of this process."""
        for name in _EVENTS:
            setattr(os, name, self.wrapped(getattr(os, name)))
        true_open = builtins.open

        def opened(file, mode="r", *more, **named):
            if not isinstance(file, int) and set(mode) & set("wax+"):
                self.hit()
                return Torn(true_open(file, mode, *more, **named), self)
            return true_open(file, mode, *more, **named)

        builtins.open = opened
        import io

        io.open = opened
        self.true_open = true_open
        Path.open = lambda path, mode="r", *more, **named: opened(path, mode, *more, **named)
        true_write = os.write

        def written(handle, raw):
            self.hit(lambda: true_write(handle, raw[: len(raw) // 2]))
            return true_write(handle, raw)

        os.write = written

    def wrapped(self, call):
        def counted(*given, **named):
            self.hit()
            return call(*given, **named)

        return counted


class Torn:
    """A file whose write may stop half-way."""

    def __init__(self, stream, trip):
        self.stream, self.trip = stream, trip

    def write(self, text):
        def half():
            self.stream.write(text[: len(text) // 2])
            self.stream.flush()

        self.trip.hit(half)
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        self.stream.__enter__()
        return self

    def __exit__(self, *error):
        return self.stream.__exit__(*error)


def fake_run(notebook, values, folder, *, edition_date, limits, server=None):  # noqa: ARG001 - of report.run
    """Stand in for `report.run`: what publishes is the subject, not what computes."""
    name = Path(notebook).stem
    folder.mkdir()
    made = report.inputs(notebook, values, needs=limits.needs) | {"edition_date": edition_date.isoformat()}
    files.write(folder / "figures.jsonl", "")
    files.write(folder / "report.html", f"{name} {values} {edition_date} " + "x" * 200)
    record = {"title": name, "question": "", "finding": "", "status": "ok", "error": "", "id": "1", "figures": []}
    report.write_json(folder / "run.json", record | {"inputs": made})
    return report.Run(folder, record)


def night(home, day=NEXT, trip=None):
    """Make an edition in a child process, which `trip` may end; give its exit code: 0, 1 for a ToolkitError, or 137."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 2
    try:
        os.environ["TOOLKIT_HOME"] = str(home)
        report.run = fake_run
        if trip:
            trip.install()
        nightly.run(day, nightly.RunOptions(jobs=1))
        code = 0
    except ToolkitError:
        code = 1
    finally:
        os._exit(code)


def events(home):
    """Count the events of one night."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        count = int((home / "count").read_text())
        (home / "count").unlink()
        return count
    try:
        os.environ["TOOLKIT_HOME"] = str(home)
        report.run = fake_run
        trip = Trip()
        trip.install()
        nightly.run(NEXT, nightly.RunOptions(jobs=1))
        with trip.true_open(home / "count", "w") as stream:
            stream.write(str(trip.count))
    finally:
        os._exit(0)


def whole(reports):
    """Say what is wrong with the edition that a reader sees, or ""."""
    shown = (reports / "latest").resolve()
    listed = json.loads((shown / "edition.json").read_text())["files"]
    found = {path.relative_to(shown).as_posix(): path for path in shown.rglob("*") if path.is_file()}
    if set(found) != {*listed, "edition.json"}:
        return f"{shown.name} holds {set(found) ^ {*listed, 'edition.json'}}"
    wrong = [name for name in listed if hashlib.sha256(found[name].read_bytes()).hexdigest() != listed[name]]
    return f"{shown.name}: {wrong}" if wrong else ""


def state(reports):
    """Return names and bytes of all that is under ``reports/`` but the log and the lock file."""
    names = sorted(path for path in reports.rglob("*") if path.name not in {edition_archive.LOG, ".lock"})
    return [
        (
            str(path.relative_to(reports)),
            path.readlink().name if path.is_symlink() else path.is_file() and path.read_bytes(),
        )
        for path in names
        if "latest" not in path.relative_to(reports).parts[1:]
    ]


def check(template, home, at, mode, clean):
    """Try one point; give what went wrong, or ""."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home, symlinks=True)
    code = night(home, trip=Trip(at, mode))
    if code not in {0, 1, DIED}:
        return f"{mode} at {at}: exit code {code}"
    if broken := whole(home / "reports"):
        return f"{mode} at {at}: a reader sees {broken}"
    if code := night(home):
        return f"{mode} at {at}: the rerun ends with {code}"
    if (after := state(home / "reports")) != clean:
        extra = {row[0] for row in after} ^ {row[0] for row in clean}
        return f"{mode} at {at}: the rerun ends elsewhere: {sorted(extra)[:5] or 'other bytes'}"
    return ""


def prepare(template, notebook_text):
    """Return a project of three reports with one edition, and what a clean second night makes of it."""
    (template / "notebooks").mkdir(parents=True)
    for name in ("one", "two", "three"):
        (template / "notebooks" / f"{name}.ipynb").write_text(notebook_text(name))
    (template / "notebooks" / "nightly.toml").write_text(
        "".join(f'[[report]]\nnotebook = "notebooks/{name}.ipynb"\n' for name in ("one", "two", "three"))
    )
    assert night(template, DAY) == 0
    (template / "notebooks" / "two.ipynb").write_text(notebook_text("changed"))
    (template / "notebooks" / "three.ipynb").write_text(notebook_text("changed too"))
