"""How fast the command line starts, as a share of the time that `import pandas` takes.

Run: .venv/bin/python benchmarks/start.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

RUNS = 15
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "toolkit --help": ["-m", "toolkit", "--help"],
}


def seconds(arguments: list[str]) -> float:
    """Time one whole process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Time the commands in turn and print medians and ratios."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS + 1):  # the first round only warms the disk cache
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    medians = {name: statistics.median(row[1:]) for name, row in times.items()}
    print(f"{RUNS} runs, {os.cpu_count()} cores, Python {sys.version.split()[0]}, pandas {version('pandas')}")
    for name, median in medians.items():
        print(f"{name:16} median {median * 1000:7.1f} ms   {median / medians['import pandas']:.3f} x import pandas")


if __name__ == "__main__":
    main()
