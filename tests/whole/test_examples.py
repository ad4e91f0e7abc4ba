"""The examples that the documents give of a nightly run pass the linters of their own kinds."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.cli.edition import nightly

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SYSTEMD, SCHEMAS = shutil.which("systemd-analyze"), shutil.which("check-jsonschema")


@pytest.mark.skipif(SYSTEMD is None, reason="no systemd-analyze on this machine")
def test_the_systemd_units_are_in_order(tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "toolkit").symlink_to(sys.executable)  # any program: it must be there
    units = []
    for path in sorted(EXAMPLES.glob("toolkit-nightly.*")):
        text = path.read_text().replace("/srv/toolkit", str(tmp_path)).replace("User=toolkit\n", "")
        units.append(tmp_path / path.name)
        units[-1].write_text(text)
    done = subprocess.run([SYSTEMD, "verify", *map(str, units)], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if "toolkit-nightly" in line]
    assert len(units) == 2
    assert (done.returncode, told) == (0, [])


@pytest.mark.skipif(SCHEMAS is None, reason="no check-jsonschema on this machine: uv tool install check-jsonschema")
def test_the_workflow_fits_the_schema_of_its_host():
    command = [SCHEMAS, "--builtin-schema", "vendor.github-workflows", str(EXAMPLES / "nightly.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_the_examples_use_options_that_there_are(path):
    known = {option for parameter in nightly.params for option in parameter.opts}
    lines = [line for line in path.read_text().splitlines() if "toolkit nightly" in line and not line.startswith("#")]
    used = {option for line in lines for option in re.findall(r"--[a-z-]+", line.partition("toolkit nightly")[2])}
    assert used <= known
    assert lines or path.suffix == ".timer"
