"""The example brief with ten planted faults, and the bench's promises in small."""

import random
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from toolkit import brief, registry
from toolkit.quantity import Quantity
from toolkit.registry import Registry

ROOT = Path(__file__).parents[2]
PLANTED = [
    ("[US$145.8 billion]{fig=us-imports-jp-2025}", "[US$145.9 billion]{fig=us-imports-jp-2025}", "misrounded"),
    ("[US$36 billion]{fig=jp-us-tranche-1}. The second", "[US$36 million]{fig=jp-us-tranche-1}. The second", "wrong_scale"),
    ("[2 % of GDP]", "[2 percentage points of GDP]", "wrong_unit"),
    ("[more than 90 %]", "[90 %]", "hedge_lost"),
    ("In mining China's share", "In mining Australia's share", "misattributed"),
    ('[]{fig="us-exports-jp-2025 / us-exports-jp-2024" as=times}', '[1.05 times]{fig="us-exports-jp-2025 / us-exports-jp-2024"}', "derived_wrong"),
    ("are small beside the exports.", "are small beside the exports, and tied to 77,000 jobs.", "uncited"),
    ("[roughly US$550 billion]", "“[nearly US$550 billion]{fig=jp-us-investment}”, or [roughly US$550 billion]", "quote_changed"),
    ("[US$64.4 billion]{fig=us-goods-deficit-jp-2025}", "[US$63.1 billion]{fig=us-goods-deficit-jp-2025}", "stale"),
    ("[53 %]{fig=us-rare-earths-reliance-2024}", "[53 %]{fig=us-rare-earths-reliance-2024}", "conflict"),
]  # fmt: skip


@pytest.fixture(scope="module")
def held():
    """Return the figures of an edition, an earlier deficit, and a source that contradicts one of them."""
    now = registry.load(ROOT / "tests" / "deal-registry.jsonl")
    deficit, mined = now.resolve("us-goods-deficit-jp-2025"), now.resolve("us-rare-earths-reliance-2024")
    before = replace(deficit, quantity=Quantity.stated("63.1e9", "USD", basis="flow", price_base="current"))
    other = replace(
        mined,
        key="us-reliance-elsewhere",
        quantity=replace(mined.quantity, value=Decimal(67), low=Decimal(67), high=Decimal(67)),
    )
    return Registry([*now, other], earlier=[Registry([before])])


def test_ten_planted_faults_have_their_ten_verdicts(tmp_path, held, monkeypatch):
    monkeypatch.setenv("TOOLKIT_HOME", str(ROOT))
    source = (ROOT / "briefs" / "us-japan-deal.md").read_text(encoding="utf-8")
    for old, new, _ in PLANTED:
        assert old in source, old
        source = source.replace(old, new, 1)
    path = tmp_path / "brief.md"
    path.write_text(source, encoding="utf-8")
    found = [each.verdict for each in brief.check(path, held) if each.is_flagged]
    assert sorted(found) == sorted(verdict for *_, verdict in PLANTED)


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import briefs

    yield briefs
    sys.path.pop(0)


@pytest.fixture(scope="module")
def sentences(bench):
    texts = [path.read_text(encoding="utf-8").partition("---\n\n")[2] for path in sorted(bench.DATA.glob("*.md"))]
    return [sentence for text in texts for sentence in text.strip().split("\n\n")]


def test_the_bench_is_as_large_as_it_says(bench, sentences):
    assert len(sentences) >= 600
    assert len([*bench.DATA.glob("*.md")]) >= 20
    assert len(bench.FAULTS) + len(["wrong key", "stale"]) >= 14


def test_no_keyed_sentence_is_flagged_for_nothing(bench, sentences, tmp_path):
    held = registry.load(bench.DATA / "registry.jsonl")
    assert bench.flagged(sentences[::3], held, tmp_path) == set()


@pytest.mark.parametrize(
    "name", ["misrounded", "scale word down", "percent to points", "wrong country", "wrong year", "sign"]
)
def test_keyed_faults_are_found(bench, sentences, tmp_path, name):
    held, chance = registry.load(bench.DATA / "registry.jsonl"), random.Random(name)
    planted = [changed for each in sentences[::7] if (changed := bench.FAULTS[name](each, chance))]
    assert len(bench.flagged(planted, held, tmp_path)) == len(planted) > 0
