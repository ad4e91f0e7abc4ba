"""How much of what a text says about its figures is read, and how much of that is right: `python benchmarks/meaning.py`.

The texts of `tests/gold/news/` were written by somebody who had not seen the code. `looked-at.txt` was used to improve
the rules; `sealed.txt` was scored once, with the result that `docs/figures.md` prints, before anybody looked at it.
A field that the author left empty is not scored; "-" means that it must be empty; "/ " separates fair answers.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.article import Article
from toolkit.figures import Figure, extract

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWS = Path(__file__).parents[1] / "tests" / "gold" / "news"
FIELDS = ("value", "unit", "hedge", "status", "economies", "speaker", "of", "period")
SCORED = ("status", "economies", "period", "speaker")
_MARK = re.compile(r"\[\[(.+?)\]\]")


def articles(path: Path) -> Iterator[tuple[Article, list[tuple[int, int, dict[str, str]]]]]:
    """Yield each article and its marked figures as (start, end, fields)."""
    for part in re.split(r"(?m)^=== ?", path.read_text(encoding="utf-8"))[1:]:
        head, _, body = part.partition("\n")
        text, marked, reached = "", [], 0
        for mark in _MARK.finditer(body):
            surface, *cells = mark[1].split("|")
            text += body[reached : mark.start()]
            marked.append((len(text), len(text) + len(surface), dict(zip(FIELDS, cells, strict=False))))
            text, reached = text + surface, mark.end()
        day = re.search(r"\d{4}-\d\d-\d\d", head)
        yield Article(text + body[reached:], date=day[0] if day else None), marked


def stated(figure: Figure, field: str) -> str:
    """Return a field of a figure as the marks write it."""
    return "+".join(sorted(figure.economies)) if field == "economies" else getattr(figure, field) or ""


def is_right(found: str, wanted: str, field: str) -> bool:
    """Return whether a reading is one of the fair answers."""
    for answer in (each.strip() for each in wanted.split("/ ")):
        if answer == "-":
            right = not found
        elif field == "speaker":
            right = bool(found) and (answer.lower() in found.lower() or found.lower() in answer.lower())
        else:
            right = ("+".join(sorted(answer.split("+"))) if field == "economies" else answer) == found
        if right:
            return True
    return False


def score(path: Path) -> Counter[str]:
    """Return counts: `field` marked, filled and right, and figures in which nothing is wrong."""
    counts: Counter[str] = Counter()
    for article, marked in articles(path):
        figures = extract(article)
        for start, end, fields in marked:
            figure = next((each for each in figures if each.start < end and start < each.end), None)
            if figure is None:
                continue
            counts["figures"] += 1
            wrong = False
            for field in SCORED:
                if wanted := fields.get(field, ""):
                    found = stated(figure, field)
                    right = is_right(found, wanted, field)
                    wrong |= bool(found) and not right
                    counts[f"{field} marked"] += 1
                    counts[f"{field} right"] += right
                    counts[f"{field} wrong"] += bool(found) and not right
            counts["nothing wrong"] += not wrong
    return counts


def main() -> None:
    """Print a row for each file and field."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, default=sorted(NEWS.glob("*.txt")))
    for path in parser.parse_args().files:
        counts = score(path)
        print(f"{path.name}: {counts['figures']} figures found, in {counts['nothing wrong']} nothing wrong")
        for field in SCORED:
            marked, right, wrong = (counts[f"{field} {what}"] for what in ("marked", "right", "wrong"))
            print(f"  {field:10} {right:4} right, {wrong:3} wrong, {marked - right - wrong:3} left empty of {marked}")


if __name__ == "__main__":
    main()
