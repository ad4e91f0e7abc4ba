"""The module `toolkit.econ.gravity` under the name by which other programs import it."""

import sys

from toolkit.econ import gravity

sys.modules[__name__] = gravity
