"""Plants faults in finished briefs and counts how many the check finds, beside a checker that only looks for the same digits."""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import prose

from toolkit import brief, registry
from toolkit.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[1] / "tests" / "briefs"
HEAD = "---\ntitle: Planted faults\ndate: 2026-11-22\n---\n\n"
SPAN = re.compile(r"\[([^\]]*)\]\{fig=(\"[^\"]*\"|[^\s}]*)([^}]*)\}")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
SCALES = {"trillion": "billion", "billion": "million", "million": "thousand", "trn": "bn", "bn": "m", "m": "k"}
UP = {"billion": "trillion", "million": "billion", "bn": "trn", "m": "bn"}
SCALE = re.compile(r"(?<=\d)( ?)(trillion|billion|million|trn|bn|m)\b")
ABBREVIATED = {"US$": "€", "$": "€", "US dollars": "euros", "¥": "US$", "yen": "US dollars"}
HEDGES = re.compile(r"^(?:about|more than|at least) ")
OTHERS = {"Japan": "Mexico", "United States": "Canada", "US": "Canadian", "Germany": "France", "Korea": "Chile", "China": "India", "Switzerland": "Norway", "Taiwan": "Peru", "Japanese": "Mexican", "Korean": "Chilean", "American": "Canadian"}  # fmt: skip
COUNTRY = re.compile(
    r"\b(?:South Korea|United States|Japan(?:ese)?|US|Germany|Korean?|China|Switzerland|Taiwan|American)\b(?!\$)"
)
PEOPLE = re.compile(r"\b(?:Akazawa|Bessent|Greer|Ishiba|Lutnick|Takaichi|Wang|Kim)\b")
TURNED = {
    "rose": "fell",
    "grew": "shrank",
    "climbed": "dropped",
    "fell": "rose",
    "declined": "increased",
    "dropped": "climbed",
}


def on_number(change: Callable[[str], str | None]) -> Callable[[str, random.Random], str | None]:
    """Make a fault of what happens to the words of a sentence's first cited number."""

    def fault(sentence: str, _: random.Random) -> str | None:
        found = SPAN.search(sentence)
        words = change(found[1]) if found else None
        return None if words is None or found is None else sentence[: found.start(1)] + words + sentence[found.end(1) :]

    return fault


def misrounded(words: str) -> str | None:
    """Change the last digit that counts by two: one alone may still be a rounding."""
    digits = NUMBER.search(words)
    if digits is None:
        return None
    at = len(digits[0].rstrip("0")) - 1 if words.startswith("about") and "." not in digits[0] else len(digits[0]) - 1
    last = int(digits[0][at])
    new = last + 2 if last < 8 else last - 2  # noqa: PLR2004 - a digit has ten values
    return words[: digits.start() + at] + str(new) + words[digits.start() + at + 1 :]


def times(power: int) -> Callable[[str], str | None]:
    """Return the fault of a number too large by a power of ten."""

    def change(words: str) -> str | None:
        digits = NUMBER.search(words)
        if digits is None:
            return None
        value = Decimal(digits[0].replace(",", "")).scaleb(power)
        return words[: digits.start()] + f"{value:,f}".rstrip(".") + words[digits.end() :]

    return change


def swap(table: dict[str, str]) -> Callable[[str], str | None]:
    """Return the fault of a word put for another, the longest first."""

    def change(words: str) -> str | None:
        found = next((each for each in sorted(table, key=len, reverse=True) if each in words), None)
        return words.replace(found, table[found], 1) if found else None

    return change


def scaled(table: dict[str, str]) -> Callable[[str], str | None]:
    """Return the fault of another scale word."""

    def change(words: str) -> str | None:
        found = SCALE.search(words)
        return (
            words[: found.start(2)] + table[found[2]] + words[found.end(2) :] if found and found[2] in table else None
        )

    return change


def points(words: str) -> str | None:
    """Put percentage points for percent."""
    found = re.search(r" ?(?:%|per cent)", words)
    return words[: found.start()] + " percentage points" + words[found.end() :] if found else None


def wrong_country(sentence: str, _: random.Random) -> str | None:
    """Name another country."""
    found = COUNTRY.search(sentence)
    if not found:
        return None
    name = found[0].removeprefix("South ")
    return sentence[: found.start()] + OTHERS[name] + sentence[found.end() :]


def wrong_year(sentence: str, _: random.Random) -> str | None:
    """Name another year, outside the keys."""
    plain = SPAN.sub(lambda found: "#" * len(found[0]), sentence)
    found = re.search(r"(?:19|20)\d\d", plain)
    return sentence[: found.start()] + str(int(found[0]) - 31) + sentence[found.end() :] if found else None


def wrong_speaker(sentence: str, _: random.Random) -> str | None:
    """Have somebody else say it."""
    found = PEOPLE.search(sentence)
    return sentence[: found.start()] + "Merz" + sentence[found.end() :] if found else None


