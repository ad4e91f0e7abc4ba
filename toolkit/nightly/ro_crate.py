"""What an edition was made from and by what, as a Workflow Run RO-Crate: the same inputs, the same bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly.report_matrix import MATRIX
from toolkit.store.datasets import resources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.nightly.items import Edition, Item

Entity = dict[str, Any]

NAME = "ro-crate-metadata.json"
SOURCE = "source"  # folder of an edition: the notebooks, the matrix and the lock that it was made with
_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"]
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_MEDIA = {
    "csv": "text/csv", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "html": "text/html",
    "ipynb": "application/x-ipynb+json", "json": "application/json", "jsonl": "application/jsonl", "lock": "text/plain",
    "md": "text/markdown", "pdf": "application/pdf", "tex": "application/x-tex", "toml": "application/toml",
}  # fmt: skip
_TYPES = {bool: "Boolean", int: "Integer", float: "Float"}
_WORKFLOW = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
_LANGUAGES = {"ipynb": "#jupyter-notebook", "toml": "#report-matrix"}
_BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_UNLICENSED = "Not stated: ask who publishes the edition"


def metadata(edition: Edition, files: dict[str, str]) -> Entity:
    """Describe an edition; `files` gives the sha256 of each of its files, by path."""
    runs = [*_runs(edition)]
    entities = [_root(edition, files, runs), *_fixed(), *_files(edition, files)]
    actions = [
        _night(edition, files),
        *(_brief(each, files, edition.name[:10]) for each in edition.items if each.kind == "brief"),
    ]
    seen: dict[str, Entity] = {}
    for each in [*entities, *actions, *(part for run in runs for part in run)]:
        seen.setdefault(each["@id"], each)
    _link_parameters(seen)
    return {"@context": _CONTEXT, "@graph": [_compact(each) for each in (_descriptor(), *seen.values())]}


def _compact(entity: Entity) -> Entity:
    """Give what stands alone in a list without the list, and leave out what is empty."""
    found = {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()}
    return {name: value for name, value in found.items() if value not in ([], "")}


def _descriptor() -> Entity:
    specification = ["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
    return {"@id": NAME, "@type": "CreativeWork", "about": _to("./"), "conformsTo": [*map(_to, specification)]}


def _root(edition: Edition, files: dict[str, str], runs: list[list[Entity]]) -> Entity:
    actions = [
        "#night",
        *(f"#{each.name}" for each in edition.items if each.kind == "brief"),
        *(run[0]["@id"] for run in runs),
    ]
    words = "Reports, briefs and figures of one night, with the hash of each file and what it was made from"
    based = {"isBasedOn": edition.previous} if edition.previous else {}
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Edition {edition.name}",
        "description": words,
        "identifier": edition.name,
        "datePublished": edition.name[:10],
        "license": _licence(),
        "conformsTo": [*map(_to, _PROFILES)],
        "mainEntity": _to(f"{SOURCE}/{MATRIX}"),
        "hasPart": [*map(_to, [*files, "edition.json"])],
        "mentions": [*map(_to, actions)],
    } | based


def _licence() -> Any:
    """Give the licence that the project's data package states."""
    try:
        package = json.loads((home() / "data" / "datapackage.json").read_text(encoding="utf-8"))
        return _to(str(package["licenses"][0]["path"]))
    except (OSError, ValueError, LookupError, TypeError):
        return _UNLICENSED


def _fixed() -> Iterator[Entity]:
    """Give what is the same in every edition: profiles, languages, the licence."""
    for address, name in _PROFILES.items():
        yield {"@id": address, "@type": "CreativeWork", "name": name, "version": address.rpartition("/")[2]}
    languages = {
        "#jupyter-notebook": ("Jupyter Notebook", "https://jupyter.org/"),
        "#report-matrix": ("report matrix, in TOML", "https://toml.io/"),
    }
    for key, (name, address) in languages.items():
        yield {"@id": key, "@type": "ComputerLanguage", "name": name, "url": _to(address)}
    if isinstance(licence := _licence(), dict):
        yield {"@id": licence["@id"], "@type": "CreativeWork", "name": "Licence of the project's tables and texts"}


