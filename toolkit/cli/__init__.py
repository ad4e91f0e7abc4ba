"""The command line: ``toolkit``, or ``python -m toolkit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from toolkit import __version__
from toolkit.cli.brief import brief
from toolkit.cli.console import Commands
from toolkit.cli.edition import edition, nightly
from toolkit.cli.figures import figures
from toolkit.cli.registry import registry
from toolkit.cli.report import report, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["main"]


class _Data(Commands):
    """The commands of ``toolkit data``, loaded when needed: they import every service."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self._loaded())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        return self._loaded().get(cmd_name)

    def _loaded(self) -> Mapping[str, click.Command]:
        if not self.commands:
            from toolkit.cli.data import all_commands

            for command in all_commands():
                self.add_command(command)
        return self.commands


@click.group("toolkit", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="toolkit")
def main() -> None:
    """Read trade news, compare it with trade data, and cite both.

    Run it in a project's folder: one with data/, notebooks/, seeds/ and briefs/.

    Exit codes: 0 all is well; 1 a check found something; 2 a mistake in the
    command or a file, named on stderr; 3 some reports of an edition failed.
    """


@click.group(cls=_Data)
def data() -> None:
    """List and verify the tables that analyses may read; add your own file or a service's answer."""


for _command in (figures, report, brief, registry, data, tidy, nightly, edition):
    main.add_command(_command)
