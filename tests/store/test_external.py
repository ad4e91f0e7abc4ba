"""Declared tables that lie elsewhere: fetched by name, believed by hash, kept outside the repository."""

import hashlib
import json
from pathlib import Path

import fault_server as faults
import pandas as pd
import pytest
import rdata
from click.testing import CliRunner

from toolkit.cli import main
from toolkit.errors import NotBelieved, SchemaError, UnknownCode
from toolkit.sources import library
from toolkit.store import datasets
from toolkit.store.verify import verify
from toolkit.web import Client, Limits

PANEL = pd.DataFrame({"exporter": ["JPN", "USA"], "year": [2023.0, 2024.0], "trade": [1.5, 0.25]})
ECON = Path(__file__).parents[3] / "shared" / "econ"


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


def packed(tmp_path, ending):
    """Return the panel as the bytes of a file of that ending."""
    place = tmp_path / f"made{ending}"
    if ending == ".parquet":
        PANEL.to_parquet(place, index=False)
    elif ending == ".csv":
        PANEL.to_csv(place, index=False)
    elif ending == ".rda":
        rdata.write_rda(place, {"panel": PANEL.astype({"exporter": object})})
    else:
        PANEL.to_stata(tmp_path / "made.dta", write_index=False)
        place.write_bytes(faults.zipped("folder/Panel of ours.dta", (tmp_path / "made.dta").read_bytes()))
    return place.read_bytes()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Return a function that declares `panel` at a server of ours, and what the server sends."""
    says, servers = {}, []
    server = faults.FaultServer({"panel": faults.Mode(lambda *_: (faults.whole(says["body"]),))})
    servers.append(server)
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    monkeypatch.setenv("TOOLKIT_HOME", str(project))
    monkeypatch.delenv("TOOLKIT_MIRROR", raising=False)
    monkeypatch.setattr(datasets, "_opened", {})

    def declare(ending, body, *, kept="", declared=None, fields=tuple(PANEL.columns)):
        says["body"] = body
        address = server.url("panel") + f"?file=/panel{ending}"
        entry = {"name": "panel", "path": f"external/panel{kept or ending}", "x-address": address, "title": "A panel",
                 "description": "", "licenses": [{"name": "CC-BY-4.0"}],
                 "schema": {"fields": [{"name": name, "type": "any"} for name in fields]}}  # fmt: skip
        if declared:
            entry |= {"hash": f"sha256:{declared}", "bytes": len(body)}
        (project / "data" / "datapackage.json").write_text(json.dumps({"resources": [entry]}), encoding="utf-8")
        return says

    declare.web = Client(Limits(pause=0, attempts=1), allow=[server.place])
    declare.folder = project / "data" / "external"
    with declare.web:
        yield declare
    for each in servers:
        each.end()


def kept(folder):
    return sorted(path.name for path in folder.glob("*")) + sorted(path.name for path in folder.glob(".*"))


def test_what_is_declared_comes_by_name_and_opens_like_any_other(elsewhere, tmp_path):
    body = packed(tmp_path, ".parquet")
    elsewhere(".parquet", body, declared=sha256(body))
    with pytest.raises(SchemaError, match="is not fetched yet") as error:
        datasets.path("panel")
    assert error.value.remedy == "Run: toolkit data fetch panel"
    found = library.fetch_declared("panel", web=elsewhere.web)
    assert (found.sha256, found.trust) == (sha256(body), "declared")
    assert datasets.path("panel").read_bytes() == body
    pd.testing.assert_frame_equal(datasets.frame("panel"), PANEL, check_dtype=False)
    assert datasets.opened() == ["panel"]
    assert [check.ok for check in verify()] == [True]


def test_another_hash_is_an_error_and_nothing_is_kept(elsewhere, tmp_path):
    body = packed(tmp_path, ".csv")
    elsewhere(".csv", body.replace(b"1.5", b"1.6"), declared=sha256(body))
    with pytest.raises(NotBelieved, match=f"declared is {sha256(body)}; nothing was kept"):
        library.fetch_declared("panel", web=elsewhere.web)
    assert kept(elsewhere.folder) == []


def test_without_a_declared_hash_the_first_fetch_is_trusted_and_said_so(elsewhere, tmp_path):
    body = packed(tmp_path, ".csv")
    says = elsewhere(".csv", body)
    assert library.fetch_declared("panel", web=elsewhere.web).trust == "first use"
    assert datasets.sha256("panel") == sha256(body)
    assert datasets.rows("panel")[0] == {"exporter": "JPN", "year": "2023.0", "trade": "1.5"}
    assert "recorded at the first fetch" in CliRunner().invoke(main, ["data", "list"]).output.replace("\n", " ")
    says["body"] = body.replace(b"1.5", b"1.6")
    with pytest.raises(NotBelieved, match="at the first fetch it had"):
        library.fetch_declared("panel", web=elsewhere.web)
    assert datasets.path("panel").read_bytes() == body


@pytest.mark.parametrize("ending", [".rda", ".zip"])
def test_a_statistics_programs_file_becomes_parquet(elsewhere, tmp_path, ending):
    body = packed(tmp_path, ending)
    says = elsewhere(ending, body, kept=".parquet", declared="0" * 64)
    found = library.fetch_declared("panel", web=elsewhere.web)
    assert (found.trust, found.made_from) == ("first use", sha256(body))
    pd.testing.assert_frame_equal(datasets.frame("panel"), PANEL, check_dtype=False)
    says["body"] = packed(tmp_path, ending)[:-40]
    with pytest.raises(NotBelieved):
        library.fetch_declared("panel", web=elsewhere.web)


def test_other_columns_than_declared_are_refused(elsewhere, tmp_path):
    elsewhere(".rda", packed(tmp_path, ".rda"), kept=".parquet", fields=("exporter", "year"))
    with pytest.raises(NotBelieved, match="has the columns"):
        library.fetch_declared("panel", web=elsewhere.web)
    assert kept(elsewhere.folder) == []


def test_a_page_of_markup_is_no_data_set(elsewhere):
    elsewhere(".parquet", faults.HTML)
    with pytest.raises(NotBelieved, match="a page of markup"):
        library.fetch_declared("panel", web=elsewhere.web)


def test_a_mirror_stands_in_for_the_address(elsewhere, tmp_path, monkeypatch):
    body = packed(tmp_path, ".parquet")
    elsewhere(".parquet", b"", declared=sha256(body))
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("TOOLKIT_MIRROR", str(mirror))
    with pytest.raises(SchemaError, match=r"has no panel\.parquet"):
        library.fetch_declared("panel")
    (mirror / "panel.parquet").write_bytes(body[:-1])
    with pytest.raises(NotBelieved, match="declared is"):
        datasets.path("panel")
    assert kept(elsewhere.folder) == []
    (mirror / "panel.parquet").write_bytes(body)
    assert datasets.path("panel").read_bytes() == body  # no command is needed


def test_a_copy_that_was_changed_is_not_opened(elsewhere, tmp_path):
    elsewhere(".csv", packed(tmp_path, ".csv"))
    library.fetch_declared("panel", web=elsewhere.web)
    datasets.path("panel").write_bytes(b"exporter,year,trade\n")
    with pytest.raises(SchemaError, match="it must have") as error:
        datasets.path("panel")
    assert "toolkit data fetch panel" in error.value.remedy
    assert [check.ok for check in verify()] == [False]
    (elsewhere.folder / "panel.csv.json").unlink()
    with pytest.raises(SchemaError, match="recorded when it came"):
        datasets.path("panel")


def test_what_is_in_the_repository_is_not_fetched():
    with pytest.raises(UnknownCode, match="is in the repository"):
        library.fetch_declared("gdp")


@pytest.mark.skipif(not ECON.is_dir(), reason="needs the published panels in ../shared/econ")
@pytest.mark.parametrize("name", ["agtpa_applications", "log_of_gravity"])
def test_the_declared_panels_are_those_beside_the_project(name):
    resource = datasets.resources()[name]
    assert sha256((ECON / f"{name}.parquet").read_bytes()) == resource.sha256
    assert list(pd.read_parquet(ECON / f"{name}.parquet").columns) == resource.fields