def turned(sentence: str, _: random.Random) -> str | None:
    """Let it rise what fell."""
    found = re.search(r"\b(?:" + "|".join(TURNED) + r")\b(?= by)", sentence)
    return sentence[: found.start()] + TURNED[found[0]] + sentence[found.end() :] if found else None


def valuation(sentence: str, _: random.Random) -> str | None:
    """Put CIF for the customs or FAS value, FOB for CIF."""
    found = re.search(r"customs value|FAS value|CIF", SPAN.sub("", sentence))
    return sentence.replace(found[0], "CIF value" if "value" in found[0] else "FOB", 1) if found else None


def swapped(sentence: str, _: random.Random) -> str | None:
    """Exchange the numbers of a sentence that has two."""
    found = [*SPAN.finditer(sentence)]
    if len(found) != 2 or found[0][1] == found[1][1]:  # noqa: PLR2004 - a pair
        return None
    one, two = found
    return sentence[: one.start(1)] + two[1] + sentence[one.end(1) : two.start(1)] + one[1] + sentence[two.end(1) :]


def uncited(sentence: str, chance: random.Random) -> str:
    """Add a number that nobody registered."""
    return sentence[:-1] + f", with US${chance.randint(101, 999)}.{chance.randint(11, 99)} billion more."


def derived(words: str) -> str | None:
    """Get the arithmetic wrong."""
    return misrounded(words) if words.endswith("times") else None


FAULTS: dict[str, Callable[[str, random.Random], str | None]] = {
    "misrounded": on_number(misrounded),
    "times ten": on_number(times(1)),
    "times thousand": on_number(times(3)),
    "scale word down": on_number(scaled(SCALES)),
    "scale word up": on_number(scaled(UP)),
    "percent to points": on_number(points),
    "currency": on_number(swap(ABBREVIATED)),
    "CIF and FOB": valuation,
    "wrong country": wrong_country,
    "wrong year": wrong_year,
    "wrong speaker": wrong_speaker,
    "hedge dropped": lambda sentence, chance: unhedged(sentence, chance) if "{fig=said-" in sentence else None,
    "hedge added": on_number(lambda words: None if HEDGES.match(words) else f"more than {words}"),
    "derived wrong": on_number(derived),
    "uncited": uncited,
    "sign": turned,
    "swapped pair": swapped,
}


unhedged = on_number(lambda words: HEDGES.sub("", words) if HEDGES.match(words) else None)


def wrong_key(sentence: str, keys: list[str], chance: random.Random) -> str | None:
    """Cite another figure."""
    found = SPAN.search(sentence)
    if not found or found[2].startswith('"'):
        return None
    return (
        sentence[: found.start(2)] + chance.choice([key for key in keys if key != found[2]]) + sentence[found.end(2) :]
    )


def unkeyed(sentence: str) -> str:
    """Take the keys away, as retyping does."""
    return SPAN.sub(lambda found: found[1], sentence)


def flagged(sentences: list[str], held: registry.Registry, folder: Path) -> set[int]:
    """Return the sentences in which the check finds something."""
    if not sentences:
        return set()
    path = folder / "brief.md"
    path.write_text(HEAD + "\n\n".join(sentences) + "\n", encoding="utf-8")
    source, edges = path.read_text(encoding="utf-8"), []
    reached = len(HEAD)
    for sentence in sentences:
        edges.append((reached, reached + len(sentence)))
        reached += len(sentence) + 2
    starts = {at: index for index, (start, end) in enumerate(edges) for at in range(start, end)}
    assert len(source) == reached - 1  # noqa: S101 - a bench may trust itself less
    return {starts[each.start] for each in brief.check(path, held) if each.is_flagged}


def same_digits(sentences: list[str], held: registry.Registry) -> set[int]:
    """Return the sentences with a number whose digits stand nowhere in the table, however rounded."""
    known = set()
    for record in held:
        value = abs(record.quantity.value or Decimal(0))
        for digits in range(1, 7):
            rounded = f"{round(value, digits - 1 - value.adjusted()) if value else value:f}"
            known.add(rounded.replace(".", "").strip("0"))
    wrong = set()
    for at, sentence in enumerate(sentences):
        numbers = [each for each in NUMBER.findall(unkeyed(sentence)) if not re.fullmatch(r"(?:19|20)\d\d", each)]
        if any(re.sub(r"\D", "", each).strip("0") not in known for each in numbers):
            wrong.add(at)
    return wrong


def stale(held: registry.Registry) -> registry.Registry:
    """Return the registry after a revision of every figure by a third, so that each is printed otherwise."""
    revised = []
    for record in held:
        quantity = record.quantity
        fixed = {name: getattr(quantity, name) for name in ("of", "basis", "price_base")}
        moved = Quantity.stated(quantity.value * Decimal("1.3333"), quantity.unit, quantity.hedge, **fixed)
        revised.append(replace(record, quantity=moved))
    return registry.Registry(revised, earlier=[held])