def _files(edition: Edition, files: dict[str, str]) -> Iterator[Entity]:
    """Describe every file; the notebooks and the matrix are workflows."""
    notebooks = [name for name in files if _is_workflow(name) and not name.endswith(".toml")]
    lock = f"{SOURCE}/requirements.lock"
    yield {"@id": "edition.json", "@type": "File", "name": "What is in the edition", "encodingFormat": _MEDIA["json"]}
    for name, sha in files.items():
        ending = name.rpartition(".")[2]
        kind: Any = _WORKFLOW if _is_workflow(name) else "File"
        entity: Entity = {"@id": name, "@type": kind, "name": name.removeprefix(f"{SOURCE}/"), "sha256": sha}
        entity["contentSize"] = str((edition.folder / name).stat().st_size)
        entity["encodingFormat"] = _MEDIA.get(ending, "application/octet-stream")
        if kind == _WORKFLOW:
            entity |= {"version": sha[:12], "programmingLanguage": _to(_LANGUAGES[ending])}
            entity["conformsTo"] = _to(_BIOSCHEMAS)
        if name == f"{SOURCE}/{MATRIX}":
            entity |= {"hasPart": [*map(_to, notebooks)], "softwareRequirements": [_to(lock)] * (lock in files)}
        yield entity


def _is_workflow(name: str) -> bool:
    return name.startswith(f"{SOURCE}/") and name.endswith((".ipynb", ".toml"))


def _night(edition: Edition, files: dict[str, str]) -> Entity:
    """Describe the night itself, by which the reports' figures came together."""
    pages = [name for name in files if "/" not in name]
    return {
        "@id": "#night",
        "@type": "CreateAction",
        "name": f"Night of {edition.name[:10]}",
        "description": "Ran what had changed, took over what had not, and built the briefs; the times are in reports/log.jsonl",
        "instrument": _to(f"{SOURCE}/{MATRIX}"),
        "object": [_to(name) for name in files if name.startswith(f"{SOURCE}/")],
        "result": [*map(_to, pages)],
        "endTime": edition.name[:10],
        "actionStatus": _status(failed=False),
    }


def _brief(item: Item, files: dict[str, str], day: str) -> Entity:
    """Describe how a brief was built and checked."""
    failed = item.status == "failed"
    return {
        "@id": f"#{item.name}",
        "@type": "CreateAction",
        "name": f"Brief {item.title}",
        "description": f"Built {item.name} with the figures of the edition, and checked every number in it",
        "instrument": _to(f"{SOURCE}/{MATRIX}"),
        "object": [_to("registry.jsonl")],
        "result": [_to(page) for page in item.pages if page in files],
        "endTime": day,
        "actionStatus": _status(failed=failed),
    } | ({"error": item.note} if failed else {})


def _runs(edition: Edition) -> Iterator[list[Entity]]:
    """Give the runs of the reports, the last good ones of those that fail among them; the action comes first."""
    reports = [item.name for item in edition.items if item.kind == "report" and item.status != "offered"]
    for folder in (folder for name in reports for folder in (name, f"{name}/last-good")):
        path = edition.folder / folder / "run.json"
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if record and isinstance(record["inputs"]["notebook"], dict):  # else it never began
            yield [*_run(folder, record, edition.folder / folder)]


