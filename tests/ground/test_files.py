"""Files are whole or not there, keep their permissions, and nothing that is read or written can hang."""

import errno
import os
import pickle
import resource
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from toolkit import files
from toolkit.errors import NotWritten, SchemaError, ToolkitError

DIED = 137


def foreign(path, content="new"):
    """Write as libraries do that delete and make anew what they are told to fill."""
    with files.replacing(path) as made:
        made.unlink()
        made.write_text(content)


def streamed(path):
    with files.beside(path) as made:
        made.write_text("new")
        files.publish(made, path)


WRITERS = {"write": lambda path: files.write(path, "new"), "replacing": foreign, "publish": streamed}
EVERY_WRITER = WRITERS | {"append": lambda path: files.append(path, "new")}
READERS = {"read": files.read, "read_text": files.read_text, "sha256": files.sha256}


def each(calls):
    return pytest.mark.parametrize("call", calls.values(), ids=calls.keys())


def names(folder):
    return [path.name for path in folder.iterdir()]


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def refuses(number):
    def call(*_given, **_named):
        raise OSError(number, os.strerror(number))

    return call


@contextmanager
def disk_of(size):
    """Let no file grow over `size` bytes: the write that passes it is cut there, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# permissions


@each(EVERY_WRITER)
@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path, call, mask):
    before = os.umask(mask)
    try:
        call(tmp_path / "new.txt")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "new.txt") == 0o666 & ~mask


@each(EVERY_WRITER)
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o755])
def test_a_file_keeps_its_permissions(tmp_path, call, mode):
    path = tmp_path / "old.txt"
    path.write_text("old\n")
    path.chmod(mode)
    call(path)
    assert mode_of(path) == mode
    assert "new" in path.read_text()


def test_what_is_private_is_private_while_it_is_written(tmp_path):
    path = tmp_path / "keys.txt"
    path.touch(mode=0o600)
    with files.replacing(path) as made:
        assert mode_of(made) == 0o600


@each(WRITERS)
def test_a_read_only_file_is_not_replaced(tmp_path, monkeypatch, call):
    path = tmp_path / "old.txt"
    path.write_text("old")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with pytest.raises(ToolkitError, match=r"old\.txt cannot be written: it is read-only\n  -> Change the permissions"):
        call(path)
    assert path.read_text() == "old"


# whole or not at all


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    together, path = Barrier(2, timeout=10), tmp_path / "one.txt"

    def fill(letter):
        with files.replacing(path) as made:
            made.write_text(letter * 100_000)
            together.wait()
        return made

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(fill, "ab")
    assert one != two
    assert path.read_text() in {"a" * 100_000, "b" * 100_000}
    assert names(tmp_path) == ["one.txt"]


def test_a_writer_that_is_killed_leaves_the_old_file(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("old")
    if not (child := os.fork()):
        os.replace = lambda *_: os._exit(DIED)
        files.write(path, "new")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED
    assert path.read_text() == "old"
    (left,) = {*names(tmp_path)} - {"one.txt"}
    assert left.startswith(files.PART)
    files.write(path, "new")
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    ("writer", "name"),
    [(writer, name) for writer in WRITERS for name in ("fsync", "open", "replace")]
    + [("append", name) for name in ("fsync", "open", "write")],
)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_costs_nothing(tmp_path, monkeypatch, writer, name, number):
    path = tmp_path / "old.txt"
    path.write_text("old\n")
    with monkeypatch.context() as patched:
        patched.setattr(os, name, refuses(number))
        with pytest.raises(NotWritten) as caught:
            EVERY_WRITER[writer](path)
    assert caught.value.problem == f"{path} cannot be written: {os.strerror(number)}"
    assert caught.value.remedy
    assert (caught.value.errno, caught.value.filename) == (number, str(path))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 (as from a worker)
    assert path.read_text() == "old\n"
    assert names(tmp_path) == ["old.txt"]


@each({"write": lambda path: files.write(path, "n" * 100), "append": lambda path: files.append(path, "n" * 100)})
def test_a_disk_that_fills_up_half_way_costs_nothing(tmp_path, call):
    path = tmp_path / "old.txt"
    path.write_text("old\n")
    with disk_of(50), pytest.raises(ToolkitError, match="cannot be written: File too large"):
        call(path)
    assert path.read_text() == "old\n"
    assert names(tmp_path) == ["old.txt"]


@pytest.mark.parametrize("error", [KeyError("no column"), FileNotFoundError(errno.ENOENT, "gone", "other.csv")])
def test_an_error_of_another_kind_passes_as_it_is(tmp_path, error):
    with pytest.raises(type(error)) as caught, files.replacing(tmp_path / "one.txt"):
        raise error
    assert caught.value is error
    assert names(tmp_path) == []


def test_a_library_that_finds_the_disk_full_is_explained(tmp_path):
    problem = r"one\.txt cannot be written: no room\n  -> Free some space"
    with pytest.raises(ToolkitError, match=problem), files.replacing(tmp_path / "one.txt"):
        raise OSError(errno.ENOSPC, "no room")


def test_folders_that_are_missing_are_made_only_on_demand(tmp_path):
    path = tmp_path / "a" / "b" / "one.txt"
    with pytest.raises(ToolkitError, match="a folder that is missing must be made first"):
        files.write(path, "new")
    files.write(path, b"new", parents=True)
    assert path.read_bytes() == b"new"


def test_a_name_of_the_greatest_length_can_be_written(tmp_path):
    files.write(tmp_path / ("n" * 251 + ".txt"), "new")


# links and what is no file


@each(EVERY_WRITER)
def test_a_link_stays_and_its_file_is_written(tmp_path, call):
    (tmp_path / "shared").mkdir()
    link, file = tmp_path / "link.txt", tmp_path / "shared" / "file.txt"
    link.symlink_to(file)
    for _ in ("dangling", "existing"):
        call(link)
        assert link.is_symlink()
        assert "new" in file.read_text()
    assert names(tmp_path / "shared") == ["file.txt"]


@pytest.fixture
def odd(tmp_path):
    """Return one path of each kind that is no file."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "pool")
    (tmp_path / "pool").symlink_to(tmp_path / "loop")
    (tmp_path / "inside").symlink_to(tmp_path / "folder")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        yield {path.name: path for path in tmp_path.iterdir()} | {
            "zero": Path("/dev/zero"),
            "full": Path("/dev/full"),
            "null": Path("/dev/null"),
        }


