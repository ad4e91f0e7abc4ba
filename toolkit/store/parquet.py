"""Tables on disk: Parquet with a checksum on every page, and a seal beside every file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_AGAIN = "Make it again from the stored answers (toolkit data replay), or restore it from a backup"
OPTIONS: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}


def write(table: pd.DataFrame, path: Path) -> str:
    """Write `table` beside, flush it, move it into place, seal it; give its sha256.

    >>> import pandas as pd
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = write(pd.DataFrame({"product": ["0101"], "obs_value": [1.5]}), folder / "t.parquet")
    >>> read(folder / "t.parquet")["product"].item()
    '0101'
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    os.close(handle)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), name, **OPTIONS)
    return publish(Path(name), path)


def publish(made: Path, path: Path) -> str:
    """Move a finished file into place with its seal; give its sha256."""
    with made.open("rb") as stream:
        os.fsync(stream.fileno())
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    seal = json.dumps({"file": path.name, "sha256": sha256, "bytes": made.stat().st_size})
    _seal(path).write_text(seal + "\n", encoding="utf-8")
    made.replace(path)
    return sha256


def read(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Give the table, after checking the seal and the pages.

    Raises
    ------
    SchemaError
        If a byte of the file or of its seal has changed.
    """
    verify(path)
    table: pd.DataFrame = _load(path, columns).to_pandas()
    return table


def head(path: Path, rows: int) -> tuple[int, pd.DataFrame]:
    """Give how many rows a table has, and the first of them, without reading the rest into memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    verify(path)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            first = next(file.iter_batches(batch_size=max(rows, 1)), None)
            count = file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SchemaError(f"{path} cannot be read: {error}", remedy=_AGAIN) from None
    table: pd.DataFrame = pa.Table.from_batches([first] if first else [], schema=file.schema_arrow).to_pandas()
    return count, table.head(rows)


def sha256(path: Path) -> str:
    """Give the hash of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(path: Path) -> None:
    """Refuse a file that is not what was sealed."""
    try:
        seal = json.loads(_seal(path).read_bytes())
        wanted, name, size = seal["sha256"], seal["file"], seal["bytes"]
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        raise SchemaError(f"{path} has no readable seal", remedy=_AGAIN) from None
    if (found, path.name, path.stat().st_size) != (wanted, name, size):
        raise SchemaError(f"{path} is not what was sealed: sha256 {found[:12]}, sealed {wanted[:12]}", remedy=_AGAIN)


def _load(path: Path, columns: list[str] | None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise SchemaError(f"{path} cannot be read: {error}", remedy=_AGAIN) from None


def _seal(path: Path) -> Path:
    return path.with_name(path.name + ".seal")
