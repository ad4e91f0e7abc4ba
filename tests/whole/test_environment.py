"""One declaration of what is needed: pyproject.toml; environment.yml and the lock follow it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
CONDA_LINES = [line for line in CONDA if isinstance(line, str)]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
THE_FIVE = {"jupyterlab", "pandas", "statsmodels", "matplotlib", "papermill"}
REQUIREMENTS = {
    canonicalize_name(r.name): r
    for r in map(Requirement, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
}


def bounds(text):
    return {part.strip() for part in str(text or "").split(",") if part.strip()}


@pytest.mark.parametrize("line", CONDA_LINES)
def test_conda_reads_every_line(line):
    assert MatchSpec(line, strict=True).name is not None


def test_conda_gives_python_pip_and_the_five():
    names = {MatchSpec(line, strict=True).name.normalized for line in CONDA_LINES}
    assert names == {"python", "pip"} | THE_FIVE
    assert CONDA[-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize("name", sorted(THE_FIVE))
def test_conda_bounds_are_the_projects(name):
    (line,) = [line for line in CONDA_LINES if re.match(rf"{name}\b", line)]
    assert bounds(MatchSpec(line, strict=True).version) == bounds(REQUIREMENTS[name].specifier)


def test_conda_python_is_the_projects():
    (line,) = [line for line in CONDA_LINES if line.startswith("python")]
    assert bounds(MatchSpec(line, strict=True).version) == bounds(PROJECT["requires-python"])


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_lock_pins_and_hashes_every_dependency(name):
    pins = re.findall(rf"^{re.escape(name)}==([^ ;\\]+).*\\\n +--hash=sha256:", LOCK, re.MULTILINE)
    assert pins, f"run make lock: {name} is not pinned"
    assert all(REQUIREMENTS[name].specifier.contains(pin, prereleases=True) for pin in pins)


def test_lock_names_no_host():
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", LOCK)


def test_every_dependency_has_its_reason():
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    missing = [name for name in REQUIREMENTS if f"| {name} |" not in reasons]
    assert not missing
