"""The report matrix to an edition: complete or not at all, and named by everything that went into it."""

from toolkit.nightly._edition import run
from toolkit.nightly._items import Edition, How, Item, Move, Sentence, Step
from toolkit.nightly._matrix import MATRIX, Matrix, Report, matrix
from toolkit.nightly._plan import Decision, dry_run
from toolkit.nightly._shelf import Difference, differences, editions, find, folder, names, prune, verify
from toolkit.nightly._told import count, moved, subject, summary

__all__ = [
    "MATRIX", "Decision", "Difference", "Edition", "How", "Item", "Matrix", "Move", "Report", "Sentence", "Step", "count",
    "differences", "dry_run", "editions", "find", "folder", "matrix", "moved", "names", "prune", "run", "subject", "summary", "verify",
]  # fmt: skip
