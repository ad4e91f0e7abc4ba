"""What our contract costs against the gold sets: each score as it is, and without the rows where the contract stands.

``python benchmarks/contract.py [--gold FOLDER] [--left]``
`contract.csv` names each such row by the sentence's id, the side that has it (gold or ours), its value and why;
it holds no sentence. A row that no longer differs is told; ``--left`` lists the differences that are our own errors.
The rows are picked from our differences alone, so the second number stands beside no peer's; the last lines give
the peers too on the sentences without any such row, which still favours us a little.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import figures as measured
import figures_adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
MEASURES = {
    "newsquant_even": {"V": "value", "VU": "value+unit", "H": "hedge"},
    "ms_currency_even": {"V": "value", "VUS": "value+unit+span"},
}
Key = tuple[str, str, str]  # the sentence's id, the side that has the figure, the figure


def scorer(gold: Path) -> Any:
    """Load the gold sets' scorer."""
    spec = importlib.util.spec_from_file_location("score", gold / "score.py")
    module: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def same(score: Any, measure: str) -> Callable[[Any, Any], bool]:
    """Return what makes two figures the same under a measure."""
    rules: dict[str, Callable[[Any, Any], bool]] = {
        "V": score.vmatch,
        "VU": lambda ours, gold: score.vmatch(ours, gold) and score.umatch(ours, gold),
        "VUS": lambda ours, gold: score.vmatch(ours, gold) and score.umatch(ours, gold) and score.smatch(ours, gold),
        "H": lambda ours, gold: score.vmatch(ours, gold) and ours["bound"] == gold["bound"],
    }
    return rules[measure]


def differences(score: Any, records: list[Any], measure: str) -> tuple[list[Key], int, int]:
    """Return the figures that only one side has, how many both have, and how many figures there are."""
    only: list[Key] = []
    both = total = 0
    for record in records:
        ours, gold = sides(score, record)
        if measure == "H":
            ours, gold = ([one for one in side if one.get("bound") in {"~", ">", "<"}] for side in (ours, gold))
        pairs = score.match(ours, gold, same(score, measure))
        both, total = both + sum(pair >= 0 for pair in pairs), total + len(ours) + len(gold)
        only += [(record["id"], "gold", shown(one)) for one, pair in zip(gold, pairs, strict=True) if pair < 0]
        only += [(record["id"], "ours", shown(one)) for place, one in enumerate(ours) if place not in pairs]
    return only, both, total


def sides(score: Any, record: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return our figures and the gold ones of a sentence."""
    marked = [score.prep(dict(one)) for one in record["gold"]]
    optional = [one for one in marked if one.get("opt")]
    ours = score.figures(figures_adapter.extract(record["text"]), record)
    ours = [one for one in ours if not any(score.smatch(one, other) for other in optional)]
    return ours, [one for one in marked if not one.get("opt")]


def shown(one: dict[str, Any]) -> str:
    """Return a figure's value, or both ends."""
    return f"{one['value']:g}" if one.get("value") is not None else f"{one['low']:g}..{one['high']:g}"


def stated(name: str, measure: str) -> Iterator[tuple[Key, str]]:
    """Return the rows of the table for a set and a measure, each with its class."""
    with (HERE / "contract.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["set"] == name and measure in row["measures"].split():
                yield (row["id"], row["side"], row["figure"]), row["class"]


def report(name: str, measure: str, differing: tuple[list[Key], int, int], *, left: bool) -> None:
    """Print a score as it is, without the contract's rows, and what each class of them costs."""
    only, both, total = differing
    remaining, classes = Counter(only), defaultdict(int)
    for key, why in stated(name, measure):
        if remaining[key]:
            remaining[key] -= 1
            classes[why] += 1
        else:
            print(f"  no longer differs: {name} {measure} {key}")
    score, excused = 200 * both / total, sum(classes.values())
    print(
        f"{name:18}{MEASURES[name][measure]:17}{score:6.1f} as is, {200 * both / (total - excused):6.1f} without {excused}"
    )
    for why, count in sorted(classes.items(), key=lambda pair: -pair[1]):
        gain = 200 * both / (total - count) - score
        print(f"  {count:3} {gain:+5.1f}  {why}")
    for key in sorted(remaining.elements()) if left else ():
        print("  ours to mend:", *key)


def beside(score: Any, name: str, records: list[Any], peers: Path) -> None:
    """Print the scores of all systems on the sentences that no row of the table names."""
    with (HERE / "contract.csv").open(newline="", encoding="utf-8") as file:
        named = {row["id"] for row in csv.DictReader(file) if row["set"] == name}
    plain = [record for record in records if record["id"] not in named]
    answers = {"ours": [figures_adapter.extract(record["text"]) for record in plain]}
    for peer in measured.PEERS:
        if answer := measured.peer_answers(peer, peers, [[record["text"] for record in plain]]):
            answers[peer] = answer["sets"][0]["rows"]
    print(f"{name}: the {len(plain)} of {len(records)} sentences without such a row")
    for system, rows in answers.items():
        result = score.score(plain, rows)
        cells = [
            f"{title} {result[key][2] if key != 'H' else result[key]}"
            for key, title in measured.COLUMNS
            if result.get(key)
        ]
        print(f"  {system:12}" + ", ".join(cells))


def main() -> None:
    """Print each measure of each set that lies at hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, default=HERE.parent.parent / "shared" / "gold")
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".peers")
    parser.add_argument("--left", action="store_true")
    asked = parser.parse_args()
    if not (asked.gold / "score.py").is_file():
        print(f"contract: skipped, there is no scorer in {asked.gold}")
        return
    score = scorer(asked.gold)
    for name, measures in MEASURES.items():
        records = score.load(name)
        for measure in measures if records else ():
            report(name, measure, differences(score, records, measure), left=asked.left)
        if records:
            beside(score, name, records, asked.peers)


if __name__ == "__main__":
    main()
