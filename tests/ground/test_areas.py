import csv
from pathlib import Path

import pytest

from toolkit import codes
from toolkit.codes import areas
from toolkit.errors import UnknownCode

REFERENCE = Path(__file__).parents[3] / "shared" / "samples" / "comtrade" / "reference-partner.csv"
KINDS = {"economy", "dissolved", "world", "group", "nes", "union", "residual", "special", "free_zone", "none"}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the recorded reference list lies beside the repository")
def test_every_area_of_comtrades_list_resolves_or_is_typed():
    with REFERENCE.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = {row["id"]: areas.area(row["id"], "comtrade") for row in rows}
    assert len(found) == 310
    assert {area.kind for area in found.values()} <= KINDS
    former = {row["id"] for row in rows if "(..." in row["country"]} - {"850"}  # the Virgin Islands are still there
    assert not [number for number in former if found[number].kind == "economy"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(842, "USA"), (251, "FRA"), (699, "IND"), (579, "NOR"), (757, "CHE"), (0, "WLD"), (158, "TWN"), (412, "XKX")],
)
def test_comtrades_numbers_are_not_isos(number, code):
    assert areas.area(number, "comtrade").code == code


@pytest.mark.parametrize(
    ("number", "today"),
    [(200, "CZE"), (278, "DEU"), (280, "DEU"), (588, "BGD"), (841, "PRI"), (58, "BEL"), (230, "ETH")],
)
def test_a_dissolved_state_keeps_its_own_code(number, today):
    found = areas.area(number, "comtrade")
    assert found.kind == "dissolved"
    assert found.code != today


@pytest.mark.parametrize("number", [490, 492, 838, 899, 837, 839, 636, 473])
def test_what_is_no_country_is_typed(number):
    assert areas.area(number, "comtrade").kind in {"nes", "special", "free_zone"}


def test_typed_codes_are_each_their_own():
    found = [row["area"] for row in codes.table("area_codes") if row["scheme"] == "comtrade"]
    assert not [area for area in found if found.count(area) > 1 and areas.kind(area) != "economy"]


def test_the_normal_form_knows_every_area():
    for row in codes.table("area_codes"):
        assert row["area"] == "" or areas.kind(row["area"]) != "none", row


def test_blanks_at_the_end_are_dropped():
    assert areas.area(" JPN ", "sdmx").code == areas.named("Japan ").code == "JPN"


def test_namibia_is_no_missing_value():
    assert areas.area("NA", "sdmx").code == "NAM"


@pytest.mark.parametrize("scheme", ["comtrade", "worldbank", "sdmx", "census", "other"])
def test_an_unknown_area_is_an_error(scheme):
    with pytest.raises(UnknownCode, match=r"areas\.csv"):
        areas.area("QQQ", scheme)
    with pytest.raises(UnknownCode):
        areas.named("Atlantis")
