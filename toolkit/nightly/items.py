"""An edition and its parts as data, and its summary in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit import report
from toolkit.errors import ToolkitError
from toolkit.files import home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "AffectedSentence", "Edition", "Item", "Move", "Progress", "RunOptions", "Step", "count", "failure_of", "moved", "read",
    "read_manifest", "seal", "subject", "summary",
]  # fmt: skip

_MOST = 25  # revised figures, and sentences, that a summary lists; changes.html lists all


@dataclass(frozen=True, slots=True)
class AffectedSentence:
    """A sentence of a brief that is affected by a change of a figure.

    Attributes
    ----------
    brief : str
        Path relative to the project's folder.
    line : int
        Line of the author's file, counted from 1.
    keys : tuple of str
        The figures that the number cites.
    before, old, after : str
        The sentence as readers see it, in three parts; `old` is the number in it.
    new : str
        The number that should stand there, or that the build has put there.
    state : {"change", "look", "gone", "filled", "reread", "aged", "holds"}
        Change: ``toolkit brief update --write`` can write `new`. Look: a person must decide.
        Gone: the figure no longer exists. Filled: the build wrote the new number, and the
        author should check the words beside it. Reread: the number is unchanged, but its
        figure now means something else. Aged: the report behind it fails, and the number
        is from its last good run. Holds: still right as written.
    note : str
        The reason, in words.
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
        """Return whether the author must change the sentence."""
        return self.state in {"change", "look", "gone"}


@dataclass(frozen=True, slots=True)
class Move:
    """A published figure that has changed since the previous edition.

    Attributes
    ----------
    what : {"changed", "redefined", "new", "gone"}
        Redefined: the same number, but of something else.
    old, new : str
        The numbers as a card shows them, or "–".
    size : str
        The change in its unit and in percent, or why it cannot be computed.
    why : tuple of str
        Which inputs changed: data, code, article, parameters.
    report : str
        The report that publishes it, or last did; "" if it is kept by hand.
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
    """The result for one report, article ("seed") or brief.

    Attributes
    ----------
    status : {"ok", "failed", "offered"}
        Offered: a table that the report needs is missing.
    note : str
        Why it failed, what it needs, or how many figures or verdicts there are.
    pages : tuple of str
        Pages to open, relative to the edition's folder.
    figures : tuple of str
        Keys of the figures that a report published.
    made : str
        The date of a report; earlier than the edition's if nothing has changed since.
    why : str
        Why a report was run or reused.
    stale_since : str
        Date of the first edition in which a report failed whose last good run is
        still shown.
    given : dict
        The parameters that the matrix sets for a report.
    sentences : tuple of AffectedSentence
        The sentences of a brief that changes of figures affect.
    history : tuple of (str, str)
        Date and state ("made", "kept", "failed" or "offered") in recent editions, oldest first.
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
    sentences: tuple[AffectedSentence, ...] = ()
    history: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Item:
        """Rebuild an item from what ``asdict`` returned."""
        parts = {name: tuple(row[name]) for name in ("pages", "figures")}
        sentences = (AffectedSentence(**each | {"keys": tuple(each["keys"])}) for each in row.get("sentences", ()))
        history = ((day, state) for day, state in row.get("history", ()))
        return cls(**row | parts | {"sentences": tuple(sentences), "history": tuple(history)})


@dataclass(frozen=True, slots=True)
class Edition:
    """A published edition; `unchanged` if an earlier run with the same inputs made it.

    `ran` names the reports that this run executed; `warnings` says what it noticed
    about them, such as one whose results differ from run to run.
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
    def sentences(self) -> list[AffectedSentence]:
        """The sentences of briefs that changes of figures affect."""
        return [sentence for item in self.items for sentence in item.sentences]

    @property
    def to_change(self) -> list[AffectedSentence]:
        """The sentences of briefs that the author must change."""
        return [sentence for sentence in self.sentences if sentence.to_change]


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a night: the item `name` is now in this `state`; `done` of `total` items are finished."""

    done: int
    total: int
    name: str
    state: str
    seconds: float = 0.0


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a night is run; no option changes the bytes of an edition.

    Attributes
    ----------
    force : bool
        Run everything again, even if an edition with the same inputs exists.
    fresh_kernels : bool
        Start a kernel for each report, instead of forking a warm server.
    jobs : int
        Reports to run at the same time; 0 means one for each processor.
    tags : tuple of str
        Run only reports with one of these tags; ``latest`` then stays where it is.
    recheck : int
        How many of the reports that ran are run twice more, forked and in a kernel, and compared.
    scheduler : str
        Address of a Dask scheduler whose workers run the reports, or ``local`` or
        ``local:N``; "" runs them in this process.
    """

    force: bool = False
    fresh_kernels: bool = False
    jobs: int = 0
    tags: tuple[str, ...] = ()
    recheck: int = 0
    scheduler: str = ""


def read(folder: Path) -> Edition:
    """Read a published edition."""
    row = read_manifest(folder)
    moves = tuple(Move(**each | {"why": tuple(each["why"])}) for each in row.get("moves", ()))
    items = tuple(map(Item.from_dict, row["items"]))
    return Edition(folder.name, folder, items, row["previous"], unchanged=True, moves=moves)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the content of a published edition's ``edition.json``.

    Raises
    ------
    ToolkitError
        If it cannot be read.
    """
    try:
        row: dict[str, Any] = report.read_json(folder / "edition.json")
    except ValueError as error:
        problem = (
            error.problem if isinstance(error, ToolkitError) else f"{folder.name}/edition.json: not JSON ({error})"
        )
        remedy = "Restore it from a copy; or delete the edition's folder, and run the night again"
        raise ToolkitError(problem, remedy=remedy) from None
    return row


