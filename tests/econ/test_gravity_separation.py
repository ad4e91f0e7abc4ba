"""Separation in PPML: the cases of the ppmlhdfe primer, and the rows of a fit with bad input."""

import numpy as np
import pandas as pd
import pytest

from toolkit.econ import gravity
from toolkit.econ.gravity.rows import separated
from toolkit.errors import SchemaError

# Correia, Guimaraes & Zylkin, separation primer and benchmarks: (x and y rows, separated rows).
PLAIN = {
    "one dummy": ("y x1", "0 1;0 1;0 0;1 0;2 0;3 0", {0, 1}),
    "two regressors together": ("y x1 x2", "0 2 -1;0 -1 2;0 0 0;1 0 0;2 5 -10;3 6 -12", {0}),
    "ten rows": (
        "y x1 x2 x3",
        "0 0 1 0;0 0 0 0;0 0 0 0;0 0 0 0;0 1 9 0;2 21 21 21;3 0 0 0;5 0 0 0;7 0 0 0;10 -18 -18 0",
        {0, 4},
    ),
    "twelve rows": (
        "y x1 x2 x3 x4",
        (
            "0 0 0 2 10;0 0 0 0 -2;0 0 0 0 6;0 0 0 4 5;0 1 0 0 3;2 0 0 0 3;2 0 0 0 4;2 0 0 -2 15;"
            "2 0 0 0 -7;4 0 0 -3 15;6 -3 -3 0 4;6 0 0 0 4"
        ),
        {4},
    ),
}
ABSORBED = {
    "two effects together": ("y g0 g1", "0 1 1;1 1 1;0 2 1;0 2 2;1 2 2", {2}),
    "not with a small positive flow": ("y g0 g1", "0 1 1;1 1 1;0 2 1;0 2 2;1 2 2;1e-6 2 1;1e-6 2 1", set()),
    "effects and a regressor": (
        "y x0 g0 g1",
        (
            "0 0 1 1;0 3 1 1;0 -2 1 1;0 2 1 3;0 2 1 5;0 0 1 6;0 7 4 1;0 1 4 4;0 2 4 5;0 1 6 1;0 -2 8 4;0 3 8 6;"
            "1 -5 1 1;1 1 1 3;5 -2 6 3;7 2 1 3"
        ),
        {4, 5, 6, 7, 8, 10, 11},  # where the certificate that the primer prints is not zero
    ),
}


def frame(names, rows):
    return pd.DataFrame([[float(cell) for cell in row.split()] for row in rows.split(";")], columns=names.split())


@pytest.mark.parametrize("case", PLAIN)
def test_separated_rows_are_found_without_effects(case):
    names, rows, expected = PLAIN[case]
    panel = frame(names, rows)
    found = gravity.estimate(panel, y="y", x=names.split()[1:])
    assert set(found.rows.because("separated")) == expected
    assert found.rows.used == len(panel) - len(expected)


def test_the_ten_row_case_ends_where_ppmlhdfe_ends():
    names, rows, _ = PLAIN["ten rows"]
    found = gravity.estimate(frame(names, rows), y="y", x=["x1", "x2", "x3"])
    assert found["x3"].estimate == pytest.approx(0.066, abs=5e-4)
    assert len(found.collinear) == 1


@pytest.mark.parametrize("case", ABSORBED)
def test_separated_rows_are_found_with_effects(case):
    names, rows, expected = ABSORBED[case]
    columns = names.split()[1:]
    used = frame(names, rows).astype({name: int for name in columns if name.startswith("g")})
    found = separated(used, [c for c in columns if c[0] == "g"], [c for c in columns if c[0] == "x"])
    assert set(np.flatnonzero(found)) == expected


def test_the_first_case_with_effects_ends_as_the_primer_says():
    rows = (
        "2 0 0 2 1;0 0 0 4 2;0 0 0 1 1;1 1 0 4 3;0 0 1 2 2;0 0 0 2 2;1 0 0 5 4;0 1 2 2 3;1 0 0 1 1;0 0 0 2 2;"
        "0 2 0 1 3;0 0 0 1 3;0 1 0 2 2;0 0 1 5 2;0 0 1 2 4;0 0 0 1 2;0 0 0 1 1;2 0 0 1 2"
    )
    found = gravity.estimate(frame("y x1 x2 i j", rows), y="y", x=["x1", "x2"], fe=["i", "j"])
    assert found.rows.because("separated") == (4, 7, 13, 14)
    assert found.collinear == ("x2",)
    assert found["x1"].estimate == pytest.approx(-0.4845, abs=1e-4)


def test_a_perfect_fit_has_no_errors_and_no_warning():
    rows = "0 -3 1 2;0 0 1 8;0 0 1 10;0 10 1 10;0 5 2 2;1 3 3 9;2 2 3 9;3 2 2 8"
    found = gravity.estimate(frame("y x1 i j", rows), y="y", x=["x1"], fe=["i", "j"])
    assert found.rows.because("separated") == (0, 1, 2, 3, 4)
    assert found["x1"].estimate == pytest.approx(-np.log(2))


@pytest.mark.parametrize("case", [*PLAIN, *ABSORBED])
def test_separation_can_be_asked_for_without_a_fit(case):
    names, rows, expected = (PLAIN | ABSORBED)[case]
    columns = names.split()[1:]
    found = gravity.separation(
        frame(names, rows), y="y", x=[c for c in columns if c[0] == "x"], fe=[c for c in columns if c[0] == "g"]
    )
    assert set(found.because("separated")) == expected
    assert found.given == found.used + sum(part.count for part in found.dropped)


def test_a_separated_dummy_is_dropped_with_its_rows_and_the_rest_is_unmoved():
    chance = np.random.default_rng(3)
    panel = pd.DataFrame({"x": chance.normal(size=400), "group": chance.integers(0, 8, 400).astype(str)})
    panel["y"] = chance.poisson(np.exp(0.5 * panel["x"]))
    panel["ban"] = ((panel["y"] == 0) & (np.arange(400) % 5 == 0)).astype(float)
    found = gravity.estimate(panel, y="y", x=["x", "ban"], fe=["group"])
    without = gravity.estimate(panel[panel["ban"] == 0], y="y", x=["x"], fe=["group"])
    assert found.collinear == ("ban",)
    assert set(found.rows.because("separated")) == set(panel.index[panel["ban"] == 1])
    assert found["x"].estimate == pytest.approx(without["x"].estimate, abs=1e-10)


def test_rows_of_groups_that_never_trade_are_named():
    panel = pd.DataFrame({"y": [0, 0, 1, 2, 3, 1.0], "x": [1, 2, 1, 2, 4, 1.0], "g": list("aabbcc")})
    found = gravity.estimate(panel, y="y", x=["x"], fe=["g"])
    assert found.rows.because("separated: zero in the whole group") == (0, 1)
    assert str(found.rows) == "6 rows given, 4 used (2 separated: zero in the whole group)"


def test_zeros_everywhere_is_an_error():
    panel = pd.DataFrame({"y": [0.0] * 4, "x": [1, 2, 3, 4.0], "g": list("aabb")})
    with pytest.raises(SchemaError, match="no row is left"):
        gravity.estimate(panel, y="y", x=["x"], fe=["g"])
