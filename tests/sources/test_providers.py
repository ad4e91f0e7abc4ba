"""What a provider must have, and a toy one that has it: the example of CONTRIBUTING.md."""

import inspect
import json
import sys
from types import ModuleType

import fault_server as faults
import pytest
from click.testing import CliRunner

from toolkit import sources
from toolkit.cli import main
from toolkit.errors import NotBelieved
from toolkit.sources import library
from toolkit.web import Client, Limits

TOY = '''
"""A toy service: one value per economy and year, in pages."""

from toolkit import formats
from toolkit.sources import _table
from toolkit.web import Request

_FIELDS = ("area", "year", "usd")


def request(*, areas: list[str], years: list[int], page: int = 1) -> Request:
    """Ask for the exports of some economies."""
    params = {"areas": ",".join(areas), "years": ",".join(map(str, years)), "page": str(page)}
    return Request("ADDRESS", tuple(params.items()))


def further(raw, query):
    """Return the queries for the pages after the first."""
    pages = formats.load_json(raw)["pages"]
    return [{**query, "page": page} for page in range(2, pages + 1)]


@_table.parser
def parse(*pages, retrieved_at="", vintage=""):
    """Return the observations of all pages."""
    rows = [row for raw in pages for row in formats.load_json(raw, "the toy answer")["rows"]]
    shared = {"retrieved_at": retrieved_at, "vintage": vintage}
    found = (_observation(row, f"/rows/{n}") for n, row in enumerate(rows))
    return _table.observations(found, pages[0], dataset="toy", source="Toy Office", **shared)


def _observation(row, where):
    _table.required(row, _FIELDS, where)
    freq, when = _table.period(str(row["year"]))
    value = _table.number(row["usd"], where)
    return {
        "freq": freq, "time_period": when, "ref_area": _table.area(row["area"], "worldbank"), "counterpart_area": "WLD",
        "flow": "X", "product": "TOTAL", "measure": "value", "valuation": "FOB", "price_base": "current",
        "obs_value": value, "unit_measure": "USD", "obs_status": "M" if value is None else "A",
        "obs_comment": "no value given" if value is None else "", "raw_pointer": where,
    }
'''


@pytest.fixture
def toy(monkeypatch):
    """Add the provider `toy`, with a server of ours that answers in two pages."""
    pages = [
        {"pages": 2, "rows": [{"area": "JPN", "year": 2023, "usd": 717.0}, {"area": "KOR", "year": 2023, "usd": None}]},
        {"pages": 2, "rows": [{"area": "DEU", "year": 2023, "usd": 1688.0}]},
    ]
    bodies = iter([json.dumps(page).encode() for page in pages])
    server = faults.FaultServer({"toy": faults.Mode(lambda *_: (faults.whole(next(bodies)),))})
    module = ModuleType("toolkit.sources.toy")
    exec(TOY.replace("ADDRESS", server.url("toy")), module.__dict__)  # noqa: S102 (it is the text above)
    monkeypatch.setitem(sys.modules, "toolkit.sources.toy", module)
    monkeypatch.setattr(sources, "PROVIDERS", (*sources.PROVIDERS, "toy"))
    yield server
    server.end()


def test_a_toy_provider_is_fetched_page_by_page_and_replayed(toy, tmp_path):
    query = {"areas": ["JPN", "KOR", "DEU"], "years": [2023]}
    with Client(Limits(pause=0), allow=[toy.place]) as web:
        name, _, table = library.fetch("toy", query, tmp_path, name="exports", web=web)
    assert table.set_index("ref_area")["obs_value"].dropna().to_dict() == {"JPN": 717.0, "DEU": 1688.0}
    assert table["obs_status"].to_list() == ["A", "M", "A"]
    assert library.replay(tmp_path)[0].endswith("3 observations, the same")
    assert name in library.names(tmp_path)


@pytest.mark.usefixtures("toy")
def test_the_options_of_a_provider_are_the_arguments_of_its_request():
    said = CliRunner().invoke(main, ["data", "fetch", "toy", "--help"]).output
    assert "--areas" in said
    assert "--years" in said
    assert "--page" not in said


@pytest.mark.usefixtures("toy")
def test_an_unexpected_answer_of_a_provider_is_refused():
    with pytest.raises(NotBelieved, match=r"no field 'usd'"):
        sources.provider("toy").parse(b'{"rows": [{"area": "JPN", "year": 2023}]}')
    with pytest.raises(NotBelieved, match="does not know this form"):
        sources.provider("toy").parse(b"[]")


@pytest.mark.parametrize("name", [*sources.PROVIDERS, *sources.SAVED])
def test_every_provider_has_what_is_asked_of_it(name):
    module = sources.provider(name)
    assert "retrieved_at" in inspect.signature(module.parse).parameters
    if name in sources.PROVIDERS:
        wanted = inspect.signature(module.request).parameters.values()
        assert all(one.kind is one.KEYWORD_ONLY and one.annotation is not one.empty for one in wanted)
