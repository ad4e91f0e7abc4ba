"""Event studies: what followed the date of a policy, compared with what was to be expected.

>>> import pandas as pd
>>> months = pd.period_range("2021-01", "2025-12", freq="M").astype(str)
>>> imports = pd.Series([100.0 - 20 * (month >= "2025-04") for month in months], index=months)
>>> round(interrupted(imports, at="2025-04").level.estimate, 1)
-20.0
"""

from toolkit.econ.events.panel import (
    DiffInDiff,
    Effect,
    EventStudy,
    Interrupted,
    diff_in_diff,
    event_study,
    interrupted,
    periods,
)  # fmt: skip
from toolkit.econ.events.synthetic import Synthetic, synthetic_control

__all__ = [
    "DiffInDiff", "Effect", "EventStudy", "Interrupted", "Synthetic", "diff_in_diff", "event_study", "interrupted",
    "periods", "synthetic_control",
]  # fmt: skip
__dir__ = __all__.copy
