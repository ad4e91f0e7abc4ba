"""Nights that are really killed, and nights at once: what is left of them, and what the next one makes of it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import killpoints
from conftest import cell

from toolkit import nightly, report
from toolkit.errors import ToolkitError

ROOT = Path(__file__).parents[1]
VICTIMS = ("notebook", "warden", "warm process", "nightly")
_SOURCE = "import time\ntime.sleep(0.2)\nprint('{}')"
_PATIENCE_S = 30


def text(source):
    """Return a notebook of one cell."""
    cells = [cell("markdown", "# A report", 0), cell("code", "", 1, ["parameters"]), cell("code", source, 2)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def prepare(template, cell_text):
    """Return a project of three real reports with one edition, of which two are then changed."""
    (template / "notebooks").mkdir(parents=True)
    names = ("one", "two", "three")
    for name in names:
        (template / "notebooks" / f"{name}.ipynb").write_text(cell_text(_SOURCE.format(name)))
    rows = (f'[[report]]\nnotebook = "notebooks/{name}.ipynb"\n' for name in names)
    (template / "notebooks" / "nightly.toml").write_text("".join(rows))
    assert night(template, killpoints.DAY).wait() == 0
    for name in names[1:]:
        (template / "notebooks" / f"{name}.ipynb").write_text(cell_text(_SOURCE.format(f"{name} changed")))


def night(home, day=killpoints.NEXT):
    """Start the command, as a user would, in a session of its own, its scraps in a folder of its own."""
    scraps = home.parent / f"{home.name}-scraps"
    scraps.mkdir(exist_ok=True)
    environment = {**os.environ, "TOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT), "TMPDIR": str(scraps)}
    command = [sys.executable, "-m", "toolkit", "nightly", "--date", day.isoformat(), "--jobs", "2", "--sample", "0"]
    return subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def kill(home, victim, dice, longest_s):
    """Kill one process of a night, at a moment that the dice say; tell whether it was still there to be killed."""
    process, after = night(home), dice.random() * longest_s
    start, done = time.monotonic(), False
    while process.poll() is None and not done:
        if time.monotonic() - start >= after and (found := _processes(process.pid, victim)):
            try:
                os.kill(dice.choice(found), signal.SIGKILL)
                done = True
            except ProcessLookupError:
                pass
        time.sleep(0.005)
    process.wait()
    return done


def left(home):
    """Say what a killed night has left running or lying about, once it has had time to end; or ""."""
    until = time.monotonic() + _PATIENCE_S
    while (running := _at_home_in(home)) and time.monotonic() < until:
        time.sleep(0.05)
    return f"still running: {running}" if running else ""


def check(template, home, victim, dice, clean, longest_s):
    """Kill a night and run it again; give what went wrong, or ""."""
    subprocess.run(["rm", "-rf", str(home), f"{home}-scraps"], check=True)
    subprocess.run(["cp", "-a", str(template), str(home)], check=True)
    while not kill(home, victim, dice, longest_s):  # it ended before its time; so do it again, and sooner
        longest_s *= 0.8
        subprocess.run(["rm", "-rf", str(home)], check=True)
        subprocess.run(["cp", "-a", str(template), str(home)], check=True)
    wrong = left(home) or killpoints.whole(home / "reports")
    wrong = wrong or (f"the rerun ends with {code}" if (code := night(home).wait()) else "")
    if not wrong and (after := killpoints.state(home / "reports")) != clean:
        extra = {row[0] for row in after} ^ {row[0] for row in clean}
        wrong = f"the rerun ends elsewhere: {sorted(extra)[:5] or 'other bytes'}"
    scraps = sorted(path.name for path in Path(f"{home}-scraps").iterdir())
    return wrong or (f"left {scraps}" if scraps else "")


def clean_end(template, home):
    """Return what an undisturbed night ends with, and the seconds it takes."""
    subprocess.run(["cp", "-a", str(template), str(home)], check=True)
    start = time.monotonic()
    assert night(home).wait() == 0
    return killpoints.state(home / "reports"), time.monotonic() - start


def race(template, home, dice):
    """Start two nights at once; give what each of them said: "made", or why not."""
    subprocess.run(["rm", "-rf", str(home)], check=True)
    subprocess.run(["cp", "-a", str(template), str(home)], check=True)
    ready, go = os.pipe()
    racers = [_racer(home, ready, go, number, dice.random() * 0.02) for number in range(2)]
    os.close(ready)
    os.close(go)  # both read the end, and run
    for pid in racers:
        os.waitpid(pid, 0)
    said = [(home / f"said-{number}").read_text() for number in range(2)]
    return said, killpoints.whole(home / "reports")


def is_won_by_one(said):
    """Return whether one made the edition and the other named it."""
    made = [each for each in said if each.startswith("made")]
    other = [each for each in said if not each.startswith("made")]
    return len(made) == 1 and f"is in use by process {made[0].split()[1]} on " in other[0]


def _racer(home, ready, go, number, delay_s):
    pid = os.fork()
    if pid:
        return pid
    os.close(go)
    os.environ["TOOLKIT_HOME"] = str(home)
    true = killpoints.fake_run
    report.run = lambda *given, **named: (time.sleep(0.2), true(*given, **named))[1]
    os.read(ready, 1)
    time.sleep(delay_s)
    try:
        nightly.run(killpoints.NEXT, nightly.RunOptions(jobs=1))
        said = f"made {os.getpid()}"
    except ToolkitError as error:
        said = str(error)
    finally:
        (home / f"said-{number}").write_text(said)
        os._exit(0)


def _processes(runner, victim):
    """Find the processes of a night that play a part: each is the child of the one before."""
    found = [runner]
    for _ in range(len(VICTIMS) - 1 - VICTIMS.index(victim)):
        found = [child for pid in found for child in _children(pid)]
    return found


def _children(pid):
    try:
        return [int(c) for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    except OSError:
        return []


def _at_home_in(home):
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "cwd").readlink() == home and "Z" not in (path / "stat").read_text().rpartition(")")[2][:3]:
                found.append((path / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:80])
        except OSError:
            continue
    return found
