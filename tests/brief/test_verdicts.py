from dataclasses import replace
from pathlib import Path

import pytest

from toolkit import article, brief, figures, registry
from toolkit.quantity import Quantity
from toolkit.registry import Record, Registry

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: A brief\ndate: 2025-10-28\n---\n\n"


def cell(**row):
    return {"type": "dataset", "dataset": "t", "vintage": "2025", "sha256": "0", "row": row, "column": "value"}


def record(key, value, unit, about, **more):
    fields = {name: more.pop(name) for name in ("basis", "price_base", "of", "hedge") if name in more}
    return Record(key, Quantity.stated(value, unit, **fields), about, more.pop("source", cell()), **more)


def trade(key, value, **more):
    given = {"place": "USA", "partner": "JPN", "period": "2024", "valuation": "CUSTOMS", "precision": 8}
    about = more.pop("about", "US imports of goods from Japan")
    return record(key, value, "USD", about, basis="flow", price_base="current", **given | more)


@pytest.fixture(scope="module")
def held():
    now = [
        trade("imports-2024", "148.2e9"),
        trade("imports-2023", "147.2e9", period="2023"),
        trade("imports-kr", "131.5e9", partner="KOR", about="US imports of goods from South Korea"),
        record("change", "-5.6", "%", "change of the US goods deficit", basis="rate", precision=-1, period="2025"),
        record("growth", "3.2", "%", "growth of exports", basis="rate", precision=-1),
        record(
            "refined", "91", "%", "China's share of rare-earth refining", of="world output", place="CHN", precision=0
        ),
        record("hhi", "0.519", "1", "concentration of mining", precision=-3),
        record("ratio", "1.0524", "x", "exports as a multiple", precision=-4),
    ]
    old = replace(now[0], quantity=Quantity.stated("149.1e9", "USD", basis="flow", price_base="current"))
    return Registry([*registry.load(ROOT / "data" / "registry.jsonl"), *now], earlier=[Registry([old])])


@pytest.fixture
def judged(tmp_path, held):
    def judge(text, registry=held):
        path = tmp_path / "brief.md"
        path.write_text(HEAD + text, encoding="utf-8")
        return [each for each in brief.check(path, registry) if each.verdict != "ignored"]

    return judge


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("US imports from Japan came to [US$149.1 billion]{fig=imports-2024}.", "stale"),
        ("US imports from South Korea came to [US$148.2 billion]{fig=imports-2024}.", "misattributed"),
        ("Chinese goods came to [US$148.2 billion]{fig=imports-2024}.", "misattributed"),
        ("In 2021 imports came to [US$148.2 billion]{fig=imports-2024}.", "misattributed"),
        ("Imports (CIF) came to [US$148.2 billion]{fig=imports-2024}.", "wrong_unit"),
        ("In real terms imports came to [US$148.2 billion]{fig=imports-2024}.", "wrong_unit"),
        ("Trump promised to bring defence to [2 % of GDP]{fig=jp-defence-target}.", "misattributed"),
        ("The share is [2 % of GNI]{fig=jp-defence-target}.", "wrong_unit"),
        ("The deficit rose by [5.6 %]{fig=change}.", "misrounded"),
        ("The deficit was [5.6 %]{fig=change}.", "misrounded"),
        ("The deficit changed by [+5.6 %]{fig=change}.", "misrounded"),
        ("Exports fell by [3.2 %]{fig=growth}.", "misrounded"),
        ("It refines [more than 80 %]{fig=refined}.", "misrounded"),
        ("It refines [more than 91 %]{fig=refined}.", "hedge_lost"),
        ("The index is [0.53]{fig=hhi}.", "misrounded"),
        ("The index is [0.52 %]{fig=hhi}.", "wrong_unit"),
        ("They were [1.06 times]{fig=ratio}.", "misrounded"),
        ("It is a “[nearly US$550 billion]{fig=jp-us-investment}” package.", "quote_changed"),
    ],
)
def test_each_fault_of_the_sentence_has_its_verdict(judged, text, verdict):
    (found,) = judged(text)
    assert found.verdict == verdict, found.reason


