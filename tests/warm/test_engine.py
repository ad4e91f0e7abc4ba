"""A fork of the warm process puts out what a kernel does, of whatever kind it is."""

import json

import kernel_parts
import pytest

from toolkit import report, warm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not warm.available(), reason="no fork of a warm process on this system"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    home = tmp_path_factory.mktemp("kinds")
    with pytest.MonkeyPatch.context() as patch, warm.WarmServer(report.environment()) as server:
        patch.setenv("TOOLKIT_HOME", str(home))
        return home, kernel_parts.unequal(home / "kinds.ipynb", home, server)


def test_there_are_twenty_kinds():
    assert len(kernel_parts.PARTS) == 20


@pytest.mark.parametrize("kind", kernel_parts.PARTS)
def test_the_outputs_of_a_kind_are_those_of_a_kernel(found, kind):
    assert found[1][kind] == []


def test_charts_without_show_warnings_with_their_line_and_changed_displays_are_there(found):
    cells = json.loads((found[0] / "warm" / "report.ipynb").read_text())["cells"]
    of = {"".join(cell["source"]): cell["outputs"] for cell in cells if cell["cell_type"] == "code"}
    chart = next(outputs for source, outputs in of.items() if source.endswith("plt.title('T')"))
    assert "image/png" in chart[1]["data"]
    assert "ipykernel_0.py:2: UserWarning: careful" in of["import warnings\nwarnings.warn('careful')"][0]["text"]
    changed = next(outputs for source, outputs in of.items() if source.startswith("handle = display('one'"))
    assert [output["data"]["text/plain"] for output in changed] == ["'five'", "'two'"]


def test_no_output_says_where_on_this_machine_it_was_made(found):
    text = (found[0] / "warm" / "report.ipynb").read_text()
    assert "site-packages/pandas/core" in text
    for place in (
        str(found[0]) + "/",
        str(kernel_parts.report.__file__).rpartition("/toolkit/")[0] + "/",
        "toolkit-run-",
    ):
        assert place not in text
