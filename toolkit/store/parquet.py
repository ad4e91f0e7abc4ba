"""Tables on disk: Parquet with a checksum on every page, and a seal beside every file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["OPTIONS", "head", "read", "seal", "seal_file", "verify", "write"]

_AGAIN = "Make it again from the stored answers (toolkit data replay), or restore it from a backup"
OPTIONS: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}


def write(table: pd.DataFrame, path: Path) -> None:
    """Write `table` whole or not at all, with a seal beside it.

    >>> import pandas as pd, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write(pd.DataFrame({"product": ["0101"], "obs_value": [1.5]}), folder / "t.parquet")
    >>> read(folder / "t.parquet")["product"].item()
    '0101'
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.replacing(path, parents=True) as made:
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), made, **OPTIONS)
        seal(made, path)


def seal(made: Path, path: Path) -> str:
    """Write the seal of a finished file that is about to be renamed to `path`; return its sha256."""
    sha256 = files.sha256(made)
    text = json.dumps({"file": path.name, "sha256": sha256, "bytes": made.stat().st_size})
    files.write(seal_file(path), text + "\n")
    return sha256


def read(path: Path) -> pd.DataFrame:
    """Return the table, after checking the seal and the pages.

    Raises
    ------
    SchemaError
        If a byte of the file or of its seal has changed.
    """
    return head(path, None)[1]


def head(path: Path, rows: int | None) -> tuple[int, pd.DataFrame]:
    """Return how many rows a table has, and the first of them (None: all), without reading the rest into memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    verify(path)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            count = file.metadata.num_rows
            if rows is None:
                return count, file.read().to_pandas()
            first = next(file.iter_batches(batch_size=max(rows, 1)), None)
            table: pd.DataFrame = pa.Table.from_batches([first] if first else [], schema=file.schema_arrow).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise SchemaError(f"{path} cannot be read: {error}", remedy=_AGAIN) from None
    return count, table.head(rows)


def verify(path: Path) -> str:
    """Return the sha256 of a file; refuse one that has changed since it was sealed."""
    try:
        seal = json.loads(files.read(seal_file(path)))
        wanted, name, size = seal["sha256"], seal["file"], seal["bytes"]
        found = files.sha256(path)
    except (ValueError, KeyError, TypeError):
        raise SchemaError(f"{path} has no readable seal", remedy=_AGAIN) from None
    if (found, path.name, path.stat().st_size) != (wanted, name, size):
        problem = f"{path} has changed since it was sealed: sha256 {found[:12]}, sealed {wanted[:12]}"
        raise SchemaError(problem, remedy=_AGAIN)
    return found


def seal_file(path: Path) -> Path:
    """Return the file beside a table that has its seal."""
    return path.with_name(path.name + ".seal")