def _run(folder: str, record: Entity, place: Path) -> Iterator[Entity]:
    inputs, failed = record["inputs"], record["status"] != "ok"
    notebook = f"{SOURCE}/{inputs['notebook']['path']}"
    values = [*_values(folder, notebook, inputs["parameters"])]
    data = [*_data(inputs)]
    software = [*_software(inputs)]
    given = [each["@id"] for each in values if each["@type"] == "PropertyValue"]
    given += [each["@id"] for each in data if "sha256" in each or each["@id"].startswith("#article")]
    yield {
        "@id": f"#{folder}",
        "@type": "CreateAction",
        "name": f"Report {record['title'] or folder}",
        "description": record["question"] or f"Ran {inputs['notebook']['path']}",
        "instrument": [_to(notebook), *(_to(each["@id"]) for each in software)],
        "object": [*map(_to, given)],
        "result": [_to(f"{folder}/{path.name}") for path in sorted(place.iterdir()) if path.is_file()],
        "endTime": inputs.get("edition_date", ""),
        "actionStatus": _status(failed=failed),
        "identifier": record["id"] or folder,
    } | ({"error": record["error"]} if failed else {})
    yield from (*values, *data, *software)


def _values(folder: str, notebook: str, parameters: Entity) -> Iterator[Entity]:
    """Give each parameter as the notebook declares it, and the value that it had in this run."""
    for name, value in parameters.items():
        formal = f"#{notebook}/{name}"
        yield {
            "@id": formal,
            "@type": "FormalParameter",
            "name": name,
            "additionalType": _TYPES.get(type(value), "Text"),
            "workExample": [],
        }
        plain = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
        yield {
            "@id": f"#{folder}/{name}",
            "@type": "PropertyValue",
            "name": name,
            "value": plain,
            "exampleOfWork": _to(formal),
        }


def _link_parameters(entities: dict[str, Entity]) -> None:
    """Let each notebook name its parameters, and each parameter the values that it had."""
    for each in [*entities.values()]:
        if each["@type"] == "PropertyValue":
            formal = entities[each["exampleOfWork"]["@id"]]
            formal["workExample"].append(_to(each["@id"]))
    for key, each in entities.items():
        if each["@type"] == "FormalParameter":
            notebook = entities.get(key[1:].rpartition("/")[0], {})
            notebook["input"] = [*notebook.get("input", []), _to(key)]


def _data(inputs: Entity) -> Iterator[Entity]:
    """Give the tables, articles and other files that a run read, with their sources."""
    named = _titles()
    hashes = {sha: name for name, sha in inputs["datasets"].items()}
    for name, sha in sorted(inputs["files"].items()):
        table = hashes.get(sha, "")
        title, sources = named.get(table, (name, ()))
        entity = {
            "@id": f"#{sha[:16]}/{name}",
            "@type": "CreativeWork",
            "name": title,
            "alternateName": name,
            "sha256": sha,
        }
        yield entity | ({"isBasedOn": [_to(path) for _, path in sources]} if sources else {})
        for words, path in sources:
            yield {"@id": path, "@type": "CreativeWork", "name": words}
    for citation in sorted(inputs["articles"]):
        yield {"@id": f"#article/{citation[:60]}".replace(" ", "-"), "@type": "CreativeWork", "name": citation}


def _titles() -> dict[str, tuple[str, tuple[tuple[str, str], ...]]]:
    """Give title and publishers of each declared table."""
    try:
        declared = resources()
    except ToolkitError:
        return {}
    found = {}
    for name, each in declared.items():
        sources = ((source.get("title", ""), source.get("path", "")) for source in each.sources)
        found[name] = each.title, tuple(source for source in sources if source[1].startswith("http"))
    return found


def _software(inputs: Entity) -> Iterator[Entity]:
    made, python = inputs["toolkit"], inputs["python"]
    yield {
        "@id": f"#toolkit-{made['sha256'][:12]}",
        "@type": "SoftwareApplication",
        "name": "Trade-policy toolkit",
        "softwareVersion": made["version"],
        "sha256": made["sha256"],
    }
    address = f"https://www.python.org/downloads/release/python-{python.replace('.', '')}/"
    yield {"@id": address, "@type": "SoftwareApplication", "name": "Python", "softwareVersion": python, "url": address}


def _status(*, failed: bool) -> str:
    return f"http://schema.org/{'Failed' if failed else 'Completed'}ActionStatus"


def _to(key: str) -> Entity:
    return {"@id": key}
