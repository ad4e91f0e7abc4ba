"""Article -> figures: quantity, exact span, what it is about, who said it, how firm it is."""

from toolkit.figures._figure import Figure, Finding, Refusal
from toolkit.figures._folder import read_folder
from toolkit.figures._read import Reading, extract, read

__all__ = ["Figure", "Finding", "Reading", "Refusal", "extract", "read", "read_folder"]
