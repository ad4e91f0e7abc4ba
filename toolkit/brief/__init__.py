"""Briefs with cited figures: built in any format, and a verdict on every number in them.

A figure is cited as ``[US$550 billion]{fig=jp-us-investment}``; an empty span is
filled in (``[]{fig=jp-us-investment as=short}``); an expression is computed each time
(``[]{fig="us-imports-jp-2023 / us-imports-jp-2019" as=times}``).

>>> from toolkit.files import home
>>> parse(home() / "briefs" / "us-japan-deal.md").spans[0].figure
'jp-us-investment'
"""

from __future__ import annotations

from toolkit.brief.cite import Cited, evaluate
from toolkit.brief.judge import check
from toolkit.brief.judge.verdict import Verdict, tally
from toolkit.brief.make import FORMATS, build
from toolkit.brief.make.tracing import as_text, page, trace
from toolkit.brief.marks import commented, marked_page, sarif
from toolkit.brief.patches import Change, changes, update
from toolkit.brief.read.source import Brief, Span, parse

__all__ = [
    "FORMATS", "Brief", "Change", "Cited", "Span", "Verdict", "as_text", "build", "changes", "check", "commented",
    "evaluate", "marked_page", "page", "parse", "sarif", "tally", "trace", "update",
]  # fmt: skip
__dir__ = __all__.copy
