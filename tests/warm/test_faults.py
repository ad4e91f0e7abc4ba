"""Every way in which a notebook can fail is named, with its cell; nothing of it stays behind."""

import os
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import failures
import pytest

from toolkit import report, warm
from toolkit.errors import SchemaError, ToolkitError

DAY = date(2025, 10, 28)
LIMITS = failures.LIMITS
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not warm.available(), reason="no fork of a warm process on this system"),
]


@pytest.fixture(scope="module")
def server():
    with warm.WarmServer(report.environment()) as started:
        yield started


@pytest.mark.parametrize(("source", "reason"), failures.FAULTS.values(), ids=failures.FAULTS)
def test_a_fault_is_named_with_its_cell_and_nothing_stays(project, server, source, reason):
    assert failures.wrong(project, source, reason, server) == ""
    assert not warm_children(server)


def warm_children(server):
    until = time.monotonic() + 3
    while (found := Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def test_a_notebook_that_is_no_json_or_lacks_a_parameter_is_refused_before_it_runs(project, notebook, server):
    (project / "notebooks" / "bad.ipynb").write_text('{"cells": [')
    with pytest.raises(SchemaError, match=r"bad\.ipynb: not a notebook"):
        report.run("notebooks/bad.ipynb", {}, project / "out", edition_date=DAY, server=server)
    with pytest.raises(SchemaError, match="no parameter 'y'"):
        report.run(notebook("n"), {"y": 1}, project / "out", edition_date=DAY, server=server)


SECRETS = ["AWS_SECRET_ACCESS_KEY", "COMTRADE_API_KEY", "GITHUB_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK", "MY_PASSWORD",
           "TOOLKIT_API_KEY"]  # fmt: skip
FILES = [".netrc", ".pypirc", ".aws/credentials", ".env", ".git-credentials"]
SEARCH = """import os, sys, pathlib
print(dict(os.environ))
for name in [{files}]:
    for folder in (pathlib.Path.home(), pathlib.Path.cwd()):
        try:
            print((folder / name).read_text())
        except Exception as error:
            print(type(error))
for place in ("/proc/self/environ", f"/proc/{{os.getppid()}}/environ"):
    try:
        print(open(place, "rb").read())
    except Exception as error:
        print(type(error))
raise ValueError(str(dict(os.environ)))"""


def test_twelve_planted_secrets_come_out_nowhere(project, notebook, monkeypatch, capfd):
    secrets = [f"sk-live-{number:04}-planted" for number in range(12)]
    for name, secret in zip(SECRETS, secrets, strict=False):
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("HOME", str(project / "person"))
    for name, secret in zip(FILES, secrets[len(SECRETS) :], strict=True):
        path = project / "person" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secret)
    assert len(SECRETS) + len(FILES) == 12
    source = SEARCH.format(files=", ".join(repr(name) for name in FILES))
    path = notebook("n", source, parameters="x: int = 1")
    with warm.WarmServer(report.environment()) as fresh, pytest.raises(ToolkitError) as failed:
        report.run(path, {}, project / "out", edition_date=DAY, server=fresh)
    written = "".join(file.read_text() for file in (project / "out").iterdir())
    everything = written + str(failed.value) + "".join(capfd.readouterr())
    assert "ValueError" in written or "Forbidden" in written
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.parametrize("victim", ["server", "warden"])
def test_a_lost_warm_process_costs_nothing_but_a_second_try(project, notebook, server, victim):
    flag = project / "seeds" / "flag.txt"
    flag.parent.mkdir()
    flag.write_text("once")
    source = (
        "import os\nif open('seeds/flag.txt').read() == 'once':\n    os.kill(os.getpid(), 19)  # stop, and be found"
    )
    path = notebook("n", source, "print('came through')")
    server.start()

    def kill():
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for warden in children(server.pid):
                for child in children(warden):
                    if "T (stopped)" in Path(f"/proc/{child}/status").read_text():
                        flag.write_text("again")
                        os.kill(server.pid if victim == "server" else warden, 9)
                        return
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    report.run(path, {}, project / "out", edition_date=DAY, limits=LIMITS, server=server)
    thread.join()
    assert "came through" in (project / "out" / "report.html").read_text()


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def test_the_warm_process_and_its_children_end_with_the_press(project, notebook):
    code = (
        "import sys, threading, time, os\nfrom datetime import date\nfrom toolkit import report, warm\n"
        "z = warm.WarmServer(report.environment())\n"
        "threading.Thread(target=lambda: report.run('notebooks/n.ipynb', {}, 'out', edition_date=date(2025, 1, 1), server=z)).start()\n"
        "while not (z.pid and open(f'/proc/{z.pid}/task/{z.pid}/children').read()): time.sleep(0.05)\n"
        "print(z.pid, flush=True)\ntime.sleep(1)\nos.kill(os.getpid(), 9)"
    )
    notebook("n", "import subprocess, time\nsubprocess.Popen(['sleep', '601'], start_new_session=True)\ntime.sleep(60)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == -9, done.stderr
    pid = int(done.stdout)
    until = time.monotonic() + 5
    while time.monotonic() < until and (
        Path(f"/proc/{pid}").exists() or any("sleep 601" in line for line in failures.processes())
    ):
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert not any("sleep 601" in line for line in failures.processes())
