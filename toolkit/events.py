"""The module `toolkit.econ.events` under the name by which other programs import it."""

import sys

from toolkit.econ import events

sys.modules[__name__] = events
