import json
from pathlib import Path

import pandas as pd
import pytest

from toolkit import observation, trade
from toolkit.errors import NotComparable, SchemaError
from toolkit.sources import comtrade

SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "comtrade" / "usa-jpn-total-2023.json"
BASE = dict.fromkeys(observation.COLUMNS, "") | {
    "freq": "A", "time_period": "2023", "ref_area": "USA", "counterpart_area": "JPN", "flow": "M", "product": "TOTAL",
    "product_scheme": "HS", "product_vintage": "H6", "measure": "value", "valuation": "CIF", "price_base": "current",
    "trade_system": "NA", "dataset": "example", "vintage": "2024", "unit_measure": "USD", "obs_status": "A",
    "reported_by": "reporter", "source": "x", "raw_sha256": "0" * 64, "raw_pointer": "/0",
}  # fmt: skip


def table(*rows):
    made = pd.DataFrame([BASE | row for row in rows]).astype({"obs_value": float})[observation.COLUMNS]
    observation.check(made)
    return made


def months(first, values, **row):
    year, month = int(first[:4]), int(first[5:]) - 1
    whens = [f"{year + (month + n) // 12}-{(month + n) % 12 + 1:02d}" for n in range(len(values))]
    return [
        row | {"freq": "M", "time_period": when, "obs_value": value} for when, value in zip(whens, values, strict=True)
    ]


BOTH = [
    {"obs_value": 110.0}, {"valuation": "FOB", "obs_value": 100.0},
    {"ref_area": "JPN", "counterpart_area": "USA", "flow": "X", "valuation": "FOB", "obs_value": 90.0},
]  # fmt: skip


def test_mirror_flows_stand_beside_each_other_with_margin_and_gap():
    (row,) = trade.mirror(table(*BOTH)).itertuples()
    assert (row.exporter, row.importer) == ("JPN", "USA")
    assert (row.import_cif, row.import_fob, row.export_fob) == (110, 100, 90)
    assert row.margin == pytest.approx(0.1)
    assert (row.gap, row.gap_basis) == (10, "FOB less FOB")
    assert row.asymmetry == pytest.approx(10 / 95)
    assert "country of origin" in row.note


def test_a_mirror_without_fob_says_what_it_compares():
    (row,) = trade.mirror(table(BOTH[0], BOTH[2])).itertuples()
    assert (row.gap, row.gap_basis) == (20, "CIF less FOB")


@pytest.mark.skipif(not SAMPLE.exists(), reason="the recorded answer lies beside the repository")
def test_the_us_margin_of_2023_is_2_9_per_cent():
    rows = trade.mirror(comtrade.parse(SAMPLE.read_bytes()))
    imports = rows[rows.importer == "USA"]
    assert imports.margin.item() == pytest.approx(0.0288, abs=5e-5)


def test_two_vintages_are_never_mixed():
    with pytest.raises(SchemaError, match="two values"):
        trade.mirror(table(BOTH[0], BOTH[0] | {"vintage": "2025"}))


def test_a_balance_subtracts_like_valuations_only():
    rows = table(
        {"obs_value": 110.0}, {"valuation": "CUSTOMS", "obs_value": 100.0},
        {"flow": "X", "valuation": "FAS", "obs_value": 70.0},
    )  # fmt: skip
    (row,) = trade.balance(rows).itertuples()
    assert (row.balance, row.kind, row.valuations) == (-30, "headline", "FAS less CUSTOMS")
    with pytest.raises(NotComparable, match="M CIF, X FOB"):
        trade.balance(table({"obs_value": 110.0}, {"flow": "X", "valuation": "FOB", "obs_value": 70.0}))


def test_the_headline_balance_is_the_one_the_bureau_prints():
    annual = observation.select(observation.read("us_japan_goods_annual"), product="TOTAL")
    printed = observation.select(annual, breakdown="balance").set_index(["time_period", "vintage"]).obs_value
    ours = annual[(annual.breakdown == "") & annual.valuation.isin(["FAS", "CUSTOMS"])]
    found = trade.balance(ours).set_index(["time_period", "vintage"]).balance
    both = printed.index.intersection(found.index)
    assert len(both) > 10
    assert (found[both] - printed[both]).abs().max() <= 0.2e6  # each side is printed to 0.1 million


def test_unit_values_flag_the_one_that_is_off():
    rows = []
    for n, other in enumerate(("DEU", "JPN", "KOR", "MEX", "CHN", "CAN")):
        price = 50.0 if other == "CAN" else 5.0 + 0.1 * n
        shared = {"counterpart_area": other, "product": "870323"}
        rows += [shared | {"obs_value": 1000 * price}]
        rows += [
            shared
            | {
                "measure": "net_weight",
                "valuation": "NA",
                "price_base": "current",
                "unit_measure": "kg",
                "obs_value": 1000.0,
            }
        ]
    found = trade.unit_values(table(*rows)).set_index("counterpart_area")
    assert found.unit_value["DEU"] == 5
    assert list(found.index[found.outlier]) == ["CAN"]
    assert set(found.unit) == {"USD/kg"}


def test_the_year_to_date_is_held_against_the_same_months():
    rows = table(*months("2024-01", [10.0] * 12 + [11.0, 12.0, 13.0]))
    found = trade.to_date(rows, "2025-03").set_index("span")
    assert (found.now["month"], found.year_before["month"]) == (13, 10)
    assert (found.now["year to date"], found.year_before["year to date"]) == (36, 30)
    assert found.change["year to date"] == pytest.approx(0.2)
    with pytest.raises(SchemaError, match="2025-04"):
        trade.to_date(rows, "2025-04")


