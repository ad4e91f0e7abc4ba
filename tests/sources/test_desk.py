import click
import fault_server as faults
import pytest
from click.testing import CliRunner
from test_comtrade import ROW, answer

from toolkit import observation
from toolkit.cli.data import commands
from toolkit.errors import NotBelieved, UnknownCode
from toolkit.sources import comtrade, library
from toolkit.store import imported_tables, parquet
from toolkit.web import Client, Limits, Request

QUERY = {"reporter": ["KOR"], "partner": ["JPN"], "years": [2022]}


def rows(factor=1.0):
    return [
        ROW | {"partnerCode": code, "partnerISO": None, "cifvalue": 1100 * factor * code, "fobvalue": 1000 * factor * code,
               "primaryValue": 1100 * factor * code, "netWgt": 500 * code}
        for code in (392, 276, 156, 842, 124)
    ]  # fmt: skip


@pytest.fixture
def service(monkeypatch):
    """A Comtrade on this machine that sends what a test puts into `says`."""
    says = {"rows": rows()}
    server = faults.FaultServer({"get": faults.Mode(lambda *_: (faults.whole(answer(*says["rows"])),))})
    monkeypatch.setattr(comtrade, "request", lambda **_: Request(server.url("get")))
    with Client(Limits(pause=0), allow=[server.place]) as web:
        yield web, says
    server.end()


def revise(says):
    says["rows"][0] = says["rows"][0] | {"cifvalue": 440_000.0, "primaryValue": 440_000.0}


def test_a_fetch_makes_a_vintage_and_a_later_one_is_compared(service, tmp_path):
    web, says = service
    name, first, table = library.fetch("comtrade", QUERY, tmp_path, name="korea", web=web)
    assert (name, len(table)) == ("korea", 20)
    revise(says)
    _, second, _ = library.fetch("comtrade", QUERY, tmp_path, name="korea", web=web)
    assert set(library.names(tmp_path)["korea"]) == {first, second}
    found = library.diff("korea", tmp_path, first, second)
    assert found.what.tolist() == ["revised"]
    assert found.change.tolist() == [440_000 - 431_200]
    assert library.verify(tmp_path) == []


def test_a_vintage_in_thousands_is_stopped(service, tmp_path):
    web, says = service
    _, first, _ = library.fetch("comtrade", QUERY, tmp_path, name="korea", web=web)
    says["rows"] = rows(0.001)
    with pytest.raises(NotBelieved, match="quarantined"):
        library.fetch("comtrade", QUERY, tmp_path, name="korea", web=web)
    assert library.vintages_of("korea", tmp_path) == [first]


def test_everything_is_made_again_offline(service, tmp_path):
    web, _ = service
    name, stamp, table = library.fetch("comtrade", QUERY, tmp_path, web=web)
    assert library.replay(tmp_path) == [f"{name} {stamp}: 20 observations, the same"]
    path = tmp_path / "vintages" / name / f"{stamp}.parquet"
    path.write_bytes(b"rot")
    assert "has changed since it was sealed" in library.verify(tmp_path)[0]
    assert library.replay(tmp_path) == [f"{name} {stamp}: 20 observations, made again"]
    assert library.show(name, tmp_path).obs_value.equals(table.obs_value)
    again = library.fetch("comtrade", QUERY, tmp_path, web=None)
    assert again[1] == stamp


def test_what_was_never_fetched_is_named(tmp_path):
    with pytest.raises(UnknownCode, match="nothing yet"):
        library.show("korea", tmp_path)


@pytest.fixture
def tool(tmp_path):
    group = click.Group("data")
    for command in commands(lambda: tmp_path):
        group.add_command(command)
    return lambda *words: CliRunner().invoke(group, words)


def test_the_commands_hang_together(tool, tmp_path, monkeypatch):
    asked = {}

    def stand_in(provider, query, *_, **__):
        asked.update(query)
        return provider, "2024", [1, 2]

    monkeypatch.setattr(library, "fetch", stand_in)
    done = tool(
        "fetch", "comtrade", "--reporter", "USA", "--partner", "JPN,DEU", "--years", "2018:2020", "--product", "TOTAL"
    )
    assert done.exit_code == 0, done.output
    assert asked["years"] == [2018, 2019, 2020]
    assert asked["partner"] == ["JPN", "DEU"]
    assert asked["flows"] == ("M", "X")
    file = tmp_path / "a.csv"
    file.write_text("Country,Year,Value\nJapan,2022,1\n")
    assert "is new" in str(tool("add", str(file), "--as", "mine").exception)
    assert tool("replay").output == ""


@pytest.mark.parametrize(
    "provider", ["comtrade", "worldbank", "census", "wits", "sdmx", "eurostat", "baci", "fred", "usgs"]
)
def test_every_provider_has_a_command_with_help(tool, provider):
    shown = tool("fetch", provider, "--help")
    assert shown.exit_code == 0
    assert "--offline" in shown.output


def test_an_added_file_is_shown_and_a_declared_table_is_named(tmp_path):
    file = tmp_path / "own" / "mine.parquet"
    parquet.write(observation.read("gdp").head(2)[["obs_value"]], file)
    imported_tables.register("mine", file, "", folder=tmp_path)
    assert list(library.show("mine", tmp_path).columns) == ["obs_value"]
    with pytest.raises(UnknownCode, match="a table of the data package"):
        library.show("gdp", tmp_path)
