import csv
import json
from io import StringIO

import pytest

from toolkit import figures
from toolkit.article import Article
from toolkit.brief.cite.styles import parse, write
from toolkit.figures.figure import Figure, FigureList, as_csv, as_json, card, marked, rows
from toolkit.quantity import Quantity, show
from toolkit.trade import pair

HOSTILE = '<script>alert(1)</script> & "Tokyo" said exports rose 5.3 % </mark><img src=x onerror=alert(1)> in 2024.'


def listed(text):
    article = Article(text)
    return FigureList(figures.extract(article), text, [(part.start, part.end) for part in article.sentences()])


def test_a_card_marks_the_figure_in_its_sentence():
    shown = listed("Trade grew. Exports rose 5.3 % in 2024.")._repr_html_()
    assert "<strong>5.3 %</strong>" in shown
    assert "Exports rose <mark" in shown
    assert ">5.3 %</mark> in 2024." in shown
    assert "Trade grew" not in shown


def test_a_card_escapes_everything_that_the_article_says():
    shown = listed(HOSTILE)._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("<mark") == shown.count("</mark>") == 1


def test_a_card_without_its_sentence_shows_the_quote_and_a_guess_is_named():
    quantity = Quantity.stated("5e9", "USD", unit_certain=False)
    shown = card(Figure(quantity, 0, 10, "$5 billion", "money"))
    assert ">$5 billion</mark>" in shown
    assert "USD is a guess" in shown


def test_a_list_of_figures_is_a_list_and_says_when_it_is_empty():
    assert isinstance(listed(HOSTILE), list)
    assert FigureList()._repr_html_() == "<p>No figures found.</p>"


def test_some_of_the_figures_show_as_cards_too():
    found = listed("Exports rose 5.3 % in 2024. Imports fell 2 %, and prices 1 %.")
    assert len(found[1:]) == 2
    assert found[1:]._repr_html_().count("Imports fell") == 2
    assert "Exports" not in found[1:]._repr_html_()
    assert found[-1] == list(found)[-1]


def test_a_very_long_sentence_is_cut_round_the_figure():
    shown = listed("Exports " + "of many things " * 90 + "rose 5.3 % in 2024 " + "and more " * 90 + ".")._repr_html_()
    assert ">5.3 %</mark>" in shown
    assert len(shown) < 1500


def test_sentences_are_printed_with_their_figures_marked_and_no_control_characters():
    article = Article("Exports rose 5 % and imports\x1b[2J 3 %. No figure here.")
    assert marked(article, figures.extract(article)) == ["Exports rose [5 %] and imports [2J [3 %]."]


def test_a_table_row_has_a_dash_for_what_is_not_known():
    (row,) = rows(listed("It was 5 %."))
    assert row["quantity"] == "5 %"
    assert row["period"] == "–"


def test_json_is_one_list_of_figures():
    (figure,) = json.loads(as_json(listed("Exports rose 5.3 % in 2024.")))
    assert (figure["quote"], figure["quantity"]["value"], figure["period"]) == ("5.3 %", "5.3", "2024")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝", "|"])
def test_csv_has_no_cell_that_a_spreadsheet_would_run(start):
    figure = Figure(
        Quantity.stated("-5", "%"), 0, 3, f"{start}cmd()", "percent", about=f"{start}cmd()", speaker=f" {start}cmd()"
    )
    (row,) = csv.DictReader(StringIO(as_csv([figure])))
    assert row["quote"].startswith("'")
    assert row["about"].startswith("'")
    assert row["speaker"].startswith("'")
    assert row["value"] == "-5"


@pytest.mark.parametrize(
    ("value", "unit", "precision", "shown"),
    [
        ("-0.04", "%", -1, "0.0 %"), ("-0.4", "USD", 0, "US$0"), ("-0", "%", None, "0 %"),
        ("1", "pp", None, "1 percentage point"), ("-1", "pp", None, "−1 percentage point"),
        ("1.0", "pp", -1, "1.0 percentage points"), ("1e6", "t", None, "1 million tonnes"), ("1", "bbl", None, "1 barrel"),
    ],
)  # fmt: skip
def test_nothing_has_no_sign_and_one_is_singular(value, unit, precision, shown):
    assert show(Quantity.stated(value, unit), precision=precision) == shown
    assert write(Quantity.stated(value, unit), parse("as=full"), precision) == shown


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [("1", "de", "1 Prozentpunkt"), ("2", "de", "2 Prozentpunkte"), ("1.5", "fr", "1,5 point de pourcentage"),
     ("-0.04", "fr", "0,0 point de pourcentage"), ("2", "ja", "2ポイント")],
)  # fmt: skip
def test_other_languages_count_one_as_they_do(value, style, shown):
    assert (
        write(Quantity.stated(value, "pp"), parse(f"as=full locale={style}"), -1 if "0.0" in value else None) == shown
    )


def test_an_amount_of_a_pair_that_rounds_to_nothing_has_no_sign():
    assert (pair.amount(-0.04, "USD"), pair.amount(-2_500.0, "KRW")) == ("US$0.0", "−KRW 2.5 thousand")
