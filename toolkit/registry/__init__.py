"""The figures that may be cited: pinned keys, append-only, each checked against its source."""

from toolkit.registry._conflict import conflicts, disagree, words
from toolkit.registry._exchange import FORMS, export, read_back
from toolkit.registry._file import Registry, append, dumps, load
from toolkit.registry._notebook import MIME, Card, computed, harvest, publish, publish_record
from toolkit.registry._record import Record
from toolkit.registry._source import Anchor, check, cited_article, describe, from_figure, reanchor

__all__ = [
    "FORMS",
    "MIME",
    "Anchor",
    "Card",
    "Record",
    "Registry",
    "append",
    "check",
    "cited_article",
    "computed",
    "conflicts",
    "describe",
    "disagree",
    "dumps",
    "export",
    "from_figure",
    "harvest",
    "load",
    "publish",
    "publish_record",
    "read_back",
    "reanchor",
    "words",
]
