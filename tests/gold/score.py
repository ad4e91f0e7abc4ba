"""How many fields of the context gold set are read right: `python tests/gold/score.py [-v work|test|fresh|unseen]`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from toolkit import codes, figures
from toolkit.article import Article
from toolkit.figures.figure import LocatedQuantity
from toolkit.figures.meaning import fill
from toolkit.quantity import Quantity

HERE = Path(__file__).parent
FIELDS = {
    "about": "a",
    "economies": "e",
    "products": "c",
    "period": "t",
    "status": "s",
    "speaker": "w",
    "of": "o",
    "basis": "b",
    "kind": "k",
}
DEFAULTS = {"s": "reported", "b": "unknown"}
KINDS = {
    "%": "percent",
    "pp": "percent",
    "x": "multiple",
    "1": "count",
    "day": "duration",
    "month": "duration",
    "year": "duration",
}
_MARK = re.compile(r"⟪([^¦⟫]+)¦([^⟫]*)⟫")


@dataclass(frozen=True)
class Marked:
    """A figure as a reader marked it."""

    start: int
    end: int
    quote: str
    unit: str
    fields: dict[str, str]


def read(path: Path) -> tuple[dict[str, str], Article, list[Marked]]:
    """Return the header, the plain article and its marked figures."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    header = dict(line.split(" = ", 1) for line in head.splitlines())
    parts, marked, at, length = [], [], 0, 0
    for mark in _MARK.finditer(body):
        parts += [body[at : mark.start()], mark[1]]
        start = length + mark.start() - at
        length, at = start + len(mark[1]), mark.end()
        fields = dict(pair.split("=", 1) for pair in mark[2].split("¦"))
        marked.append(Marked(start, length, mark[1], fields["u"], expected(fields)))
    text = "".join(parts) + body[at:]
    return header, Article(text, title=header["title"], date=header["date"], date_basis="stated"), marked


def expected(fields: dict[str, str]) -> dict[str, str]:
    """Return every field in the form that is compared."""
    unit = fields["u"]
    usual = KINDS.get(unit) or ("money" if re.fullmatch("[A-Z]{3}", unit) else "measure")
    given = {name: fields.get(key, DEFAULTS.get(key, "")) for name, key in FIELDS.items()}
    given["kind"] = given["kind"] or usual
    given["products"] = " ".join(
        sorted({code for _, _, found in codes.find_products(given["products"]) for code in found})
    )
    return {name: plain(name, value) for name, value in given.items()}


def plain(name: str, value: str) -> str:
    """Bring a field into the form that is compared: no article, no case, no hyphen."""
    if name == "economies":
        return " ".join(sorted(value.split()))
    if name in {"about", "speaker", "of"}:
        value = value.casefold().replace("-", " ").replace("’", "'")
        value = re.sub(r"^(?:(?:the|a|an|its|their|all|any|overall|total)\s)+", "", value)
    if name == "about":
        value = re.sub(
            r"^(?:us|u\.s\.|uk|eu|world|global|chinese|japanese|indian|korean|british|american)\s", "", value
        )
    return value


def found(figure: figures.Figure) -> dict[str, str]:
    """Return the fields of an extracted figure in the form that is compared."""
    given = {name: getattr(figure, name, None) or "" for name in FIELDS}
    given |= {
        "of": figure.quantity.of or "",
        "basis": str(figure.quantity.basis),
        "economies": " ".join(figure.economies),
    }
    given["products"] = " ".join(sorted(figure.products))
    return {name: plain(name, value) for name, value in given.items()}


def on_marks(article: Article, marked: list[Marked]) -> list[dict[str, str]]:
    """Return the context that is read for the marked spans: the grammar's own misses left out."""
    kinds = [
        KINDS.get(one.unit) or ("money" if re.fullmatch("[A-Z]{3}(?:/.*)?", one.unit) else "measure") for one in marked
    ]
    findings = [
        LocatedQuantity(Quantity.stated(1, one.unit), one.start, one.end, kind)
        for one, kind in zip(marked, kinds, strict=True)
    ]
    return [found(figure) for figure in fill(article.text, article.sentences(), findings, article.date)]


def end_to_end(article: Article, marked: list[Marked]) -> list[dict[str, str] | None]:
    """Return the context of the extracted figures that overlap the marked ones, None where there is none."""
    read_figures = figures.extract(article)
    hits = [
        next((one for one in read_figures if one.start < mark.end and mark.start < one.end), None) for mark in marked
    ]
    return [found(hit) if hit else None for hit in hits]


def score(half: str, reader=on_marks, *, verbose=False) -> tuple[Counter[str], int, int]:
    """Return right fields by name, the number of figures, and how many were not found."""
    right, total, missed = Counter(dict.fromkeys(FIELDS, 0)), 0, 0
    for path in sorted(HERE.glob("*.txt")):
        header, article, marked = read(path)
        if header["half"] != half:
            continue
        for mark, got in zip(marked, reader(article, marked), strict=True):
            total += 1
            missed += got is None
            for name, value in mark.fields.items():
                right[name] += got is not None and got[name] == value
            if got is not None and got["economies"]:
                right["filled"] += 1
                right["wrong"] += got["economies"] != mark.fields["economies"]
                if verbose and got is not None and got[name] != value:
                    print(f"{path.stem[:2]} {mark.quote!r}: {name} {got[name]!r}, not {value!r}")
    return right, total, missed


def main() -> None:
    """Print both halves, on the marked spans and end to end."""
    for half in ("work", "test", "fresh", "unseen", "abroad"):
        for reader in (on_marks, end_to_end):
            right, total, missed = score(
                half, reader, verbose="-v" in sys.argv and reader is on_marks and half in sys.argv
            )
            filled, wrong = right.pop("filled"), right.pop("wrong")
            share = sum(right.values()) / (total * len(FIELDS))
            print(f"{half:5}{reader.__name__:11} {total} figures, {missed} missed, all fields {share:.1%}:", end=" ")
            print(" ".join(f"{name} {count / total:.1%}" for name, count in right.items()), end=" ")
            print(f"economies filled {filled / total:.1%}, right of these {1 - wrong / max(filled, 1):.1%}")


if __name__ == "__main__":
    main()
