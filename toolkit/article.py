"""A text that never changes: id, metadata, sentences with offsets; read from a text file."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import codes
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int]

SIDE_CAR = ("title", "outlet", "date", "date_basis", "date_reason", "url", "kind", "sha256", "encoding")
# The longer mark first: UTF-32 begins as UTF-16 does.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_END = re.compile(r"(?:[.!?]++|(?<=\S)…)[”’»\"')\]]*+(?=\s)|[。！？]++[」』”]*+")
_INK = re.compile(r"\S")
_LAST_WORD = re.compile(r"(?:(?<![^\W_])[^\W\d_]\.)*[^\W\d_]++\.$")
_OPENING = " \t\u00a0\u202f\n\r“‘\"'«([—–-"
_WRAPPED = 60  # a line at least this long without a full stop may go on in the next
_SIGNATURE_WORDS = 8  # "Africa Digital News, New York"

_opened: dict[str, Article] = {}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text: ``article.text[start:end] == text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text as it was read, and what is known of it.

    Attributes
    ----------
    text : str
        Untouched, line ends included; every offset counts its characters. Only a
        byte order mark is left out.
    path : str
        As given to `read`.
    title, outlet, url : str or None
        From the side-car.
    date : str or None
        ISO 8601; `date_basis` says whether the source states it or we inferred it,
        `date_reason` why.
    original_sha256 : str or None
        Of the source's own file; differs from ours where `is_note`.
    is_note : bool
        True for a source note in our own words.

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

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the text's SHA-256."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def citation(self) -> str:
        """One line that names the article; a note of ours is called one.

        >>> Article("x", title="Deal", outlet="News", is_note=True, original_sha256="ab" * 32).citation
        'our note on “Deal”, News, undated (original sha256 abababababab…)'
        """
        title = f"“{self.title}”" if self.title else Path(self.path).name or f"text {self.id}"
        when = f"{self.date} (inferred)" if self.date_basis == "inferred" else self.date or "undated"
        line = ", ".join(part for part in (title, self.outlet, when) if part)
        return f"our note on {line} (original sha256 {(self.original_sha256 or '')[:12]}…)" if self.is_note else line

    def boilerplate(self) -> list[Span]:
        """Give the lines that are not the article's: share buttons, links, repeated headlines, credits."""
        return _boilerplate(self.text, self.outlet)

    def sentences(self) -> list[Sentence]:
        """Give the sentences in order, boilerplate left out."""
        spans = (span for block in _blocks(self.text, set(self.boilerplate())) for span in _split(self.text, *block))
        return [Sentence(start, end, self.text[start:end]) for start, end in spans]


def read(path: str | Path) -> Article:
    """Read a text file, and its side-car (same name, ``.toml``) if there is one.

    Raises
    ------
    SchemaError
        If the file is missing, empty, binary or not in its encoding, or the side-car
        is not as `SIDE_CAR` says.
    """
    path = Path(path)
    about = _side_car(path.with_suffix(".toml"))
    raw = _bytes(path)
    text = _decode(raw, path, about.pop("encoding", None))
    if not text.strip("\x00\ufeff\u200b \t\r\n\v\f\u00a0"):
        raise SchemaError(f"{path}: empty, there is nothing to read", remedy="Save the article's text in it")
    kind, digest = about.pop("kind", "article"), about.pop("sha256", None)
    own = sha256(raw).hexdigest()
    if kind == "article" and digest not in {None, own}:
        raise SchemaError(
            f"{path}: sha256 is {own}, its side-car says {digest}", remedy="Restore the file, or correct sha256"
        )
    article = Article(text, str(path), **about, original_sha256=digest or own, is_note=kind == "note")
    _opened[article.path] = article
    return article


def read_seed(path: str | Path) -> Article:
    """Read an article that an edition starts from: its side-car is required.

    Raises
    ------
    SchemaError
        As `read`, and if the side-car is missing.
    """
    beside = Path(path).with_suffix(".toml")
    if Path(path).is_file() and not beside.is_file():
        raise SchemaError(
            f"{path}: a seed without its side-car {beside.name}",
            remedy=f'Write {beside} with title, outlet, url, kind = "article" or "note", sha256 of the original, '
            'and date if the source prints it (or date_basis = "inferred" and date_reason)',
        )
    return read(path)


def opened() -> list[str]:
    """Give the citations of the articles read so far in this process, in the order of reading."""
    return [article.citation for article in _opened.values()]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SchemaError(f"{path}: {error.strerror}", remedy="Name a text file that can be read") from None


def _decode(raw: bytes, path: Path, encoding: str | None) -> str:
    mark, marked = next(((mark, name) for mark, name in _MARKS if raw.startswith(mark)), (b"", ""))
    if not mark and b"\0" in raw:
        raise SchemaError(
            f"{path}: binary, not a text (a null byte at byte {raw.index(0)})", remedy="Save the article as plain text"
        )
    encoding = marked or encoding or "utf-8"
    try:
        return raw[len(mark) :].decode(encoding)
    except LookupError:
        raise SchemaError(f"{path}: no encoding {encoding!r}", remedy="Correct `encoding` in the side-car") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SchemaError(
            f"{path}: line {line}, byte {error.start + len(mark)}, is not {encoding}",
            remedy='Save it as UTF-8, or name its encoding in the side-car: encoding = "cp1252"',
        ) from None


