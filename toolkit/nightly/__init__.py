"""The report matrix to an edition: complete or not at all, and named by everything that went into it."""

from toolkit.nightly.digest import count, moved, subject, summary
from toolkit.nightly.edition import run
from toolkit.nightly.edition_archive import Difference, differences, editions, find, folder, names, prune, verify
from toolkit.nightly.items import Edition, How, Item, Move, Sentence, Step
from toolkit.nightly.plan import Decision, dry_run
from toolkit.nightly.report_matrix import MATRIX, Matrix, Report, matrix

__all__ = [
    "MATRIX", "Decision", "Difference", "Edition", "How", "Item", "Matrix", "Move", "Report", "Sentence", "Step", "count",
    "differences", "dry_run", "editions", "find", "folder", "matrix", "moved", "names", "prune", "run", "subject", "summary", "verify",
]  # fmt: skip
