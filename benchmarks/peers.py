"""The peers' answers in the scorer's form; runs in the peers' own environment (sh benchmarks/peers.sh).

Use: ``.peers/bin/python benchmarks/peers.py cqe < texts.json > answers.json``; the texts are a list of lists.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[dict[str, Any]]


def cqe() -> Callable[[str], Rows]:
    """Return CQE's reader."""
    from CQE import CQE

    parser = CQE.CQE()

    def read(text: str) -> Rows:
        return [_cqe_row(found) for found in parser.parse(text)]

    return read


def _cqe_row(found: Any) -> dict[str, Any]:
    value, spans = found.value, [*found.value.char_indices, *found.unit.char_indices]
    return {
        "value": getattr(value, "value", None),
        "low": getattr(value, "lower", None),
        "high": getattr(value, "upper", None),
        "unit": str(found.unit.norm_unit),
        "currency": None,
        "bound": found.change.change,
        "start": min((start for start, _ in spans), default=None),
        "end": max((end for _, end in spans), default=None),
    }


def quantulum3() -> Callable[[str], Rows]:
    """Return quantulum3's reader, without its classifier."""
    from quantulum3 import parser

    def read(text: str) -> Rows:
        return [_quantulum_row(found) for found in parser.parse(text)]

    return read


def _quantulum_row(found: Any) -> dict[str, Any]:
    ranged = found.uncertainty is not None
    return {
        "value": None if ranged else found.value,
        "low": found.value - found.uncertainty if ranged else None,
        "high": found.value + found.uncertainty if ranged else None,
        "unit": found.unit.name,
        "currency": None,
        "bound": "=",
        "start": found.span[0],
        "end": found.span[1],
    }


def main(peer: str) -> None:
    """Read lists of texts from standard input, write each list's answers and CPU seconds."""
    warnings.simplefilter("ignore")
    started = time.process_time()
    read = {"cqe": cqe, "quantulum3": quantulum3}[peer]()
    read("It cost 2 dollars.")
    answers: dict[str, Any] = {"start": time.process_time() - started, "sets": []}
    for texts in json.load(sys.stdin):
        started, rows = time.process_time(), []
        for text in texts:
            try:
                rows.append(read(text))
            except Exception:  # noqa: BLE001 - a peer that fails on a text has read nothing in it
                rows.append([])
        answers["sets"].append({"rows": rows, "seconds": time.process_time() - started})
    sys.stdout.write("\n" + json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
