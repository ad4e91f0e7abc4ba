"""Article -> figures: quantity, exact span, what it is about, who said it, how firm it is."""

from toolkit.figures._dates import DateMention, extract_dates
from toolkit.figures._figure import Figure, Finding
from toolkit.figures._read import extract

__all__ = ["DateMention", "Figure", "Finding", "extract", "extract_dates"]
