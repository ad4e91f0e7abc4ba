"""The one way in which bytes are read and written: whole files or none."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import NotWritten, SchemaError, ToolkitError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

__all__ = [
    "PACKAGE", "PART", "append", "beside", "home", "publish", "read", "read_text", "replacing", "sha256", "sync",
    "sync_folder", "write",
]  # fmt: skip

PACKAGE = Path(__file__).parent
PART = ".part-"  # an unfinished file is named so; only a killed process leaves one behind

_CATALOGUE = Path("data", "datapackage.json")
_MOST = 2**30
_SPACE = "Free some space on that disk, then run the same again"
_REMEDIES = {
    errno.EACCES: "Change the permissions of the file or its folder, or choose another path",
    errno.EDQUOT: _SPACE,
    errno.EISDIR: "Name a file, not a folder",
    errno.ENOENT: "Check the path; a folder that is missing must be made first",
    errno.ENOSPC: _SPACE,
    errno.EROFS: "Choose a path on a disk that can be written",
}


def home() -> Path:
    """Return the project's folder: ``TOOLKIT_HOME``, or the nearest folder upwards that has data.

    >>> (home() / "data" / "datapackage.json").is_file()
    True
    """
    if named := os.environ.get("TOOLKIT_HOME"):
        return Path(named)
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / _CATALOGUE).is_file()), here)


def read(path: str | Path, *, most: int = _MOST) -> bytes:
    """Return the bytes of a regular file, `most` at the most; refuse anything else, and never wait for it.

    Raises
    ------
    SchemaError
        If the file is missing, may not be read, is a folder, pipe or device, or is larger.

    Examples
    --------
    >>> read(PACKAGE / "errors.py")[:14]
    b'\"\"\"What went w'
    """
    with _explained(path, "read", SchemaError), _opened(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        raw = stream.read(size + 1) if size <= most else b""
        if len(raw) > size:  # it grew meanwhile, or is one of /proc, which have no size
            raw += stream.read(most - size)
    if max(size, len(raw)) > most:
        raise SchemaError(f"{path} is larger than {most:,} bytes", remedy="Name a smaller file, or split this one")
    return raw


def read_text(path: str | Path, *, most: int = _MOST) -> str:
    """Return the text of a UTF-8 file: no byte order mark at its start, ends of lines as they are.

    Raises
    ------
    SchemaError
        As `read` does, and if the file is not UTF-8 or contains a NUL.

    Examples
    --------
    >>> read_text(PACKAGE / "errors.py").count("class ToolkitError")
    1
    """
    raw = read(path, most=most)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + len(raw) - len(error.object)  # the decoder counts from behind the byte order mark
        raise SchemaError(f"{path} is not UTF-8: byte {at:,}", remedy="Save it as UTF-8") from None
    if "\0" in text:
        problem = f"{path} is binary, not text: NUL at byte {raw.index(0):,}"
        raise SchemaError(problem, remedy="Name a text file, or save it as UTF-8")
    return text


def sha256(path: str | Path) -> str:
    """Return the sha256 of a file of any size, in hex digits.

    >>> len(sha256(PACKAGE / "errors.py"))
    64
    """
    import hashlib  # loads OpenSSL, which most readers do not need

    with _explained(path, "read", SchemaError), _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(path: str | Path, content: bytes | str, *, parents: bool = False) -> None:
    r"""Put `content` at `path`, whole or not at all, and on the disk when this returns.

    A text is written as UTF-8 with its own ends of lines. A file that exists keeps its
    permissions; a symbolic link stays, and the file it leads to is replaced.

    Parameters
    ----------
    path : path
    content : bytes or str
    parents : bool
        Make the folders that are missing.

    Raises
    ------
    NotWritten
        If the disk is full, or the path is a folder, a device or may not be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "out" / "note.txt"
    >>> write(path, "9 % of GDP\n", parents=True)
    >>> read_text(path)
    '9 % of GDP\n'
    """
    with _explained(path, "written"), replacing(path, parents=parents) as made:
        made.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: str | Path, *, parents: bool = False) -> Iterator[Path]:
    """Yield an empty file to fill; at the end it replaces `path`, in the same way as `write` does.

    For what other libraries write, and for what is too large for memory.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv"
    >>> with replacing(path) as made:
    ...     _ = made.write_text("year,value")
    >>> path.read_text()
    'year,value'
    """
    with _explained(path, "written"):
        target, mode = _target(path)
        if parents:
            target.parent.mkdir(parents=True, exist_ok=True)
    with beside(target) as made:
        if mode is not None:
            made.chmod(mode)  # at once: what was private is private while it is written
        yield made
        publish(made, target)


@contextmanager
def beside(path: str | Path) -> Iterator[Path]:
    """Yield an empty file in the folder of `path`, with the same suffix; delete it afterwards unless it was published.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with beside(folder / "answer.json") as made:
    ...     publish(made, folder / sha256(made))
    >>> [path.name[:7] for path in folder.iterdir()]
    ['e3b0c44']
    """
    path = Path(path)
    made = path.with_name(f"{PART}{os.urandom(8).hex()}{path.suffix}")
    try:
        with _explained(path, "written"):
            made.open("xb").close()  # unlike tempfile, with the permissions of any new file
        yield made
    except ToolkitError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT} or str(error.filename) == str(made):
            raise _error(path, "written", error, NotWritten) from None
        raise
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)


def publish(made: Path, path: str | Path) -> None:
    """Rename a finished file or folder to `path`, after flushing all of it to the disk.

    A file replaces the one of that name and takes over its permissions; a folder never
    replaces one that has something in it.

    Raises
    ------
    NotWritten
        If permissions or the disk do not allow it.
    """
    with _explained(path, "written"):
        if made.is_dir():
            target = Path(path)
            sync_folder(made)
        else:
            target, mode = _target(path)
            if mode is not None:
                made.chmod(mode)
            sync(made)
        made.replace(target)
        sync(target.parent)


def append(path: str | Path, line: str) -> None:
    r"""Add a line to a file, on the disk when this returns; after any error the file is as it was.

    A last line that is incomplete is ended first, so that it and the new line stay apart.
    Several processes may append to one file.

    Raises
    ------
    NotWritten
        If the disk is full, or the path is a folder, a device or may not be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "log.jsonl"
    >>> append(path, '{"night": 1}')
    >>> append(path, '{"night": 2}')
    >>> read_text(path)
    '{"night": 1}\n{"night": 2}\n'
    """
    import fcntl

    with _explained(path, "written"):
        raw = (line.removesuffix("\n") + "\n").encode()
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)
        try:
            _expect_file(os.fstat(handle).st_mode)
            fcntl.flock(handle, fcntl.LOCK_EX)  # else taking back a line could cut another's
            _append(handle, raw)
        finally:
            os.close(handle)
        sync(Path(path).parent)


def sync(path: Path) -> None:
    """Flush one file, or the list of names in one folder, to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network disks cannot do this for a folder
            raise
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Flush everything below a folder to the disk, except files with a second name: the first was flushed already."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir() or path.stat().st_nlink == 1:
            sync(path)


