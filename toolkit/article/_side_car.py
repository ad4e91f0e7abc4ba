"""The side-car of an article: what is known of it that its text does not say."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from toolkit.errors import SchemaError

if TYPE_CHECKING:
    from pathlib import Path

SIDE_CAR = ("title", "outlet", "date", "date_basis", "date_reason", "url", "kind", "sha256", "encoding")


def side_car(path: Path) -> dict[str, str]:
    """Give the fields of a side-car, none if there is no such file.

    Raises
    ------
    SchemaError
        If it is not TOML, or has another field than `SIDE_CAR`, or a date without basis.
    """
    if not path.is_file():
        return {}
    import tomllib  # only side-cars need it

    try:
        about: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: {error}", remedy='Write it as UTF-8 TOML: title = "…"') from None
    about = {name: value.isoformat() if isinstance(value, date) else value for name, value in about.items()}
    for name, value in about.items():
        if name not in SIDE_CAR or not isinstance(value, str):
            raise SchemaError(f"{path}: no text field {name!r}", remedy=f"Use {', '.join(SIDE_CAR)}, each a text")
    if about.get("kind", "article") not in {"article", "note"}:
        raise SchemaError(f"{path}: kind {about['kind']!r}", remedy='Write kind = "article" or kind = "note"')
    return _dated(about, path) if "date" in about else about


def _dated(about: dict[str, str], path: Path) -> dict[str, str]:
    """Check the date and say whether it is stated."""
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
