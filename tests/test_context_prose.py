"""Classes of expressions in news prose, each in sentences of its own."""

import pytest

from toolkit.article import Article
from toolkit.figures import extract, extract_dates


@pytest.mark.parametrize(
    ("head", "home"),
    [
        ("SFAX (Oct. 3, 2025) — ", ("TUN",)),
        ("Oct. 3, 2025, Hsinchu — ", ("TWN",)),
        ("Opinion | 3 Oct. 2025 | Tema\n\n", ("GHA",)),
        ("TEMA, 3 October 2025 /Newswire/ -- ", ("GHA",)),
    ],
)
def test_place_and_date_at_the_head_are_read_in_either_order(head, home):
    figure = extract(f"Growers wait\n\n{head}Exports of cocoa rose 5% last month.")[0]
    assert (figure.period, figure.economies) == ("2025-09", home)


def test_the_time_of_day_after_a_date_hides_no_dateline():
    text = "Growers wait\n\nPosted: 3 October 2025, 10:42 GMT\n\nExports fell last month."
    assert extract_dates(Article(text))[-1].period == "2025-09"
