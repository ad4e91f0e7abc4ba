import base64
import hashlib
import json
import re
from datetime import date

import nbformat
import pytest

from toolkit import report
from toolkit.errors import ReportFailed, SchemaError

DAY = date(2025, 10, 28)
PARAMETERS = """from datetime import date
from typing import Literal

product: str = "2846"  # HS heading, as text: leading zeros matter
first_year: int = 2019  # first calendar year
share: float = 0.5
deflated: bool = False
as_of: date = date(2025, 10, 28)
flow: Literal["M", "X"] = "M"
partners: list[str] = ["JPN"]  # ISO 3166-1
years: list[int] = []
vintage: str | None = None
"""
# jupyter_client and zmq warn of their own affairs
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning")


def run(path, folder, values=None, **options):
    return report.run(path, values or {}, folder, edition_date=DAY, **options)


# parameters


def test_parameters_are_read_from_the_cell_itself(notebook):
    declared = {p.name: p for p in report.parameters(notebook("n", parameters=PARAMETERS))}
    assert list(declared) == [
        "product", "first_year", "share", "deflated", "as_of", "flow", "partners", "years", "vintage",
    ]  # fmt: skip
    assert declared["product"].comment == "HS heading, as text: leading zeros matter"
    assert declared["as_of"].default == DAY
    assert declared["vintage"].annotation == "str | None"
    assert str(declared["partners"]) == "partners: list[str] = ['JPN']  # ISO 3166-1"


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("product", "0101", "0101"),
        ("product", "NO", "NO"),
        ("first_year", "2019", 2019),
        ("first_year", -1, -1),
        ("share", "1e-3", 0.001),
        ("share", 1, 1.0),
        ("deflated", "true", True),
        ("as_of", "2025-10-28", DAY),
        ("flow", "X", "X"),
        ("partners", "JPN,KOR", ["JPN", "KOR"]),
        ("partners", '["0101"]', ["0101"]),
        ("years", [2019, 2020], [2019, 2020]),
        ("vintage", "None", None),
        ("vintage", "2025", "2025"),
    ],
)
def test_a_value_is_read_by_the_annotation(notebook, name, given, meant):
    value = report.parse(notebook("n", parameters=PARAMETERS), {name: given})[name]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("product", 101),
        ("first_year", "0101"),
        ("first_year", "1_000"),
        ("first_year", "٢٠١٩"),
        ("first_year", "2019.0"),
        ("first_year", 2019.0),
        ("first_year", True),
        ("share", "nan"),
        ("share", "1e999"),
        ("deflated", "NO"),
        ("deflated", "1"),
        ("deflated", 1),
        ("as_of", "2025-02-30"),
        ("as_of", "20251028"),
        ("flow", "m"),
        ("partners", "[1]"),
        ("partners", "[broken"),
        ("years", "2019,0101"),
        ("vintage", 2025),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(notebook, name, given):
    with pytest.raises(SchemaError) as refused:
        report.parse(notebook("n", parameters=PARAMETERS), {name: given})
    assert "n.ipynb" in refused.value.problem
    assert repr(name) in refused.value.problem
    assert f"It declares {name}: " in refused.value.remedy


def test_an_unknown_parameter_names_the_one_meant(notebook):
    path = notebook("n", parameters=PARAMETERS)
    with pytest.raises(
        SchemaError, match=r"no parameter 'frist_year'\n.*Did you mean 'first_year'\? It declares\n +\w+: .*\n +\w+: "
    ):
        report.parse(path, {"frist_year": "2019"})
    with pytest.raises(SchemaError, match="no parameter"):
        report.parse(path, {"x=__import__('os').system('true')": "1"})


@pytest.mark.parametrize(
    "line",
    ["x = 1", "x: int", "x: int = 'a'", "x: complex = 1j", "x: int = f()", "print()", "x: int = ", "x: int | str = 1"],
)
def test_a_line_that_declares_no_checkable_parameter_is_refused(notebook, line):
    with pytest.raises(SchemaError, match="parameters cell, line 1"):
        report.parameters(notebook("n", parameters=line))


# files


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "is not UTF-8"),
        (b'{"cells": [', "JSONDecodeError"),
        (b"[" * 100_000, "not a notebook"),
        (b'{"nbformat": 3, "cells": [{}]}', "not a notebook"),
        (b'{"nbformat": 4}', "KeyError"),
        (b'{"nbformat": 4, "cells": [{"source": ""}]}', "KeyError"),
    ],
    ids=["empty", "binary", "cut-off", "deep", "old", "no-cells", "no-type"],
)
def test_a_file_that_is_no_notebook_is_refused_by_name(project, content, says):
    path = project / "notebooks" / "n.ipynb"
    path.write_bytes(content)
    for read in (report.parameters, report.tidy):
        with pytest.raises(SchemaError, match=f"n.ipynb.*{says}"):
            read(path)
    assert path.read_bytes() == content


