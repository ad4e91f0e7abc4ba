"""What followed a policy date, against what would have been expected."""

from toolkit.econ.events.panel import (
    DiffInDiff,
    Effect,
    EventStudy,
    Interrupted,
    diff_in_diff,
    event_study,
    interrupted,
    periods,
)
from toolkit.econ.events.synthetic import Synthetic, synthetic_control

__all__ = [
    "DiffInDiff",
    "Effect",
    "EventStudy",
    "Interrupted",
    "Synthetic",
    "diff_in_diff",
    "event_study",
    "interrupted",
    "periods",
    "synthetic_control",
]
