"""An article: a text that never changes, its metadata and its sentences with offsets; read from text, HTML or PDF.

>>> from toolkit.files import home
>>> len(read(home() / "seeds" / "us-japan-deal.txt").sentences()) > 1
True
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import files
from toolkit.article.decoding import SIDE_CAR, decode, side_car
from toolkit.article.sentences import blocks, boilerplate, split, text_lines
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from toolkit.article.sentences import Span

__all__ = ["SIDE_CAR", "Article", "Sentence", "articles_read", "from_bytes", "read", "read_seed"]
__dir__ = __all__.copy

_BLANK = "\x00\ufeff\u200b \t\r\n\v\f\u00a0"
_SNIFFED, _SPACE = 512, b"\xef\xbb\xbf\xff\xfe \t\r\n"
_opened: dict[str, Article] = {}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text: ``article.text[start:end] == text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text as it was read, and what is known about it.

    Attributes
    ----------
    text : str
        The text of a file, unchanged with its line ends, only without a byte order mark;
        or the text extracted from HTML or PDF. Every offset counts its characters.
    path : str
        As given to `read`.
    title, outlet, url : str or None
        From the side-car, otherwise from the file's own metadata.
    date : str or None
        ISO 8601; `date_basis` says whether the source states it or we inferred it,
        `date_reason` why.
    original_sha256 : str or None
        The hash of the source's own file, which differs from ours if `is_note`.
    is_note : bool
        True for a source note in our own words.
    form : str
        ``text``, ``html`` or ``pdf``.
    notices : tuple of str
        What was left out or doubtful on reading: hidden text, empty pages.

    Examples
    --------
    >>> Article("Trade fell. Mr. Abe left.").sentences()[1].text
    'Mr. Abe left.'
    """

    text: str
    path: str = ""
    title: str | None = None
    outlet: str | None = None
    date: str | None = None
    date_basis: str | None = None
    date_reason: str | None = None
    url: str | None = None
    original_sha256: str | None = None
    is_note: bool = False
    form: str = "text"
    notices: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The first twelve hexadecimal digits of the text's SHA-256."""
        return _sha256(self.text.encode("utf-8", "surrogatepass"))[:12]

    @property
    def citation(self) -> str:
        """One line that names the article, and says if it is a note of ours.

        >>> Article("x", title="Deal", outlet="News", is_note=True, original_sha256="ab" * 32).citation
        'our note on “Deal”, News, undated (original sha256 abababababab…)'
        """
        title = f"“{self.title}”" if self.title else Path(self.path).name or f"text {self.id}"
        when = f"{self.date} (inferred)" if self.date_basis == "inferred" else self.date or "undated"
        line = ", ".join(part for part in (title, self.outlet, when) if part)
        return f"our note on {line} (original sha256 {(self.original_sha256 or '')[:12]}…)" if self.is_note else line

    def boilerplate(self) -> list[Span]:
        """Return the lines that do not belong to the article: share buttons, links, repeated headlines, credits."""
        return boilerplate(self.text, text_lines(self.text), self.outlet)

    def sentences(self) -> list[Sentence]:
        """Return the sentences in order, without boilerplate."""
        lines = text_lines(self.text)
        joined = blocks(self.text, lines, set(boilerplate(self.text, lines, self.outlet)))
        spans = (span for block in joined for span in split(self.text, *block))
        return [Sentence(start, end, self.text[start:end]) for start, end in spans]


def read(path: str | Path) -> Article:
    """Read a text, HTML or PDF file, and its side-car (same name, ``.toml``) if there is one.

    The side-car takes precedence over the file's own metadata.

    Raises
    ------
    SchemaError
        If the file is missing, empty, too large or too deep, encrypted, a scan
        without text, not in its encoding, or if the side-car is not as `SIDE_CAR` says.
    """
    if "://" in str(path):
        from toolkit.web.address import check_public  # slow to load, and a file does not need it

        check_public(str(path))
        raise SchemaError(f"{path}: an address, not a file", remedy="Fetch it: toolkit figures URL")
    path = Path(path)
    about, raw = side_car(path.with_suffix(".toml")), files.read(path)
    text, own = _text(raw, path, about.pop("encoding", None))
    if not text.strip(_BLANK):
        raise SchemaError(f"{path}: empty, there is nothing to read", remedy="Save the article's text in it")
    kind, digest = about.pop("kind", "article"), about.pop("sha256", None)
    actual = _sha256(raw)
    if kind == "article" and digest not in {None, actual}:
        problem = f"{path}: sha256 is {actual}, its side-car says {digest}"
        raise SchemaError(problem, remedy="Restore the file, or correct sha256")
    if "date" in about:
        own = {name: value for name, value in own.items() if not name.startswith("date")}
    article = Article(text, str(path), **own | about, original_sha256=digest or actual, is_note=kind == "note")
    _opened[article.path] = article
    return article


def from_bytes(raw: bytes, url: str, *, encoding: str | None = None) -> Article:
    """Return the article in the bytes that `url` served: PDF, HTML or text, as their beginning shows.

    >>> from_bytes(b"Exports rose 5 %.", "https://news.example/note").text
    'Exports rose 5 %.'

    Raises
    ------
    SchemaError
        As in `read`; the error names the address.
    """
    page = raw[:_SNIFFED].replace(b"\0", b"").lstrip(_SPACE)[:1] == b"<"
    name = Path("page.html" if page else "page.txt")
    try:
        text, own = _text(raw, name, encoding)
    except SchemaError as error:
        raise SchemaError(error.problem.replace(str(name), url, 1), remedy=error.remedy) from None
    if not text.strip(_BLANK):
        raise SchemaError(f"{url}: empty, there is nothing to read", remedy="Check the address in a browser")
    article = Article(text, url, **{"url": url, **own}, original_sha256=_sha256(raw))
    _opened[article.path] = article
    return article


def read_seed(path: str | Path) -> Article:
    """Read an article that an edition starts from, which needs a side-car.

    Raises
    ------
    SchemaError
        As in `read`, and if the side-car is missing.
    """
    beside = Path(path).with_suffix(".toml")
    if Path(path).is_file() and not beside.is_file():
        remedy = f'Write {beside} with title, outlet, url, kind = "article" or "note", sha256 of the original, '
        remedy += 'and date if the source prints it (or date_basis = "inferred" and date_reason)'
        raise SchemaError(f"{path}: a seed without its side-car {beside.name}", remedy=remedy)
    return read(path)


def articles_read() -> list[str]:
    """Return the citations of the articles read so far in this process, in the order of reading."""
    return [article.citation for article in _opened.values()]


def _sha256(raw: bytes) -> str:
    from hashlib import sha256  # slow to load, and a text alone does not need it

    return sha256(raw).hexdigest()


def _text(raw: bytes, path: Path, encoding: str | None) -> tuple[str, dict[str, Any]]:
    """Return the text of a file, and its own metadata."""
    if raw.startswith(b"%PDF"):
        from toolkit.article.pdf import pdf

        return pdf(raw, path)
    if path.suffix.lower() in {".html", ".htm", ".xhtml"}:
        from toolkit.article.html import html

        return html(raw, path, encoding)
    return decode(raw, path, encoding), {}