def _same(one: str, two: str) -> bool:
    """Return whether two ways of writing mean one thing: "$5bn", "$5b" and "$5b ", ".8%" and "76,5bn" too."""
    plain = [each.strip().replace("bn", "b").replace("trn", "tn").replace("tn", "t") for each in (one, two)]
    plain = [re.sub(r"(\d),(?!\d{3}(?!\d))(\d)", r"\1.\2", re.sub(r"(?<!\d)\.(?=\d)", "0.", each)) for each in plain]
    return plain[0] == plain[1]


def single_characters(
    sentences: list[str], held: registry.Registry, folder: Path, chance: random.Random, count: int
) -> tuple[int, int, list[str]]:
    """Change one character of a digit, sign, scale word or unit in each of `count` cited numbers; give caught and all."""
    planted, kept = [], []
    letters = "0123456789.,%$€£kmbt−x "
    while len(planted) < count:
        sentence = chance.choice(sentences)
        found = chance.choice([*SPAN.finditer(sentence)])
        hedge = HEDGES.match(found[1])
        at = chance.randrange(found.start(1) + (hedge.end() if hedge else 0), found.end(1))
        old, new = sentence[at], chance.choice(letters)
        mutated = sentence[:at] + new + sentence[at + 1 :]
        if new == old or old in " ," or _same(found[1], mutated[found.start(1) : found.end(1)]):
            continue
        kept.append(f"{sentence[found.start(1) : found.end(1)]} -> {mutated[found.start(1) : found.end(1)]}")
        planted.append(mutated)
    caught = flagged(planted, held, folder)
    missed = [kept[at] for at in range(count) if at not in caught]
    return len(caught), count, missed


def run(sentences: list[str], held: registry.Registry, folder: Path) -> dict[str, list[tuple[str, int, int, int]]]:
    """Return for keyed and unkeyed sentences a row a fault: name, planted, found, found by the same-digits checker."""
    keys = [record.key for record in held]
    table: dict[str, list[tuple[str, int, int, int]]] = {"keyed": [], "unkeyed": []}
    for name, fault in {
        **FAULTS,
        "wrong key": lambda one, chance: wrong_key(one, keys, chance),
        "stale": lambda one, _: None if 'fig="' in one else one,
    }.items():
        chance = random.Random(name)
        planted = [changed for each in sentences if (changed := fault(each, chance))]
        for kind, rows in table.items():
            if name == "wrong key" and kind == "unkeyed":
                continue
            texts = planted if kind == "keyed" else [unkeyed(each) for each in planted]
            against = stale(held) if name == "stale" else held
            rows.append((name, len(texts), len(flagged(texts, against, folder)), len(same_digits(texts, against))))
    return table


def speed(sentences: list[str], held: registry.Registry, folder: Path) -> None:
    """Print how long a check takes, by length."""
    path = folder / "brief.md"
    spans = len(SPAN.findall("".join(sentences)))
    for pages in (50, 100, 200, 500):
        texts = (sentences * (20 * pages // spans + 1))[: int(20 * pages * len(sentences) / spans)]
        path.write_text(HEAD + "\n\n".join(texts) + "\n", encoding="utf-8")
        start = time.process_time()
        found = brief.check(path, held)
        seconds = time.process_time() - start
        keyed = sum(each.key is not None for each in found)
        print(
            f"  {pages:>4} pages, {keyed:>6,} cited numbers: {seconds:6.2f} s, {seconds / keyed * 1000:.2f} ms a number"
        )


def main() -> None:
    """Print the tables."""
    held = registry.load(DATA / "registry.jsonl")
    texts = [path.read_text(encoding="utf-8").partition("---\n\n")[2] for path in sorted(DATA.glob("*.md"))]
    sentences = [sentence for text in texts for sentence in text.strip().split("\n\n")]
    print(
        f"{len(sentences)} sentences, {len(texts)} briefs, {len([*held])} figures, {os.cpu_count()} cores, Python {sys.version.split()[0]}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, rows in run(sentences, held, folder).items():
            clean = sentences if kind == "keyed" else [unkeyed(each) for each in sentences]
            print(f"\n{kind:<20} {'planted':>8} {'found':>7} {'recall':>7} {'same digits':>12}")
            for fault, planted, found, plain in rows:
                print(
                    f"  {fault:<18} {planted:>8} {found:>7} {found / max(planted, 1):>7.3f} {plain / max(planted, 1):>12.3f}"
                )
            total = Counter[str]()
            for _, planted, found, plain in rows:
                total.update(planted=planted, found=found, plain=plain)
            print(
                f"  {'all':<18} {total['planted']:>8} {total['found']:>7} {total['found'] / total['planted']:>7.3f} {total['plain'] / total['planted']:>12.3f}"
            )
            print(
                f"  false alarms: {len(flagged(clean, held, folder)) / len(clean):.4f}, same digits {len(same_digits(clean, held)) / len(clean):.4f}"
            )
        caught, count, missed = single_characters(sentences, held, folder, random.Random(500), 500)
        print(f"\nsingle characters changed: {caught} of {count} caught", *missed, sep="\n  ")
        print("\ntime of one processor, pandoc's apart")
        speed(sentences, held, folder)
    prose.main()


if __name__ == "__main__":
    main()
