"""A BACI year from zipped CSV to the normal form, against DuckDB and pandas on the same rows; and 100 M rows in seconds.

`python benchmarks/trade.py` takes some minutes; `--rows 1000000` is quick, `--large` shows 12 to 96 M rows.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
import zipfile
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow as pa

from toolkit import codes
from toolkit.sources import bulk, library

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS, ROWS, LARGE = 5, 12_000_000, (12_000_000, 24_000_000, 48_000_000, 96_000_000)


def make(folder: Path, rows: int, year: int = 2023) -> tuple[Path, Path]:
    """Write a year that looks like BACI: its columns, its padding, its NA, its sizes; as CSV and zipped."""
    areas = [
        int(row["code"]) for row in codes.table("area_codes") if row["scheme"] == "comtrade" and row["code"] != "0"
    ]
    path = folder / f"BACI_HS22_Y{year}_V202501.csv"
    with duckdb.connect() as base:
        base.execute("SET enable_progress_bar = false")
        base.execute("CREATE TABLE areas AS SELECT unnest(?) AS c, unnest(?) AS n", [areas, list(range(len(areas)))])
        made = f"""
            COPY (
                SELECT {year} AS t, i.c AS i, j.c AS j, printf('%06d', 10000 + hash(r * 7 + 3) % 5400 * 170) AS k,
                       round(exp(hash(r + 11) % 100000 / 100000.0 * 12 - 1), 3)::DECIMAL(18, 3) AS v,
                       CASE WHEN hash(r + 5) % 20 = 0 THEN '         NA'
                            ELSE printf('%11.3f', exp(hash(r + 17) % 100000 / 100000.0 * 10 - 3)) END AS q
                FROM range({rows}) g(r)
                JOIN areas i ON i.n = hash(r + 1) % {len(areas)} JOIN areas j ON j.n = hash(r + 2) % {len(areas)}
            ) TO '{path}' (HEADER, DELIMITER ',', QUOTE '')"""  # noqa: S608 (our own numbers and path)
        base.execute(made)
    zipped = path.with_suffix(".zip")
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(path, path.name)
    return path, zipped


def ours(_: Path, zipped: Path, out: Path) -> None:
    """Bring the zip into the normal form."""
    bulk.convert(zipped, out)


def desk_adds(_: Path, zipped: Path, out: Path) -> None:
    """Take the zip as `toolkit data add --from baci` does: kept as it came, checked, a vintage."""
    library.add_saved(zipped, "baci", "year", out.with_suffix(""))


def by_duckdb(csv: Path, _: Path, out: Path) -> None:
    """Let DuckDB write the unzipped CSV as Parquet, as it is."""
    with duckdb.connect() as base:
        base.execute("SET enable_progress_bar = false")
        base.read_csv(str(csv)).to_parquet(str(out), compression="zstd")


def by_pandas(csv: Path, _: Path, out: Path) -> None:
    """Let pandas do the same."""
    pd.read_csv(csv, dtype={"k": str}, na_values=["         NA"]).to_parquet(out, compression="zstd")


def measured(work: Callable[..., object], *arguments: object) -> tuple[float, float, float]:
    """Run in a process of its own: seconds, seconds of processor, peak memory in MB."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_inside, (work, arguments))


def _inside(work: Callable[..., object], arguments: tuple[object, ...]) -> tuple[float, float, float]:
    start = time.perf_counter()
    work(*arguments)
    spent, usage = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    # not ru_maxrss, which a process inherits from the one that started it
    peak = next(
        line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return spent, usage.ru_utime + usage.ru_stime, int(peak) / 1024


def compare(folder: Path, rows: int, runs: int) -> None:
    """Take turns, so that whatever else the machine does falls on all alike."""
    csv, zipped = make(folder, rows)
    works = {"toolkit": ours, "duckdb": by_duckdb}
    found = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            found[name].append(measured(work, csv, zipped, folder / f"{name}.parquet"))
    found["pandas"] = [measured(by_pandas, csv, zipped, folder / "pandas.parquet")]
    middle = {
        name: [statistics.median(column) for column in zip(*several, strict=True)] for name, several in found.items()
    }
    print(
        f"{rows:,} rows: CSV {csv.stat().st_size / 1e6:,.0f} MB, zip {zipped.stat().st_size / 1e6:,.0f} MB; medians of {runs}"
    )
    for name, (seconds, processor, memory) in middle.items():
        what = "zip -> normal form" if name == "toolkit" else "CSV -> Parquet as it is"
        size = (folder / f"{name}.parquet").stat().st_size / 1e6
        print(
            f"{name:8} {what:24} {seconds:6.1f} s  {processor:6.1f} s of processor  {memory:6,.0f} MB  file {size:5,.0f} MB"
        )
    ratio = [a / b for a, b in zip(middle["toolkit"], middle["duckdb"], strict=True)]
    print(f"toolkit / duckdb: {ratio[0]:.2f} of the time, {ratio[1]:.2f} of the processor")
    print("toolkit data add --from baci: {:.1f} s, {:.1f} s of processor, {:,.0f} MB".format(
        *measured(desk_adds, csv, zipped, folder / "desk.parquet")))  # fmt: skip
    csv.unlink()
    zipped.unlink()


def grow(folder: Path, sizes: tuple[int, ...]) -> None:
    """Show that time grows with the rows and memory does not; then ask more than 100 M rows a question."""
    csv, zipped = make(folder, sizes[0])
    zipped.unlink()
    files = []
    for number, rows in enumerate(sizes):
        zipped = repeated(csv, 2020 + number, rows // sizes[0])
        out = folder / f"{rows}.parquet"
        seconds, processor, memory = measured(ours, csv, zipped, out)
        per = processor / rows * 1e6
        print(
            f"{rows:>12,} rows  {seconds:6.1f} s  {processor:6.1f} s of processor ({per:.2f} s a million)  {memory:6,.0f} MB"
        )
        zipped.unlink()
        files.append(out)
    rows = sum(sizes[-2:])
    seconds, _, memory = measured(bulk.partner_shares, files[-2:], "JPN")
    print(
        f"partner shares by year of one country in {rows:,} rows ({2 * rows:,} observations): {seconds:.1f} s, {memory:,.0f} MB"
    )


def repeated(csv: Path, year: int, times: int) -> Path:
    """Zip the rows of `csv` several times over, as rows of another year."""
    head, _, body = csv.read_bytes().partition(b"\n")
    name = csv.name.replace("Y2023", f"Y{year}")
    path = csv.with_name(name).with_suffix(".zip")
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w", force_zip64=True) as out,
    ):
        out.write(head)
        for _ in range(times):
            out.write((b"\n" + body.rstrip()).replace(b"\n2023,", f"\n{year},".encode()))
        out.write(b"\n")
    return path


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    print(
        f"python {sys.version.split()[0]}, duckdb {duckdb.__version__}, pyarrow {pa.__version__}, pandas {pd.__version__}, {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        if given.large:
            grow(Path(folder), LARGE)
        else:
            compare(Path(folder), given.rows, given.runs)


if __name__ == "__main__":
    main()
