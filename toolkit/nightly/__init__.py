"""The report matrix to an edition: complete or not at all, and named by everything that went into it."""

from toolkit.nightly._edition import Edition, Item, run
from toolkit.nightly._matrix import MATRIX, Matrix, Report, matrix

__all__ = ["MATRIX", "Edition", "Item", "Matrix", "Report", "matrix", "run"]
