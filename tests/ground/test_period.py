import csv
import json
import pickle
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.article import Article
from toolkit.errors import SchemaError
from toolkit.figures import extract, extract_dates
from toolkit.period import Grain, Period

ROOT = Path(__file__).parents[2]
CALENDAR = [grain for grain in Grain if grain is not Grain.SPAN]
MONTHS = [Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR]
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
PERIODS = st.builds(Period.of, DAYS, st.sampled_from(CALENDAR))
MONTH_SPANS = st.builds(Period.of_months, st.integers(1900, 2100), st.integers(-20, 20), st.integers(1, 200))
LENGTHS = st.builds("{}/P{}{}".format, DAYS, st.integers(1, 99), st.sampled_from("MY")).map(Period.parse)
SPANS = st.tuples(PERIODS, PERIODS).map(sorted).map(lambda two: Period.parse("/".join(map(str, two))))
ANY = st.one_of(PERIODS, MONTH_SPANS, LENGTHS, SPANS)
KNOWN = [
    ("2025", "2025-01-01", "2025-12-31", Grain.YEAR, 12),
    ("2024-S2", "2024-07-01", "2024-12-31", Grain.HALF, 6),
    ("2024-H1", "2024-01-01", "2024-06-30", Grain.HALF, 6),
    ("2025-Q1", "2025-01-01", "2025-03-31", Grain.QUARTER, 3),
    ("2024-02", "2024-02-01", "2024-02-29", Grain.MONTH, 1),
    ("2025-W01", "2024-12-30", "2025-01-05", Grain.WEEK, 0),
    ("2025-04-02", "2025-04-02", "2025-04-02", Grain.DAY, 0),
    ("2025-04/2026-03", "2025-04-01", "2026-03-31", Grain.SPAN, 12),
    ("2019/2023", "2019-01-01", "2023-12-31", Grain.SPAN, 60),
    ("2001-2016", "2001-01-01", "2016-12-31", Grain.SPAN, 192),
    ("1995-present", "1995-01-01", "9999-12-31", Grain.SPAN, 0),
    ("2025-04-01/P1Y", "2025-04-01", "2026-03-31", Grain.SPAN, 12),
    ("2024-01-31/P1M", "2024-01-31", "2024-02-28", Grain.SPAN, 0),
    ("2025-04-02/2025-06", "2025-04-02", "2025-06-30", Grain.SPAN, 0),
]


def tables():
    for path in sorted((ROOT / "data").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield from (row[name] for name in ("time_period", "period", "date") if row.get(name))


def records():
    for path in (*ROOT.glob("data/*.jsonl"), *ROOT.glob("tests/**/*registry.jsonl"), *ROOT.glob("reports/*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if period := json.loads(line).get("period"):
                yield period


def articles():
    for path in sorted((*ROOT.glob("seeds/*.txt"), *ROOT.glob("tests/gold/*.txt"))):
        article = Article(path.read_text(encoding="utf-8"), date="2025-10-28")
        yield from (one.period for one in (*extract_dates(article), *extract(article)) if one.period)


@pytest.mark.parametrize("places", [tables, records, articles], ids=lambda places: places.__name__)
def test_every_period_of_the_project_prints_as_it_was_written(places):
    found = set(places())
    assert found
    assert {str(Period.parse(text)) for text in found} == found


@pytest.mark.parametrize(("text", "start", "end", "grain", "months"), KNOWN)
def test_each_form_has_its_days_its_grain_and_its_length(text, start, end, grain, months):
    period = Period.parse(text)
    assert (str(period), str(period.start), str(period.end)) == (text, start, end)
    assert (period.grain, period.months) == (grain, months)


@pytest.mark.parametrize(
    "text",
    ["", "25", "2025-13", "2025-00", "2025-Q5", "2025-S3", "2023-W53", "2025-02-30", "2026/2025", "2025-04-01/P0M", "FY2025",
     "2025/26", "2025-04-01/P1W", "2025/", "/2025", "2019/2020/2021", "0000", "9999-12-01/P2Y", "٢٠٢٥", "2025 ", "2025\n"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_remedy(text):
    with pytest.raises(SchemaError, match="is not a period") as caught:
        Period.parse(text)
    assert "2025-04-01/P1Y" in caught.value.remedy


@given(ANY)
def test_a_period_survives_printing_and_pickling(period):
    assert Period.parse(str(period)) == period == pickle.loads(pickle.dumps(period))  # noqa: S301 (our own bytes)


@given(DAYS, st.sampled_from(CALENDAR))
def test_a_day_lies_in_its_period_and_not_in_the_next(day, grain):
    period, known = Period.of(day, grain), Period.of(day, Grain.DAY)
    assert period.grain is grain
    assert period.contains(known)
    assert not period.shift(1).overlaps(known)


@given(ANY)
def test_one_step_on_begins_the_day_after(period):
    if period.months or period.days < 1000:  # a moved span of odd ends may not be a period
        try:
            after = period.shift(1)
        except SchemaError:
            assert period.grain is Grain.SPAN
        else:
            assert after.start == period.end + timedelta(days=1)


@given(st.one_of(PERIODS, MONTH_SPANS), st.integers(-50, 50))
def test_a_shift_there_and_back_changes_nothing(period, count):
    assert period.shift(count).shift(-count) == period


@given(MONTH_SPANS, st.integers(-50, 50), st.sampled_from(MONTHS))
def test_months_moved_by_months_keep_their_number(period, count, by):
    assert period.shift(count, by).months == period.months


@given(ANY, ANY)
def test_containing_is_overlapping_and_order_is_that_of_starts_then_ends(one, two):
    assert one.overlaps(two) == two.overlaps(one) == (max(one.start, two.start) <= min(one.end, two.end))
    assert not one.contains(two) or one.overlaps(two)
    assert (one < two) == ((one.start, one.end, one.grain) < (two.start, two.end, two.grain))


@given(MONTH_SPANS)
def test_the_months_of_a_span_make_it_up(period):
    parts = period.parts(Grain.MONTH)
    assert (parts[0].start, parts[-1].end, len(parts)) == (period.start, period.end, period.months)


def test_the_same_time_written_otherwise_is_equal_but_prints_as_written():
    assert Period.parse("2025-S1") == Period.parse("2025-H1")
    assert Period.parse("2025-04/2026-03") == Period.parse("2025-04-01/P1Y")
    assert Period.parse("2025") != Period.parse("2025-01/2025-12")
    assert str(Period.parse("2025-H1").shift(1)) == "2025-H2"


@pytest.mark.parametrize(
    ("day", "first_month", "span"),
    [("2026-03-31", 4, "2025-04/2026-03"), ("2025-10-01", 10, "2025-10/2026-09"), ("2025-06-30", 7, "2024-07/2025-06")],
)
def test_a_fiscal_year_begins_in_the_month_of_its_economy(day, first_month, span):
    assert str(Period.fiscal_year(date.fromisoformat(day), first_month)) == span


@pytest.mark.parametrize(("text", "by"), [("1995-present", None), ("2025-W07", Grain.MONTH), ("2025", Grain.SPAN)])
def test_a_step_that_has_no_meaning_is_refused(text, by):
    with pytest.raises(SchemaError):
        Period.parse(text).shift(1, by)