@pytest.mark.parametrize(
    "text",
    [
        "US imports from Japan came to [US$148.2 billion]{fig=imports-2024} in 2024, against [US$147.2 billion]{fig=imports-2023} in 2023.",
        "Since 2018 imports have risen to [US$148.2 billion]{fig=imports-2024}.",
        "Unlike China, Japan sold America goods for [US$148.2 billion]{fig=imports-2024}.",
        "At customs value imports came to [US$148.2 billion]{fig=imports-2024}.",
        "The deficit fell by [5.6 %]{fig=change}.",
        "The deficit changed by [−5.6 %]{fig=change}.",
        "Exports rose by [3.2 %]{fig=growth}.",
        "Exports changed by [+3.2 %]{fig=growth}.",
        "It refines [more than 90 %]{fig=refined}.",
        "The index is [0.52]{fig=hhi}.",
        "They were [1.05 times]{fig=ratio} as large.",
        "It is a “[roughly US$ 550-billion]{fig=jp-us-investment}” package.",
        "Takaichi wants [2 % of GDP]{fig=jp-defence-target}.",
        "US imports of goods from Japan in 2024 came to US$148.2 billion.",
        "China has 91 % of rare-earth refining.",
    ],
)  # fmt: skip
def test_what_the_sentence_says_truly_is_ok(judged, text):
    assert [(each.verdict, each.reason) for each in judged(text) if each.is_flagged] == []


@pytest.mark.parametrize(
    ("text", "verdict", "key"),
    [
        ("US imports of goods from Japan in 2024 came to US$148.9 billion.", "misrounded", "imports-2024"),
        ("US imports of goods from Japan in 2024 came to US$148.2 million.", "wrong_scale", "imports-2024"),
        ("US imports of goods from Japan in 2024 came to €148.2 billion.", "wrong_unit", "imports-2024"),
        ("US imports of goods from South Korea came to US$148.2 billion in 2024.", "misrounded", "imports-kr"),
        ("A number that nobody registered is US$77.7 billion.", "uncited", None),
    ],
)
def test_a_number_without_a_key_is_held_against_the_one_figure_it_can_be(judged, text, verdict, key):
    (found,) = judged(text)
    assert (found.verdict, found.key) == (verdict, key), found.reason


def test_two_sources_that_disagree_are_a_conflict_unless_both_are_cited(judged, held):
    other = replace(held.resolve("imports-2024"), key="imports-2024-bea", quantity=Quantity.stated("151.6e9", "USD", basis="flow", price_base="current"))  # fmt: skip
    both = Registry([*held, other])
    text = "Imports were [US$148.2 billion]{fig=imports-2024}"
    (alone,) = judged(f"{text}.", both)
    assert alone.verdict == "conflict"
    assert "imports-2024-bea" in alone.reason
    disclosed = judged(f"{text}, or [US$151.6 billion]{{fig=imports-2024-bea}} by another count.", both)
    assert [each.verdict for each in disclosed] == ["ok", "ok"]


def test_a_quotation_whose_article_has_changed_is_flagged(judged, project):
    (project / "seeds").mkdir()
    path = project / "seeds" / "a.txt"
    path.write_text("Tokyo pledged roughly US$ 550-billion for projects, sources say.", encoding="utf-8")
    text = article.read(path)
    (figure,) = figures.extract(text)
    made = registry.from_figure("pledge", figure, text, about="the pledge")
    made = replace(made, source=made.source | {"source": "seeds/a.txt"})
    brief_text = "It is [roughly US$550 billion]{fig=pledge}."
    assert judged(brief_text, Registry([made]))[0].verdict == "ok"
    path.write_text("Tokyo pledged roughly US$ 500-billion for projects, sources say.", encoding="utf-8")
    assert judged(brief_text, Registry([made]))[0].verdict == "quote_changed"


def test_a_removed_key_is_said_to_have_been_there(judged, held):
    view = Registry([], earlier=[held])
    (found,) = judged("It is [5 %]{fig=growth}.", view)
    assert found.verdict == "unknown_key"
    assert "an earlier edition had it" in found.reason


def test_every_reason_gives_the_interval_and_the_registered_value(judged):
    (found,) = judged("US imports from Japan came to [US$148.2 billion]{fig=imports-2024}.")
    assert (
        found.reason == "the printed digits imply 148,150,000,000 to 148,250,000,000, the registry has 148,200,000,000"
    )
    assert found.expected == "US$148.2 billion"


@pytest.mark.parametrize("steps", [1, 2])
def test_a_superseded_record_keeps_its_history(steps):
    first = record("a", "1", "%", "a share")
    second = replace(first, quantity=Quantity.stated("2", "%"), supersedes=first.id)
    third = replace(first, quantity=Quantity.stated("3", "%"), supersedes=second.id)
    held = Registry([first, second, third])
    assert held.as_of_change(steps).resolve("a") == [second, first][steps - 1]
    assert held.as_of_change(3) is None
