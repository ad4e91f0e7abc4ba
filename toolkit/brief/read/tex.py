r"""A brief read from LaTeX: its text by offsets in the file, with what its own macros and siunitx print."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from typing import TYPE_CHECKING

from toolkit.brief.cite.styles import SCALES, any_of
from toolkit.brief.read.source import CELL_END, read_text
from toolkit.brief.read.text import Text
from toolkit.codes import table
from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from toolkit.brief.read.source import Brief

__all__ = ["after_empty", "defined", "expanded", "number", "parse", "plain_text", "unit"]

_TOKENS = {
    "comment": r"%[^\n]*(?:\n[ \t]*)?",
    "command": r"\\(?:[A-Za-z@]+\*?[ \t]*|.|\n)",
    "open": r"\{",
    "close": r"\}",
    "blank": r"[ \t]*\n[ \t]*\n\s*",
    "dashes": r"-{2,3}|``|''|~",
    "cell": "&",
    "maths": r"\$",
    "words": r"[^\\{}%&$~\n`'-]+|.|\n",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{shape})" for kind, shape in _TOKENS.items()), re.DOTALL)
_WORDS = {"--": "–", "---": "—", "``": "“", "''": "”", "~": "\u00a0"}
_BEGIN, _DEEPEST = "\\begin{document}", 200
_OPTION = re.compile(r"\s*\[[^\]]*\]")


def parse(path: Path | str) -> Brief:
    """Read a source file; offsets count its characters. Unknown macros print their arguments."""
    source = read_text(path)
    reader = _Reader(source)
    start = source.find(_BEGIN)
    try:
        reader.read(0 if start < 0 else start + len(_BEGIN), 0)
        while reader.notes:
            reader.text.end()
            reader.read(reader.notes.pop(0), 1)
    except RecursionError:
        raise SchemaError(f"{path}: braces nest too deep", remedy="Undo nested braces") from None
    reader.text.close()
    reader.text.unread.append((0, len(source), ""))
    return reader.text.brief(str(path), source)


@dataclass
class _Reader:
    source: str
    text: Text = field(default_factory=Text)
    notes: list[int] = field(default_factory=list)  # offsets of the words of footnotes
    rows: int = 0

    @cached_property
    def macros(self) -> dict[str, tuple[int, str]]:
        """The commands that the source defines, without those of the template."""
        found = defined(self.source, self._argument)
        return {name: macro for name, macro in found.items() if name not in _COMMANDS and name != "\\tradefigure"}

    def read(self, at: int, depth: int) -> int:
        """Read up to the closing brace or the end, and return the offset after it."""
        if depth > _DEEPEST:
            raise RecursionError
        while at < len(self.source):
            found = _TOKEN.match(self.source, at)
            if found is None:
                break
            start, at = at, found.end()
            match found.lastgroup:
                case "close" if depth:
                    return at
                case "open":
                    at = self.read(at, depth + 1)
                case "command":
                    at = self._command(found[0][:2] + found[0][2:].strip(), start, at, depth)
                case "words" | "dashes":
                    self._add(_WORDS.get(found[0], found[0]), start, at)
                case "blank" | "cell" as kind:
                    self._end(start, CELL_END if kind == "cell" else "\n\n")
        return len(self.source)

    def _command(self, command: str, start: int, at: int, depth: int) -> int:  # noqa: C901 - one branch a kind of command
        row = _COMMANDS.get(command.removesuffix("*"), {"does": "nothing", "arguments": "0", "prints": ""})
        if command == "\\end" and self.source.startswith("{document}", at):
            return len(self.source)
        if command == "\\tradefigure":
            return self._figure(at, depth)
        if command in self.macros or command in _NUMBERS:
            return self._printed(command, start, at)
        if row["does"] == "note":
            self.notes.append(self._skip(at, options=True) + 1)
            return self._argument(at)
        if row["does"] == "first":
            return self._argument(self.read(self._skip(at) + 1, depth + 1))
        if row["does"] == "print":
            self._add(row["prints"], start, at)
        if row["does"] == "break":
            self._end(start, "\n\n" if self.rows or row["prints"] == "paragraph" else " ")
        for _ in range(int(row["arguments"])):
            at = self._argument(at)
        if command in {"\\begin", "\\end"}:
            self._end(start, "\n\n")
            table = "longtable" in self.source[start:at] or "tabular" in self.source[start:at]
            self.rows += table if command == "\\begin" else -table
            while command == "\\begin" and self.source.startswith(("{", "["), at):
                at = self._argument(at)
        return at

    def _printed(self, command: str, start: int, at: int) -> int:
        """Add what a macro of the source or of siunitx prints, at the place of its call."""
        count = _NUMBERS.get(command) or self.macros[command][0]
        said = []
        for _ in range(count):
            after = self._argument(at)
            said.append(self.source[self._brace(at) + 1 : after - 1])
            at = after
        if command in self.macros:
            at = after_empty(self.source, at)
            words = expanded(self.macros, self.macros[command][1], said)
        else:
            words = _siunitx(command, [expanded(self.macros, each, []) for each in said])
        self._add(plain_text(words), start, at)
        return at

    def _brace(self, at: int) -> int:
        """Return the offset of the argument after its options."""
        at = self._skip(at)
        option = _OPTION.match(self.source, at)
        return self._skip(option.end()) if option else at

    def _figure(self, at: int, depth: int) -> int:
        after = self._argument(at)
        figure = self.source[self._skip(at) + 1 : after - 1]
        at = self._skip(after)
        if not self.source.startswith("{", at):
            raise SchemaError(f"\\tradefigure{{{figure}}} has no words", remedy="Write \\tradefigure{key}{words}")
        self.text.at = at + 1
        self.text.open(" ".join(figure.split()))
        at = self.read(at + 1, depth + 1)
        self.text.at = at - 1
        self.text.close()
        return at

    def _argument(self, at: int) -> int:
        """Return the offset after the option and the argument at `at`."""
        start = self._skip(at)
        if option := _OPTION.match(self.source, start):
            braced = self.source.startswith("{", self._skip(option.end()))
            return self._argument(option.end()) if braced else option.end()
        if not self.source.startswith("{", start):
            return at
        depth = 0
        for found in re.finditer(r"\\.|[{}]", self.source[start:], re.DOTALL):
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if not depth:
                return start + found.end()
        return len(self.source)

    def _skip(self, at: int, *, options: bool = False) -> int:
        while at < len(self.source) and self.source[at] in " \t\n":
            at += 1
        option = _OPTION.match(self.source, at) if options else None
        return option.end() if option else at

    def _add(self, words: str, start: int, end: int) -> None:
        self.text.pieces.append((words.replace("\n", " "), start, end, self.text.cited))
        self.text.at = end

    def _end(self, at: int, mark: str) -> None:
        self.text.at = at
        self.text.end(mark)


def after_empty(source: str, at: int) -> int:
    """Return the offset after the ``{}`` that may end the name of a macro."""
    return at + 2 if source.startswith("{}", at) else at


def plain_text(words: str) -> str:
    """Return the text that some LaTeX prints."""
    if "\\" not in words and not set(words) & set("{}~$%"):
        return words
    reader = _Reader(words)
    reader.read(0, 0)
    return "".join(piece[0] for piece in reader.text.pieces)


def _siunitx(command: str, said: list[str]) -> str:
    if command in {"\\si", "\\unit"}:
        return unit(said[0])
    numbers = [number(each) for each in said if "\\" not in each]
    units = [unit(each) for each in said if "\\" in each]
    return " ".join([" to ".join(numbers), *units]).replace("%", r"\%")


_NUMBERS = {"\\num": 1, "\\qty": 2, "\\SI": 2, "\\si": 1, "\\unit": 1, "\\numrange": 2, "\\qtyrange": 3, "\\SIrange": 3}
_COMMANDS = {row["command"]: row for row in table("tex_commands")}

_NEW = r"(?:new|renew|provide)command\*?\s*\{?\s*\\(?P<name>[A-Za-z@]+)\s*\}?\s*(?:\[(?P<count>\d)\])?"
_DEF = r"def\s*\\(?P<plain>[A-Za-z@]+)"
_DEFINED = re.compile(rf"(?<!%)\\(?:{_NEW}|{_DEF})\s*(?=\{{)")
_CALL = re.compile(r"(?P<name>\\[A-Za-z@]+)(?:\s*\{\})?")
_LARGEST = 30  # power of ten that is written out
_LONGEST, _DEEPEST_MACRO = 2_000, 8  # characters and levels that a macro may expand to
_PREFIXES = {"kilo": "k", "mega": "M", "giga": "G", "tera": "T", "cubic": "cubic ", "per": "/"}
_MONEY = {"USD": "US dollars", "EUR": "euros", "euro": "euros", "dollar": "dollars"}  # as briefs declare them
_SCALE = re.compile(rf"\\({any_of([*SCALES][1:])})")


def defined(source: str, closing: Callable[[int], int]) -> dict[str, tuple[int, str]]:
    """Return each macro's number of arguments and its body; `closing` returns the offset after a braced argument."""
    found = {}
    for match in _DEFINED.finditer(source):
        end = closing(match.end())
        body = source[match.end() + 1 : end - 1]
        if len(body) <= _LONGEST and source[end - 1 : end] == "}":
            found["\\" + (match["name"] or match["plain"])] = int(match["count"] or 0), body
    return found


