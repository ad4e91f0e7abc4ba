"""Make an edition from the report matrix: complete or not at all, and named by the hash of its inputs."""

from toolkit.nightly.edition import run
from toolkit.nightly.edition_archive import Difference, differences, find, folder, names, prune, verify
from toolkit.nightly.items import (
    AffectedSentence,
    Edition,
    Item,
    Move,
    RunOptions,
    Step,
    count,
    moved,
    subject,
    summary,
)
from toolkit.nightly.plan import Decision, dry_run
from toolkit.nightly.report_matrix import MATRIX, Matrix, Report, matrix

__all__ = [
    "MATRIX", "AffectedSentence", "Decision", "Difference", "Edition", "Item", "Matrix", "Move", "Report", "RunOptions",
    "Step", "count", "differences", "dry_run", "find", "folder", "matrix", "moved", "names", "prune", "run",
    "subject", "summary", "verify",
]  # fmt: skip
