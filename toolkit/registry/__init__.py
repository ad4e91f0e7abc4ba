"""The figures that may be cited: pinned keys, append-only, each checked against its source."""

from toolkit.registry._conflict import conflicts, disagree, words
from toolkit.registry._file import Registry, append, dumps, load
from toolkit.registry._notebook import MIME, Card, computed, harvest, publish, publish_record
from toolkit.registry._record import Record
from toolkit.registry._source import Anchor, check, cited_article, describe, from_figure

__all__ = [
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
    "from_figure",
    "harvest",
    "load",
    "publish",
    "publish_record",
    "words",
]
