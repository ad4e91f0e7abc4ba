"""The module `toolkit.econ.events` under its public name."""

from toolkit.econ.events import *  # noqa: F403