def _side_car(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        about: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: {error}", remedy='Write it as UTF-8 TOML: title = "…"') from None
    about = {name: value.isoformat() if isinstance(value, date) else value for name, value in about.items()}
    for name, value in about.items():
        if name not in SIDE_CAR or not isinstance(value, str):
            raise SchemaError(f"{path}: no text field {name!r}", remedy=f"Use {', '.join(SIDE_CAR)}, each a text")
    return _dated(about, path)


def _dated(about: dict[str, str], path: Path) -> dict[str, str]:
    """Check the date and say whether it is stated."""
    if about.get("kind", "article") not in {"article", "note"}:
        raise SchemaError(f"{path}: kind {about['kind']!r}", remedy='Write kind = "article" or kind = "note"')
    if "date" not in about:
        return about
    try:
        date.fromisoformat(about["date"])
    except ValueError:
        raise SchemaError(f"{path}: date {about['date']!r}", remedy="Write it as 2025-10-28, or leave it out") from None
    basis = about.setdefault("date_basis", "stated")
    if basis not in {"stated", "inferred"} or (basis == "inferred" and not about.get("date_reason")):
        raise SchemaError(
            f"{path}: date_basis {basis!r} without a reason",
            remedy='Write date_basis = "stated", or "inferred" with date_reason',
        )
    return about


@cache
def _stock(form: str) -> tuple[str, ...]:
    return tuple(row["words"].casefold() for row in codes.table("boilerplate") if row["form"] == form)


def _lines(text: str) -> list[Span]:
    """Give the lines without the white space round them, blank ones left out."""
    found = []
    for match in _LINE.finditer(text):
        line = match[0]
        if stripped := line.strip():
            start = match.start() + line.index(stripped[0])
            found.append((start, start + len(stripped)))
    return found


def _boilerplate(text: str, outlet: str | None) -> list[Span]:
    lines = _lines(text)
    folded = [text[start:end].casefold() for start, end in lines]
    first = folded[0] if folded else ""
    stock = [_is_stock(line) or (at > 0 and _repeats(line, first)) for at, line in enumerate(folded)]
    return [line for line, is_stock in zip(lines, _signed(folded, stock, outlet), strict=True) if is_stock]


def _is_stock(line: str) -> bool:
    return line in _stock("line") or line.startswith(_stock("start"))


def _repeats(line: str, headline: str) -> bool:
    """Tell whether a line is the headline again, alone or after an agency's name."""
    agency, slash, rest = line.partition("/")
    return line == headline or (bool(slash) and agency in _stock("source") and rest == headline)


def _signed(lines: list[str], stock: list[bool], outlet: str | None) -> list[bool]:
    """Add the last line of the text proper if it is only the outlet's name and place."""
    last = max((at for at, is_stock in enumerate(stock) if not is_stock), default=0)
    if last == 0 or lines[last][-1] in ".!?”\"’':" or len(lines[last].split()) > _SIGNATURE_WORDS:
        return stock
    named = lines[last].startswith((outlet or "\0").casefold())
    return [is_stock or (at == last and (named or any(stock[last + 1 :]))) for at, is_stock in enumerate(stock)]


def _blocks(text: str, left_out: set[Span]) -> Iterator[Span]:
    """Join lines that only the page's width has cut."""
    block: Span | None = None
    for start, end in _lines(text):
        if block and (start, end) not in left_out and _goes_on(text, block, start):
            block = (block[0], end)
            continue
        if block:
            yield block
        block = None if (start, end) in left_out else (start, end)
    if block:
        yield block


def _goes_on(text: str, block: Span, start: int) -> bool:
    one_break = len(_BREAK.findall(text, block[1], start)) == 1
    wide = block[1] - max(text.rfind("\n", 0, block[1]), block[0]) >= _WRAPPED
    return one_break and (text[start].islower() or (wide and text[block[1] - 1] not in '.!?:”"'))


def _split(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _END.finditer(text, start, end):
        if start < match.end() < end and _ends(text, match):
            yield start, match.end()
            start = next(_INK.finditer(text, match.end(), end)).start()
    yield start, end


def _ends(text: str, match: re.Match[str]) -> bool:
    """Tell whether a full stop ends a sentence, from the words on its two sides."""
    following = text[match.end() : match.end() + 40].lstrip(_OPENING)
    if not following or following[0].islower():
        return False
    word = _LAST_WORD.search(text, max(0, match.start() - 20), match.start() + 1) if match[0] == "." else None
    initials = word is not None and ("." in word[0][:-1] or word[0] == word[0][:1] + ".")
    ends = "may_end" if initials else _edge_words().get(word[0][:-1], "yes") if word else "yes"
    if ends != "may_end":
        return ends == "yes"
    return _edge_words().get(following.split(maxsplit=1)[0]) == "starts"


@cache
def _edge_words() -> dict[str, str]:
    return {row["word"]: row["role"] for row in codes.table("sentence_edges")}
