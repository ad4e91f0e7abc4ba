"""Describe as a Workflow Run RO-Crate what an edition was made from, and by what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.errors import ToolkitError
from toolkit.files import home
from toolkit.nightly.report_matrix import MATRIX
from toolkit.store.datasets import resources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.nightly.items import Edition, Item

__all__ = ["NAME", "SOURCE", "Entity", "metadata"]

Entity = dict[str, Any]

NAME = "ro-crate-metadata.json"
SOURCE = "source"  # folder of an edition with the notebooks, the matrix and the lock file from which it was made
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
_UNLICENSED = "Not stated: ask the publisher of the edition"


def metadata(edition: Edition, files: dict[str, str]) -> Entity:
    """Describe an edition; `files` gives the sha256 of each of its files, by path."""
    runs = [*_runs(edition)]
    entities = [_root(edition, files, runs), *_fixed(), *_files(edition, files), _night(edition, files)]
    entities += [_brief(each, files, edition.name[:10]) for each in edition.items if each.kind == "brief"]
    seen: dict[str, Entity] = {}
    for each in [*entities, *(part for run in runs for part in run)]:
        seen.setdefault(each["@id"], each)
    _link_parameters(seen)
    return {"@context": _CONTEXT, "@graph": [_compact(each) for each in (_descriptor(), *seen.values())]}


def _compact(entity: Entity) -> Entity:
    """Unpack lists of one value, and leave out empty values."""
    found = {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()}
    return {name: value for name, value in found.items() if value not in ([], "")}


def _entity(key: str, kind: Any, name: str, **more: Any) -> Entity:
    return {"@id": key, "@type": kind, "name": name} | more


def _action(key: str, name: str, day: str, *, error: str | None = None, **more: Any) -> Entity:
    """Describe something that was done; `error` is None if it succeeded."""
    status = f"http://schema.org/{'Completed' if error is None else 'Failed'}ActionStatus"
    return _entity(key, "CreateAction", name, endTime=day, actionStatus=status, error=error or "", **more)


def _descriptor() -> Entity:
    specification = ["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
    return {"@id": NAME, "@type": "CreativeWork", "about": _to("./"), "conformsTo": [*map(_to, specification)]}


def _root(edition: Edition, files: dict[str, str], runs: list[list[Entity]]) -> Entity:
    briefs = (f"#{each.name}" for each in edition.items if each.kind == "brief")
    return _entity(
        "./",
        "Dataset",
        f"Edition {edition.name}",
        description="Reports, briefs and figures of one night, with the hash of each file and what it was made from",
        identifier=edition.name,
        datePublished=edition.name[:10],
        license=_licence(),
        conformsTo=[*map(_to, _PROFILES)],
        mainEntity=_to(f"{SOURCE}/{MATRIX}"),
        hasPart=[*map(_to, [*files, "edition.json"])],
        mentions=[_to("#night"), *map(_to, briefs), *(_to(run[0]["@id"]) for run in runs)],
        isBasedOn=edition.previous or "",
    )


def _licence() -> Any:
    """Return the licence that the project's data package states."""
    try:
        package = report.read_json(home() / "data" / "datapackage.json")
        return _to(str(package["licenses"][0]["path"]))
    except (ValueError, LookupError, TypeError):
        return _UNLICENSED


def _fixed() -> Iterator[Entity]:
    """Describe what is the same in every edition: profiles, languages, the licence."""
    for address, name in _PROFILES.items():
        yield _entity(address, "CreativeWork", name, version=address.rpartition("/")[2])
    for key, name, address in (
        ("#jupyter-notebook", "Jupyter Notebook", "https://jupyter.org/"),
        ("#report-matrix", "report matrix, in TOML", "https://toml.io/"),
    ):
        yield _entity(key, "ComputerLanguage", name, url=_to(address))
    if isinstance(licence := _licence(), dict):
        yield _entity(licence["@id"], "CreativeWork", "Licence of the project's tables and texts")


def _files(edition: Edition, files: dict[str, str]) -> Iterator[Entity]:
    """Describe every file; notebooks and the matrix are workflows."""
    notebooks = [name for name in files if _is_workflow(name) and not name.endswith(".toml")]
    lock = f"{SOURCE}/requirements.lock"
    yield _entity("edition.json", "File", "What is in the edition", encodingFormat=_MEDIA["json"])
    for name, sha in files.items():
        ending, is_workflow = name.rpartition(".")[2], _is_workflow(name)
        entity = _entity(name, _WORKFLOW if is_workflow else "File", name.removeprefix(f"{SOURCE}/"), sha256=sha)
        entity["contentSize"] = str((edition.folder / name).stat().st_size)
        entity["encodingFormat"] = _MEDIA.get(ending, "application/octet-stream")
        if is_workflow:
            entity |= {"version": sha[:12], "programmingLanguage": _to(_LANGUAGES[ending])}
            entity["conformsTo"] = _to(_BIOSCHEMAS)
        if name == f"{SOURCE}/{MATRIX}":
            entity |= {"hasPart": [*map(_to, notebooks)], "softwareRequirements": [_to(lock)] * (lock in files)}
        yield entity


def _is_workflow(name: str) -> bool:
    return name.startswith(f"{SOURCE}/") and name.endswith((".ipynb", ".toml"))


