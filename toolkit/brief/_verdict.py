"""A verdict on one number, and the last line of a check."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_COUNTED = ("ok", "flagged", "ignored", "unexplained")
_QUIET = ("ok", "ignored", "candidate")


class Verdict(NamedTuple):
    """What the check says of one number: ``source[start:end] == text``.

    Attributes
    ----------
    start, end : int
        Characters of the file; for docx and pdf of the text read from it.
    verdict : str
        ok, ignored, candidate (without a key, and the text does not tell which figure
        it is, or it is computed from figures nearby), or what is wrong: uncited, stale, misrounded, wrong_scale,
        wrong_unit, misattributed, hedge_lost, derived_wrong, conflict,
        quote_changed; unknown_key, malformed, not_comparable, unreadable for a key
        or text that cannot be followed; unexplained.
    key : str or None
        The key or expression cited, or the one figure that a number without a key fits.
    reason : str
        With the interval that the printed digits imply, and the registered value.
    expected : str or None
        How the registered figure would be written.
    where : str or None
        The part of a docx, the page of a pdf.
    """

    start: int
    end: int
    text: str
    verdict: str
    key: str | None
    reason: str
    expected: str | None
    where: str | None = None

    @property
    def is_flagged(self) -> bool:
        """Tell whether the author has something to mend."""
        return self.verdict not in _QUIET

    def to_dict(self) -> dict[str, object]:
        """Give the fields as JSON values, `where` only if there is one."""
        row = self._asdict()
        return row if self.where else {name: value for name, value in row.items() if name != "where"}


def tally(verdicts: Iterable[Verdict]) -> str:
    """Give the last line of a check.

    >>> tally([Verdict(0, 1, "5", "uncited", None, "no key", None)])
    '1 number: 0 ok, 1 flagged, 0 ignored, 0 unexplained'
    """
    known = {*_COUNTED, *_QUIET}
    count = Counter(each.verdict if each.verdict in known else "flagged" for each in verdicts)
    to_cite = count["candidate"]
    more = f", {to_cite} candidate{'s' * (to_cite != 1)} to cite" if to_cite else ""
    counted = ", ".join(f"{count[kind]} {kind}" for kind in _COUNTED)
    return f"{count.total()} number{'s' * (count.total() != 1)}: {counted}{more}"