def test_a_missing_notebook_is_refused_by_name(project):
    with pytest.raises(SchemaError, match=r"gone.ipynb: No such file"):
        run("notebooks/gone.ipynb", project / "out")
    assert not (project / "out").exists()


def test_tidy_writes_what_jupyter_would_without_outputs(project):
    path = project / "n.ipynb"
    code = nbformat.v4.new_code_cell("1 + 1\n\n2", metadata={"tags": ["t"], "collapsed": True}, execution_count=3)
    code.outputs = [nbformat.v4.new_output("stream", text="3")]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# é"), code], metadata={"x": 1})
    nbformat.write(made, path)
    assert report.tidy(path)
    assert not report.tidy(path)
    tidied = nbformat.read(path, as_version=4)
    assert [cell.id for cell in tidied.cells] == ["cell-00", "cell-01"]
    assert tidied.cells[1].metadata == {"tags": ["t"]}
    assert tidied.cells[1].outputs == []
    assert set(tidied.metadata) == {"kernelspec"}
    assert path.read_text(encoding="utf-8") == nbformat.writes(tidied) + "\n"


# page

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<svg/onload=alert(1)>",
    "<iframe src=//example.org></iframe>",
    '<meta http-equiv="refresh" content="0;url=//example.org">',
    "<style>body{background:url(//example.org)}</style>",
    '<math><mtext></p><style><img src=x onerror="alert(1)">',
    '<link rel="stylesheet" href="//example.org/a.css">',
]
RECORD = {
    "title": "T",
    "question": "Q",
    "error": "",
    "id": "0",
    "figures": [],
    "inputs": {
        "notebook": {"path": "n.ipynb", "sha256": "0"},
        "parameters": {},
        "toolkit": {"version": "0", "sha256": "0"},
        "python": "3",
        "edition_date": "2025-10-28",
        "datasets": {},
        "articles": [],
    },
}


def page(*outputs, prose="", source="1", **record):
    from toolkit.report.html import page as make

    cells = [
        {"cell_type": "markdown", "source": "# T"},
        {"cell_type": "markdown", "source": prose},
        {"cell_type": "code", "source": source, "outputs": list(outputs)},
    ]
    return make({"cells": cells}, RECORD | record)


def shows(**data):
    return {"output_type": "display_data", "data": {name.replace("_", "/"): text for name, text in data.items()}}


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize(
    "place", ["html", "markdown", "plain", "stream", "error", "prose", "source", "title", "parameter"]
)
def test_nothing_hostile_lives_on_the_page(payload, place):
    outputs = {
        "html": shows(text_html=payload),
        "markdown": shows(text_markdown=payload),
        "plain": shows(text_plain=payload),
        "stream": {"output_type": "stream", "name": "stderr", "text": payload},
        "error": {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload]},
    }
    given = RECORD["inputs"] | {"parameters": {"p": payload}}
    record = {"title": {"title": payload}, "parameter": {"inputs": given}}.get(place, {})
    written = {place: payload} if place in {"prose", "source"} else {}
    made = page(*([outputs[place]] if place in outputs else []), **written, **record)
    _, _, body = made.partition("<body>")
    live = re.findall(
        r"<(?:script|iframe|svg|math|style|meta|link|object)\b|<[^>]*\s(?:on\w+|style)\s*=|<[^>]*javascript:", body
    )
    assert live == []
    assert re.findall(r'<[^>]+\b(?:src|href)="(?!https?://|#|data:image/)', body) == []


def test_the_page_loads_nothing_and_seals_its_style():
    made = page(shows(image_png="aGFsbG8="), shows(text_html='<img src="https://example.org/x.png">'))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', made)[1]
    css = re.search(r"<style>(.*?)</style>", made, re.DOTALL)[1]
    assert "default-src 'none'" in policy
    assert base64.b64encode(hashlib.sha256(css.encode()).digest()).decode() in policy
    assert re.findall(r'\b(?:src|srcset|poster)="(?!data:)|url\(|@import', made) == []


def test_a_table_scrolls_in_its_own_box_and_loses_its_frame():
    frame = '<div><style scoped>td {color: red}</style><table border="1" class="dataframe"><tr><td>1</td></tr></table></div>'
    ours = '<figure class="table"><div class="scroll"><table class="data"><tr><td>2025-10-28</td></tr></table></div></figure>'
    made = page(shows(text_html=frame), shows(text_html=ours))
    assert made.count('<div class="scroll" tabindex="0" role="region" aria-label="Table"><table') == 2
    assert "border=" not in made
    assert '<td class="day">2025-10-28</td>' in made


