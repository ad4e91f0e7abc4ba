"""Verdicts follow from what claim and evidence say; nobody types them in."""

import pytest

from toolkit import compare, files, observation, registry
from toolkit.compare import Evidence, Outcome, Role
from toolkit.errors import SchemaError
from toolkit.quantity import Quantity
from toolkit.store import datasets

WRITTEN = "2025-10-28"


def claim(quantity, status="reported", **more):
    source = {"type": "article", "source": "a.txt", "article": {"date": WRITTEN}, "selector": []}
    return registry.Record("a-claim", quantity, "something claimed", source, status=status, **more)


def held(value, unit="%", **more):
    names = {"hedge", "basis", "of"} & more.keys()
    quantity = Quantity.stated(value, unit, **{name: more.pop(name) for name in names})
    return Evidence(quantity, "An office", **{"period": "2024", **more})


OVER_90 = claim(Quantity.stated(90, "%", "more_than", of="global output"))
PLEDGE = claim(Quantity.stated("550e9", "USD", "about", basis="commitment"), "expected", precision=10)
TARGET = claim(Quantity.stated(2, "%", of="GDP"), "pledged")


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        (held(91), Outcome.SUPPORTED),
        (held(90, hedge="more_than"), Outcome.SUPPORTED),
        (held(85), Outcome.CONTRADICTED),
        (held(90), Outcome.NOT_COMPARABLE),  # printed without decimals, 90 may be 89.6 or 90.4
        (held(85, hedge="more_than"), Outcome.NOT_COMPARABLE),  # 95 is over 85 too, and so is 86
    ],
)
def test_hedge_and_printed_precision_decide(evidence, outcome):
    assert compare.judge(OVER_90, evidence).outcome is outcome


def test_rounded_claim_is_supported_within_half_its_last_digit():
    imports = claim(Quantity.stated("148e9", "USD"), precision=9)
    assert compare.judge(imports, held("148.37e9", "USD", precision=7)).outcome is Outcome.SUPPORTED
    assert compare.judge(imports, held("147.12e9", "USD", precision=7)).outcome is Outcome.CONTRADICTED


def test_mining_never_tests_a_processing_claim():
    mined = held(69, definition={"stage": "mining"})
    verdict = compare.judge(OVER_90, mined, counts={"stage": "processing"})
    assert verdict.outcome is Outcome.NOT_COMPARABLE
    assert "stage: mining, not processing" in verdict.why


def test_calendar_year_share_is_another_definition_of_the_budget_target():
    sipri = held("1.4", definition={"measure": "military spending", "denominator": "GDP of the calendar year"})
    counts = {"measure": "military spending", "denominator": "GDP of fiscal 2022"}
    assert compare.judge(TARGET, sipri, counts=counts).outcome is Outcome.DIFFERENT_DEFINITION


def test_pledge_repeated_is_reported_elsewhere_never_support():
    paper = held("550e9", "USD", basis="commitment", role=Role.STATEMENT)
    assert compare.judge(PLEDGE, paper).outcome is Outcome.REPORTED_ELSEWHERE


def test_statement_of_another_number_is_not_called_a_repetition():
    verdicts = [compare.judge(OVER_90, held(number, role=Role.STATEMENT)) for number in (89, 91)]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.REPORTED_ELSEWHERE}
    assert ["repeating" in verdict.why for verdict in verdicts] == [False, True]


def test_pledge_is_not_yet_testable_by_a_flow():
    assert compare.judge(PLEDGE, held("78e9", "USD", basis="flow")).outcome is Outcome.NOT_YET_TESTABLE


def test_pledge_is_never_measured_by_a_stock():
    verdict = compare.judge(PLEDGE, held("819.2e9", "USD", basis="stock"))
    assert verdict.outcome is Outcome.NOT_COMPARABLE
    assert "basis" in verdict.why


def test_promise_whose_day_has_come_is_tested():
    due = claim(Quantity.stated(2, "%"), "target", period="2024")
    assert compare.judge(due, held("1.4", precision=-1)).outcome is Outcome.CONTRADICTED


def test_plan_tests_neither_promise_nor_fact():
    plan = held("1.8", role=Role.PLAN)
    assert compare.judge(TARGET, plan).outcome is Outcome.NOT_YET_TESTABLE
    assert compare.judge(OVER_90, plan).outcome is Outcome.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("evidence", "name"),
    [
        (held(91, "USD"), "unit"),
        (held(91, basis="stock"), "basis"),
        (held(91, valuation="CIF"), "valuation"),
    ],
)
def test_unlike_is_not_compared_and_the_difference_named(evidence, name):
    record = claim(Quantity.stated(90, "%", "more_than", basis="rate"), valuation="FOB")
    verdict = compare.judge(record, evidence)
    assert verdict.outcome is Outcome.NOT_COMPARABLE
    assert f"differs in {name}" in verdict.why


