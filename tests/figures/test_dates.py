import pytest

from toolkit.article import Article
from toolkit.figures import extract_dates

THURSDAY = "2025-10-30"


@pytest.mark.parametrize(
    ("text", "quote", "period"),
    [
        ("Trade rose in 2019.", "2019", "2019"),
        ("They met on 28 October 2025.", "28 October 2025", "2025-10-28"),
        ("They met on Oct. 28, 2025, in Tokyo.", "Oct. 28, 2025", "2025-10-28"),
        ("Effective 2025-08-07.", "2025-08-07", "2025-08-07"),
        ("Since May 2024 it grew.", "May 2024", "2024-05"),
        ("The third quarter of 2024 was weak.", "third quarter of 2024", "2024-07/2024-09"),
        ("In Q3 2025 it rose.", "Q3 2025", "2025-07/2025-09"),
        ("The second half of 2024 was weak.", "second half of 2024", "2024-07/2024-12"),
        ("In April-June 2025 it fell.", "April-June 2025", "2025-04/2025-06"),
        ("It averaged 3 % in 2019-23.", "2019-23", "2019/2023"),
        ("It averaged 3 % in 2013-17.", "2013-17", "2013/2017"),
        ("It boomed in the 1990s.", "1990s", "1990/1999"),
        ("A fall (2020) and a rise.", "2020", "2020"),
    ],
)
def test_a_date_that_the_words_give_whole_is_stated(text, quote, period):
    (mention,) = extract_dates(text)
    assert (mention.quote, mention.period, mention.basis) == (quote, period, "stated")
    assert text[mention.start : mention.end] == quote


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("They met on Tuesday.", "2025-10-28"),
        ("They will meet on Tuesday.", "2025-11-04"),
        ("They met on Thursday.", "2025-10-30"),
        ("They met on 28 October.", "2025-10-28"),
        ("Exports fell in December.", "2024-12"),
        ("A deal is due by March.", "2026-03"),
        ("Exports fell in the third quarter.", "2025-07/2025-09"),
        ("Exports fell last year.", "2024"),
        ("Exports fell last month.", "2025-09"),
        ("They met yesterday.", "2025-10-29"),
    ],
)
def test_a_date_that_needs_the_article_s_own_is_open_without_it_and_inferred_with_it(text, period):
    (open_one,) = extract_dates(text)
    assert (open_one.period, open_one.basis) == (None, None)
    (mention,) = extract_dates(Article(text, date=THURSDAY))
    assert (mention.period, mention.basis) == (period, "inferred")


@pytest.mark.parametrize(
    "text",
    [
        "2019 cars and 2,019 tonnes.",
        "It may march on.",
        "30 February was cold.",
        "It ended 2025-00.",
        "Route 2030x.",
        "US$2019 each.",
        "Up 2019%.",
    ],
)
def test_numbers_and_words_that_are_no_dates_are_not_read(text):
    assert not extract_dates(text)


def test_a_fiscal_year_stays_open_because_its_months_depend_on_whose_it_is():
    assert [(date.quote, date.period) for date in extract_dates("In FY2025 and fiscal 2026.")] == [
        ("FY2025", None),
        ("fiscal 2026", None),
    ]
