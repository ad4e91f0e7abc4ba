"""An edition and what is in it, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.errors import ToolkitError
from toolkit.files import home

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a brief that a figure's move touches.

    Attributes
    ----------
    brief : str
        Counted from the project's home.
    line : int
        Of the author's file, counted from 1.
    keys : tuple of str
        The figures that its number is, or is computed from.
    before, old, after : str
        The sentence as readers see it, in three parts; `old` is the number in it.
    new : str
        What belongs there instead, or what the build has put there.
    state : {"change", "look", "gone", "filled", "reread", "aged", "holds"}
        Change: `new` can be written there by ``toolkit brief update --write``. Look: a
        person must. Gone: there is no such figure any more. Filled: the build wrote the new
        number; the words beside it are the author's. Reread: the number stands, and its
        figure now means something else. Aged: the report behind it fails, and
        the number is that of its last good run. Holds: right as it stands.
    note : str
        Why, in words.
    """

    brief: str
    line: int
    keys: tuple[str, ...]
    before: str
    old: str
    after: str
    new: str
    state: str
    note: str = ""

    @property
    def to_change(self) -> bool:
        """Tell whether the author must write something else there."""
        return self.state in {"change", "look", "gone"}


@dataclass(frozen=True, slots=True)
class Move:
    """A published figure that is not what it was in the edition before.

    Attributes
    ----------
    what : {"changed", "redefined", "new", "gone"}
        Redefined: the same number, now of something else.
    old, new : str
        As a card shows them, or "–".
    size : str
        How far it moved, in its unit and in percent; or why that cannot be said.
    why : tuple of str
        What went into it that is another than before: data, code, article, parameters.
    report : str
        The report that publishes it, or did; "" if it is kept by hand.
    """

    key: str
    what: str
    about: str
    old: str
    new: str
    size: str
    why: tuple[str, ...]
    report: str = ""


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
    given : dict
        The parameters that the matrix gives a report.
    sentences : tuple of Sentence
        Of a brief: what the moves of figures touch in it.
    history : tuple of (str, str)
        Of the last editions, the oldest first: date, and "made", "kept", "failed" or "offered".
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
    given: dict[str, Any] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    history: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Item:
        """Give the item that ``asdict`` spelled."""
        parts = {name: tuple(row[name]) for name in ("pages", "figures")}
        parts["sentences"] = tuple(
            Sentence(**each | {"keys": tuple(each["keys"])}) for each in row.get("sentences", ())
        )
        parts["history"] = tuple((day, state) for day, state in row.get("history", ()))
        return cls(**row | parts)


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
    moves: tuple[Move, ...] = ()
    ran: tuple[str, ...] = field(default=(), compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def failed(self) -> list[Item]:
        """The items that failed."""
        return [item for item in self.items if item.status == "failed"]

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences of briefs that moves of figures touch."""
        return [sentence for item in self.items for sentence in item.sentences]

    @property
    def to_change(self) -> list[Sentence]:
        """The sentences of briefs in which the author must write something else."""
        return [sentence for sentence in self.sentences if sentence.to_change]


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
    moves = tuple(Move(**each | {"why": tuple(each["why"])}) for each in row.get("moves", ()))
    items = tuple(map(Item.from_dict, row["items"]))
    return Edition(folder.name, folder, items, row["previous"], unchanged=True, moves=moves)


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
        told = error.strerror if isinstance(error, OSError) else f"no JSON ({error})"
        raise ToolkitError(
            f"{folder.name} cannot be read, edition.json: {told}",
            remedy="Restore it from a copy; or delete its folder, and run the night again",
        ) from None
    return row


def seal(row: dict[str, Any]) -> str:
    """Give the sha256 of what ``edition.json`` says, its own seal aside."""
    content = {name: value for name, value in row.items() if name != "seal"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def fault(error: Exception) -> str:
    """Say what went wrong with one item; an error that nobody foresaw costs that item, not the night."""
    if isinstance(error, OSError):
        raise error  # the disk is everyone's
    remedy = "A fault of the toolkit: its command for this file shows where"
    told = error if isinstance(error, ToolkitError) else ToolkitError(f"{type(error).__name__}: {error}", remedy=remedy)
    return f"{told.problem}\n→ {told.remedy}".replace(f"{home()}/", "")  # an edition does not tell where it was made
