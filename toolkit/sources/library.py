"""The library of outside data: fetch it, add saved answers, show, compare vintages, verify, replay.

>>> from pathlib import Path
>>> names(Path("no-such-folder"))
{}
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files, formats, observation, sources, vintages
from toolkit.errors import NotBelieved, SchemaError, ToolkitError, UnknownCode
from toolkit.store import datasets, imported_tables, parquet
from toolkit.store.answers import Receipt, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from toolkit.sources.bulk import Written
    from toolkit.web import Client

__all__ = [
    "RAW", "VINTAGES", "add_saved", "diff", "fetch", "fetch_declared", "file_of", "names", "replay", "show", "table",
    "verify", "vintages_of",
]  # fmt: skip
__dir__ = __all__.copy

RAW, VINTAGES = "raw", "vintages"
_STREAMED = {"baci"}  # whole years are too large for memory


def fetch(
    provider: str,
    query: dict[str, Any],
    folder: Path,
    *,
    name: str = "",
    web: Client | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[str, str, Any]:
    """Fetch (or, without `web`, replay) a query as a new vintage, after comparing it with the previous one.

    Returns
    -------
    name, vintage : str
        What `show` and `diff` call it; without `name` it is made from the query.
    table : DataFrame or `bulk.Written`
        The observations; of whole BACI years, which are streamed to disk, only a summary.
    """
    store = Store(folder / RAW)
    name = name or f"{provider}-{_digest(query)}"
    answers = sources.ask(provider, query, store, web=web, progress=progress)
    if provider in _STREAMED:
        return _stream(name, answers, folder)
    return _admit(name, answers, folder)


def fetch_declared(name: str, *, web: Client | None = None) -> datasets.Copy:
    """Fetch a declared table that is not in the repository, and keep it if its bytes are the declared ones.

    The folder that ``TOOLKIT_MIRROR`` names replaces the address. A table without a
    declared hash is trusted at the first download; its hash is recorded and holds from then on.

    Raises
    ------
    UnknownCode
        If no such table is declared, or its file is in the repository.
    FetchFailed, NotBelieved
        If it cannot be had, or its bytes differ. Nothing is kept then.
    """
    from toolkit.web import Client, Request

    if copy := datasets.from_mirror(name):
        return copy
    resource = datasets.external(name)
    kind = Path(resource.address).suffix.lower().removeprefix(".")
    request = Request(resource.address, kind=kind if kind in formats.KINDS else "binary")
    with datasets.aside(name) as folder, nullcontext(web) if web else Client() as client:
        return datasets.keep(name, client.fetch(request, folder).path, resource.address)


def add_saved(file: Path, provider: str, name: str, folder: Path) -> tuple[str, str, Any]:
    """Import an answer of a service that a person saved by hand, with the same checks as `fetch`.

    Raises
    ------
    NotBelieved, SchemaError
        If it is not such an answer, or differs too much from the previous vintage. It is not used then.
    """
    store = Store(folder / RAW)
    _place(folder, name, "vintage")
    if provider in _STREAMED:
        return _stream(name, [[store.keep_file(file, provider)]], folder)
    raw = files.read(file)
    sources.provider(provider).parse(raw)  # before it is kept
    receipt = store.keep(raw, provider, f"file:{file.name}", query={"request": {}, "options": {}})
    return _admit(name, [[receipt]], folder)


def _admit(name: str, answers: list[list[Receipt]], folder: Path) -> tuple[str, str, pd.DataFrame]:
    """Parse answers as a new vintage of `name`, after the guard has compared it with the previous one."""
    store, stamps = Store(folder / RAW), vintages_of(name, folder)
    table = sources.parse_all(answers, store)
    if stamps:
        vintages.accept_vintage(show(name, folder, stamps[-1]), table, store)
    stamp = f"{max(table['vintage'])}-{_digest(sorted(set(table['raw_sha256'])))}"
    parquet.write(table, _place(folder, name, stamp))
    _note(folder, name, stamp, answers)
    return name, stamp, table


def _stream(name: str, answers: list[list[Receipt]], folder: Path) -> tuple[str, str, Written]:
    """Write whole years to disk block by block, as a new vintage unless the previous one makes it doubtful."""
    from toolkit.sources import bulk  # loads httpx

    ((receipt, *_),) = answers
    store, stamps = Store(folder / RAW), vintages_of(name, folder)
    stamp = f"{_version(receipt)}-{receipt.sha256[:8]}"
    out = _place(folder, name, stamp)
    written = _converted(receipt, store, out)
    if stamps and stamp not in stamps:
        doubts = bulk.doubts(_place(folder, name, stamps[-1]), out)
        if doubts:
            out.unlink()
            parquet.seal_file(out).unlink()
            store.quarantine(receipt.sha256, doubts)
            problem = f"{name}: the new vintage is quarantined: {'; '.join(doubts[:3])}"
            raise NotBelieved(problem, remedy="Look at it; Store.release uses it after all")
    _note(folder, name, stamp, answers)
    return name, stamp, written


def _converted(receipt: Receipt, store: Store, out: Path) -> Written:
    from toolkit.sources import bulk  # loads httpx

    years = receipt.query.get("request", {}).get("years") or ()
    saved = receipt.url.removeprefix("file:") if receipt.url.startswith("file:") else ""
    return bulk.convert(store.path(receipt.sha256), out, retrieved_at=receipt.received_at, years=years, file=saved)


def _version(receipt: Receipt) -> str:
    asked = re.search(r"_V(\w+)\.zip$", receipt.url)
    return asked[1] if asked else receipt.received_at[:10]


def vintages_of(name: str, folder: Path) -> list[str]:
    """Return the vintages of a name, oldest first."""
    made = [json.loads(files.read(path)) for path in (folder / VINTAGES / name).glob("*.json")]
    return [row["vintage"] for row in sorted(made, key=lambda row: (row["received_at"], row["vintage"]))]


def names(folder: Path) -> dict[str, list[str]]:
    """Return the names of what was fetched, each with its vintages."""
    found = sorted(path.name for path in (folder / VINTAGES).glob("*") if path.is_dir())
    return {name: vintages_of(name, folder) for name in found}


def table(name: str) -> pd.DataFrame:
    """Return an imported table in the form in which `observation.read` returns embedded ones: for notebooks."""
    return observation.stated(imported_tables.read(name))


def show(name: str, folder: Path, vintage: str = "") -> pd.DataFrame:
    """Return a vintage of a table, by default the newest."""
    return parquet.read(file_of(name, folder, vintage))


def file_of(name: str, folder: Path, vintage: str = "") -> Path:
    """Return the file of a vintage, by default the newest."""
    stamps = vintages_of(name, folder)
    if not stamps and not imported_tables.find(name, folder) and datasets.is_declared(name):
        file = datasets.resource(name).file
        raise UnknownCode(f"{name!r} is a table of the data package", remedy=f"Open {file}")
    if not stamps and not vintage:  # an added spreadsheet has none
        return folder / imported_tables.entry(name, folder).file
    if not stamps or (vintage and vintage not in stamps):
        there = ", ".join(stamps or names(folder)) or "nothing yet"
        raise UnknownCode(f"no vintage {vintage!r} of {name!r}", remedy=f"There is {there}")
    return _place(folder, name, vintage or stamps[-1])


def diff(name: str, folder: Path, earlier: str, later: str) -> pd.DataFrame:
    """Return what changed between two vintages, largest change first."""
    return vintages.revisions(show(name, folder, earlier), show(name, folder, later))


def verify(folder: Path) -> list[str]:
    """Return the faults of the stored answers and tables, one sentence each."""
    problems = Store(folder / RAW).verify()
    for path in sorted(folder.glob(f"{VINTAGES}/*/*.parquet")) + sorted(folder.glob("own/*.parquet")):
        try:
            parquet.verify(path)
        except SchemaError as error:
            problems.append(error.problem)
    return problems


def replay(folder: Path) -> list[str]:
    """Make every table again from the stored answers alone; return one line for each: the same, made again, refused."""
    return [
        f"{path.parent.name} {path.stem}: {_replayed(path, Store(folder / RAW))}"
        for path in sorted((folder / VINTAGES).glob("*/*.json"))
    ]


def _replayed(path: Path, store: Store) -> str:
    made, out = json.loads(files.read(path)), path.with_suffix(".parquet")
    try:
        answers = [[_receipt(row) for row in pages] for pages in made["answers"]]
        if answers[0][0].provider in _STREAMED:
            return _again(answers[0][0], store, out)
        table = sources.parse_all(answers, store)
    except ToolkitError as error:
        return f"refused: {error.problem}"
    same = out.exists() and _same(out, table)
    if not same:
        parquet.write(table, out)
    return f"{len(table):,} observations, {'the same' if same else 'made again'}"


def _again(receipt: Receipt, store: Store, out: Path) -> str:
    """Write a streamed table again, and say whether it is the same as before."""
    with tempfile.TemporaryDirectory(prefix=".again-", dir=out.parent) as aside:
        made = _converted(receipt, store, Path(aside) / out.name)
        same = out.exists() and files.sha256(out) == made.sha256
        for path in () if same else sorted(Path(aside).iterdir(), reverse=True):  # the seal before the table
            files.publish(path, out.parent / path.name)
    return f"{len(made):,} observations, {'the same' if same else 'made again'}"


def _place(folder: Path, name: str, stamp: str) -> Path:
    if not re.fullmatch(r"[\w.-]+", name):
        raise SchemaError(f"{name!r} cannot be the name of a table", remedy="Use letters, digits and hyphens")
    return folder / VINTAGES / name / f"{stamp}.parquet"


def _note(folder: Path, name: str, stamp: str, answers: list[list[Receipt]]) -> None:
    path = _place(folder, name, stamp)
    made = {
        "vintage": stamp,
        "received_at": max(receipt.received_at for pages in answers for receipt in pages),
        "answers": [[asdict(receipt) for receipt in pages] for pages in answers],
    }
    files.write(path.with_suffix(".json"), json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    imported_tables.register(name, path, stamp, folder=folder)


def _receipt(row: dict[str, Any]) -> Receipt:
    try:
        return Receipt(**{**row, "params": tuple((one, two) for one, two in row["params"])})
    except (TypeError, KeyError):
        raise NotBelieved("a vintage's list of answers is damaged", remedy="Fetch it again") from None


def _same(path: Path, table: pd.DataFrame) -> bool:
    try:
        kept = parquet.read(path)
    except SchemaError:
        return False
    one, two = (frame.astype({"obs_value": float}).reset_index(drop=True) for frame in (kept, table))
    return one.astype(str).equals(two.astype(str))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:8]
