"""A text that a reader of some other format gathers: pieces, cited spans, parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.brief.read.source import Brief, Piece, Span, Unread

BREAK = "\n\n"


@dataclass
class Text:
    """Gathers what readers of a document see, in their order; offsets count the gathered characters.

    Attributes
    ----------
    key : str or None
        The figure whose words come next.
    """

    words: list[str] = field(default_factory=list)
    pieces: list[tuple[str, int, int, int | None]] = field(default_factory=list)
    opened: list[list[object]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    parts: list[tuple[int, str]] = field(default_factory=list)
    at: int = 0
    cited: int | None = None

    def part(self, name: str) -> None:
        """Begin a part or page."""
        self.parts.append((self.at, name))

    def open(self, figure: str) -> None:
        """Begin a cited span; one inside another counts as the outer one's."""
        if self.cited is None:
            self.cited = len(self.opened)
            self.opened.append([self.at, self.at, figure])

    def close(self) -> None:
        """End the cited span."""
        if self.cited is not None:
            self.opened[self.cited][1] = self.at
            self.cited = None

    def add(self, words: str) -> None:
        """Add words that readers see."""
        if words:
            self.pieces.append((words, self.at, self.at + len(words), self.cited))
            self._keep(words)

    def skip(self, words: str, why: str) -> None:
        """Add words that are not judged, and why."""
        self.unread.append((self.at, self.at + len(words), why))
        self._keep(words)

    def end(self, mark: str = BREAK) -> None:
        """End a paragraph or a cell."""
        if self.pieces and not self.pieces[-1][0].endswith(BREAK):
            self.pieces.append((mark, self.at, self.at + len(mark), None))
            self._keep(mark)

    def brief(self, path: str, source: str | None = None) -> Brief:
        """Give the brief that was read; of `source`, if offsets count that one's characters."""
        spans = [Span(int(str(start)), int(str(end)), str(figure), None) for start, end, figure in self.opened]
        pieces = tuple(
            Piece(words, start, end, None if at is None else spans[at]) for words, start, end, at in self.pieces
        )
        text = "".join(self.words) if source is None else source
        return Brief(path, text, {}, pieces, tuple(spans), tuple(self.unread), 0, tuple(self.parts))

    def _keep(self, words: str) -> None:
        self.words.append(words)
        self.at += len(words)
