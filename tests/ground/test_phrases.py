"""The one phrase matcher: forwards, backwards and through a text, over both ways of cutting it."""

from __future__ import annotations

import pytest

from toolkit import codes
from toolkit.codes.phrases import Phrases, Tokens, Words, words_of

UNITS = Phrases([("ton", 1), ("metric ton", 2), ("barrels of oil", 3), ("US$", 4)])


@pytest.mark.parametrize(
    ("text", "meaning", "after"),
    [
        ("ton", 1, 1),
        ("metric ton", 2, 2),
        ("Metric-ton", 2, 3),
        ("metric - ton", 2, 3),
        ("barrels-of-oil", 3, 5),
        ("US$", 4, 2),
        ("US $", None, 0),
        ("metric, ton", None, 0),
    ],
)
def test_a_space_of_a_phrase_may_be_a_hyphen_and_what_is_glued_stays_so(
    text: str, meaning: int | None, after: int
) -> None:
    found = UNITS.at(Tokens(text), 0)
    assert found == ((meaning, after) if meaning else None)
    if meaning:
        assert UNITS.before(Tokens(text), after) == (meaning, 0)


@pytest.mark.parametrize("gap", [" ", "-", "'", "’", ". ", "\u00a0", "\n"])
def test_few_gaps_join_two_words(gap: str) -> None:
    phrases = Phrases([("rare earth", 1), ("rare", 2)], cut=Words)
    assert phrases.find(Words(f"The Rare{gap}earth")) == [(4, 4 + len(f"rare{gap}earth"), 1)]
    assert phrases.find(Words("rare, earth")) == [(0, 4, 2)]


def test_the_longest_phrase_counts_and_none_inside_another() -> None:
    phrases = Phrases([("a b", 1), ("a b c", 2), ("b", 3)], cut=Words)
    assert [meaning for *_, meaning in phrases.find(Words("a b c, a b b a"))] == [2, 1, 3]


def test_written_lower_and_singular_are_three_forms() -> None:
    for form, text, hits in (("written", "us US", 1), ("lower", "us US", 2), ("singular", "US ships Ship", 2)):
        phrases = Phrases([("US" if form != "singular" else "ship", 1)], form=form, cut=Words)
        assert len(phrases.find(Words(text))) == hits


def test_a_text_longer_than_a_sentence_is_read_like_a_short_one() -> None:
    long = "Japan and China, " * 400
    assert codes.find_economies(long)[-2:] == [
        (len(long) - 17, len(long) - 12, "JPN"),
        (len(long) - 7, len(long) - 2, "CHN"),
    ]
    assert words_of("Japan") is words_of("Japan")
    assert words_of(long) is not words_of(long)
