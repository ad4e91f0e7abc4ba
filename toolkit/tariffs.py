"""The module `toolkit.econ.tariffs` under the name by which other programs import it."""

import sys

from toolkit.econ import tariffs

sys.modules[__name__] = tariffs
