"""Whole BACI years: streamed from the zip into Parquet in the normal form, and queried with SQL."""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from toolkit import files, observation
from toolkit.errors import NotBelieved, NotWritten, SchemaError
from toolkit.formats import FIRST_ROW
from toolkit.sources import baci
from toolkit.store import parquet

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator
    from pathlib import Path

    import pandas as pd

__all__ = ["SHARES", "Written", "convert", "doubts", "partner_shares"]

_BLOCK = 2**23  # bytes of CSV in memory at a time; twice, since the next block is read while one is written
_WIDEST = 24  # cells are padded with blanks
_COLUMNS = {"t": "int16", "i": "int16", "j": "int16", "k": "dictionary", "v": "float64", "q": "float64"}
_MEASURES = (
    ("v", "value", "FOB", "current", "USD", baci.USD_PER_UNIT),
    ("q", "net_weight", "NA", "NA", "kg", baci.KG_PER_UNIT),
)
_PLAIN = {"obs_value", "raw_pointer"}  # all other columns repeat, and are kept as codes
_LEAST, _KEPT = 0.5, 0.9  # of a year's value and of its exporters
_SUMMARY = """
SELECT time_period, sum(obs_value), count(DISTINCT ref_area)
FROM read_parquet(?)
WHERE measure = 'value'
GROUP BY time_period
ORDER BY time_period
"""
_MISSING = "q is NA: weight not known"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes
    ----------
    rows : int
        Of the CSV; each makes two observations.
    dollars : float
        The sum of all values, to compare with the source's own total.
    sha256 : str
        Of the Parquet file.
    """

    rows: int
    dollars: float
    sha256: str

    def __len__(self) -> int:
        """Return the number of observations."""
        return self.rows * len(_MEASURES)


def convert(path: Path, out: Path, *, retrieved_at: str = "", years: Collection[int] = (), file: str = "") -> Written:
    """Convert BACI years, a CSV or a zip of several, to one sealed Parquet file in the normal form.

    Memory stays bounded, whatever the size.

    Parameters
    ----------
    path, out : Path
    retrieved_at : str, optional
    years : collection of int, optional
        The years to take from the zip; all of them if empty.
    file : str, optional
        CEPII's file name, if the CSV was renamed.

    Raises
    ------
    NotBelieved
        If the zip is damaged or lacks a year, a row is short, an area is unknown or a
        product code does not have six digits. Nothing is written then.
    """
    sha256 = files.sha256(path)
    try:
        found = [_Year(member, sha256, retrieved_at) for member in _members(path, years, file)]
        for year in found if len(found) > 1 else ():
            year.place = f"{year.file}#"
        with files.replacing(out, parents=True) as made:
            rows, dollars = _write(found, path, made)
            written = Written(rows, dollars, parquet.seal(made, out))
    except NotWritten:
        raise
    except (pa.ArrowException, zipfile.BadZipFile, EOFError, OSError) as error:
        raise NotBelieved(f"{path}: {error}", remedy="Fetch the file again") from None
    return written


def _write(years: list[_Year], path: Path, made: Path) -> tuple[int, float]:
    """Write the years in the file at `path` to `made`; return the number of rows and the sum of their values."""
    options = parquet.OPTIONS | {
        "use_dictionary": [column for column in observation.COLUMNS if column not in _PLAIN], "store_schema": False,
        "write_statistics": False, "column_encoding": {"obs_value": "BYTE_STREAM_SPLIT"},
    }  # fmt: skip
    rows, dollars = 0, 0.0
    tables = (each for year in years for each in _read_year(year, path))
    with pq.ParquetWriter(made, years[0].schema, **options) as writer, closing(_ahead(tables)) as pieces:
        for table, column, total in pieces:
            writer.write_table(table)
            rows += len(table) * (column == "v")
            dollars += total * (column == "v")
    return rows, dollars


def doubts(before: Path, after: Path) -> list[str]:
    """Return what makes a new version doubtful: a year that lost or doubled its value, or lost many exporters.

    The row-by-row comparison of smaller tables would not fit into memory.
    """
    import duckdb

    with duckdb.connect() as base:
        base.execute("SET enable_progress_bar = false")
        one, two = (base.execute(_SUMMARY, [str(file)]).fetchall() for file in (before, after))
    now = {year: (dollars, exporters) for year, dollars, exporters in two}
    found = (_doubt(year, (dollars, exporters), now.get(year)) for year, dollars, exporters in one)
    return [doubt for doubt in found if doubt]


def _doubt(year: str, then: tuple[float, int], now: tuple[float, int] | None) -> str:
    if now is None:
        return f"{year} is missing"
    if not _LEAST * then[0] < now[0] < then[0] / _LEAST:
        return f"the value of {year} goes from {then[0]:,.0f} to {now[0]:,.0f}"
    return f"of {then[1]} exporters of {year} {now[1]} are left" if now[1] < _KEPT * then[1] else ""


def partner_shares(tables: list[Path], reporter: str, *, flow: str = "X", memory: str = "3GB") -> pd.DataFrame:
    """Return each partner's share of a reporter's trade by year, from any number of Parquet files.

    `flow` X is what the reporter exports, M what others export to it.
    """
    import duckdb

    sides = {"X": ("ref_area", "counterpart_area"), "M": ("counterpart_area", "ref_area")}
    if flow not in sides:
        raise SchemaError(f"no flow {flow!r} in BACI", remedy="Use X or M")
    own, other = sides[flow]
    with duckdb.connect(config={"memory_limit": memory}) as base:
        base.execute("SET enable_progress_bar = false")
        return base.execute(SHARES.format(own=own, other=other), [[str(table) for table in tables], reporter]).df()


SHARES = """
WITH flows AS (
    SELECT time_period, {other} AS partner, sum(obs_value) AS value_usd
    FROM read_parquet(?)
    WHERE {own} = ? AND measure = 'value'
    GROUP BY time_period, {other}
)
SELECT time_period, partner, value_usd, value_usd / sum(value_usd) OVER (PARTITION BY time_period) AS share
FROM flows
ORDER BY time_period, share DESC
"""


class _Year:
    """One year of BACI: the columns that all its rows share, and the conversion of a batch of rows."""

    def __init__(self, file: str, sha256: str, retrieved_at: str) -> None:

        self.file, self.place = file, ""
        edition, self.year, version = baci.named(self.file)
        self.shared = baci.SHARED | {
            "time_period": self.year, "product_vintage": baci.EDITIONS[edition], "trade_system": "NA", "breakdown": "",
            "dataset": "baci", "vintage": version, "source": "CEPII BACI", "retrieved_at": retrieved_at, "raw_sha256": sha256,
        }  # fmt: skip
        numbers = {int(number): area for number, area in baci.numbers().items()}
        known = sorted(set(numbers.values()))
        self.areas = pa.array(known)
        self.lookup = np.full(max(numbers) + 1, -1, dtype=np.int16)
        for number, area in numbers.items():
            self.lookup[number] = known.index(area)
        word, small = pa.string(), pa.dictionary(pa.int8(), pa.string())
        area, product = pa.dictionary(pa.int16(), word), pa.dictionary(pa.int32(), word)
        types = {"ref_area": area, "counterpart_area": area, "product": product, "raw_pointer": word}
        types |= {"obs_value": pa.float64()}
        fields = [pa.field(name, types.get(name, small), nullable=name == "obs_value") for name in observation.COLUMNS]
        self.schema = pa.schema(fields)

    def tables(self, batch: pa.RecordBatch, first: int) -> Iterator[tuple[pa.Table, str, float]]:
        """Yield the values, then the weights, of a batch whose first row has the number `first`, each with its sum."""
        self._check(batch, first)
        sides = {"ref_area": self._areas(batch["i"], first), "counterpart_area": self._areas(batch["j"], first)}
        for column, measure, valuation, prices, unit, factor in _MEASURES:
            value = pc.multiply(batch[column], factor)
            absent = pc.cast(value.is_null(), pa.int8())
            words = {"measure": measure, "valuation": valuation, "price_base": prices, "unit_measure": unit}
            made = {name: _constant(word, len(batch)) for name, word in (self.shared | words).items()}
            made |= sides | {
                "product": batch["k"],
                "obs_value": value,
                "obs_status": pa.DictionaryArray.from_arrays(absent, pa.array(["A", "M"])),
                "obs_comment": pa.DictionaryArray.from_arrays(absent, pa.array(["", _MISSING])),
                "raw_pointer": _pointers(f"{self.place}row=", first, first + len(batch), f"&column={column}"),
            }
            table = pa.Table.from_arrays([made[name] for name in observation.COLUMNS], schema=self.schema)
            yield table, column, pc.sum(value).as_py() or 0.0

    def _check(self, batch: pa.RecordBatch, first: int) -> None:

        where = f"{self.file}, rows {first:,} to {first + len(batch) - 1:,}"
        if any(batch[name].null_count for name in "tijkv"):
            raise NotBelieved(f"{where}: an empty cell", remedy="Fetch the file again")
        if not pc.all(pc.equal(batch["t"], int(self.year))).as_py():
            raise NotBelieved(f"{where}: a year other than {self.year}", remedy="Keep each year in a file of its own")
        if not pc.all(pc.match_substring_regex(batch["k"].dictionary, r"^[0-9]{6}$")).as_py():
            raise NotBelieved(f"{where}: a product code without six digits", remedy="Keep codes as text")

    def _areas(self, numbers: pa.Array, first: int) -> pa.DictionaryArray:

        plain = numbers.to_numpy()
        inside = np.clip(plain, 0, len(self.lookup) - 1)
        found = np.where(plain == inside, self.lookup[inside], -1)
        if (found < 0).any():
            at = int(np.argmax(found < 0))
            problem = f"{self.file}, row {first + at:,}: no area has the number {plain[at]}"
            raise NotBelieved(problem, remedy="Add it to data/codes/area_codes.csv")
        return pa.DictionaryArray.from_arrays(pa.array(found), self.areas)


def _read_year(year: _Year, path: Path) -> Generator[tuple[pa.Table, str, float]]:
    first = FIRST_ROW
    with closing(_batches(path, year.file)) as batches:
        for batch in batches:
            yield from year.tables(batch, first)
            first += len(batch)


def _constant(word: str, size: int) -> pa.DictionaryArray:

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, dtype=np.int8)), pa.array([word]))


def _pointers(before: str, first: int, end: int, after: str) -> pa.Array:
    """Return the numbers from `first` up to `end` between two texts; a cast would take four times as long.

    >>> _pointers("row=", 9, 11, "&column=v").to_pylist()
    ['row=9&column=v', 'row=10&column=v']
    """
    pieces = []
    while first < end:
        digits = len(str(first))
        text, start = f"{before}{'0' * digits}{after}".encode(), len(before.encode())
        count, width = min(end, 10**digits) - first, len(text)
        cells = np.tile(np.frombuffer(text, np.uint8), (count, 1))
        left = np.arange(first, first + count, dtype=np.uint32)
        for column in reversed(range(start, start + digits)):
            left, digit = np.divmod(left, 10)
            cells[:, column] += digit.astype(np.uint8)
        starts = np.arange(0, (count + 1) * width, width, dtype=np.int32)
        pieces.append(pa.StringArray.from_buffers(count, pa.py_buffer(starts), pa.py_buffer(cells)))
        first += count
    return pa.concat_arrays(pieces)


def _members(path: Path, years: Collection[int], file: str) -> list[str]:
    """Return the names of the wanted years in a zip, or of the CSV itself."""
    if not zipfile.is_zipfile(path):
        return [file or path.name]
    with zipfile.ZipFile(path) as archive:
        named = {baci.named(name)[1]: name for name in sorted(archive.namelist()) if "_Y" in name}
    if absent := [year for year in map(str, years) if year not in named]:
        raise NotBelieved(f"{path} has no year {absent[0]}", remedy=f"It has {', '.join(named) or 'none'}")
    if not named:
        raise NotBelieved(f"{path} has no BACI year", remedy="Use CEPII's own zip")
    return [name for year, name in named.items() if not years or int(year) in years]


def _batches(path: Path, file: str) -> Generator[pa.RecordBatch]:
    """Read the CSV in blocks; at its end the zip's own checksum is checked."""
    types = {
        name: pa.dictionary(pa.int32(), pa.string()) if kind == "dictionary" else pa.type_for_alias(kind)
        for name, kind in _COLUMNS.items()
    }
    missing = [" " * blanks + "NA" for blanks in range(_WIDEST)]
    options = pa.csv.ConvertOptions(column_types=types, null_values=missing, strings_can_be_null=True)
    with ExitStack() as opened:
        stream: Any = opened.enter_context(path.open("rb"))
        if zipfile.is_zipfile(path):
            archive = opened.enter_context(zipfile.ZipFile(stream))
            stream = opened.enter_context(archive.open(file))
        ahead = _ReadAhead(stream)
        opened.callback(ahead.close)
        reader = pa.csv.open_csv(ahead, read_options=pa.csv.ReadOptions(block_size=_BLOCK), convert_options=options)
        if reader.schema.names != list(_COLUMNS):
            problem = f"{file} has the columns {', '.join(reader.schema.names)}"
            raise NotBelieved(problem, remedy=f"BACI has {', '.join(_COLUMNS)}")
        yield from reader


class _ReadAhead:
    """A file whose next block is unpacked in a thread while this one is parsed."""

    closed = False

    def __init__(self, stream: Any) -> None:
        self._stream, self._pool = stream, ThreadPoolExecutor(max_workers=1)
        self._coming = self._pool.submit(stream.read, _BLOCK)
        self._left = b""

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, and none at the end."""
        block = self._left or self._coming.result()
        if not self._left and block:
            self._coming = self._pool.submit(self._stream.read, _BLOCK)
        self._left = block[size:]
        return block[:size]

    def close(self) -> None:
        """Stop reading; the caller closes the file itself."""
        self._pool.shutdown()


def _ahead(pieces: Generator[Any]) -> Generator[Any]:
    """Make the next piece in a thread while this one is used: unpacking and writing share the time."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece
    finally:
        pool.shutdown()
        pieces.close()
