"""A text or an article read from its first figure to its last."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module, util
from typing import TYPE_CHECKING

from toolkit.article import Article
from toolkit.figures._amount import amount
from toolkit.figures._figure import Figure, Finding
from toolkit.figures._lex import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"[^\n]+")
_GATE = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|hundred)\b", re.IGNORECASE)


def extract(source: str | Article) -> list[Figure]:
    """Give the figures that a text states, in its order; of an article, its sentences alone are read.

    >>> for figure in extract("A roughly US$ 550-billion package, or more than 10 % of GDP."):
    ...     print(figure.quote, "|", figure.quantity.hedge, figure.quantity.value, figure.quantity.unit)
    roughly US$ 550-billion | about 5.50E+11 USD
    more than 10 % | more_than 10 %
    """
    article = Article(source) if isinstance(source, str) else source
    sentences, found = article.sentences(), list(_findings(article.text))
    if article is source:
        found = [one for one in found if any(part.start <= one.start < part.end for part in sentences)]
    if util.find_spec("toolkit.figures._context") is None:
        figures = [Figure(f.quantity, f.start, f.end, article.text[f.start : f.end], f.kind, f.context) for f in found]
    else:
        figures = import_module("toolkit.figures._context").fill(article.text, sentences, found, article.date)
    return [replace(figure, article_id=article.id) for figure in figures] if article is source else figures


def _findings(text: str) -> Iterator[Finding]:
    """Give the quantities of `text` and their places, before the words around them are read."""
    for line in _LINE.finditer(text):
        tokens, index = Tokens(text, *line.span()) if _GATE.search(line[0]) else Tokens(""), 0
        while index < len(tokens):
            if (found := amount(tokens, index)) is not None:
                yield Finding(found.quantity, tokens.starts[found.first], tokens.ends[found.after - 1], found.kind)
            index = found.after if found else index + 1
