"""How long reports take: papermill's command, its API, ours, and the limit: the same code in a process that is warm.

DVC and snakemake, for a night in which nothing changed, are measured where `make bench-peers` has installed them.

Run: .venv/bin/python benchmarks/nightly.py [runs]
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 8
BATCH = 20
AGAIN = 5
PEERS = Path(__file__).parents[1] / ".peers"
DAY = date(2025, 10, 28)
IMPORTS = """import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
import matplotlib.pyplot as plt"""
CELLS = [
    """rng = np.random.default_rng(seed)
size = 50_000
df = pd.DataFrame({"year": rng.integers(2014, 2024, size), "exporter": rng.integers(0, 30, size),
                   "importer": rng.integers(0, 30, size), "ldist": rng.normal(8.5, 0.7, size)})
df["value"] = np.exp(9 - 1.1 * df.ldist + rng.normal(0, 0.8, size))
df.shape""",
    'df.groupby(["year", "exporter"])["value"].agg(["sum", "mean", "count"]).round(3).head(12)',
    'share = df.pivot_table(index="exporter", columns="year", values="value", aggfunc="sum")\n'
    "share = (share / share.sum()).round(4)\nshare.head(10)",
    'ols = smf.ols("np.log(value) ~ ldist + C(year)", data=df).fit(cov_type="HC1")\nols.summary()',
    'X = sm.add_constant(df[["ldist"]])\n'
    'print(sm.GLM(df.value, X, family=sm.families.Poisson()).fit(cov_type="HC1").summary())',
    "fig, ax = plt.subplots(figsize=(7, 4))\nshare.T.plot(ax=ax, legend=False)\nplt.show()",
    "fig, ax = plt.subplots(figsize=(7, 4))\nax.scatter(df.ldist[:5000], np.log(df.value[:5000]), s=4)\nplt.show()",
    "fig, ax = plt.subplots(figsize=(7, 4))\n(share**2).sum().plot.bar(ax=ax)\nplt.show()",
]


def write_notebook(folder: Path) -> Path:
    """Write the reference notebook: 50,000 rows, two regressions, three tables, three charts."""

    def cell(number: int, source: str, tags: list[str]) -> dict[str, Any]:
        base = {"cell_type": "code", "id": f"cell-{number:02}", "metadata": {"tags": tags}, "source": source}
        return base | {"outputs": [], "execution_count": None}

    cells = [cell(0, "seed: int = 1", ["parameters"]), cell(1, IMPORTS, [])]
    cells += [cell(number, source, []) for number, source in enumerate(CELLS, 2)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path = folder / "notebooks" / "reference.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


def by_command(path: Path, seed: int) -> None:
    """Run papermill's command."""
    command = [sys.executable, "-m", "papermill", str(path), str(path.parent / f"command-{seed}.ipynb"), "-p", "seed"]
    subprocess.run([*command, str(seed), "--no-progress-bar"], check=True, capture_output=True)


def by_api(path: Path, seed: int) -> None:
    """Run papermill in this process."""
    import papermill

    logging.disable(logging.WARNING)
    out = path.parent / f"api-{seed}.ipynb"
    quiet = ["--IPKernelApp.log_level=40"]  # or each kernel says that it has no encryption
    options = {"progress_bar": False, "kernel_name": "python3", "extra_arguments": quiet}
    papermill.execute_notebook(str(path), str(out), {"seed": seed}, **options)


def at_the_limit(path: Path, seed: int) -> None:
    """Run the same code in a fork of this process, which has imported everything, pictures and tables rendered."""
    if pid := os.fork():
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("the limit's code failed")
        return
    code = 1
    try:
        _work(path, seed)
        code = 0
    finally:
        os._exit(code)


def _work(path: Path, seed: int) -> None:
    import io

    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    def show() -> None:
        plt.gcf().savefig(io.BytesIO(), format="png", bbox_inches="tight", dpi=100)
        plt.close("all")

    plt.show = show
    names: dict[str, Any] = {"seed": seed}
    exec(IMPORTS, names)  # noqa: S102 - the notebook's own cells
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for source in CELLS:
        *body, last = source.split("\n")
        exec("\n".join(body), names)  # noqa: S102
        try:
            value = eval(last, names)  # noqa: S307
        except SyntaxError:
            exec(last, names)  # noqa: S102
            continue
        if hasattr(value, "_repr_html_"):
            value._repr_html_()
            repr(value)
    (path.parent / f"limit-{seed}").touch()


def engine(path: Path, seed: int, server: Any) -> None:
    """Run papermill in this process with our engine; it writes the notebook, nothing writes a page."""
    from toolkit import report
    from toolkit.report import execute
    from toolkit.report.notebook import dumps, load
    from toolkit.report.provenance import readable

    task = execute.Task(load(path), {"seed": seed}, path.name, DAY, report.FREE, readable(None, {}))
    (path.parent / f"engine-{seed}.ipynb").write_text(dumps(execute.execute(task, server)))


