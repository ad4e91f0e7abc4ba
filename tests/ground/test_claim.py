"""A claim says why each of its slots is filled, and two claims differ slot by slot."""

import json
from dataclasses import FrozenInstanceError

import pytest

from toolkit.claim import SLOTS, Because, Claim, Difference, Slot, claim, claim_of, differ, measures_in, members
from toolkit.codes import table
from toolkit.errors import SchemaError

ROW = {
    "flow": "X", "measure": "value", "ref_area": "USA", "counterpart_area": "JPN", "product": "8703",
    "time_period": "2024", "valuation": "FAS", "price_base": "NA", "obs_status": "P", "trade_system": "special",
}  # fmt: skip
MIRRORED = {"narrower": "broader", "broader": "narrower"}


def said(slot, value):
    return claim(rule="words", **{slot: (value, "as said")})


@pytest.mark.parametrize(
    ("slot", "one", "held", "expected"),
    [
        ("measure", "goods exports", "exports", "narrower"),
        ("measure", "trade", "goods exports", "broader"),
        ("measure", "imports", "exports", "other"),
        ("measure", "goods exports", "goods trade", "narrower"),
        ("measure", "goods deficit", "balance", "narrower"),
        ("measure", "trade deficit", "trade surplus", "other"),
        ("measure", "FDI flow", "FDI position", "other"),
        ("flow", "M", "total", "narrower"),
        ("flow", "total", "X", "broader"),
        ("flow", "M", "X", "other"),
        ("owner", "JPN", "JPN", "same"),
        ("owner", "FRA", "EUU", "narrower"),
        ("owner", "JPN", "USA", "other"),
        ("owner", "EMU", "EUU", "narrower"),
        ("owner", ("CAN", "MEX"), "USMCA", "narrower"),
        ("owner", "GBR", "EUU", "silent"),  # a member once: without a period nobody knows
        ("owner", "X-EUR", "DEU", "silent"),  # no table lists its members
        ("partner", "USA", "X-USMCA", "other"),
        ("partner", "WLD", "X-EUR", "broader"),
        ("partner", "CHN", "WLD", "narrower"),
        ("partner", "EUU", "DEU", "broader"),
        ("product", "870323", "8703", "narrower"),
        ("product", "TOTAL", "8703", "broader"),
        ("product", ("8703", "8704"), ("8704", "8703"), "same"),
        ("product", "8703", ("8703", "8704"), "narrower"),
        ("product", "services", "8703", "other"),
        ("product", "2846.10.0000", "2846", "narrower"),
        ("product", "TOTAL", ("TOTAL", "services"), "narrower"),
        ("product", ("TOTAL", "-8703"), "TOTAL", "narrower"),
        ("product", ("TOTAL", "-8703"), "8704", "broader"),
        ("product", ("TOTAL", "-8703"), "870321", "other"),
        ("product", "copper", "7403", "silent"),
        ("product", "rare earths", "rare earths", "same"),
        ("period", "2025-Q2", "2025", "narrower"),
        ("period", "2024-04/2025-03", "2025-01", "broader"),
        ("period", "2024", "2025", "other"),
        ("period", "2025-Q1", "2025-01/2025-03", "same"),
        ("period", "last spring", "2025", "silent"),
        ("form", "rate per month", "rate", "narrower"),
        ("form", "level", "change", "other"),
        ("basis", "stock", "flow", "other"),
        ("valuation", "CIF", "FOB", "other"),
        ("price_base", "current", "constant 2015", "other"),
        ("adjustment", "seasonally adjusted", "seasonally adjusted", "same"),
        ("price_base", "constant", "constant 2015", "broader"),
        ("adjustment", "seasonally adjusted, balance of payments", "balance of payments", "narrower"),
        ("status", "reported", "pledged", "other"),
        ("status", "provisional", "reported", "narrower"),
        ("speaker", "Sanae Takaichi", "Takaichi", "narrower"),
        ("speaker", "ministry", "ministry", "same"),
        ("definition", "SIPRI", "ministry of defence", "other"),
    ],
)
def test_each_slot_is_compared_in_its_own_order(slot, one, held, expected):
    assert differ(said(slot, one), said(slot, held))[slot] == expected
    assert differ(said(slot, held), said(slot, one))[slot] == MIRRORED.get(expected, expected)


@pytest.mark.parametrize("slot", SLOTS)
def test_silence_on_either_side_never_accuses(slot):
    value = "2025" if slot == "period" else "anything"
    assert differ(said(slot, value), Claim())[slot] is Difference.SILENT
    assert differ(Claim(), said(slot, value))[slot] is Difference.SILENT


@pytest.mark.parametrize(
    ("member", "group", "period", "expected"),
    [
        ("GBR", "EUU", "2019", "narrower"),
        ("GBR", "EUU", "2020-01-31", "narrower"),
        ("GBR", "EUU", "2021", "other"),
        ("HRV", "EUU", "2013-06", "other"),
        ("HRV", "EUU", "2013-07-01", "narrower"),
        ("HRV", "EUU", "2013", "silent"),  # it joined in that year
        ("HRV", "EMU", "2022", "other"),
        ("HRV", "EMU", "2023", "narrower"),
        ("KOR", "RCEP", "2022-01", "other"),
        ("GBR", "CPTPP", "2024-12-15", "narrower"),
        ("JPN", "CPTPP", "2010", "silent"),  # there was no such group
        ("IDN", "BRICS", "2025-02", "narrower"),
    ],
)
def test_membership_is_that_of_the_period(member, group, period, expected):
    held = claim(rule="column", owner=(group, "ref_area"), period=(period, "time_period"))
    assert differ(said("owner", member), held)["owner"] == expected
    assert differ(held, said("owner", member))["owner"] == MIRRORED.get(expected, expected)