def expanded(macros: dict[str, tuple[int, str]], text: str, arguments: list[str]) -> str:
    r"""Return `text` with its arguments and its macros replaced by what they print.

    >>> expanded({"\\inv": (0, "550")}, r"\inv{} billion #1", ["euros"])
    '550 billion euros'
    """
    for at, argument in enumerate(arguments, 1):
        text = text.replace(f"#{at}", argument)
    bare = {name: body for name, (count, body) in macros.items() if not count}
    for _ in range(_DEEPEST_MACRO):
        before = text
        text = _CALL.sub(lambda call: bare.get(call["name"], call[0]), text)
        if text == before or len(text) > _LONGEST:
            break
    return text[:_LONGEST]


def number(digits: str) -> str:
    r"""Return a number as siunitx prints it, with its powers of ten written out.

    >>> number("550e9"), number("1234,5"), number("-0.9")
    ('550,000,000,000', '1,234.5', '−0.9')
    """
    try:
        value = Decimal(digits.replace(" ", "").replace(",", ".").replace("−", "-").lower().replace("d", "e"))
    except InvalidOperation:
        return digits
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST:
        return digits
    places = max(0, -int(value.as_tuple().exponent))
    return f"{value:,.{places}f}".replace("-", "−")


@cache
def _units() -> dict[str, str]:
    """Return what the macros of units print."""
    return _PREFIXES | _MONEY | {macro: row["unit"] for row in table("units") for macro in row["siunitx"].split()}


def unit(macros: str) -> str:
    r"""Return a siunitx unit in words.

    >>> unit(r"\percent"), unit(r"\mega\tonne"), unit(r"\billion\USD")
    ('%', 'Mt', 'billion US dollars')
    """
    scale = "".join(f"{each} " for each in _SCALE.findall(macros))
    rest = _SCALE.sub("", macros)
    said = re.sub(r"\\([A-Za-z]+)\s*", lambda found: _units().get(found[1], f"{found[1]} "), rest)
    return f"{scale}{said}".strip().strip("{}")
