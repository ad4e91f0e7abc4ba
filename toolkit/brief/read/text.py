"""The text that a reader of docx, html, pdf or tex collects: pieces, cited spans, parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.brief.read.source import Brief, Piece, Span, Unread

__all__ = ["BREAK", "Text"]

BREAK = "\n\n"


@dataclass
class Text:
    """Collects what readers of a document see, in reading order; offsets count the collected characters."""

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
        """Begin a cited span; a span inside another counts as part of it."""
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
        """Add words that are not judged, and the reason."""
        self.unread.append((self.at, self.at + len(words), why))
        self._keep(words)

    def end(self, mark: str = BREAK) -> None:
        """End a paragraph or a cell."""
        if self.pieces and not self.pieces[-1][0].endswith(BREAK):
            self.pieces.append((mark, self.at, self.at + len(mark), None))
            self._keep(mark)

    def brief(self, path: str, source: str | None = None) -> Brief:
        """Return the brief that was read; with a `source`, offsets count the characters of that."""
        spans = [Span(int(str(start)), int(str(end)), str(figure), None) for start, end, figure in self.opened]
        pieces = tuple(
            Piece(words, start, end, None if at is None else spans[at]) for words, start, end, at in self.pieces
        )
        text = "".join(self.words) if source is None else source
        return Brief(path, text, {}, pieces, tuple(spans), tuple(self.unread), 0, tuple(self.parts))

    def _keep(self, words: str) -> None:
        self.words.append(words)
        self.at += len(words)