def test_fiscal_years_run_from_april_and_are_complete_or_missing():
    found = trade.years(table(*months("2023-01", [1.0] * 12 + [2.0] * 12)), first_month=4).set_index("time_period")
    assert found.obs_value["2023-04-01/P1Y"] == 9 * 1 + 3 * 2
    assert found.obs_status["2024-04-01/P1Y"] == "M"
    assert found.obs_comment["2024-04-01/P1Y"] == "without 2025-01, 2025-02, 2025-03"


def test_calendar_years_add_up():
    found = trade.years(table(*months("2023-01", [1.0] * 24)))
    assert list(found.obs_value) == [12, 12]
    assert set(found.freq) == {"A"}


def rate(when, value, unit="JPY/USD", **row):
    return {
        "time_period": when, "ref_area": "JPN", "counterpart_area": "USA", "flow": "NA", "product": "", "measure": "rate",
        "valuation": "NA", "price_base": "NA", "unit_measure": unit, "obs_value": value, "source": "Fed H.10",
        "breakdown": "period average",
    } | row  # fmt: skip


def test_a_value_is_converted_at_its_own_periods_rate():
    yen = [{"unit_measure": "JPY", "time_period": year, "obs_value": 1000.0} for year in ("2022", "2023")]
    found = trade.convert(table(*yen), table(rate("2022", 125.0), rate("2023", 140.0)), "USD")
    assert list(found.obs_value) == [8, pytest.approx(7.142857, abs=1e-6)]
    assert found.obs_comment[0] == "from JPY at 125 JPY/USD (Fed H.10, period average)"
    assert set(found.unit_measure) == {"USD"}
    with pytest.raises(NotComparable, match="2023"):
        trade.convert(table(*yen), table(rate("2022", 125.0)), "USD")
    with pytest.raises(NotComparable, match="two rates"):
        trade.convert(table(*yen), table(rate("2022", 125.0), rate("2022", 126.0, source="ECB", vintage="2025")), "USD")


def test_a_rate_the_other_way_round_is_turned():
    found = trade.convert(
        table({"unit_measure": "EUR", "obs_value": 100.0}), table(rate("2023", 1.08, "USD/EUR")), "USD"
    )
    assert found.obs_value.item() == pytest.approx(108)


def test_real_terms_name_their_base_and_index():
    index = [
        {"measure": "level", "valuation": "NA", "product": "GDPDEF", "time_period": y, "obs_value": v}
        for y, v in (("2015", 100.0), ("2023", 125.0))
    ]
    found = trade.real(table({"obs_value": 250.0}), table(*index), "2015")
    assert (found.obs_value.item(), found.price_base.item()) == (200, "constant 2015")
    assert found.obs_comment.item() == "deflated by GDPDEF"
    with pytest.raises(NotComparable):
        trade.real(table({"obs_value": 1.0, "time_period": "2020"}), table(*index), "2015")


def test_goods_and_services_add_up_where_both_are_there():
    goods = table({"obs_value": 100.0}, {"obs_value": 50.0, "time_period": "2022"})
    services = table({"obs_value": 30.0, "product": "S", "product_scheme": "EB", "valuation": "NA"})
    found = trade.goods_and_services(goods, services).set_index("time_period")
    assert found.total["2023"] == 130
    assert pd.isna(found.total["2022"])
    assert found.note["2023"].startswith("goods CIF")


def test_a_tariff_rate_has_a_date():
    rates = [
        {"measure": "rate", "valuation": "NA", "freq": "M", "time_period": when, "obs_value": v}
        for when, v in (("2025-04", 25.0), ("2025-08", 15.0))
    ]
    assert trade.as_of(table(*rates), "2025-07-15").obs_value.item() == 25
    assert trade.as_of(table(*rates), "2025-09-01").obs_value.item() == 15
    with pytest.raises(SchemaError, match="2025-04"):
        trade.as_of(table(*rates), "2025-01-01")


def test_views_for_baci_and_gravity_users():
    export = {"flow": "X", "valuation": "FOB", "product": "010121"}
    weight = export | {"measure": "net_weight", "valuation": "NA", "price_base": "NA", "unit_measure": "kg"}
    rows = table(export | {"obs_value": 12_345.0}, weight | {"obs_value": 1_500.0})
    assert trade.to_baci(rows).to_dict("records") == [
        {"t": "2023", "i": "USA", "j": "JPN", "k": "010121", "v": 12.345, "q": 1.5}
    ]
    gravity = trade.to_gravity(rows)
    assert gravity.to_dict("records") == [
        {"exporter": "USA", "importer": "JPN", "year": 2023, "product": "010121", "trade": 12_345.0}
    ]
    imports = trade.to_gravity(table({"obs_value": 7.0}), flow="M", valuation="CIF")
    assert (imports.exporter.item(), imports.importer.item()) == ("JPN", "USA")


def test_the_comtrade_answer_balances_at_fob_only():
    row = {
        "typeCode": "C", "freqCode": "A", "period": "2022", "reporterCode": 842, "flowCode": "M", "partnerCode": 392,
        "classificationCode": "H6", "classificationSearchCode": "HS", "cmdCode": "TOTAL", "aggrLevel": 0,
        "cifvalue": 11, "fobvalue": 10, "primaryValue": 11,
    }  # fmt: skip
    exports = row | {"flowCode": "X", "cifvalue": None, "fobvalue": 6, "primaryValue": 6}
    raw = json.dumps({"count": 2, "data": [row, exports], "error": ""}).encode()
    (found,) = trade.balance(comtrade.parse(raw)).itertuples()
    assert (found.balance, found.kind) == (-4, "one valuation")