def test_errors_and_warnings_stay_visible_and_code_is_folded():
    error = {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["\x1b[31mred\x1b[0m"]}
    made = page({"output_type": "stream", "name": "stderr", "text": "careful"}, error, source="a < b")
    assert '<pre class="stream stderr">careful</pre>' in made
    assert "E: why" in made
    assert "\x1b" not in made
    assert '<details class="code"><summary>Code</summary><pre><code>a &lt; b</code></pre></details>' in made


@pytest.mark.parametrize("markup", ["<div>" * 50_000, "x" * 9_000_000], ids=["deep", "large"])
def test_what_could_choke_the_cleaner_is_named_instead(markup):
    assert "Too large or too deep" in report.clean(markup)


def test_a_failed_page_says_that_nothing_may_be_cited():
    made = page(error="cell 3 raised <b>")
    assert "nothing in it may be cited" in made
    assert "cell 3 raised &lt;b&gt;" in made


# runs

SHARE = """from toolkit import registry
registry.publish("share", 100 * first_year / 4038, "%", about="a share", expression="a / b", inputs=["a"])"""
SEEN = """import os
print(os.getcwd(), sorted(name for name in os.environ if "SECRET" in name), os.environ["SOURCE_DATE_EPOCH"])
print(object())"""


@pytest.mark.slow
def test_a_run_sets_the_values_and_leaves_page_notebook_figures_and_record(project, notebook, monkeypatch):
    monkeypatch.setenv("MY_SECRET_KEY", "sk-12345")
    path = notebook("n", SEEN, "as_of.year, partners, vintage", SHARE, parameters=PARAMETERS)
    values = {"first_year": "2020", "as_of": "2024-01-31", "partners": "JPN,KOR"}
    done = run(path, project / "out", values)
    assert sorted(file.name for file in done.folder.iterdir()) == [
        "figures.jsonl",
        "report.html",
        "report.ipynb",
        "run.json",
    ]
    executed = nbformat.read(done.folder / "report.ipynb", as_version=4)
    nbformat.validate(executed)
    assert executed.cells[2].id == "injected-parameters"
    assert executed.cells[2].source == "first_year = 2020\nas_of = date(2024, 1, 31)\npartners = ['JPN', 'KOR']"
    assert executed.cells[3].outputs[0].text.startswith(f"{project.resolve()} [] 1761609600\n<object object at 0x0>")
    assert executed.cells[4].outputs[0]["data"]["text/plain"] == "(2024, ['JPN', 'KOR'], None)"
    assert "inputs-read" not in {cell.id for cell in executed.cells}
    record = json.loads((done.folder / "run.json").read_text())
    assert record["inputs"]["parameters"]["as_of"] == "2024-01-31"
    assert record["inputs"]["notebook"]["path"] == "notebooks/n.ipynb"
    assert (record["status"], record["title"], record["figures"]) == ("ok", "A title", ["share"])
    figure = json.loads((done.folder / "figures.jsonl").read_text())
    assert figure["quantity"]["value"] == f"{100 * 2020 / 4038:.12g}"
    assert figure["source"]["run"] == record["id"]
    assert "28 October 2025" in (done.folder / "report.html").read_text()


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(project, notebook):
    source = "import sys\nprint('a'); print('b', file=sys.stderr); print('c')\n{'x', 'y', 'z'}"
    path = notebook("n", source, SHARE, parameters=PARAMETERS)
    first, second = (run(path, project / name).folder for name in ("one", "two"))
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name


BROKEN = {
    "raises": ("1 / 0", "raised ZeroDivisionError: division by zero"),
    "leaves": ("import sys\nsys.exit(0)", "raised SystemExit: 0; the cells after it did not run"),
    "is killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "lost its kernel: killed by SIGKILL",
    ),
    "ends the process": ("import os\nos._exit(0)", "lost its kernel: its process ended itself with exit code 0"),
    "never ends": ("while True:\n    pass", "took longer than 4 s"),
    "asks": ("input('?')", "raised StdinNotImplementedError"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_notebook_that_breaks_off_is_a_failure_with_cell_and_reason(project, notebook, source, reason):
    path, folder = notebook("n", "print('before')", source, "print('after')", parameters="x: int = 1"), project / "out"
    with pytest.raises(ReportFailed) as failed:
        run(path, folder, {"x": 2}, limits=report.Limits(timeout_s=4))
    assert failed.value.problem.startswith(f"notebooks/n.ipynb, cell 4 ({source.splitlines()[0]}) {reason}")
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == "failed"
    assert reason in record["error"]
    assert (folder / "figures.jsonl").read_text() == ""
    html = (folder / "report.html").read_text()
    assert "nothing in it may be cited" in html
    assert "before" in html


@pytest.mark.slow
def test_a_key_published_twice_fails_the_report(project, notebook):
    path = notebook("n", SHARE, SHARE, parameters=PARAMETERS)
    with pytest.raises(SchemaError, match="share"):
        run(path, project / "out")
    assert json.loads((project / "out" / "run.json").read_text())["status"] == "failed"
