"""Free prose without keys: how often a right number is flagged, and how often a wrong one passes."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from toolkit import brief, registry
from toolkit.quantity import Quantity

BRIEFS = Path(__file__).parents[1] / "tests" / "briefs"
SETS = ("prose", "held_out", "unseen")
SPAN = re.compile(r"\[([^\]]*)\]\{fig=(\"[^\"]*\"|[^\s}]*)([^}]*)\}")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
ROUNDS = 5  # in each, every fifth number is changed


class Count(NamedTuple):
    """What the check said of a brief's numbers."""

    numbers: int
    flagged: int
    accused: int
    candidates: int
    named: int


def held(folder: Path) -> registry.Registry:
    """Return the figures of the prose, made up for it."""
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as stream:
        return registry.Registry(_record(row) for row in csv.DictReader(stream))


def _record(row: dict[str, str]) -> registry.Record:
    optional = {name: row[name] or None for name in ("place", "partner", "product", "period", "speaker")}
    quantity = Quantity.stated(f"{row['value']}", row["unit"], row["hedge"], of=row["of"] or None, basis=row["basis"])
    return registry.Record(
        row["key"], quantity, row["about"], _source(row), valuation=row["valuation"], precision=int(row["precision"]), **optional
    )  # fmt: skip


def _source(row: dict[str, str]) -> dict[str, object]:
    if row["kind"] == "article":
        exact = {"type": "TextQuoteSelector", "exact": row["value"], "prefix": "", "suffix": ""}
        named = ("title", "outlet", "date", "date_basis", "date_reason", "url", "original_sha256", "is_note")
        place = {"type": "TextPositionSelector", "start": 0, "end": 1}
        return {
            "type": "article",
            "source": "seeds/none.txt",
            "article": dict.fromkeys(named),
            "selector": [exact, place],
        }
    if row["kind"] == "computed":
        return {"type": "computed", "expression": "", "inputs": [], "notebook": "n.ipynb", "parameters": {}, "run": "0"}
    return {
        "type": "dataset", "dataset": "t", "vintage": "2026", "sha256": "0", "column": "value", "row": {"flow": row["flow"] or "NA"}
    }  # fmt: skip


def stripped(source: str, figures: registry.Registry) -> tuple[str, dict[int, tuple[str, str]]]:
    """Return a brief without its keys, and at each place the words and the figure that stood there."""
    made, reached, known = "", 0, {}
    for found in SPAN.finditer(source):
        made += source[reached : found.start()]
        figure = " ".join(found[2].strip('"').split())
        style = re.search(r"as=([\w-]+)", found[3])
        words = found[1] or brief.evaluate(figure, figures).show(style[1] if style else None)
        known[len(made)] = words, figure
        made, reached = made + words, found.end()
    return made + source[reached:], known


def counted(source: str, figures: registry.Registry, folder: Path) -> tuple[Count, list[str]]:
    """Count the verdicts on a brief without its keys, and list those that are alarms."""
    text, known = stripped(source, figures)
    found = [each for each in _checked(text, figures, folder) if each.verdict != "ignored"]
    alarms = [each for each in found if each.is_flagged]
    named = 0
    for each in found:
        truth = {figure for at, (words, figure) in known.items() if at < each.end and each.start < at + len(words)}
        named += each.verdict == "ok" and each.key in truth
    accused = sum(each.verdict not in {"uncited", "unexplained"} for each in alarms)
    count = Count(len(found), len(alarms), accused, sum(each.verdict == "candidate" for each in found), named)
    return count, [f"{each.text}: {each.verdict}, {each.reason}" for each in alarms]


def planted(source: str, figures: registry.Registry, folder: Path, kind: str) -> tuple[int, int, list[str]]:
    """Make the cited numbers wrong, every fifth at a time; give planted, found and the missed."""
    text, known = stripped(source, figures)
    places = [(at, words) for at, (words, _) in known.items() if NUMBER.search(words)]
    done, found, missed = 0, 0, []
    for first in range(ROUNDS):
        changed, at, marks = "", 0, []
        for start, words in places[first::ROUNDS]:
            digits = NUMBER.search(text, start, start + len(words))
            assert digits is not None  # noqa: S101 - it was found above
            new = WRONG[kind](digits[0])
            changed += text[at : digits.start()]
            marks.append((len(changed), len(changed) + len(new), f"{digits[0]} -> {new}"))
            changed, at = changed + new, digits.end()
        flags = [each for each in _checked(changed + text[at:], figures, folder) if each.is_flagged]
        for start, end, told in marks:
            hit = any(each.start < end and start < each.end for each in flags)
            done, found = done + 1, found + hit
            missed += [] if hit else [told]
    return done, found, missed


def _checked(text: str, figures: registry.Registry, folder: Path) -> list[brief.Verdict]:
    path = folder / "brief.md"
    path.write_text(text, encoding="utf-8")
    return brief.check(path, figures)


def _last(digits: str) -> str:
    at = len(digits.rstrip("0,.")) - 1
    value = int(digits[at])
    return digits[:at] + str(value + 3 if value < 7 else value - 3) + digits[at + 1 :]  # noqa: PLR2004 - a digit has ten values


def _longer(digits: str) -> str:
    whole, point, rest = digits.partition(".")
    return f"{int(whole.replace(',', '') + (rest[:1] or '0')):,}" + (point + rest[1:] if rest[1:] else "")


WRONG = {"last digit": _last, "times ten": _longer}


def table(folder: Path, into: Path) -> list[str]:
    """Print a row a brief, and give the alarms and the missed."""
    figures, told, whole = held(folder), [], [0] * 10
    for path in sorted(folder.glob("*.md")):
        source = path.read_text(encoding="utf-8")
        keyed = [each for each in _checked(source, figures, into) if each.key and SPAN.fullmatch(each.text)]
        wrong = [each for each in keyed if each.is_flagged]
        told += [f"{path.stem}, keyed: {each.text}: {each.verdict}, {each.reason}" for each in wrong]
        count, alarms = counted(source, figures, into)
        told += [f"{path.stem}: {each}" for each in alarms]
        cells = [len(keyed), len(wrong), *count]
        for kind in WRONG:
            done, found, missed = planted(source, figures, into, kind)
            cells += [found, done] if kind == "times ten" else [found]
            told += [f"{path.stem}, missed: {each}" for each in missed]
        whole = [one + two for one, two in zip(whole, cells, strict=True)]
        _line(path.stem, cells)
    _line(f"all {folder.name}", whole)
    print(
        f"  false alarms: {whole[3] / whole[2]:.4f} of numbers without a key, {whole[1] / whole[0]:.4f} of keyed ones"
    )
    return told


def _line(name: str, cells: list[int]) -> None:
    keyed, wrong, numbers, flagged, accused, candidates, named, digit, tenfold, planted_ = cells
    faults = f"{digit:>4}/{planted_:<4} {tenfold:>4}/{planted_:<4}"
    print(
        f"  {name:<13} {keyed:>5} {wrong:>7} {numbers:>8} {flagged:>7} {accused:>8} {candidates:>10} {named:>6}  {faults}"
    )


def main() -> None:
    """Print the tables, then what was flagged and what was missed."""
    with tempfile.TemporaryDirectory() as name:
        for folder in SETS:
            print(
                f"\n{'free prose':<15} {'keyed':>5} {'alarms':>7} {'no key':>8} {'alarms':>7} {'accused':>8} {'candidate':>10} {'named':>6}  {'digit':<9} {'x10':<9}"
            )
            print(*table(BRIEFS / folder, Path(name)), sep="\n    ")


if __name__ == "__main__":
    main()