@each(READERS | EVERY_WRITER)
@pytest.mark.parametrize("name", ["pipe", "folder", "inside", "loop", "socket", "zero", "full", "null"])
def test_what_is_no_file_is_refused_at_once(odd, call, name):
    with pytest.raises(ToolkitError, match=rf"{odd[name]} cannot be (read|written): \S.*\n  -> \S"):
        call(odd[name])
    assert odd[name].is_symlink() or not odd[name].is_file()


def test_a_pipe_that_somebody_reads_is_refused_too(odd):
    reader = os.open(odd["pipe"], os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ToolkitError, match="it is a pipe"):
        files.append(odd["pipe"], "new")
    assert os.read(reader, 10) == b""
    os.close(reader)


@each({"write": lambda path: files.write(path, "\ud800"), "append": lambda path: files.append(path, "\ud800")})
def test_half_a_surrogate_pair_is_no_traceback(tmp_path, call):
    with pytest.raises(ToolkitError, match=r"cannot be written: .* surrogates not allowed\n  -> Correct"):
        call(tmp_path / "one.txt")
    assert names(tmp_path) == []


# reading


@each(READERS)
def test_a_missing_file_is_named_with_what_to_do(tmp_path, call):
    with pytest.raises(SchemaError, match=r"gone\.csv cannot be read: No such file or directory\n  -> Check the path"):
        call(tmp_path / "gone.csv")
    with pytest.raises(SchemaError, match="null byte"):
        call("a\0b")


def test_a_file_is_read_whole_up_to_its_cap(tmp_path):
    path = tmp_path / "ten.txt"
    path.write_bytes(b"0123456789")
    assert files.read(path, most=10) == b"0123456789"
    with pytest.raises(SchemaError, match=r"ten\.txt is larger than 9 bytes\n  -> Name a smaller file"):
        files.read(path, most=9)
    path.write_bytes(b"")
    assert files.read(path, most=0) == b""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="a file whose size the system does not know")
