"""The figures that may be cited: pinned keys, append-only, each checked against its source.

>>> from toolkit.files import home
>>> print(load(home() / "data" / "registry.jsonl").resolve("jp-us-investment").quantity)
about US$550 billion
"""

from toolkit.registry.exchange import FORMS, export, read_back
from toolkit.registry.file import Registry, append, conflicts, disagree, dumps, load, words
from toolkit.registry.notebook import MIME, Card, computed, harvest, publish, publish_record
from toolkit.registry.record import Record
from toolkit.registry.source import Anchor, check, cited_article, describe, from_figure, publication, reanchor

__all__ = [
    "FORMS", "MIME", "Anchor", "Card", "Record", "Registry", "append", "check", "cited_article", "computed", "conflicts",
    "describe", "disagree", "dumps", "export", "from_figure", "harvest", "load", "publication", "publish", "publish_record",
    "read_back", "reanchor", "words",
]  # fmt: skip
__dir__ = __all__.copy