def seal(row: dict[str, Any]) -> str:
    """Return the sha256 of the content of ``edition.json``, without its own seal."""
    content = {name: value for name, value in row.items() if name != "seal"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def failure_of(error: Exception) -> str:
    """Describe what went wrong with one item; an unexpected error fails this item only."""
    if isinstance(error, OSError):
        raise error  # a full or broken disk fails everything
    if not isinstance(error, ToolkitError):
        remedy = "This is a fault of the toolkit: its command for this file shows where"
        error = ToolkitError(f"{type(error).__name__}: {error}", remedy=remedy)
    return f"{error.problem}\n→ {error.remedy}".replace(f"{home()}/", "")  # an edition must not depend on its place


def subject(edition: Edition) -> str:
    """Summarise a night in one line, for the subject of a mail.

    >>> from pathlib import Path
    >>> subject(Edition("2025-10-28-000000000000", Path("reports"), ()))
    '2025-10-28-000000000000: all well'
    """
    parts = [f"{count(len(edition.to_change), 'sentence')} to change"] * bool(edition.to_change)
    parts += [f"{len(edition.failed)} of {len(edition.items)} failed"] * bool(edition.failed)
    return f"{edition.name}: {', '.join(parts) or 'all well'}"


def summary(edition: Edition) -> str:
    """Summarise what failed, which figures moved and which sentences must change, each with the reason."""
    state = "unchanged" if edition.unchanged else f"published, {count(len(edition.ran), 'report')} run"
    last = f"Edition {edition.name}, {state}: {edition.folder / 'index.html'}"
    return "\n".join([*_items(edition), *moved(edition), last])


def moved(edition: Edition) -> list[str]:
    """List the figures that moved, with the reason, and the sentences that must change, one line each."""
    return [*_moves(edition), *_sentences(edition)]


def count(number: int, noun: str) -> str:
    """Return a number with its noun in the right form.

    >>> count(1, "report"), count(2, "report")
    ('1 report', '2 reports')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _items(edition: Edition) -> Iterator[str]:
    for item in edition.items:
        if item.status != "ok":
            first, *more = _note(item) or [""]
            yield f"{item.status:>8}  {item.name}  {first}".rstrip()
            yield from (f"{'':8}  {line}" for line in more)
    good = sum(item.status == "ok" for item in edition.items)
    yield f"{'ok':>8}  {good} of {len(edition.items)} reports, articles and briefs"


def _note(item: Item) -> list[str]:
    """Return the lines of an item's note, except those that are listed with the item's sentences."""
    listed = {sentence.note for sentence in item.sentences if sentence.to_change}
    stale = f" (stale since {item.stale_since}; its last good run is shown)" if item.stale_since else ""
    lines = [line for line in item.note.splitlines() if not any(note and note in line for note in listed)]
    return [line + stale * (not at) for at, line in enumerate(lines)]


def _moves(edition: Edition) -> Iterator[str]:
    if not edition.previous:
        return
    kinds = [move.what for move in edition.moves]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    yield f"Figures since {edition.previous[:10]}: {counts or 'none moved'}"
    yield from _few([*map(_move, edition.moves)])


def _move(move: Move) -> str:
    pair = {"new": move.new, "gone": move.old, "redefined": move.new}.get(move.what, f"{move.old} → {move.new}")
    size = f", {move.size}" if move.size else ""
    return f"  {move.key}: {'' if move.what == 'changed' else move.what + ', '}{pair}{size}; {'; '.join(move.why)}"


def _sentences(edition: Edition) -> Iterator[str]:
    again = [each for each in edition.sentences if each.state == "reread"]
    for what, found in (("To change", edition.to_change), ("To read again", again)):
        if found:
            yield f"{what}: {count(len(found), 'sentence')} in the briefs"
            yield from _few([*map(_sentence, found)])
    for brief in dict.fromkeys(each.brief for each in edition.to_change if each.state == "change"):
        yield f"  toolkit brief update {brief} --write    writes these new numbers"


def _sentence(each: AffectedSentence) -> str:
    new = f" → {each.new}" if each.new and each.state != "reread" else ""
    key = " ".join(each.keys) or "no key"
    return f"  {each.brief}:{each.line}: {each.before}[{each.old}{new}]{each.after}\n    {key}: {each.note}"


def _few(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"  … and {len(lines) - _MOST} more: see changes.html"