def _night(edition: Edition, files: dict[str, str]) -> Entity:
    """Describe the night as a whole."""
    return _action(
        "#night",
        f"Night of {edition.name[:10]}",
        edition.name[:10],
        description="Ran the reports that had changed, reused the others, and built the briefs; reports/log.jsonl has the times",
        instrument=_to(f"{SOURCE}/{MATRIX}"),
        object=[_to(name) for name in files if name.startswith(f"{SOURCE}/")],
        result=[_to(name) for name in files if "/" not in name],
    )


def _brief(item: Item, files: dict[str, str], day: str) -> Entity:
    """Describe how a brief was built and checked."""
    return _action(
        f"#{item.name}",
        f"Brief {item.title}",
        day,
        error=item.note if item.status == "failed" else None,
        description=f"Built {item.name} with the figures of the edition, and checked every number in it",
        instrument=_to(f"{SOURCE}/{MATRIX}"),
        object=[_to("registry.jsonl")],
        result=[_to(page) for page in item.pages if page in files],
    )


def _runs(edition: Edition) -> Iterator[list[Entity]]:
    """Describe each run of a report, including the last good runs of failing ones; the action comes first."""
    reports = [item.name for item in edition.items if item.kind == "report" and item.status != "offered"]
    for folder in (folder for name in reports for folder in (name, f"{name}/last-good")):
        path = edition.folder / folder / "run.json"
        record = report.read_json(path) if path.is_file() else {}
        if record and isinstance(record["inputs"]["notebook"], dict):  # otherwise it never began
            yield [*_run(folder, record, edition.folder / folder)]


def _run(folder: str, record: Entity, place: Path) -> Iterator[Entity]:
    inputs = record["inputs"]
    notebook = f"{SOURCE}/{inputs['notebook']['path']}"
    values, data, software = [*_values(folder, notebook, inputs["parameters"])], [*_data(inputs)], [*_software(inputs)]
    given = [each["@id"] for each in values if each["@type"] == "PropertyValue"]
    given += [each["@id"] for each in data if "sha256" in each or each["@id"].startswith("#article")]
    yield _action(
        f"#{folder}",
        f"Report {record['title'] or folder}",
        inputs.get("edition_date", ""),
        error=None if record["status"] == "ok" else record["error"],
        description=record["question"] or f"Ran {inputs['notebook']['path']}",
        instrument=[_to(notebook), *(_to(each["@id"]) for each in software)],
        object=[*map(_to, given)],
        result=[_to(f"{folder}/{path.name}") for path in sorted(place.iterdir()) if path.is_file()],
        identifier=record["id"] or folder,
    )
    yield from (*values, *data, *software)


def _values(folder: str, notebook: str, parameters: Entity) -> Iterator[Entity]:
    """Describe each parameter that the notebook declares, and its value in this run."""
    for name, value in parameters.items():
        formal, kind = f"#{notebook}/{name}", _TYPES.get(type(value), "Text")
        yield _entity(formal, "FormalParameter", name, additionalType=kind, workExample=[])
        plain = value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
        yield _entity(f"#{folder}/{name}", "PropertyValue", name, value=plain, exampleOfWork=_to(formal))


def _link_parameters(entities: dict[str, Entity]) -> None:
    """Link each notebook to its parameters, and each parameter to its values."""
    for each in [*entities.values()]:
        if each["@type"] == "PropertyValue":
            formal = entities[each["exampleOfWork"]["@id"]]
            formal["workExample"].append(_to(each["@id"]))
    for key, each in entities.items():
        if each["@type"] == "FormalParameter":
            notebook = entities.get(key[1:].rpartition("/")[0], {})
            notebook["input"] = [*notebook.get("input", []), _to(key)]


def _data(inputs: Entity) -> Iterator[Entity]:
    """Describe the tables, articles and other files that a run read, with their sources."""
    named = _titles()
    hashes = {sha: name for name, sha in inputs["datasets"].items()}
    for name, sha in sorted(inputs["files"].items()):
        title, sources = named.get(hashes.get(sha, ""), (name, ()))
        based = [_to(path) for _, path in sources]
        yield _entity(f"#{sha[:16]}/{name}", "CreativeWork", title, alternateName=name, sha256=sha, isBasedOn=based)
        for words, path in sources:
            yield _entity(path, "CreativeWork", words)
    for citation in sorted(inputs["articles"]):
        yield _entity(f"#article/{citation[:60]}".replace(" ", "-"), "CreativeWork", citation)


def _titles() -> dict[str, tuple[str, tuple[tuple[str, str], ...]]]:
    """Return title and publishers of each declared table."""
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
    sha, version, python = inputs["toolkit"]["sha256"], inputs["toolkit"]["version"], inputs["python"]
    key, kind = f"#toolkit-{sha[:12]}", "SoftwareApplication"
    yield _entity(key, kind, "Trade-policy toolkit", softwareVersion=version, sha256=sha)
    address = f"https://www.python.org/downloads/release/python-{python.replace('.', '')}/"
    yield _entity(address, kind, "Python", softwareVersion=python, url=address)


def _to(key: str) -> Entity:
    return {"@id": key}
