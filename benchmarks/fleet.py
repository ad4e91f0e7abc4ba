"""Nights on the workers of a Dask scheduler: what killed workers cost, what Dask costs, how cost grows with the reports.

Run: .venv/bin/python benchmarks/fleet.py [kills|overhead|scale|press] [rounds, or the numbers of reports]
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import machines

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


REPORTS, BATCH, SEED = 9, 20, 6
LONGEST_S = 1.0  # from the first report that is seen to run until a worker is killed


def kills(place: Path, rounds: int) -> None:
    """Kill a worker at a random moment of each night, and a process of a pool that does as much."""
    chance, fleet = random.Random(SEED), machines.Machines(place / "machines")
    lost: list[int] = []
    pool: list[int] = []
    try:
        for number in range(rounds):
            home = place / "home"
            machines.project(home, REPORTS, 0.5 + number / 1000)  # another value, so that all are run
            killer = threading.Thread(target=_kill_one, args=(fleet, chance))
            killer.start()
            done = machines.night(home, "--scheduler", fleet.address)
            killer.join()
            items = json.loads((home / "reports/latest/edition.json").read_text())["items"]
            lost.append(sum(item["status"] != "ok" for item in items) if done.returncode in {0, 3} else REPORTS)
            pool.append(_pool(chance))
            print(
                f"night {number + 1}: {lost[-1]} of {REPORTS} lost; process pool: {pool[-1]} of {REPORTS}", flush=True
            )
    finally:
        fleet.close()
    print(f"{rounds} kills: lost in all {sum(lost)}; by a process pool {sum(pool)}, median {statistics.median(pool):g}")


def _kill_one(fleet: machines.Machines, chance: random.Random) -> None:
    machines.wait(fleet.running, "a report that runs", seconds=300)
    time.sleep(chance.uniform(0, LONGEST_S))
    with suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(fleet.workers()), 9)


def _pool(chance: random.Random) -> int:
    """Return how many of as many tasks a pool of two processes loses when one of them is killed."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(time.sleep, [0.01] * 2))  # both have started
        tasks = [pool.submit(time.sleep, 0.5) for _ in range(REPORTS)]
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(chance.choice([*pool._processes]), 9)  # noqa: SLF001 - there is no other way to name one
        return sum(task.exception() is not None for task in tasks)


def overhead(place: Path, rounds: int) -> None:
    """Time a night of reports here, on workers that wait, and on a cluster that is started for it; in turn."""
    fleet = machines.Machines(place / "machines")
    modes = {"local runner": ["--jobs", "2"], "two workers": ["--scheduler", fleet.address],
             "two workers, started": ["--scheduler", "local:2"]}  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in modes}
    try:
        for number in range(rounds):
            for name, words in modes.items():
                times[name].append(_timed(place / name, BATCH, 0.5 + number / 1000, words)["wall_s"])
    finally:
        fleet.close()
    base = statistics.median(times["local runner"])
    for name, row in times.items():
        found = statistics.median(row)
        print(f"{BATCH} reports, {name:21} {found:6.1f} s  {found / base:.2f} x the local runner")


def scale(place: Path, counts: list[int]) -> None:
    """Time nights of ever more small reports in this machine's own runner, and look at what they leave."""
    for count in counts:
        home = place / str(count)
        first = _timed(home, count, 0, ["--jobs", "2"])
        again = _timed(home, count, 0, ["--jobs", "2"])
        shown = (home / "reports" / "latest").resolve()
        files = [path for path in shown.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files) / 1e6
        print(
            f"{count:6} reports  {first['wall_s']:8.1f} s  {1000 * first['wall_s'] / count:6.0f} ms each"
            f"  processor {1000 * first['cpu_s'] / count:6.0f} ms each  the same night again {again['wall_s']:5.2f} s"
            f"  {len(files)} files  {size:.1f} MB  index {(shown / 'index.html').stat().st_size / 1e3:.0f} kB",
            flush=True,
        )
        shutil.rmtree(home)


def press(place: Path, counts: list[int]) -> None:
    """Return the processor time of all but the notebooks: plan, store, figures, pages, hashes; three figures a report."""
    from datetime import date

    import killpoints

    from toolkit import files, nightly, registry, report

    def stand_in(notebook: str, values: dict[str, Any], folder: Path, **more: Any) -> report.Run:
        made = killpoints.fake_run(notebook, values, folder, **more)
        keys = [f"report-{values['x']}-{number}" for number in range(3)]
        found = [registry.computed(key, values["x"], "%", about="a", expression="a", inputs=["a"]) for key in keys]
        files.write(folder / "figures.jsonl", registry.dumps(found))
        return made

    report.run = stand_in
    for count in counts:
        os.environ["TOOLKIT_HOME"] = str(place / str(count))
        machines.project(place / str(count), count, 0)
        spent = [time.process_time()]
        for day in (28, 29):
            nightly.run(date(2025, 10, day))
            spent.append(time.process_time())
        first, second = (1000 * (after - before) / count for before, after in pairwise(spent))
        print(
            f"{count:6} reports without their notebooks: {first:.1f} ms each, the night after {second:.1f}", flush=True
        )


def _timed(home: Path, count: int, seconds: float, words: list[str]) -> dict[str, Any]:
    machines.project(home, count, seconds)
    before, start = os.times(), time.perf_counter()
    done = machines.night(home, *words)
    after = os.times()
    if done.returncode:
        raise SystemExit(done.stderr)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall_s": time.perf_counter() - start, "cpu_s": spent}


def main() -> None:
    """Do what is asked for, or all of it in small."""
    part, *numbers = sys.argv[1:] or ["all"]
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores, load {load:.1f}, distributed {version('distributed')}, Python {sys.version.split()[0]}"
    )
    with tempfile.TemporaryDirectory() as folder:
        if part in {"all", "kills"}:
            kills(Path(folder, "kills"), int(numbers[0]) if numbers else 3)
        if part in {"all", "overhead"}:
            overhead(Path(folder, "overhead"), int(numbers[0]) if numbers else 3)
        if part in {"all", "scale"}:
            scale(Path(folder, "scale"), [int(each) for each in numbers] or [20, 200])
        if part in {"all", "press"}:
            press(Path(folder, "press"), [int(each) for each in numbers] or [20, 200])


if __name__ == "__main__":
    main()
