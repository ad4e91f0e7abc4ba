"""Figures of an article: each quantity with its exact span, subject, speaker and status.

>>> [found.quote for found in extract("Imports fell by 4 % to US$148 billion.")]
['4 %', 'US$148 billion']
"""

from toolkit.figures.dates import DateMention, extract_dates
from toolkit.figures.figure import Figure, FigureList, LocatedQuantity, Refusal
from toolkit.figures.reader import Reading, extract, read, read_folder

__all__ = [
    "DateMention", "Figure", "FigureList", "LocatedQuantity", "Reading", "Refusal", "extract", "extract_dates", "read", "read_folder",
]  # fmt: skip
__dir__ = __all__.copy
