"""The examples of docs/economics.md run and give what they show."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "economics.md"
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_every_example_of_the_page_runs():
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=OPTIONS)
    assert found.attempted > 15
    assert not found.failed
