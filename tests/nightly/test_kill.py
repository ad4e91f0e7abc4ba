"""A night that dies anywhere loses nothing: a seeded sample of every point at which it touches the disk."""

import json
import os
import random
import shutil

import drills
import killpoints
import pytest
from conftest import cell

from toolkit import warm

EACH = 8  # points a mode; benchmarks/faults.py tries them all
RACES = 4
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


def text(title):
    cells = [cell("markdown", f"# {title}", 0), cell("code", "", 1, ["parameters"])]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    place = tmp_path_factory.mktemp("kill")
    killpoints.prepare(place / "template", text)
    shutil.copytree(place / "template", place / "home", symlinks=True)
    count = killpoints.events(place / "home")
    return place, count, killpoints.state(place / "home" / "reports")


def test_a_night_touches_the_disk_at_many_points(prepared):
    assert prepared[1] > 50


@pytest.mark.parametrize("mode", killpoints.MODES)
def test_whatever_stops_a_night_a_reader_sees_a_whole_edition_and_the_rerun_ends_the_same(prepared, mode):
    place, count, clean = prepared
    points = random.Random(6).sample(range(1, count + 1), EACH)
    found = [killpoints.check(place / "template", place / "home", at, mode, clean) for at in points]
    assert [each for each in found if each] == []


def test_of_two_nights_at_once_one_makes_the_edition_and_the_other_names_it(prepared):
    place, dice = prepared[0], random.Random(6)
    for _ in range(RACES):
        said, broken = drills.race(place / "template", place / "race", dice)
        assert broken == ""
        assert drills.is_won_by_one(said), said


@pytest.mark.slow
@pytest.mark.skipif(not warm.available(), reason="no fork of a warm process on this system")
def test_a_night_one_of_whose_processes_is_killed_is_made_whole_by_the_next(tmp_path):
    template, dice = tmp_path / "template", random.Random(6)
    drills.prepare(template, drills.text)
    clean, longest_s = drills.clean_end(template, tmp_path / "clean")
    victim = dice.choice(drills.VICTIMS)
    assert drills.check(template, tmp_path / "home", victim, dice, clean, longest_s) == "", victim
