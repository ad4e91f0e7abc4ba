"""Nights on many machines: what is killed there costs itself alone, and the edition is the one of a single machine."""

import hashlib
import json
import re
import shutil
import subprocess
import sys

import machines
import pytest
from click.testing import CliRunner

from toolkit import warm
from toolkit.cli import main
from toolkit.errors import SchemaError, ToolkitError
from toolkit.nightly import cluster

pytestmark = pytest.mark.skipif(not warm.available(), reason="no fork of a warm process on this system")


def prints(home):
    shown = (home / "reports" / "latest").resolve()
    files = (path for path in shown.rglob("*") if path.is_file())
    return {"": shown.name} | {
        path.relative_to(shown).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def statuses(home):
    items = json.loads((home / "reports" / "latest" / "edition.json").read_text())["items"]
    return {item["name"]: item["status"] for item in items}


@pytest.fixture
def fleet(tmp_path):
    started = machines.Machines(tmp_path / "machines", workers=2)
    yield started
    started.close()


@pytest.mark.slow
def test_a_killed_worker_costs_its_own_report_and_a_lost_scheduler_nothing_that_is_finished(tmp_path, fleet):
    home, alone = tmp_path / "home", tmp_path / "alone"
    machines.project(home, 3, 0.3)
    machines.project(alone, 3, 0.3)
    with machines.Killer(fleet, {"report-0": 1, "report-1": 99}) as killer:
        done = machines.night(home, "--scheduler", fleet.address)
    assert done.returncode == 3, done.stderr
    assert sorted(killer.killed) == ["report-0", "report-1", "report-1", "report-1"]
    assert statuses(home) == {f"report-{x}": "failed" if x == 1 else "ok" for x in range(3)}
    assert "its worker was lost 3 times while it ran, the last time alone" in done.stdout
    assert "[3/3] report-1 failed" in done.stderr
    machines.wait(lambda: not any(map(machines.alive, killer.orphans)), "the end of what a killed worker ran")
    assert killer.orphans

    again = machines.night(home)  # takes over what the workers made
    assert "published, 1 report run" in again.stdout
    assert machines.night(alone).returncode == 0
    assert prints(home) == prints(alone)
    machines.wait(lambda: not fleet.workers(), "the end of the warm processes")

    machines.project(home, 4, 0.5)
    lost = machines.night(home, "--scheduler", fleet.address, start=subprocess.Popen)
    first = lost.stderr.readline()
    fleet.scheduler.kill()
    said = lost.communicate(timeout=120)[1]
    assert lost.returncode == 2
    assert "the scheduler was lost" in said
    assert "what is finished is kept" in said
    taken_up = machines.night(home)
    assert "[1/4] report-" in first
    assert statuses(home) == {f"report-{x}": "ok" for x in range(4)}
    assert int(re.search(r"(\d+) reports? run", taken_up.stdout)[1]) < 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "says"), [("home", "does not see this night's store"), ("toolkit", "has another the toolkit's source")]
)
def test_a_worker_that_is_not_the_right_one_is_named_before_anything_runs(tmp_path, wrong, says):
    home, variables = tmp_path / "home", {}
    machines.project(home, 1, 0)
    if wrong == "home":
        variables["TOOLKIT_HOME"] = str(tmp_path)
        (tmp_path / "reports" / ".store").mkdir(parents=True)
    else:
        shutil.copytree(machines.ROOT / "toolkit", tmp_path / "other" / "toolkit")
        shutil.copytree(machines.ROOT / "data" / "codes", tmp_path / "other" / "data" / "codes")
        (tmp_path / "other" / "toolkit" / "another.py").touch()
        variables["PYTHONPATH"] = str(tmp_path / "other")
    fleet = machines.Machines(tmp_path / "machines", workers=1, **variables)
    try:
        done = machines.night(home, "--scheduler", fleet.address)
    finally:
        fleet.close()
    assert done.returncode == 2
    assert says in done.stderr
    assert "->" in done.stderr
    assert not (home / "reports" / "latest").exists()


@pytest.mark.slow
def test_a_local_cluster_gives_the_bytes_of_the_local_runner_and_leaves_nothing(tmp_path):
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        machines.project(home, 3, 0)
    assert machines.night(homes[0], "--scheduler", "local:1").returncode == 0
    assert machines.night(homes[1], "--jobs", "2").returncode == 0
    assert prints(homes[0]) == prints(homes[1])
    log = map(json.loads, (homes[0] / "reports" / "log.jsonl").read_text().splitlines())
    assert {row["worker"] for row in log if "report" in row} == {"0"}
    assert not [path for path in (homes[0] / "reports" / ".store").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--scheduler", "local:two"], "local:N"),
        (["--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"], "whose workers say how many at a time"),
        (["--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler answers at tcp://127.0.0.1:1"),
        (["--scheduler", "nowhere"], "no Dask scheduler answers at nowhere"),
    ],
)
def test_an_address_that_nobody_answers_is_an_error_with_its_remedy(project, notebook, monkeypatch, words, says):
    notebook("one")
    (project / "notebooks" / "nightly.toml").write_text('[[report]]\nnotebook = "notebooks/one.ipynb"\n')
    monkeypatch.setattr(cluster, "_CONNECT_S", 1)
    done = CliRunner().invoke(main, ["nightly", "--date", "2025-10-28", *words])
    assert done.exit_code == 2
    assert says in done.output
    assert "->" in done.output


def test_without_the_extra_it_says_what_to_install(project, notebook, monkeypatch):
    notebook("one")
    (project / "notebooks" / "nightly.toml").write_text('[[report]]\nnotebook = "notebooks/one.ipynb"\n')
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = CliRunner().invoke(main, ["nightly", "--date", "2025-10-28", "--scheduler", "local"])
    assert done.exit_code == 2
    assert "trade-policy-toolkit[cluster]" in done.output


@pytest.mark.parametrize("kind", [ToolkitError, SchemaError, warm.ServerLost])
def test_an_error_comes_over_from_another_process_as_it_is(kind):
    import pickle

    error = pickle.loads(pickle.dumps(kind("a.csv: no column", remedy="Add it")))  # noqa: S301 - our own
    assert (type(error), error.problem, error.remedy, str(error)) == (
        kind, "a.csv: no column", "Add it", "a.csv: no column\n  -> Add it",
    )  # fmt: skip


def test_the_kubernetes_recipe_is_yaml_that_starts_what_is_there_and_mounts_one_project():
    import re

    import yaml
    from distributed.cli import dask_scheduler, dask_worker

    text = (machines.ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    found = list(yaml.safe_load_all(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]))
    assert [each["kind"] for each in found] == ["Service", "Deployment", "Deployment", "CronJob"]
    known = {"scheduler": dask_scheduler.main, "worker": dask_worker.main, "nightly": main.commands["nightly"]}
    pods = [each["spec"]["template"]["spec"] for each in found[1:3]]
    pods.append(found[3]["spec"]["jobTemplate"]["spec"]["template"]["spec"])
    for pod in pods:
        (container,) = pod["containers"]
        command = known[container["name"]]
        assert container["command"][1] == container["name"]
        options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
        assert {word for word in container["command"] if word.startswith("--")} <= options
    assert all(pod["volumes"] == pods[1]["volumes"] for pod in pods[1:])
    assert found[1]["spec"]["selector"]["matchLabels"] == found[0]["spec"]["selector"]
