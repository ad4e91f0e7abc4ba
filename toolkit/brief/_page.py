"""A page that needs nothing else: a template of ours filled in, its style named by its hash as the only one."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

_TEMPLATES = Path(__file__).parents[1] / "templates"


def render(template: str, *styles: str, language: str = "en-GB", **values: Any) -> bytes:
    """Fill a template of ``toolkit/templates``; text is escaped, `styles` follow that of the reports."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    css = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", *styles))
    seal = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template(template).render(css=css, seal=seal, language=language, **values).encode()
