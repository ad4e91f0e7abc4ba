"""What is lost when a night dies, is refused by the disk, meets another, or runs notebooks that fail in every way.

Run: .venv/bin/python benchmarks/faults.py [points] [kills[=100]] [races[=50]] [failures]; all of them without a word
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import drills
import failures
import killpoints
from test_kill import text

if TYPE_CHECKING:
    from collections.abc import Callable

SEED, KILLS, RACES = 6, 100, 50


def points(folder: Path, _: int) -> None:
    """Die, or let the disk refuse, at every event of the file system."""
    template, home = folder / "template", folder / "home"
    killpoints.prepare(template, text)
    shutil.copytree(template, home, symlinks=True)
    count = killpoints.events(home)
    clean = killpoints.state(home / "reports")
    for mode in killpoints.MODES:
        found = [killpoints.check(template, home, at, mode, clean) for at in range(1, count + 1)]
        _say(f"{mode:7} {count} points", found)


def kills(folder: Path, count: int) -> None:
    """Kill real processes of real nights, at random moments."""
    template = folder / "template"
    drills.prepare(template, drills.text)
    clean, longest_s = drills.clean_end(template, folder / "clean")
    dice, found = random.Random(SEED), []
    for number in range(count):
        victim = drills.VICTIMS[number % len(drills.VICTIMS)]
        wrong = drills.check(template, folder / "home", victim, dice, clean, longest_s)
        found.append(wrong and f"{victim}: {wrong}")
        if (number + 1) % len(drills.VICTIMS) == 0:
            print(f"\r{number + 1} kills, {sum(map(bool, found))} wrong", end="", flush=True)
    print("\r", end="")
    of = Counter(drills.VICTIMS[number % len(drills.VICTIMS)] for number in range(count))
    _say(f"{count} kills ({', '.join(f'{victim} {number}' for victim, number in of.items())})", found)


def races(folder: Path, count: int) -> None:
    """Let two nights begin at once."""
    template = folder / "template"
    killpoints.prepare(template, text)
    dice, found = random.Random(SEED), []
    for _ in range(count):
        said, broken = drills.race(template, folder / "home", dice)
        found.append(broken or ("" if drills.is_won_by_one(said) else str(said)))
    _say(f"{count} races of two nights", found)


def failing(folder: Path, _: int) -> None:
    """Run every notebook that fails, warm and cold."""
    os.environ["TOOLKIT_HOME"] = str(folder)
    for mode, found in failures.tried(folder).items():
        _say(f"{len(found)} ways to fail, {mode}", [wrong and f"{name}: {wrong}" for name, wrong in found.items()])


def _say(what: str, found: list[str]) -> None:
    wrong = [each for each in found if each]
    print(f"{what}, {len(wrong)} wrong")
    print("".join(f"  {each}\n" for each in wrong[:10]), end="", flush=True)


def main() -> None:
    """Do what is asked for, each in a folder of its own."""
    parts: dict[str, tuple[Callable[[Path, int], None], int]] = {
        "points": (points, 0), "failures": (failing, 0), "races": (races, RACES), "kills": (kills, KILLS),
    }  # fmt: skip
    asked = dict(word.partition("=")[::2] for word in sys.argv[1:]) or dict.fromkeys(parts, "")
    for name, count in asked.items():
        do, usual = parts[name]
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            do(Path(folder), int(count or usual))
        print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
