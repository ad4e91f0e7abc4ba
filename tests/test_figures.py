"""Figures: exact spans, exact decimals, the hedge that the words state, nothing that is no figure."""

from decimal import Decimal
from pathlib import Path

import pytest

from toolkit import article, figures

SEED = Path(__file__).parents[2] / "shared" / "seeds" / "000_581e9e3cdb0433f2.txt"


def read(text):
    return [(f.quote, f.quantity.value, f.quantity.unit, str(f.quantity.hedge)) for f in figures.extract(text)]


def test_the_original_seed_states_three_figures_and_no_other():
    if not SEED.is_file():
        pytest.skip("the original article lies outside the repository, and is not here")
    assert read(article.read(SEED)) == [
        ("2 %", Decimal(2), "%", "exact"),
        ("roughly US$ 550-billion", Decimal("550e9"), "USD", "about"),
        ("more than 90 %", Decimal(90), "%", "more_than"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a roughly US$ 550-billion package", ("roughly US$ 550-billion", "550e9", "USD", "about")),
        ("spending to 2 % of GDP", ("2 %", "2", "%", "exact")),
        ("(more than 90 % of output)", ("more than 90 %", "90", "%", "more_than")),
        ("an estimated $400m shipment", ("estimated $400m", "400e6", "USD", "about")),
        ("up to $100 billion of energy", ("up to $100 billion", "100e9", "USD", "at_most")),
        ("over 1.1 million tonnes", ("over 1.1 million tonnes", "1.1e6", "t", "more_than")),
        ("five hundred and fifty million dollars", ("five hundred and fifty million dollars", "550e6", "USD", "exact")),
        ("by 25 basis points", ("25 basis points", "0.25", "pp", "exact")),
        ("two years or more", ("two years or more", "2", "year", "at_least")),
        ("Rs 45,000 crore", ("Rs 45,000 crore", "450e9", "INR", "exact")),
        ("8m tonnes of rice", ("8m tonnes", "8e6", "t", "exact")),
        ("12,34,567.50 rupees", ("12,34,567.50 rupees", "1234567.50", "INR", "exact")),
    ],
)
def test_a_phrase_is_read_whole(text, expected):
    quote, value, unit, hedge = expected
    assert read(text) == [(quote, Decimal(value), unit, hedge)]


@pytest.mark.parametrize(
    "text",
    [
        "F-35 and 5G", "Section 232 tariffs", "since 2019", "one of the great prime ministers",
        "the two leaders", "the first woman", "1.2.3", "007",
    ],
)  # fmt: skip
def test_what_is_no_figure_is_not_read(text):
    assert read(text) == []


def test_a_span_quotes_the_untouched_text():
    text = "From 46 % to 20 %, \u201cat least\u201d 5 bn euros."
    assert all(text[f.start : f.end] == f.quote for f in figures.extract(text))


def test_a_dollar_sign_alone_is_a_guess():
    assert [f.quantity.unit_certain for f in figures.extract("$5 and US$5")] == [False, True]


def test_an_article_lends_its_id_to_its_figures():
    source = article.Article("Imports rose 5 %.")
    assert figures.extract(source)[0].article_id == source.id
    assert figures.extract(source)[0].to_dict()["quantity"]["value"] == "5"
