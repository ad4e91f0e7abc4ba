"""A claim says why each of its slots is filled, and two claims differ slot by slot."""

from dataclasses import FrozenInstanceError

import pytest

from toolkit.claim import SLOTS, Because, Claim, Difference, Slot, claim, differ, members
from toolkit.codes import table
from toolkit.errors import SchemaError


def said(slot, value):
    return claim(rule="words", **{slot: (value, "as said")})


@pytest.mark.parametrize(
    ("slot", "one", "held", "expected"),
    [
        ("measure", "goods exports", "exports", "narrower"),
        ("measure", "trade", "goods exports", "broader"),
        ("measure", "imports", "exports", "other"),
        ("flow", "M", "total", "narrower"),
        ("flow", "total", "X", "broader"),
        ("flow", "M", "X", "other"),
        ("owner", "JPN", "JPN", "same"),
        ("owner", "FRA", "EUU", "narrower"),
        ("owner", "JPN", "USA", "other"),
        ("partner", "CHN", "WLD", "narrower"),
        ("partner", "EUU", "DEU", "broader"),
        ("product", "870323", "8703", "narrower"),
        ("product", "TOTAL", "8703", "broader"),
        ("product", ("8703", "8704"), ("8704", "8703"), "same"),
        ("product", "8703", ("8703", "8704"), "narrower"),
        ("product", "services", "8703", "other"),
        ("period", "2025-Q2", "2025", "narrower"),
        ("period", "2024-04/2025-03", "2025-01", "broader"),
        ("period", "2024", "2025", "other"),
        ("form", "level", "change", "other"),
        ("basis", "stock", "flow", "other"),
        ("valuation", "CIF", "FOB", "other"),
        ("price_base", "current", "constant 2015", "other"),
        ("adjustment", "seasonally adjusted", "seasonally adjusted", "same"),
        ("status", "reported", "pledged", "other"),
        ("speaker", "ministry", "ministry", "same"),
        ("definition", "SIPRI", "ministry of defence", "other"),
    ],
)
def test_each_slot_is_compared_in_its_own_order(slot, one, held, expected):
    assert differ(said(slot, one), said(slot, held))[slot] == expected


@pytest.mark.parametrize("slot", SLOTS)
def test_silence_on_either_side_never_accuses(slot):
    value = "2025" if slot == "period" else "anything"
    assert differ(said(slot, value), Claim())[slot] is Difference.SILENT
    assert differ(Claim(), said(slot, value))[slot] is Difference.SILENT


def test_membership_is_that_of_the_period():
    before = claim(rule="column", owner=("EUU", "ref_area"), period=("2019", "time_period"))
    after = claim(rule="column", owner=("EUU", "ref_area"), period=("2021", "time_period"))
    assert differ(said("owner", "GBR"), before)["owner"] == "narrower"
    assert differ(said("owner", "GBR"), after)["owner"] == "other"


@pytest.mark.parametrize(
    ("group", "day", "count"),
    [("EUU", "2012-12-31", 27), ("EUU", "2019-12-31", 28), ("EUU", "2025-01-01", 27), ("EMU", "2025-06-30", 20), ("G7", "2025-01-01", 7)],
)  # fmt: skip
def test_groups_have_as_many_members_as_they_had_that_day(group, day, count):
    assert len(members(group, day)) == count


def test_every_member_joined_before_it_left_and_every_measure_has_a_parent_that_exists():
    assert [row for row in table("group_members") if row["to"] and row["to"] <= row["from"]] == []
    names = {row["measure"] for row in table("measure_tree")}
    assert {row["parent"] for row in table("measure_tree")} - {""} <= names


def test_a_claim_survives_the_way_through_json_and_cannot_be_changed():
    one = Claim(owner=Slot(("JPN",), Because("subject", "Japan", 0, 5)), partner=Slot((), None, ("USA", "CHN")))
    assert Claim.from_dict(one.to_dict()) == one
    with pytest.raises(FrozenInstanceError):
        one.owner = Slot()
    with pytest.raises(SchemaError, match="no slot 'colour'"):
        Claim.from_dict({"colour": {}})