def medians(modes: dict[str, Callable[[int], None]]) -> dict[str, float]:
    """Time the modes in turn; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in modes}
    for seed in range(RUNS + 1):
        for name, run in modes.items():
            start = time.perf_counter()
            run(seed)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(row[1:]) for name, row in times.items()}


def timed(run: Callable[[], Any]) -> float:
    """Time one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Print one table of single reports, one of a night of them, one of a night in which nothing changed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["TOOLKIT_HOME"] = folder
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        path = write_notebook(home)
        from toolkit import report, warm
        from toolkit.warm.server import PRELOADED

        for name in PRELOADED:  # the limit is as warm as ours; papermill's API gets its imports for nothing
            importlib.import_module(name)
        by_api(path, 0)
        with warm.WarmServer(report.environment()) as server:

            def ours(seed: int) -> None:
                report.run(path, {"seed": seed}, home / "out", edition_date=DAY, server=server)

            modes = {"papermill command": lambda seed: by_command(path, seed), "papermill API": lambda s: by_api(path, s),
                     "our engine": lambda seed: engine(path, seed, server), "ours, page included": ours,
                     "limit": lambda seed: at_the_limit(path, seed)}  # fmt: skip
            found = medians(modes)
            equal = _equal(home, server)
        print(f"{RUNS} runs, {os.cpu_count()} cores, papermill {version('papermill')}, Python {sys.version.split()[0]}")
        for name, seconds in found.items():
            against = f"{found['papermill API'] / seconds:5.2f} x papermill's API, {seconds / found['limit']:5.2f} x the limit"
            print(f"{name:22} {seconds:6.2f} s   {against}")
        imports = _imports()
        print(f"imports {imports:.2f} s, work {found['limit']:.2f} s: {imports / found['limit']:.1f} to 1")
        print(equal)
        _batch(home, path)


def _imports() -> float:
    """Return the seconds that a new process takes for the notebook's imports, above one that does nothing."""
    taken = {
        code: statistics.median(
            timed(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(AGAIN)
        )
        for code in ("pass", IMPORTS)
    }
    return taken[IMPORTS] - taken["pass"]


def _equal(home: Path, server: Any) -> str:
    """Say how many kinds of output are, warm, what a kernel gives."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import kernel_parts

    differ = kernel_parts.unequal(home / "notebooks" / "kinds.ipynb", home, server)
    wrong = [kind for kind, cells in differ.items() if cells]
    return f"kinds of output equal to a kernel's: {len(differ) - len(wrong)} of {len(differ)} {', '.join(wrong)}"


def _batch(home: Path, path: Path) -> None:
    grid = ", ".join(map(str, range(100, 100 + BATCH)))
    text = f'[[report]]\nnotebook = "notebooks/reference.ipynb"\ngrid = {{ seed = [{grid}] }}\n'
    (home / "notebooks" / "nightly.toml").write_text(text)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(by_api, [path] * 2, range(2)))  # both have imported papermill
        two = timed(lambda: list(pool.map(by_api, [path] * BATCH, range(200, 200 + BATCH))))
    command = [sys.executable, "-m", "toolkit", "nightly", "--jobs", "2", "--sample", "0", "--date"]

    def night(day: str) -> float:
        return timed(lambda: subprocess.run([*command, day], check=True, capture_output=True))

    ours = night("2025-10-28")
    again, next_day = ([night(day) for _ in range(AGAIN)] for day in ("2025-10-28", "2025-10-29"))
    print(
        f"{BATCH} reports: two papermill processes {two:.1f} s, ours {ours:.1f} s, start included: {two / ours:.2f} x"
    )
    print(
        f"{BATCH} unchanged reports: the same night again {statistics.median(again):.2f} s; first run of the next {next_day[0]:.2f} s"
    )
    for name, peer in _peers(home).items():
        subprocess.run(peer, check=True, capture_output=True, cwd=home / name)
        took = [timed(lambda peer=peer, name=name: subprocess.run(peer, check=True, capture_output=True, cwd=home / name))
                for _ in range(AGAIN)]  # fmt: skip
        print(f"{BATCH} unchanged stages: {name} {statistics.median(took):.2f} s")


def _peers(home: Path) -> dict[str, list[str]]:
    """Return the commands of the peers that are installed, each with a folder of twenty trivial stages."""
    commands = {"dvc": ["dvc", "repro", "--quiet"], "snakemake": ["snakemake", "--cores", "2", "--quiet", "all"]}
    rows = "".join(
        f"  s{n}:\n    cmd: cp in.txt out{n}.txt\n    deps: [in.txt]\n    outs: [out{n}.txt]\n" for n in range(BATCH)
    )
    rules = f'rule all:\n    input: expand("out{{n}}.txt", n=range({BATCH}))\n'
    rules += 'rule one:\n    input: "in.txt"\n    output: "out{n}.txt"\n    shell: "cp {input} {output}"\n'
    files = {"dvc": ("dvc.yaml", f"stages:\n{rows}"), "snakemake": ("Snakefile", rules)}
    found = {}
    for name, (first, *words) in commands.items():
        program = PEERS / name / "bin" / first
        if not program.exists():
            print(f"{name}: not installed (make bench-peers)")
            continue
        folder = home / name
        folder.mkdir()
        (folder / "in.txt").write_text("in")
        (folder / files[name][0]).write_text(files[name][1])
        if name == "dvc":
            subprocess.run([str(program), "init", "--no-scm", "--quiet"], check=True, cwd=folder, capture_output=True)
        found[name] = [str(program), *words]
    return found


if __name__ == "__main__":
    main()
