"""The module `toolkit.econ.tariffs` under its public name."""

from toolkit.econ.tariffs import *  # noqa: F403
