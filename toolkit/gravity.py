"""The module `toolkit.econ.gravity` under its public name."""

from toolkit.econ.gravity import *  # noqa: F403
