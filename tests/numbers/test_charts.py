"""Charts say what they show, join nothing that nobody measured, and are the same bytes each time."""

import base64
import dataclasses
import itertools
import re
import struct

import pandas as pd
import pytest

from toolkit import charts
from toolkit.errors import NotComparable, SchemaError

CAPTION = charts.Caption("Imports fell by 4 %", "US$ billion", "An office, edition of June", "A line that falls.")


def flows(**columns):
    frame = pd.DataFrame({"time_period": ["2021", "2022", "2024"], "obs_value": [3e9, 5e9, 4e9], "name": "Imports"})
    return frame.assign(**columns)


def picture(exhibit):
    return base64.b64decode(re.search(r"base64,([^\"]+)", exhibit.html)[1])


def drawn(monkeypatch, draw):
    """Return the axes that `draw` painted."""
    seen = []
    original = charts._chart

    def spy(caption, paint, **size):
        return original(caption, lambda axes: (paint(axes), seen.append(axes)), **size)

    monkeypatch.setattr(charts, "_chart", spy)
    draw()
    return seen[0]


@pytest.mark.parametrize("part", ["finding", "unit", "source", "alt"])
def test_caption_without_a_part_is_refused(part):
    with pytest.raises(SchemaError, match=f"no {part}"):
        dataclasses.replace(CAPTION, **{part: " "})


def test_page_carries_finding_unit_source_and_alt():
    page = charts.line(flows(), CAPTION, by=["name"], per=1e9).html
    assert '<figcaption class="finding">Imports fell by 4 %</figcaption>' in page
    assert '<p class="unit">US<span>$</span> billion</p>' in page
    assert '<p class="source">Source: An office, edition of June</p>' in page
    assert 'alt="A line that falls."' in page


def test_words_are_escaped_everywhere():
    hostile = charts.Caption('<script>"', "<i>", "<b>", '"><img onerror=1>', "<u>")
    page = (
        charts.table(pd.DataFrame({"<th>": ["<td>"]}), hostile).html + charts.line(flows(), hostile, by=["name"]).html
    )
    assert not re.search(r"<(script|i|b|u|th|td)>(?!<|[^<]*</t)", page)
    assert "onerror" not in re.sub(r'alt="[^"]*"', "", page)
    assert "&lt;script&gt;" in page


def test_same_rows_give_the_same_bytes():
    assert picture(charts.line(flows(), CAPTION, by=["name"])) == picture(charts.line(flows(), CAPTION, by=["name"]))


def test_readers_own_settings_change_nothing():
    import matplotlib as mpl

    before = picture(charts.line(flows(), CAPTION, by=["name"]))
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9}):
        assert picture(charts.line(flows(), CAPTION, by=["name"])) == before


def test_picture_has_twice_a_screens_dots():
    width, height = struct.unpack(">II", picture(charts.line(flows(), CAPTION, by=["name"]))[16:24])
    assert (width, height) == (1280, 720)


def test_missing_period_is_a_gap(monkeypatch):
    axes = drawn(monkeypatch, lambda: charts.line(flows(), CAPTION, by=["name"], per=1e9))
    assert list(pd.isna(axes.lines[0].get_ydata())) == [False, False, True, False]


def test_point_between_gaps_is_still_seen(monkeypatch):
    axes = drawn(monkeypatch, lambda: charts.line(flows(), CAPTION, by=["name"], per=1e9))
    assert list(axes.lines[1].get_xdata()) == [2024]


@pytest.mark.parametrize("column", ["source", "vintage", "valuation", "unit_measure", "dataset", "flow"])
def test_line_never_joins_what_differs(column):
    with pytest.raises(NotComparable, match=f"would join {column} a, b"):
        charts.line(flows(**{column: ["a", "a", "b"]}), CAPTION, by=["name"])


def test_vintages_become_pieces_of_one_colour(monkeypatch):
    frame = flows(vintage=["old", "old", "new"])
    axes = drawn(monkeypatch, lambda: charts.line(frame, CAPTION, by=["name", "vintage"]))
    assert len({line.get_color() for line in axes.lines}) == 1
    assert [len(line.get_xdata()) for line in axes.lines[::2]] == [1, 2]


def test_one_period_twice_is_refused():
    with pytest.raises(SchemaError, match="has 2021 twice"):
        charts.line(flows(time_period=["2021", "2021", "2022"]), CAPTION, by=["name"])


def test_amounts_start_at_zero(monkeypatch):
    axes = drawn(monkeypatch, lambda: charts.line(flows(), CAPTION, by=["name"], per=1e9))
    assert axes.get_ylim()[0] == 0


def test_names_at_line_ends_never_overlap(monkeypatch):
    frame = pd.concat([flows(name=name) for name in ("One", "Two", "Three")])
    axes = drawn(monkeypatch, lambda: charts.line(frame, CAPTION, by=["name"], per=1e9))
    boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in itertools.pairwise(boxes))


def test_largest_bar_stands_on_top(monkeypatch):
    frame = pd.DataFrame({"name": ["small", "large"], "amount": [1.0, 2.0]})
    axes = drawn(monkeypatch, lambda: charts.bars(frame, CAPTION, label="name", value="amount"))
    assert [text.get_text() for text in axes.get_yticklabels()] == ["small", "large"]


def test_bar_without_a_value_is_named():
    with pytest.raises(SchemaError, match="Chad has no value"):
        charts.bars(pd.DataFrame({"name": ["Chad"], "amount": [None]}), CAPTION, label="name", value="amount")


def test_open_end_is_an_arrow_and_an_approximation_a_ring(monkeypatch):
    nan = float("nan")
    frame = pd.DataFrame({"name": ["open", "about"], "low": [90, nan], "high": [nan, nan], "value": [90.0, 90.0]})
    axes = drawn(monkeypatch, lambda: charts.ranges(frame, CAPTION, label="name", ends=(80, 100)))
    assert len([text for text in axes.texts if text.arrow_patch]) == 1
    assert "white" in [line.get_markerfacecolor() for line in axes.lines]


def test_numbers_in_a_table_are_aligned_right_and_holes_are_dashes():
    page = charts.table(pd.DataFrame({"place": ["Japan", "Chad"], "share": ["12.5 %", None]}), CAPTION).html
    assert '<td class="num">12.5 %</td>' in page
    assert '<td class="num">–</td>' in page
    assert "<td>Japan</td>" in page


def test_terminal_gets_words_too():
    bundle = charts.table(pd.DataFrame({"share": [1]}), CAPTION)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "Imports fell" in bundle["text/plain"]


def test_credit_names_publishers_once_with_their_editions():
    rows = pd.DataFrame({"source": ["census-country-2016-11"] * 2, "vintage": ["2016-11", "2026-06-17"]})
    assert charts.credit(rows, rows) == "US Census Bureau (2016-11, 2026-06-17)"


def test_two_dollar_signs_are_no_mathematics_in_jupyter():
    assert "US<span>$</span>2 and US<span>$</span>3" in charts.answer("US$2 and US$3").html


def test_minus_and_per_cent_are_set_and_addresses_and_spans_are_left():
    page = charts.prose("It fell -3% to (-4.5 %); 2018 -2020, 2024-04; https://example.org/a%20b/-5").html
    assert "It fell −3 % to (−4.5 %); 2018 -2020, 2024-04; https://example.org/a%20b/-5" in page
