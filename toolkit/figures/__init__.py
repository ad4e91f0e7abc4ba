"""Article -> figures: quantity, exact span, what it is about, who said it, how firm it is."""

from toolkit.figures._dateline import extract_dates
from toolkit.figures._dates import DateMention
from toolkit.figures._figure import Figure, Finding, Refusal
from toolkit.figures._folder import read_folder
from toolkit.figures._page import fetch
from toolkit.figures._read import Reading, extract, read
from toolkit.figures._show import FigureList

__all__ = [
    "DateMention", "Figure", "FigureList", "Finding", "Reading", "Refusal", "extract", "extract_dates", "fetch", "read", "read_folder",
]  # fmt: skip
