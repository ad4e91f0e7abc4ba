"""Amounts in a row that share what only the last one names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.figures import _tables as tables
from toolkit.figures._amount import Amount, amount
from toolkit.figures._hedge import hedged
from toolkit.figures._range import Step, number_ahead
from toolkit.figures._skip import skip

if TYPE_CHECKING:
    from toolkit.figures._lex import Tokens

_MOST_LISTED = 10
_NEGATIONS = (("not",), ("rather", "than"), ("instead", "of"))


def split(tokens: Tokens, found: Amount) -> Step | None:
    """Read "$40, not $50, billion": both share the scale that follows."""
    if not found.signed or found.exponent is not None:
        return None
    index = found.after + (tokens.written[found.after] == ",")
    words = next((words for words in _NEGATIONS if tuple(tokens.lower[index : index + len(words)]) == words), None)
    ahead = number_ahead(tokens, index + len(words)) if words else None
    other = amount(tokens, ahead) if ahead is not None else None
    if other is None or other.symbol != found.symbol:
        return None
    comma = other.after + (tokens.written[other.after] == ",")
    scale = tables.SCALES.at(tokens, comma)
    if other.exponent is None and scale is None:
        return None
    if other.exponent is None and scale:
        other.exponent, other.after = scale[0], scale[1]
        other.context.append((comma, other.after))
    found.exponent = other.exponent
    found.context.append((comma, other.after) if scale else (other.number.after, other.after))
    return [hedged(tokens, found), hedged(tokens, other)], other.after, ""


def listed(tokens: Tokens, found: Amount) -> Step | None:
    """Read "10, 20 and 30 per cent", "four-, five- and six-cylinder": all share the last unit."""
    chain = _chain(tokens, found)
    if len(chain) == 1:
        return None
    last, hyphens = chain[-1], all(tokens.written[one.number.after] == "-" for one in chain)
    if last.signed or (last.unit is None and not (hyphens and last.counted)):
        return None
    if last.unit and (last.unit.money or last.number.fraction):
        return None
    for one in chain[:-1]:
        one.counted, one.unit, one.exponent, one.rate = last.counted, last.unit, last.exponent, last.rate
        one.after = one.number.after
        one.context.append((last.number.after, last.after))
    return [hedged(tokens, one) for one in chain], last.after, ""


def _chain(tokens: Tokens, found: Amount) -> list[Amount]:
    """Give the bare numbers that commas join, and the amount that ends them."""
    chain, ends = [found], False
    while chain[-1].bare and chain[-1].exponent is None and len(chain) < _MOST_LISTED:
        index = chain[-1].number.after
        index += tokens.written[index] == "-"
        joined = tokens.written[index] == "," or tokens.lower[index] in {"and", "or"}
        index += joined + (tokens.written[index] == "," and tokens.lower[index + 1] in {"and", "or"})
        ends = tokens.lower[index - 1] in {"and", "or"}
        ahead = number_ahead(tokens, index) if joined else None
        following = amount(tokens, index) if ahead == index and not skip(tokens, index) else None
        if following is None:
            return [found]
        chain.append(following)
    hyphens = tokens.written[chain[0].number.after] == "-"
    return chain if ends or hyphens else [found]  # 9 to 5, 24 hours a day
