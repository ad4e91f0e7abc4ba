"""What is lost when a night dies, or the disk refuses, at each single event of the file system: every point, four ways.

Run: .venv/bin/python benchmarks/faults.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import killpoints
from test_kill import text


def main() -> None:
    """Try every point and print how many went wrong."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        template, home = Path(folder, "template"), Path(folder, "home")
        killpoints.prepare(template, text)
        shutil.copytree(template, home, symlinks=True)
        count = killpoints.events(home)
        clean = killpoints.state(home / "reports")
        for mode in killpoints.MODES:
            found = [killpoints.check(template, home, at, mode, clean) for at in range(1, count + 1)]
            wrong = [each for each in found if each]
            print(f"{mode:7} {count} points, {len(wrong)} wrong")
            print("".join(f"  {each}\n" for each in wrong[:10]), end="")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
