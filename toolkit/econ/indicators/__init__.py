"""Indicators of trade flows: shares, concentration, growth, advantage, similarity, complexity, supply risk.

>>> import pandas as pd
>>> herfindahl(pd.Series({"CHN": 50.0, "AUS": 25.0, "USA": 25.0}))
0.375
"""

from toolkit.econ.indicators import flows, structure
from toolkit.econ.indicators.flows import *  # noqa: F403
from toolkit.econ.indicators.structure import *  # noqa: F403

__all__ = [*flows.__all__, *structure.__all__]  # noqa: PLE0604 (names from both)
__dir__ = __all__.copy
