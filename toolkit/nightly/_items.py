"""An edition and what is in it, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.datasets import home
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one report, article ("seed") or brief.

    Attributes
    ----------
    status : {"ok", "failed", "offered"}
        Offered: a table that the report needs is not here.
    note : str
        Why it failed, what it needs, or what was counted.
    pages : tuple of str
        What to open, counted from the edition's folder.
    figures : tuple of str
        Keys of the figures that a report published.
    made : str
        The date that a report bears; older than the edition's where nothing has changed.
    why : str
        Why a report was run, or taken over.
    stale_since : str
        Date of the first edition in which a report failed whose last good one is
        still shown.
    """

    kind: str
    name: str
    title: str
    status: str = "ok"
    note: str = ""
    pages: tuple[str, ...] = ()
    question: str = ""
    finding: str = ""
    figures: tuple[str, ...] = ()
    made: str = ""
    why: str = ""
    stale_since: str = ""

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Item:
        """Give the item that ``asdict`` spelled."""
        return cls(**row | {name: tuple(row[name]) for name in ("pages", "figures")})


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition; `unchanged` if an earlier run with the same inputs had made it.

    `ran` names the reports that this run really ran; `warnings` what it found out
    about them, such as one that differs from run to run.
    """

    name: str
    folder: Path
    items: tuple[Item, ...]
    previous: str | None = None
    unchanged: bool = False
    ran: tuple[str, ...] = field(default=(), compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def failed(self) -> list[Item]:
        """The items that failed."""
        return [item for item in self.items if item.status == "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a night has come: `name` has now this `state`; `done` of `total` are behind it."""

    done: int
    total: int
    name: str
    state: str
    seconds: float = 0.0


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class How:
    """How a night is run; none of it changes an edition's bytes.

    Attributes
    ----------
    force : bool
        Run everything again, even if an edition of the same inputs is there.
    cold : bool
        A kernel of its own for each report, instead of forks of a warm process.
    jobs : int
        Reports at a time; 0: one a processor.
    tags : tuple of str
        Only reports that bear one of them; `latest` then stays where it is.
    sample : int
        How many of the reports that ran are run twice more, warm and cold, and compared.
    scheduler : str
        Address of the Dask scheduler whose workers make the reports, or ``local`` or
        ``local:N``; "": they are made in this process.
    """

    force: bool = False
    cold: bool = False
    jobs: int = 0
    tags: tuple[str, ...] = ()
    sample: int = 0
    scheduler: str = ""


def read(folder: Path) -> Edition:
    """Read a published edition."""
    row = listed(folder)
    return Edition(folder.name, folder, tuple(map(Item.from_dict, row["items"])), row["previous"], unchanged=True)


def listed(folder: Path) -> dict[str, Any]:
    """Give what ``edition.json`` of a published edition holds.

    Raises
    ------
    ToolkitError
        If it cannot be read.
    """
    try:
        row: dict[str, Any] = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolkitError(
            f"{folder.name} is no edition that can be read: {error}",
            remedy="Delete its folder, and run the night again",
        ) from None
    return row


def fault(error: Exception) -> str:
    """Say what went wrong with one item; an error that nobody foresaw costs that item, not the night."""
    if isinstance(error, OSError):
        raise error  # the disk is everyone's
    remedy = "A fault of the toolkit: its command for this file shows where"
    told = error if isinstance(error, ToolkitError) else ToolkitError(f"{type(error).__name__}: {error}", remedy=remedy)
    return f"{told.problem}\n→ {told.remedy}".replace(f"{home()}/", "")  # an edition does not tell where it was made