def _opened(path: str | Path) -> BufferedReader:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # else a pipe would wait for its writer
    try:
        _expect_file(os.fstat(handle).st_mode)
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def _target(path: str | Path) -> tuple[Path, int | None]:
    """Return the file to replace, links followed, and its permissions; None if there is no such file yet."""
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target, None
    _expect_file(mode)
    if not os.access(target, os.W_OK):  # a rename would replace it all the same
        raise PermissionError(errno.EACCES, "it is read-only")
    return target, stat.S_IMODE(mode)


def _expect_file(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device")


def _append(handle: int, raw: bytes) -> None:
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        raw = b"\n" + raw
    try:
        while raw:
            raw = raw[os.write(handle, raw) :]
        os.fsync(handle)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


@contextmanager
def _explained(path: str | Path, done: str, kind: type[ToolkitError] = NotWritten) -> Iterator[None]:
    """Raise a ToolkitError for what the system refuses; a ValueError comes from characters that it cannot encode."""
    try:
        yield
    except ToolkitError:
        raise
    except (OSError, ValueError) as error:
        raise _error(path, done, error, kind) from None


def _error(path: str | Path, done: str, error: OSError | ValueError, kind: type[ToolkitError]) -> ToolkitError:
    if not isinstance(error, OSError):
        return kind(f"{str(path)!r} cannot be {done}: {error}", remedy="Correct the path or the text")
    remedy = _REMEDIES.get(error.errno or 0, "Check the path and its disk, then run the same again")
    found = kind(f"{path} cannot be {done}: {error.strerror or error}", remedy=remedy)
    if isinstance(found, NotWritten):  # so that who catches an OSError finds in it what it expects
        found.errno, found.filename, found.strerror = error.errno, str(path), error.strerror
    return found
