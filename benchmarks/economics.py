"""Gravity against statsmodels and pyfixest, counterfactuals against gegravity: ratios, memory, growth.

Run: OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/economics.py
For gegravity, which does not share our versions, name a Python that has it:
PEERS_PYTHON=path/to/python OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/economics.py
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # must stand before numpy is loaded


RUNS = 5
OFF = 0.25  # by how much a standard error may differ before it is called wrong: conventions differ by less
SIZES = {"620 effects": (20, 6), "28,350 effects": (150, 20)}
GROWTH = ((40, 6), (60, 10), (100, 15), (150, 20))
FE, X = ["exporter^year", "importer^year", "pair"], ["rta"]
GUIDE = Path(__file__).parents[2] / "shared" / "econ" / "agtpa_applications.parquet"
PRINTED = {"ln_dist": -0.791, "cntg": 0.674, "border": -2.474}


def panel(countries: int, years: int, *, zeros: float = 0.4) -> pd.DataFrame:
    """Make trade with exporter-year, importer-year and pair effects, and an agreement worth 0.3."""
    chance = np.random.default_rng(0)
    axes = np.meshgrid(np.arange(countries), np.arange(countries), np.arange(years), indexing="ij")
    i, j, t = (axis.ravel()[axes[0].ravel() != axes[1].ravel()] for axis in axes)
    pair = i * countries + j
    starts = chance.integers(0, 2 * years, countries**2)
    rta = (t >= starts[pair]).astype(float)
    by_time = chance.normal(size=(2, countries, years))
    mean = np.exp(by_time[0][i, t] + by_time[1][j, t] + chance.normal(size=countries**2)[pair] + 0.3 * rta)
    trade = mean * chance.gamma(1, 1, len(mean)) * (chance.random(len(mean)) >= zeros)
    names = np.array([f"C{n:03d}" for n in range(countries)])
    return pd.DataFrame({
        "exporter": names[i], "importer": names[j], "year": t, "pair": pair.astype(str), "trade": trade, "rta": rta,
    })  # fmt: skip


def timed(run: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Return the median of the processor seconds of some runs, and the last answer."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        answer = run()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), answer


def ours(flows: pd.DataFrame) -> tuple[float, float]:
    """Estimate with toolkit.gravity; give rta and its standard error."""
    from toolkit.econ import gravity

    found = gravity.estimate(flows, y="trade", x=X, fe=FE, cluster="pair")["rta"]
    return found.estimate, found.std_error


def direct(flows: pd.DataFrame) -> tuple[float, float]:
    """Call pyfixest as its manual says, the interacted effects made before."""
    import pyfixest as pf

    ready = flows.assign(
        ey=flows["exporter"] + flows["year"].astype(str), iy=flows["importer"] + flows["year"].astype(str)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = pf.fepois("trade ~ rta | ey + iy + pair", ready, vcov={"CRV1": "pair"}, ssc=pf.ssc(k_adj=False))
    return float(fit.coef().iloc[0]), float(fit.se().iloc[0])


def dummies(flows: pd.DataFrame, *, full_rank: bool) -> tuple[float, float]:
    """Fit statsmodels' Poisson GLM with a dummy for each effect; drop what is collinear if asked."""
    import statsmodels.api as sm

    names = {"ey": flows["exporter"] + flows["year"].astype(str), "iy": flows["importer"] + flows["year"].astype(str)}
    blocks = [pd.get_dummies(flows.assign(**names)[n], drop_first=True, dtype=float) for n in ("ey", "iy", "pair")]
    design = np.column_stack([flows["rta"], np.ones(len(flows)), *blocks])
    if full_rank:
        from scipy.linalg import qr

        _, upper, order = qr(design, mode="economic", pivoting=True)
        kept = order[np.abs(np.diag(upper)) > 1e-8 * abs(upper[0, 0])]
        design = np.column_stack([design[:, 0], design[:, np.setdiff1d(kept, [0])]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        groups = pd.factorize(flows["pair"])[0]
        fit = sm.GLM(flows["trade"].to_numpy(), design, family=sm.families.Poisson()).fit(
            cov_type="cluster", cov_kwds={"groups": groups}
        )
    return float(fit.params[0]), float(fit.bse[0])


def against_statsmodels() -> None:
    """Print time and answers at about 600 effects."""
    flows = panel(*SIZES["620 effects"], zeros=0.2)
    ours(flows)
    mine, found = timed(lambda: ours(flows))
    print(f"\n{len(flows):,} rows, 3-way effects: rta (standard error), processor seconds, median of {RUNS}")
    print(f"  toolkit.gravity              {found[0]:.6f} ({found[1]:.6f})  {mine:8.3f} s")
    for label, full in (("natural dummies", False), ("full-rank dummies", True)):
        theirs, other = timed(lambda full=full: dummies(flows, full_rank=full))
        wrong = "" if abs(other[1] / found[1] - 1) < OFF else "   <- wrong standard error, no error raised"
        print(
            f"  statsmodels, {label:17} {other[0]:.6f} ({other[1]:.6f})  {theirs:8.3f} s  {theirs / mine:6.0f} x{wrong}"
        )


def alone(what: str, countries: int, years: int) -> dict[str, float]:
    """Run one estimator in a process of its own; give seconds (first and median) and peak memory."""
    command = [sys.executable, __file__, what, str(countries), str(years)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure(what: str, countries: int, years: int) -> None:
    """Print what `alone` asks for."""
    run, flows = {"ours": ours, "direct": direct}[what], panel(countries, years)
    before = peak_mb()
    start = time.process_time()
    found = run(flows)
    first = time.process_time() - start
    peak = peak_mb()
    median, _ = timed(lambda: run(flows))
    answer = {"first": first, "median": median, "peak": peak, "before": before, "rows": len(flows)}
    print(json.dumps(answer | dict(zip(("rta", "se"), found, strict=True))))


def against_pyfixest() -> None:
    """Print time and memory at 28,350 effects, each in a process of its own."""
    size = SIZES["28,350 effects"]
    mine, theirs = alone("ours", *size), alone("direct", *size)
    print(
        f"\n{mine['rows']:,} rows, 28,350 effects: processor seconds of the first and of {RUNS} further runs, peak MB"
    )
    for name, row in (("toolkit.econ.gravity", mine), ("pyfixest directly", theirs)):
        print(
            f"  {name:18} {row['rta']:.7f} ({row['se']:.7f})  first {row['first']:.2f} s  median {row['median']:.2f} s"
            f"  peak {row['peak']:.0f} MB (data and imports {row['before']:.0f})"
        )
    print(f"  ratio of medians {mine['median'] / theirs['median']:.2f}, of peaks {mine['peak'] / theirs['peak']:.2f}")


def growth() -> None:
    """Print how the time grows with the rows."""
    print("\nrows       seconds   microseconds a row")
    for size in GROWTH:
        row = alone("ours", *size)
        print(f"{row['rows']:9,} {row['median']:8.2f}   {1e6 * row['median'] / row['rows']:8.2f}")


def world() -> pd.DataFrame:
    """Return 69 countries of 2006: the Guide's where they are, else made."""
    if GUIDE.is_file():
        flows = pd.read_parquet(GUIDE)
        flows = flows[flows["year"] == 2006].assign(  # noqa: PLR2004 (the Guide's year)
            ln_dist=lambda f: np.log(f["dist"]), border=lambda f: (f["exporter"] != f["importer"]) * 1.0
        )
        return flows[["exporter", "importer", "trade", "ln_dist", "cntg", "border"]].reset_index(drop=True)
    chance, names = np.random.default_rng(1), [f"C{i:02d}" for i in range(69)]
    flows = pd.DataFrame([(a, b) for a in names for b in names], columns=["exporter", "importer"])
    border = (flows["exporter"] != flows["importer"]) * 1.0
    far = chance.normal(8, 1, len(flows)) * border + 5 * (1 - border)
    size = dict(zip(names, np.exp(chance.normal(8, 2, 69)), strict=True))
    mass = flows["exporter"].map(size) * flows["importer"].map(size)
    return flows.assign(
        trade=mass * np.exp(-0.8 * far - 2.5 * border) * chance.gamma(2, 0.5, len(flows)), ln_dist=far, cntg=0.0,
        border=border,
    )  # fmt: skip


def against_gegravity() -> None:
    """Print the time of a world without borders; gegravity's where a Python has it."""
    from toolkit.econ import gravity

    flows = world()
    cost = np.exp(sum(b * flows[name] for name, b in PRINTED.items()))
    totals = [flows.groupby(side)["trade"].sum().to_numpy() for side in ("exporter", "importer")]
    square = flows.assign(cost=cost).pivot_table(index="exporter", columns="importer", values="cost").to_numpy()
    fitted = gravity.balance(square, *totals)[0]
    order = flows.sort_values(["exporter", "importer"]).reset_index(drop=True)
    ready = order.assign(trade=fitted.ravel(), effect=-PRINTED["border"] * order["border"])
    mine, found = timed(lambda: gravity.counterfactual(ready, theta=6), 21)
    print(f"\n69 countries without borders, {'the Guide' if GUIDE.is_file() else 'made'} data, median of 21")
    print(
        f"  counterfactual   {1000 * mine:8.1f} ms   clears to {found.residual:.1e}, lowest price {found.economies['price'].min():.3f}"
    )
    if not (peers := os.environ.get("PEERS_PYTHON")):
        print("  gegravity        not measured: set PEERS_PYTHON")
        return
    with tempfile.TemporaryDirectory() as folder:
        order.assign(ref=order["importer"].iloc[0]).to_csv(Path(folder) / "flows.csv", index=False)
        command = [peers, __file__, "gegravity", str(Path(folder) / "flows.csv")]
        run = subprocess.run(command, check=False, capture_output=True, text=True)
    if run.returncode:
        print(f"  gegravity        failed: {run.stderr.strip().splitlines()[-1]}")
        return
    other = json.loads(run.stdout.splitlines()[-1])
    print(
        f"  gegravity {other['version']:6} {1000 * other['seconds']:8.0f} ms   {other['seconds'] / mine:.0f} x; "
        f"{other['negative']} negative prices, lowest change {other['lowest']:.1f} % ({other['where']})"
    )


def gegravity(path: str) -> None:
    """Run the same scenario in gegravity as its own example does; runs under the peers' Python."""
    import gegravity as ge

    flows = pd.read_csv(path).drop(columns="ref")
    flows = flows.assign(
        year="2006", Y=flows.groupby("exporter")["trade"].transform("sum"),
        E=flows.groupby("importer")["trade"].transform("sum"),
    )  # fmt: skip
    names = list(PRINTED)
    base = ge.BaselineData(flows, trade_var_name="trade", expend_var_name="E", output_var_name="Y")
    coefficients = ge.CostCoeffs(
        pd.DataFrame({"var": names, "coeff": list(PRINTED.values())}), identifier_col="var", coeff_col="coeff"
    )
    start = time.process_time()
    reference = "DEU" if "DEU" in set(flows["importer"]) else flows["importer"].iloc[0]
    model = ge.OneSectorGE(
        base, year="2006", reference_importer=reference, sigma=7, cost_variables=names,
        cost_coeff_values=coefficients, expend_var_name="E", output_var_name="Y", quiet=True,
    )  # fmt: skip
    model.build_baseline(mr_max_iter=5000, omr_rescale=1000)
    experiment = model.baseline_data.copy()
    experiment["border"] = 0
    model.define_experiment(experiment)
    model.simulate(ge_max_iter=5000)
    seconds = time.process_time() - start
    change = model.country_results["factory gate price change (percent)"].astype(float)
    answer = {"seconds": seconds, "negative": int((change < -100).sum()), "lowest": float(change.min())}  # noqa: PLR2004
    print(json.dumps(answer | {"where": str(change.idxmin()), "version": version("gegravity")}))


def main() -> None:
    """Measure all, or the one part that a process of its own is asked for."""
    if len(sys.argv) > 1:
        name, *rest = sys.argv[1:]
        if name == "gegravity":
            gegravity(rest[0])
        else:
            measure(name, *map(int, rest))
        return
    shown = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "statsmodels", "pyfixest"))
    print(f"{os.cpu_count()} cores, one thread, Python {sys.version.split()[0]}, {shown}")
    against_statsmodels()
    against_pyfixest()
    growth()
    against_gegravity()


if __name__ == "__main__":
    main()
