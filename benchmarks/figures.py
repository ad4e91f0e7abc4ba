"""Measure the reader of figures: accuracy, speed, start, growth, disguises, noise; beside its peers if they are there.

``python benchmarks/figures.py [--gold FOLDER] [--peers FOLDER] [--noise TEXTS] [--only PART ...]``
The gold sets lie outside the repository (some have no licence); without them their part is skipped.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import figures_adapter
import hostile

from toolkit import figures
from toolkit.figures.numbers import _alone, find_quantities

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


SETS = ("newsquant_even", "trade_even", "ms_currency_even", "rtext_currency_even", "rtext_dimension", "seed")
PEERS = ("cqe", "quantulum3")
COLUMNS = (("V", "value"), ("VU", "value+unit"), ("VUS", "value+unit+span"), ("SX", "exact span"), ("H", "hedge"))
START = (  # the peak of the process itself: getrusage would count what the parent held before exec
    "import re, time; a = time.process_time(); {}b = time.process_time() - a; "
    "print(b, re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
)
READ = "from toolkit.figures import extract; extract('2 % of GDP'); "
SIZES = (100_000, 1_000_000)


def accuracy(gold: Path, peers: Path) -> None:
    """Print F1 on each gold set, the peers' beside ours, and CPU time on the news sentences."""
    if not (gold / "score.py").is_file():
        print(f"accuracy: skipped, there is no scorer in {gold}")
        return
    spec = importlib.util.spec_from_file_location("score", gold / "score.py")
    score: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(score)  # type: ignore[union-attr]
    names = [name for name in SETS if (gold / f"{name}.jsonl").is_file()]
    sets = {name: score.load(name) for name in names}
    texts = [[record["text"] for record in records] for records in sets.values()]
    answers = {"ours": _ours(names, texts)} | {
        peer: found for peer in PEERS if (found := peer_answers(peer, peers, texts))
    }
    print(f"{'set':22}{'system':12}" + "".join(f"{title:>17}" for _, title in COLUMNS) + f"{'false':>7}")
    for place, (name, records) in enumerate(sets.items()):
        for system, answer in answers.items():
            rows = answer["sets"][place]["rows"]
            result = score.score(records, rows)
            cells = [result.get(key) for key, _ in COLUMNS]
            shown = "".join(f"{cell[2] if isinstance(cell, tuple) else cell or '-':>17}" for cell in cells)
            print(f"{name:22}{system:12}{shown}{_false(score, records, rows):>7}")
    _speed({system: (answer["sets"][0], answer["start"]) for system, answer in answers.items()}, len(texts[0]))


def _speed(news: dict[str, tuple[dict[str, Any], float]], sentences: int) -> None:
    """Print how many sentences each reads a CPU second; ours with their context, and without as the peers do."""
    ours = news["ours"][0]
    for system, (answer, start) in news.items():
        line = f"{system}: {sentences / answer['seconds']:.0f} sentences a CPU second, start {start:.2f} s"
        if system != "ours":
            ratios = answer["seconds"] / ours["seconds"], answer["seconds"] / ours["bare"]
            line += f"; ours x{ratios[0]:.1f} with context, x{ratios[1]:.1f} without"
        else:
            line += f"; without context {sentences / answer['bare']:.0f}"
        print(line)


def _false(score: Any, records: list[Any], rows: list[Any]) -> int:
    """Count the figures read in sentences that hold none."""
    empty = [
        (record, row)
        for record, row in zip(records, rows, strict=True)
        if not [g for g in record["gold"] if not g.get("opt")]
    ]
    found = 0
    for record, row in empty:
        optional = [score.prep(dict(gold)) for gold in record["gold"]]
        found += sum(not any(score.smatch(one, gold) for gold in optional) for one in score.figures(row, record))
    return found


def _ours(names: list[str], texts: list[list[str]]) -> dict[str, Any]:
    started = time.process_time()
    figures.extract("It cost 2 dollars.")
    answers: dict[str, Any] = {"start": time.process_time() - started, "sets": []}
    for name, sentences in zip(names, texts, strict=True):
        read = figures_adapter.extract_money if name.startswith("ms_") else figures_adapter.extract
        bare = _seconds(sentences, context=False)
        seconds = _seconds(sentences, context=True)
        answers["sets"].append({"rows": [read(sentence) for sentence in sentences], "seconds": seconds, "bare": bare})
    return answers


def _seconds(sentences: list[str], *, context: bool) -> float:
    """Return the CPU time of one pass; nothing that an earlier pass has kept is used."""
    _alone.cache_clear()
    started = time.process_time()
    for sentence in sentences:
        figures.extract(sentence, context=context)
    return time.process_time() - started