@pytest.mark.parametrize(
    ("group", "day", "count"),
    [("EUU", "2012-12-31", 27), ("EUU", "2019-12-31", 28), ("EUU", "2025-01-01", 27), ("EMU", "2025-06-30", 20), ("G7", "2025-01-01", 7), ("X-ASEAN", "2025-11-01", 11), ("CPTPP", "2025-01-01", 12)],
)  # fmt: skip
def test_groups_have_as_many_members_as_they_had_that_day(group, day, count):
    assert len(members(group, day)) == count


def test_every_member_joined_before_it_left():
    assert [row for row in table("group_members") if row["to"] and row["to"] <= row["from"]] == []
    assert len({(row["group"], row["member"]) for row in table("group_members")}) == len(table("group_members"))


def test_every_measure_and_every_parent_has_a_row_of_its_own():
    rows = table("measure_tree")
    names = {row["measure"] for row in rows if row["words"] == row["measure"]}
    named = {row["measure"] for row in rows} | {parent for row in rows for parent in row["parent"].split(";")}
    filled = {row["value"] for row in table("claim_fields") if row["slot"] == "measure"}
    assert (named | filled) - {""} == names
    assert len({row["words"].casefold() for row in rows}) == len(rows)


def test_a_row_fills_the_slots_that_it_knows_and_names_the_column():
    found = claim_of(ROW, rule="column")
    assert {slot: str(value) for slot in SLOTS if (value := getattr(found, slot))} == {
        "measure": "exports", "flow": "X", "owner": "USA", "partner": "JPN", "product": "8703", "period": "2024",
        "form": "level", "valuation": "FAS", "adjustment": "for consumption", "status": "provisional",
    }  # fmt: skip
    assert found.owner.because == Because("column", "ref_area")
    assert set(differ(found, found).values()) == {"same", "silent"}


@pytest.mark.parametrize("nothing", [None, "", "NA", "unknown", ()])
def test_a_row_without_values_claims_nothing(nothing):
    assert claim_of(dict.fromkeys(ROW, nothing), rule="column") == Claim()


def test_columns_together_name_the_measure():
    assert str(claim_of({"flow": "M", "about": "services trade"}, rule="column").measure) == "services imports"
    deficit = claim_of({"breakdown": "deficit", "series": "us_goods_balance_with_japan"}, rule="column")
    assert (str(deficit.measure), str(deficit.flow)) == ("goods deficit", "balance")
    assert deficit.measure.because.words == "breakdown, series"


def test_what_is_not_certain_is_a_candidate_and_accuses_nobody():
    unsure = claim_of(
        {"about": "exports as a share of GDP", "partner": ("JPN", "KOR"), "period": "last spring"}, rule="figure"
    )
    assert unsure.measure.candidates == ("exports", "GDP")
    assert unsure.partner.candidates == ("JPN", "KOR")
    assert unsure.period.candidates == ("last spring",)
    assert set(differ(unsure, claim_of(ROW, rule="column")).values()) == {Difference.SILENT}


def test_products_are_taken_together():
    assert claim_of({"product": "280530 2846"}, rule="record").product.values == ("280530", "2846")
    assert claim_of({"product": ("8703", "8704")}, rule="figure").product.values == ("8703", "8704")
    assert claim_of({"product": "rare earths"}, rule="column").product.values == ("rare earths",)


@pytest.mark.parametrize(
    ("words", "measures"),
    [
        ("exports", ("exports",)),
        ("Japanese defence spending", ("military expenditure",)),
        ("the duty on cars", ("tariff rate",)),
        ("customs revenue", ("tariff revenue",)),
        ("trade talks", ()),
        ("export growth", ()),
    ],
)
def test_a_noun_phrase_names_its_measures(words, measures):
    assert measures_in(words) == measures


def test_a_claim_survives_the_way_through_json_and_cannot_be_changed():
    one = Claim(owner=Slot(("JPN",), Because("subject", "Japan", 0, 5)), partner=Slot((), None, ("USA", "CHN")))
    for each in (one, Claim(), claim_of(ROW, rule="column")):
        assert Claim.from_dict(json.loads(json.dumps(each.to_dict()))) == each
    with pytest.raises(FrozenInstanceError):
        one.owner = Slot()
    with pytest.raises(SchemaError, match="no slot 'colour'"):
        Claim.from_dict({"colour": {}})


def test_a_figure_a_record_and_a_row_state_their_claims_in_the_same_slots():
    from toolkit import observation, registry
    from toolkit.compare import claim_of_row
    from toolkit.figures import extract
    from toolkit.files import home

    (figure,) = extract("PARIS, 3 June 2025 - France's exports of goods were €50 billion in April.")
    assert (str(figure.claim.measure), str(figure.claim.owner), str(figure.claim.period)) == (
        "goods exports",
        "FRA",
        "2025-04",
    )
    record = registry.load(home() / "data" / "registry.jsonl").resolve("jp-us-investment")
    assert (str(record.claim.owner), str(record.claim.partner), str(record.claim.status)) == ("JPN", "USA", "expected")
    rows = observation.read("us_japan_goods_annual")
    row = observation.select(rows, time_period="2023", valuation="CIF").iloc[0].to_dict()
    assert differ(claim_of_row(row), claim_of_row(row))["measure"] is Difference.SAME
    assert claim_of_row(row).period.because == Because("column", "time_period")