def test_another_period_is_not_compared():
    record = claim(Quantity.stated(90, "%", "more_than"), period="2023")
    assert "covers 2024, the claim 2023" in compare.judge(record, held(91)).why


def test_period_that_the_article_could_not_know_is_not_compared():
    verdict = compare.judge(OVER_90, held(85, period="2025"))
    assert verdict.outcome is Outcome.NOT_COMPARABLE
    assert f"not ended on {WRITTEN}" in verdict.why


def test_measurements_that_disagree_decide_nothing():
    verdict = compare.judge(OVER_90, held(91), held(85))
    assert verdict.outcome is Outcome.NOT_COMPARABLE
    assert {part.outcome for part in verdict.parts} == {Outcome.SUPPORTED, Outcome.CONTRADICTED}


def test_measurement_outweighs_repetition():
    verdict = compare.judge(OVER_90, held(95, role=Role.STATEMENT), held(91))
    assert verdict.outcome is Outcome.SUPPORTED


def test_no_evidence_is_no_data():
    assert compare.judge(OVER_90).outcome is Outcome.NO_DATA


def test_outcomes_are_exactly_those_promised():
    assert {str(outcome) for outcome in Outcome} == {
        "supported", "contradicted", "not comparable", "different definition",
        "reported elsewhere", "not yet testable", "no data",
    }  # fmt: skip


def test_comparison_that_selects_nothing_names_itself(monkeypatch):
    rows = {
        "comparisons": [{"key": "a-claim", "dataset": "gdp", "selectors": "ref_area=ZZZ"}],
        "gdp": [{"ref_area": "JPN"}],
    }
    monkeypatch.setattr(datasets, "rows", rows.__getitem__)
    with pytest.raises(SchemaError, match="a-claim: no row of gdp has ref_area=ZZZ"):
        compare.evidence("a-claim")


KEYS = sorted({row["key"] for row in datasets.rows("comparisons")})


@pytest.mark.parametrize("key", KEYS)
def test_every_comparison_finds_its_rows_and_says_what_the_claim_counts(key):
    assert compare.evidence(key)
    assert compare.definition(key)


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("jp-us-investment", Outcome.NOT_YET_TESTABLE),
        ("jp-defence-target", Outcome.NOT_YET_TESTABLE),
        ("cn-rare-earth-processing", Outcome.SUPPORTED),
    ],
)
def test_verdicts_on_the_seed(key, outcome):
    record = registry.load(files.home() / "data" / "registry.jsonl").resolve(key)
    assert compare.judge(record, *compare.evidence(key), counts=compare.definition(key)).outcome is outcome


def test_seed_promise_repeated_by_two_papers_is_still_reported_elsewhere():
    record = registry.load(files.home() / "data" / "registry.jsonl").resolve("jp-us-investment")
    found = compare.judge(record, *compare.evidence(record.key), counts=compare.definition(record.key)).parts
    assert [part.outcome for part in found].count(Outcome.REPORTED_ELSEWHERE) == 2


@pytest.fixture
def shown(monkeypatch):
    cards = []
    monkeypatch.setattr(registry, "publish_record", cards.append)
    return cards


def test_published_observation_points_to_its_cell(shown):
    table = observation.read("us_japan_goods_annual")
    row = observation.select(
        table, series="us_goods_imports_from_japan", time_period="2023", vintage="2026-06-17"
    ).iloc[0]
    compare.publish_cell("us-imports", row, about="US imports of goods from Japan")
    (record,) = shown
    line = int(record.source["pointer"].split("row=")[1].split("&")[0])
    text = (files.home() / "data" / "us_japan_goods_annual.csv").read_text(encoding="utf-8").splitlines()[line - 1]
    assert row["value_stated"] in text.split(",")
    assert (record.place, record.partner, record.period, record.valuation) == ("USA", "JPN", "2023", "CUSTOMS")
    assert str(record) == "US$147.1968 billion"


def test_published_pledge_is_a_commitment_with_its_row(shown):
    row = next(row for row in datasets.rows("pledges") if row["id"] == "kr-total")
    compare.publish_cell("kr-pledge", row, about="Korea's pledge", table="pledges")
    (record,) = shown
    assert (record.status, record.quantity.basis, record.place) == ("pledged", "commitment", "KOR")
    assert record.source["row"] == {"id": "kr-total"}


def test_digits_that_no_office_measures_are_not_shown(shown):
    row = observation.select(observation.read("gdp"), ref_area="JPN", time_period="2024", vintage="2026-06-17").iloc[0]
    compare.publish_cell("jp-gdp", row, about="GDP of Japan")
    assert str(shown[0]) == "US$4.027598 trillion"


def test_sources_name_those_whose_rows_are_shown_and_what_was_read():
    table = observation.read("fdi_positions")
    bundle = compare.sources(table[table["source"] == "jetro-bc9d"])._repr_mimebundle_()
    assert "JETRO" in bundle["text/plain"]
    assert "Toyo Keizai" not in bundle["text/plain"]
    assert "data/fdi_positions.csv" in bundle["text/html"]
