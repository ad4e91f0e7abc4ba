"""A folder of articles: every one a line, none read twice, none lost."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.errors import SchemaError
from toolkit.figures import read_folder

COUNT = 40


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "articles"
    (place / "deeper").mkdir(parents=True)
    for number in range(COUNT):
        (place / ("deeper" if number % 2 else "") / f"{number:02}.txt").write_text(
            f"Exports rose {number + 1} % in May."
        )
    return place


def rows(out):
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_article_is_a_line_whoever_reads_it(folder, tmp_path, workers):
    seen, out = [], tmp_path / "figures.jsonl"
    count = read_folder(folder, out, workers=workers, progress=lambda *done: seen.append(done))
    assert count == {"read": COUNT, "kept": 0, "failed": 0}
    assert seen == [(number, COUNT) for number in range(1, COUNT + 1)]
    assert [row["path"] for row in rows(out)] == sorted(row["path"] for row in rows(out))
    assert {row["path"]: row["figures"][0]["quantity"]["value"] for row in rows(out)}["deeper/07.txt"] == "8"


def test_what_was_read_is_kept_and_a_broken_line_is_read_again(folder, tmp_path):
    out = tmp_path / "figures.jsonl"
    read_folder(folder, out, workers=1)
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) * 2 // 3])
    count = read_folder(folder, out, workers=1)
    assert 0 < count["read"] < COUNT
    assert count["read"] + count["kept"] == COUNT
    assert out.read_bytes() == whole


def test_an_article_that_changed_is_read_again_and_one_that_cannot_be_read_costs_no_other(folder, tmp_path):
    out = tmp_path / "figures.jsonl"
    read_folder(folder, out, workers=1)
    (folder / "00.txt").write_text("Exports fell 9 % in May.")
    (folder / "02.txt").write_bytes(b"")
    assert read_folder(folder, out, workers=1) == {"read": 1, "kept": COUNT - 2, "failed": 1}
    newest = {row["path"]: row for row in rows(out)}
    assert newest["00.txt"]["figures"][0]["quote"] == "9 %"
    assert "empty" in newest["02.txt"]["error"]["problem"]


def test_a_folder_without_articles_and_a_file_that_is_not_ours_are_refused(folder, tmp_path):
    with pytest.raises(SchemaError, match="no article"):
        read_folder(tmp_path / "none", tmp_path / "x.jsonl")
    (tmp_path / "notes.jsonl").write_text('"not ours"\n')
    with pytest.raises(SchemaError, match=r"notes\.jsonl:1"):
        read_folder(folder, tmp_path / "notes.jsonl")
    assert (tmp_path / "notes.jsonl").read_text() == '"not ours"\n'


RUN = """
import multiprocessing, sys, time
from toolkit.figures import read_folder

def progress(done, everything):
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    time.sleep(600)

read_folder(sys.argv[1], sys.argv[2], workers=2, progress=progress)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_a_killed_run_leaves_no_process_and_the_next_one_ends_it(folder, tmp_path):
    out = tmp_path / "figures.jsonl"
    with subprocess.Popen([sys.executable, "-c", RUN, folder, out], stdout=subprocess.PIPE, text=True) as run:
        pids = run.stdout.readline().split()
        run.kill()
    assert len(pids) == 2
    for _ in range(600):
        if not any(map(alive, pids)):
            break
        time.sleep(0.05)
    assert not any(map(alive, pids))
    read_folder(folder, out, workers=1)
    assert sorted(row["path"] for row in rows(out)) == sorted({row["path"] for row in rows(out)})
    assert len(rows(out)) == COUNT


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
