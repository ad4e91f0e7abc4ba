"""The commands of `toolkit data` for outside data; the options of a service come from its `request`."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import sources
from toolkit.cli.console import FOUND_WRONG, as_json, example, show
from toolkit.files import home
from toolkit.sources import library
from toolkit.store import datasets, imported_tables, parquet
from toolkit.store import verify as declared

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["commands"]

_COLUMNS = ["time_period", "ref_area", "counterpart_area", "flow", "product", "measure", "valuation"]


def commands(folder: Callable[[], Path]) -> list[click.Command]:
    """Return the commands to add to ``toolkit data``; `folder` returns the folder of data."""
    return [_add(folder), _Providers("fetch", folder), *_looking(folder)]


def _add(folder: Callable[[], Path]) -> click.Command:
    from toolkit import spreadsheet

    services = click.Choice([*sources.PROVIDERS, *sources.SAVED])

    @click.command("add", help="Convert your own xlsx, csv or parquet FILE to the normal form.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--as", "name", required=True, help="What to call it.")
    @click.option("--service", type=services, help="FILE is a saved answer of this service.")
    @click.option("--from", "former", type=services, hidden=True)
    def add(file: Path, name: str, service: str | None, former: str | None) -> None:
        if provider := service or former:
            _, stamp, table = library.add_saved(file, provider, name, folder())
            click.echo(f"{name} {stamp}: {len(table):,} observations")
            return
        added = spreadsheet.add(file, name, folder=folder())
        for note in added.notes:
            click.echo(note)
        click.echo(f"{len(added.table):,} observations in {added.path}")

    return add


def _looking(folder: Callable[[], Path]) -> list[click.Command]:
    @click.command("show", help="Show a table that was added or fetched.")
    @click.argument("name")
    @click.option("--vintage", default="")
    @click.option("--rows", default=20, show_default=True)
    def show_(name: str, vintage: str, rows: int) -> None:
        count, table = parquet.head(library.file_of(name, folder(), vintage), rows)
        click.echo(table[[*_COLUMNS, "obs_value", "unit_measure", "obs_status"]].to_string(index=False))
        click.echo(f"{count:,} observations")

    @click.command("diff", help="List what changed between two vintages of NAME.")
    @click.argument("name")
    @click.argument("earlier")
    @click.argument("later")
    def diff_(name: str, earlier: str, later: str) -> None:
        found = library.diff(name, folder(), earlier, later)
        click.echo(found[[*_COLUMNS, "what", "old", "new", "change", "ratio"]].to_string(index=False))
        click.echo(f"{len(found):,} cells changed")

    @click.command("replay", help="Make every table again from the stored answers, offline.")
    def replay_() -> None:
        for line in library.replay(folder()):
            click.echo(line)

    return [show_, diff_, replay_]


class _Providers(click.Group):
    """`fetch PROVIDER`: one command per provider, whose options are the arguments of its `request`."""

    def __init__(self, name: str, folder: Callable[[], Path]) -> None:
        about = "Fetch from a service (toolkit data fetch comtrade --reporter USA ...), or a declared data set by name."
        super().__init__(name, help=about)
        self._folder = folder

    def list_commands(self, _: click.Context) -> list[str]:
        return [*sources.PROVIDERS, *datasets.elsewhere()]

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in (declared := datasets.elsewhere()):
            about = f"{declared[cmd_name].title}. From {declared[cmd_name].address}"
            return click.Command(cmd_name, callback=lambda: _describe(library.fetch_declared(cmd_name)), help=about)
        if cmd_name not in sources.PROVIDERS:
            return None
        module = sources.provider(cmd_name)
        wanted = inspect.signature(module.request).parameters.values()
        options = [_option(one) for one in wanted if one.name != "page"]
        options += [click.Option(["--as", "name"], default="", help="What to call it."),
                    click.Option(["--offline"], is_flag=True, help="Replay the stored answers.")]  # fmt: skip
        about = (module.__doc__ or "").strip()
        return click.Command(cmd_name, params=list(options), callback=self._run(cmd_name), help=about)

    def _run(self, provider: str) -> Callable[..., None]:
        def run(*, name: str, offline: bool, **query: Any) -> None:
            from toolkit.web import Client, Limits

            given = {field: value for field, value in query.items() if value is not None}
            module = sources.provider(provider)
            web = None if offline else Client(module.LIMITS if isinstance(module, sources.Limited) else Limits())
            called, stamp, table = library.fetch(provider, given, self._folder(), name=name, web=web, progress=_report)
            click.echo(f"{called} {stamp}: {len(table):,} observations")

        return run


def _report(address: str) -> None:
    click.echo(f"asking {address}", err=True)  # apart from the result


def _describe(copy: datasets.Copy) -> None:
    click.echo(f"{copy.path}: {copy.path.stat().st_size:,} bytes from {copy.origin}")
    trust = "as declared" if copy.trust == "declared" else "recorded now, since none is declared for what came"
    click.echo(f"sha256 {copy.sha256}, {trust}")


class _Words(click.ParamType[Any]):
    """A list, ``USA,JPN``; a span of years, ``2018:2024``; pairs, ``geo=DE,geo=FR``."""

    name = "text"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        words = [word for word in value.split(",") if word]
        span = re.fullmatch(r"(\d{4}):(\d{4})", value)
        if "int" in self._kind:
            if not span and not all(word.isdigit() for word in words):
                self.fail(f"{value!r}: write years as 2018:2024 or 2018,2020", param, ctx)
            return list(range(int(span[1]), int(span[2]) + 1)) if span else [int(word) for word in words]
        if self._kind.startswith("dict"):
            found: dict[str, list[str]] = {}
            for word in words:
                found.setdefault(word.partition("=")[0], []).append(word.partition("=")[2])
            return found
        return tuple(words) if self._kind.startswith("tuple") else words


def _option(wanted: inspect.Parameter) -> click.Option:
    """Return the option for an argument of `request`; its annotation is text."""
    kind, required = str(wanted.annotation), wanted.default is inspect.Parameter.empty
    flag = f"--{wanted.name.replace('_', '-')}"
    default = None if required else wanted.default
    if kind == "bool":
        return click.Option([f"{flag}/--no-{wanted.name}"], default=default, show_default=True)
    plain = {"str": click.STRING, "int": click.INT}.get(kind)
    return click.Option(
        [flag], type=plain or _Words(kind), required=required, default=default, show_default=not required
    )


def all_commands() -> list[click.Command]:
    """Return every command of ``toolkit data``, each with a worked example."""
    outside = [example(*_EXAMPLES[str(command.name)])(command) for command in commands(lambda: home() / "data")]
    return [list_, verify, *outside]


_EXAMPLES = {
    "add": (
        "toolkit data add steel.xlsx --as steel",
        "toolkit data add BACI_HS17_V202501.zip --service baci --as baci",
    ),
    "fetch": ("toolkit data fetch comtrade --reporter USA --partner JPN --years 2023,2024",),
    "show": ("toolkit data show steel --rows 5",),
    "diff": ("toolkit data diff steel 2025-10-28 2025-11-30",),
    "replay": ("toolkit data replay",),
}


@example("toolkit data list")
@click.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the declared tables, those that were added, and those that were fetched with their vintages."""
    tables, fetched = datasets.describe(), library.names(home() / "data")
    rows = [_table_row(table) for table in tables]
    rows += [(name, "", f"fetched, vintages {', '.join(vintages)}") for name, vintages in fetched.items()]
    added = {name: each for name, each in imported_tables.entries().items() if name not in fetched}
    rows += [(name, "", f"added, data/{each.file}") for name, each in added.items()]
    show(tables, ("table", "rows", "title"), rows, as_json=as_json)


@example("toolkit data verify")
@click.command()
@as_json
def verify(as_json: bool) -> None:
    """Check hashes, schema, keys and totals of every table, and what was fetched; exit code 1 if a check fails."""
    checks = declared.verify()
    checks += [datasets.Check("fetched", "bytes", problem) for problem in library.verify(home() / "data")]
    wrong = [check for check in checks if not check.ok]
    rows = [(check.resource, check.what, str(check.problem)) for check in wrong]
    show([asdict(check) for check in checks], ("table", "check", "problem"), rows, as_json=as_json)
    if not as_json:
        click.echo(f"{len(checks)} checks: {len(checks) - len(wrong)} ok, {len(wrong)} not")
    if wrong:
        sys.exit(FOUND_WRONG)


def _table_row(table: dict[str, Any]) -> tuple[str, str, str]:
    if "address" not in table:
        return table["name"], f"{table['rows']:,}", table["title"]
    state = f"not fetched: toolkit data fetch {table['name']}"
    if table["copy"]:
        firm = table["copy"]["trust"] == "declared"
        state = f"fetched, hash {'as declared' if firm else 'recorded at the first fetch'}"
    return table["name"], "", f"{table['title']} ({state})"
