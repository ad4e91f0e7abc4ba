"""Declared tables whose file is not in the repository: which copy is believed, and where it is kept."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import files
from toolkit.errors import NotBelieved, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["MIRROR", "Copy", "accept", "aside", "believed", "recorded"]

MIRROR = "TOOLKIT_MIRROR"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a table, and where it came from.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of its bytes.
    origin : str
        The address that served it, or "mirror" and the name of the file there.
    trust : {"declared", "first use"}
        Whether the data package declares its hash, or it was recorded at the first download.
    made_from : str
        The sha256 of the download, where the copy was converted from another format; else "".
    """

    path: Path
    sha256: str
    origin: str
    trust: str
    made_from: str = ""


@contextmanager
def aside(file: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `file`; it is deleted afterwards."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=files.PART, dir=file.parent) as folder:
        yield Path(folder)


def recorded(file: Path) -> Copy | None:
    """Return what the note beside a copy records; None without a note."""
    if not _note(file).exists():
        return None
    try:
        row = json.loads(files.read(_note(file)))
        return Copy(file, **{name: str(row[name]) for name in Copy.__slots__ if name != "path"})
    except (ValueError, LookupError, TypeError):
        raise SchemaError(f"{_note(file)} cannot be read", remedy="Delete it, and fetch the data set again") from None


def believed(file: Path, declared: str) -> str:
    """Return the sha256 that a copy must have, or "" where none is known yet."""
    copy = recorded(file)
    if copy is None or (declared and not copy.made_from):
        return declared
    return copy.sha256


def accept(came: Path, file: Path, *, declared: str, origin: str, columns: list[str]) -> Copy:
    """Keep a download as `file`, with a note, if its bytes are those declared, or those of the first download.

    Parameters
    ----------
    came : Path
        The download, in the folder that `aside` yielded.
    declared : str
        The sha256 of `file`, or "" where it is not known.
    origin : str
        Its suffix names the format: an R data file, or a zip with a Stata file, becomes Parquet.
    columns : list of str
        The columns that it must have, if it is converted.

    Raises
    ------
    NotBelieved
        If the bytes differ. Nothing is kept then.
    """
    sha256, other = files.sha256(came), Path(origin).suffix.lower() != file.suffix.lower()
    firm = bool(declared) and not other
    if firm and sha256 != declared:
        remedy = "Ask the publisher what changed; a wanted change is a new hash in data/datapackage.json"
        raise NotBelieved(f"{origin} has sha256 {sha256}, declared is {declared}; nothing was kept", remedy=remedy)
    if not firm:
        _expect_as_before(sha256, file, origin)
    made = _parquet_of(came, origin, columns) if other else came
    copy = Copy(file, files.sha256(made), origin, "declared" if firm else "first use", sha256 if other else "")
    files.publish(made, file)
    note = {name: getattr(copy, name) for name in Copy.__slots__ if name != "path"}
    files.write(_note(file), json.dumps(note, indent=1) + "\n")
    return copy


def _expect_as_before(sha256: str, file: Path, origin: str) -> None:
    copy = recorded(file)
    if copy and copy.origin == origin and sha256 != (copy.made_from or copy.sha256):
        problem = f"{origin} has sha256 {sha256}, at the first fetch it had {copy.made_from or copy.sha256}; the old copy stays"
        remedy = f"If the publisher has revised it, delete {file} and {_note(file).name}, and fetch it again"
        raise NotBelieved(problem, remedy=remedy)


def _parquet_of(came: Path, origin: str, columns: list[str]) -> Path:
    """Convert a statistics program's file of one table to Parquet."""
    if (read := _READERS.get(Path(origin).suffix.lower())) is None:
        raise SchemaError(
            f"{origin} cannot be converted to Parquet", remedy="Declare the format that the address serves"
        )
    try:
        frames = read(came)
    except Exception as error:  # noqa: BLE001 (zip, lzma, rdata and pandas each raise their own)
        raise NotBelieved(f"{origin} cannot be read: {error}", remedy="Try again later") from None
    found = [list(frame.columns) for frame in frames]
    if len(found) != 1 or (columns and found[0] != columns):
        raise NotBelieved(f"{origin} has the columns {found}, declared are {columns}", remedy="Ask the publisher")
    made = came.with_name("made.parquet")
    frames[0].reset_index(drop=True).to_parquet(made, index=False)
    return made


def _from_r(came: Path) -> list[pd.DataFrame]:
    import pandas as pd
    import rdata

    return [each for each in rdata.read_rda(came).values() if isinstance(each, pd.DataFrame)]


def _from_zip(came: Path) -> list[pd.DataFrame]:
    import pandas as pd

    with zipfile.ZipFile(came) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".dta")]
        return [pd.read_stata(io.BytesIO(archive.read(name)), convert_categoricals=False) for name in names]


_READERS = {".rda": _from_r, ".zip": _from_zip}


def _note(file: Path) -> Path:
    return file.with_name(file.name + ".json")
