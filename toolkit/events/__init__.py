"""What followed a policy date, against what would have been expected."""

from toolkit.events._panel import DiffInDiff, EventStudy, diff_in_diff, event_study
from toolkit.events._series import Effect, Interrupted, interrupted, periods
from toolkit.events._synthetic import Synthetic, synthetic_control

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
