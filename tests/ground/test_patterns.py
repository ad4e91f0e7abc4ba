"""Patterns and the words that spare a search: no match may lack all of them."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import string
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import toolkit.figures
from toolkit.codes import patterns
from toolkit.codes.phrases import Words

SAMPLES = 150  # strings a pattern
LETTERS = string.ascii_letters + string.digits
CHARACTERS = LETTERS + " -,.’$(\u00a0é日"
POOLS: dict[str, list[str]] = {}
AROUND = ("", " ", "x", "-", ", ", ".", "“", "U.S. ", "7")
CATEGORIES = {"SPACE": r"\s", "DIGIT": r"\d", "WORD": r"\w"}


def shipped() -> dict[str, patterns.Pattern[str]]:
    """Every pattern of the text reader by module and name."""
    modules = pkgutil.walk_packages(toolkit.figures.__path__, "toolkit.figures.")
    found = ((module.name, vars(importlib.import_module(module.name))) for module in modules)
    return {
        f"{module}.{name}": held
        for module, names in found
        for name, held in names.items()
        if isinstance(held, patterns.Pattern)
    }


SHIPPED = shipped()
GATED = sorted(name for name, pattern in SHIPPED.items() if pattern.words)


def fits(member: tuple[Any, Any], character: str) -> bool:
    """Return whether a character is one that a member of a set allows."""
    kind, of = member
    if kind.name == "LITERAL":
        return ord(character) == of
    if kind.name == "RANGE":
        return of[0] <= ord(character) <= of[1]
    name = str(of).removeprefix("CATEGORY_")
    return (re.fullmatch(CATEGORIES[name.removeprefix("NOT_")], character) is not None) != name.startswith("NOT_")


def pool(members: list[tuple[Any, Any]]) -> list[str]:
    """Return characters of a set, the ends of its ranges among them."""
    if (known := POOLS.get(repr(members))) is None:
        negated = members[0][0].name == "NEGATE"
        stated = [chr(of) for kind, of in members if kind.name == "LITERAL"]
        ranged = [chr(end) for kind, of in members if kind.name == "RANGE" for end in of]
        known = POOLS[repr(members)] = [
            one
            for one in (*stated, *ranged, *CHARACTERS)
            if any(fits(each, one) for each in members[negated:]) != negated
        ]
    return known


def drawn(parsed: Any, chance: random.Random) -> str:
    """Draw a string of a pattern's grammar, lookarounds left out."""
    text = ""
    for kind, of in parsed:
        match kind.name:
            case "LITERAL":
                text += chr(of)
            case "NOT_LITERAL" | "ANY":
                text += chance.choice(CHARACTERS)
            case "IN":
                text += chance.choice(pool(of))
            case "BRANCH":
                text += drawn(chance.choice(of[1]), chance)
            case "SUBPATTERN":
                text += drawn(of[3], chance)
            case "ATOMIC_GROUP":
                text += drawn(of, chance)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, repeated = of
                times = chance.randint(least, max(least, min(most, 3)))
                text += "".join(drawn(repeated, chance) for _ in range(times))
    return text


@cache
def matches(name: str) -> list[str]:
    """Draw texts with a match of a pattern."""
    pattern, chance = SHIPPED[name], random.Random(name)
    parsed = re._parser.parse(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
    texts = (chance.choice(AROUND) + drawn(parsed, chance) + chance.choice(AROUND) for _ in range(SAMPLES))
    cases = (str, str.upper, str.title) if pattern.flags & re.IGNORECASE else (str,)
    return [text for text in (chance.choice(cases)(text) for text in texts) if pattern.search(text)]


@pytest.mark.parametrize("name", GATED)
def test_the_words_hide_no_match(name: str) -> None:
    needed = SHIPPED[name].words or frozenset()
    assert [text for text in matches(name) if needed.isdisjoint(Words(text).lower)] == []


def test_nearly_every_grammar_is_drawn_from() -> None:
    assert sum(bool(matches(name)) for name in GATED) > 0.95 * len(GATED)


def test_every_pattern_asked_for_its_words_can_tell_them() -> None:
    for module in {name.rpartition(".")[0] for name in SHIPPED}:
        source = Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8")
        asked = [f"{module}.{name}" for name in re.findall(r"\b([A-Z_]+)\.words\b", source)]
        assert [name for name in asked if name not in GATED] == []


def test_most_patterns_of_words_tell_which_words_they_need() -> None:
    assert len(GATED) > len(SHIPPED) / 2


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\b(?:[Bb]ears?|incurs)\s$", {"bear", "bears", "incurs"}),
        (r",?\sor\s(?:(?:about|some)\s)?$", {"or"}),
        (r"\sof (?:its|their) own\b", {"own"}),
        (r"\b(?:the|an?) (?:old |new )?(quota|duty)\b", {"quota", "duty"}),
        (r"(?:\w+\s){0,3}tariffs?\b", None),  # the word may be the end of a longer one
        (r"\s(?:\w+\s){0,3}tariffs?\b", {"tariff", "tariffs"}),
        (r"\btariff(?:s|_)\b", None),
        (r"\bfull[- ]year\b", {"full"}),
        (r"\bpurchase\w*", None),
        (r"\b(?:a\s)+tax\b", {"tax"}),
        (r"\btax$", None),  # a search may end within a word
        (r"\d+", None),
    ],
)
def test_words_are_whole_and_few(pattern: str, words: set[str] | None) -> None:
    assert patterns.needed_words(pattern) == words


def test_a_pattern_is_compiled_at_its_first_search() -> None:
    pattern = patterns.compile(r"\bbears\s")
    assert pattern.words == {"bears"}
    assert "search" not in vars(pattern)
    assert pattern.search("it bears 5 %")
    assert "search" in vars(pattern)
    assert pattern.words == {"bears"}