def peer_answers(peer: str, folder: Path, texts: list[list[str]]) -> dict[str, Any] | None:
    """Return a peer's answers to lists of texts, read in its own environment; None if it cannot run."""
    python = folder / "bin" / "python"
    if not python.is_file():
        print(f"{peer}: skipped, no environment in {folder}; make it with: make bench-peers")
        return None
    place = {"LOCPATH": str(folder / "locale"), "LC_ALL": "en_US.UTF-8"}
    command = [str(python), str(HERE / "peers.py"), peer]
    done = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, env=os.environ | place, check=False
    )
    if done.returncode:
        print(f"{peer}: skipped, it failed: {done.stderr.strip().splitlines()[-1]}")
        return None
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def start() -> None:
    """Print CPU time and memory of import and first reading, above a bare interpreter, with byte-code and as it runs here."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        kept["PYTHONPYCACHEPREFIX"] = folder
        _started(READ, kept)  # writes the byte-code, as the first use of an installation does
        rounds = [(_started("", kept), _started(READ, kept), _started(READ, {**os.environ})) for _ in range(7)]
    bare, full, here = (
        tuple(statistics.median(cells) for cells in zip(*column, strict=True)) for column in zip(*rounds, strict=True)
    )
    print(
        f"start: import and first reading {full[0]:.3f} s CPU (goal 0.15), {here[0]:.3f} s in this environment as it is,"
        f" {(full[1] - bare[1]) / 1024:.1f} MB (goal 30)"
    )


def _started(reading: str, place: dict[str, str]) -> tuple[float, float]:
    """Return CPU seconds and peak memory of one interpreter."""
    command = [sys.executable, "-c", START.format(reading)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent, env=place)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def growth() -> None:
    """Print CPU time a character of prose, and of texts that grow without end."""
    for title, read in (("with context", figures.extract), ("without", partial(figures.extract, context=False))):
        short, long = (min(_cost(read, hostile.prose(size)) for _ in range(3)) for size in SIZES)
        print(
            f"prose {title}: {short:.0f} and {long:.0f} ns a character at 100 kB and 1 MB, x{long / short:.2f} (goals 1000, 1.3)"
        )
    families = hostile.families()
    growths, dearest = {}, {}
    for name, seed in families.items():
        short, long = (
            min(_cost(figures.extract, seed * (size // len(seed))) for _ in range(2)) for size in (20_000, 80_000)
        )
        growths[name], dearest[name] = long / short, _cost(figures.extract, hostile.sentences(seed))
    worst, dear = max(growths, key=growths.__getitem__), max(dearest, key=dearest.__getitem__)
    print(
        f"{len(families)} hostile families: the worst grows x{growths[worst]:.2f} a character from 20 to 80 kB: {worst!r} (goal 2)"
    )
    print(
        f"each as sentences of 1,400 characters: the dearest takes {dearest[dear] / 1000:.0f} us a character: {dear!r}"
    )


def _cost(read: Any, text: str) -> float:
    started = time.process_time()
    read(text)
    return (time.process_time() - started) / len(text) * 1e9


def disguise() -> None:
    """Print how many figures in disguise are read right, wrong, or visibly left."""
    seen: Counter[str] = Counter()
    for name, way in hostile.WAYS.items():
        for number, figure in enumerate(hostile.figures()):
            verdict = hostile.verdict(figure, way, number, figures.read)
            seen[verdict] += 1
            seen[f"{verdict}: {name}"] += verdict not in {"right", "left"}
    total = seen["right"] + seen["left"] + seen["wrong"] + seen["lost"]
    print(
        f"disguise: {total} texts in {len(hostile.WAYS)} ways: {seen['wrong']} wrong (goal 0), {seen['left'] / total:.1%} left (goal 5 %), {seen['lost']} lost unseen"
    )


def noise(texts: int, workers: int) -> None:
    """Print exceptions, and figures whose own words do not give them back, over seeded noise."""
    step = 5_000
    started = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        counts = [
            sum(column)
            for column in zip(*pool.map(_noise, range(0, texts, step), [step] * -(-texts // step)), strict=True)
        ]
    print(
        f"noise: {texts} texts, {counts[0]} figures, {counts[1]} not given back by their own words, {counts[2]} exceptions (goals 0), {time.perf_counter() - started:.0f} s on {workers} cores"
    )


def _noise(first: int, count: int) -> tuple[int, int, int]:
    found = differ = failed = 0
    for seed in range(first, first + count):
        try:
            read, different = hostile.given_back(hostile.noise(seed), find_quantities)
        except Exception as error:  # noqa: BLE001 - the count is the result
            print(f"seed {seed}: {error!r}")
            failed += 1
            continue
        if different:
            print(f"seed {seed}: {different} not given back")
        found, differ = found + read, differ + different
    return found, differ, failed


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, default=HERE.parent.parent / "shared" / "gold")
    parser.add_argument("--peers", type=Path, default=HERE.parent / ".peers")
    parser.add_argument("--noise", type=int, default=50_000, help="seeded texts; 1000000 for the whole measure")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that read the noise")
    parser.add_argument("--only", nargs="*", choices=("accuracy", "start", "growth", "disguise", "noise"))
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    parts = {
        "accuracy": lambda: accuracy(asked.gold, asked.peers),
        "start": start,
        "growth": growth,
        "disguise": disguise,
        "noise": lambda: noise(asked.noise, asked.workers),
    }
    for name, part in parts.items():
        if not asked.only or name in asked.only:
            part()


if __name__ == "__main__":
    main()
