"""What a researcher sees on tab: public names only, each module with an example that runs."""

import pytest

import toolkit


@pytest.mark.parametrize("name", dir(toolkit))
def test_a_module_shows_its_public_names_and_an_example(name):
    module = getattr(toolkit, name)
    assert dir(module) == sorted(module.__all__)
    assert all(hasattr(module, public) for public in module.__all__)
    assert ">>>" in module.__doc__