def test_a_file_that_hides_its_size_is_read_whole():
    assert b"VmRSS" in files.read("/proc/self/status")
    with pytest.raises(SchemaError, match="larger than 20 bytes"):
        files.read("/proc/self/status", most=20)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"caf\xe9", "not UTF-8: byte 3"),
        (b"\xef\xbb\xbfcaf\xe9", "not UTF-8: byte 6"),
        (b"PK\x03\x04\0", "binary, not text: NUL at byte 4"),
        ("a,b\n".encode("utf-16-be"), "binary, not text: NUL at byte 0"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(tmp_path, raw, problem):
    (tmp_path / "t.txt").write_bytes(raw)
    with pytest.raises(SchemaError, match=rf"t\.txt is {problem}\n  -> \S"):
        files.read_text(tmp_path / "t.txt")


def test_a_text_comes_back_as_it_was_written(tmp_path):
    files.write(tmp_path / "t.txt", text := "é\r\n\u2028– €\n")
    assert files.read_text(tmp_path / "t.txt") == text
    files.write(tmp_path / "t.txt", b"\xef\xbb\xbf" + text.encode())
    assert files.read_text(tmp_path / "t.txt") == text


def test_the_hash_is_that_of_the_bytes(tmp_path):
    files.write(tmp_path / "t.txt", b"abc")
    assert (
        files.sha256(tmp_path / "t.txt") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )  # FIPS 180


# lines


@pytest.mark.parametrize("line", ["two", "two\n"])
def test_a_line_is_ended_once(tmp_path, line):
    path = tmp_path / "log.jsonl"
    files.append(path, "one")
    files.append(path, line)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_line_is_not_glued_to_one_that_is_incomplete(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": ')
    files.append(path, '{"a": 3}')
    assert path.read_bytes() == b'{"a": 1}\n{"a": \n{"a": 3}\n'


def test_an_incomplete_line_is_as_it_was_after_an_error(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"one\ntw")
    with disk_of(10), pytest.raises(ToolkitError):
        files.append(path, "three and more")
    assert path.read_bytes() == b"one\ntw"
    files.append(path, "three")
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_many_may_append_at_once(tmp_path):
    path = tmp_path / "log.jsonl"
    lines = [f"{number:03}" * 500 for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda line: files.append(path, line), lines))
    assert sorted(path.read_text().splitlines()) == lines


# folders


def test_a_folder_is_on_the_disk_before_it_gets_its_name(tmp_path, monkeypatch):
    made, events = tmp_path / ".making", []
    (made / "below").mkdir(parents=True)
    (made / "below" / "one.txt").write_text("one")
    paths = {path.stat().st_ino: path for path in [*made.rglob("*"), made, tmp_path]}
    true_replace = os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: events.append(paths[os.fstat(handle).st_ino].name))
    monkeypatch.setattr(os, "replace", lambda *paths: (events.append("replace"), true_replace(*paths)))
    files.publish(made, tmp_path / "edition")
    assert sorted(events[:3]) == [".making", "below", "one.txt"]
    assert events[3:] == ["replace", tmp_path.name]
    assert (tmp_path / "edition" / "below" / "one.txt").read_text() == "one"


def test_a_folder_never_replaces_another(tmp_path):
    for name in ("made", "edition"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.txt").write_text(name)
    with pytest.raises(ToolkitError, match="edition cannot be written: Directory not empty"):
        files.publish(tmp_path / "made", tmp_path / "edition")
    assert (tmp_path / "edition" / "one.txt").read_text() == "edition"
    assert (tmp_path / "made" / "one.txt").exists()


def test_a_folder_that_cannot_be_synced_by_itself_is_no_error(tmp_path, monkeypatch):
    true_fsync = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "as some network disks say")
        true_fsync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    files.write(tmp_path / "one.txt", "new")
    assert (tmp_path / "one.txt").read_text() == "new"


# the project


def test_home_is_where_it_was(tmp_path, monkeypatch):
    monkeypatch.delenv("TOOLKIT_HOME", raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "below" / "it").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "below" / "it")
    assert files.home() == tmp_path / "below" / "it"
    (tmp_path / "data" / "datapackage.json").write_text("{}")
    assert files.home() == tmp_path
    monkeypatch.setenv("TOOLKIT_HOME", "elsewhere")
    assert files.home() == Path("elsewhere")
    assert (files.PACKAGE / "templates" / "style.css").is_file()


def test_importing_it_loads_nothing_that_costs():
    code = "import sys, toolkit.files; print(*{'tempfile', 'shutil', 'hashlib', 'fcntl', 'pandas'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
