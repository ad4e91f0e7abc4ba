import json
import string
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import article, figures, registry
from toolkit.errors import SchemaError, UnknownCode
from toolkit.quantity import Basis, Hedge, Quantity
from toolkit.registry import Record, Registry, computed

ROOT = Path(__file__).parents[2]
CELL = {
    "type": "dataset",
    "dataset": "gdp",
    "vintage": "2025",
    "sha256": "0",
    "row": {"ref_area": "JPN"},
    "column": "value",
}
TEXT = "Officials said on Monday that Japan would invest roughly US$ 550-billion in American shipyards and mines."


def dollars(key="jp-us-investment", **more):
    return Record(key, Quantity.stated("550e9", "USD", "about"), "an investment package", CELL, **more)


@pytest.fixture
def package():
    text = article.Article(TEXT, "news.txt", title="Deal", outlet="News", is_note=False)
    return text, registry.from_figure("jp-us-investment", figures.extract(text)[0], text, about="a package")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "registry.jsonl"


numbers = st.decimals(min_value=-(10**15), max_value=10**15, allow_nan=False, places=4)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
keys = st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True)
quantities = st.builds(
    Quantity.stated,
    numbers,
    st.sampled_from(["USD", "%", "t", "x", "1"]),
    st.sampled_from([hedge for hedge in Hedge if hedge is not Hedge.RANGE]),
    of=st.none() | words,
    basis=st.sampled_from(Basis),
)
records = st.builds(
    Record,
    keys,
    quantities,
    words,
    st.just(CELL) | st.builds(lambda inputs: {**computed_source(), "inputs": inputs}, st.lists(keys, max_size=3)),
    place=st.none() | words,
    period=st.sampled_from([None, "2025", "2025-Q2", "2025-04", "2025-04-02", "2025-04/2026-03", "2025-04-01/P1Y"]),
    valuation=st.sampled_from(["CIF", "FOB", "NA"]),
    speaker=st.none() | words,
    precision=st.none() | st.integers(-9, 12),
    retrieved=st.none() | words,
)


def computed_source():
    return dict.fromkeys(("expression", "inputs", "notebook", "parameters", "run")) | {"type": "computed"}


@given(records)
def test_a_record_written_and_read_is_the_same(record):
    (line,) = registry.dumps([record]).splitlines()
    assert Record.from_dict(json.loads(line)) == record
    assert Record.from_dict(json.loads(line)).id == record.id


def test_the_committed_registry_holds_the_three_figures_of_the_article():
    held = registry.load(ROOT / "data" / "registry.jsonl")
    shown = {record.key: str(record) for record in held if record.source["type"] == "article"}
    assert shown["jp-us-investment"] == "about US$550 billion"
    assert shown["jp-defence-target"] == "2 % of GDP"
    assert shown["cn-rare-earth-processing"] == "more than 90 % of global output"


def test_every_registered_quotation_stands_where_the_record_says():
    for record in registry.load(ROOT / "data" / "registry.jsonl"):
        if record.source["type"] == "article":
            text = article.read(ROOT / record.source["source"])
            assert registry.check(record, text).state == "same"


def test_what_is_appended_is_found_again_under_its_key(file):
    assert registry.append(file, dollars()) == dollars().id
    assert registry.load(file).resolve("jp-us-investment") == dollars()


def test_reading_the_same_thing_again_gives_the_same_id():
    assert dollars(retrieved="2025-10-28").id == dollars(retrieved="2026-11-22").id
    assert dollars(period="2025").id != dollars().id


@pytest.mark.parametrize("key", ["", "Jp-us", "jp_us", "jp--us", "-jp", "jp-", "a" * 31, "jp us", "日本"])
def test_a_key_that_people_could_not_type_is_refused(key):
    with pytest.raises(SchemaError, match="cannot be a key"):
        dollars(key)


def test_a_key_of_thirty_characters_is_the_longest():
    assert dollars("a" * 30).key == "a" * 30


def test_a_key_that_is_taken_is_refused_and_nothing_is_written(file):
    registry.append(file, dollars())
    before = file.read_bytes()
    with pytest.raises(SchemaError, match="newest record is"):
        registry.append(file, dollars(period="2025"))
    assert file.read_bytes() == before


def test_a_superseding_record_is_the_one_that_the_key_resolves_to(file):
    registry.append(file, dollars())
    newer = dollars(period="2025", supersedes=dollars().id)
    registry.append(file, newer)
    assert registry.load(file).resolve("jp-us-investment") == newer
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
    with pytest.raises(SchemaError, match="newest record is"):
        registry.append(file, dollars(period="2026", supersedes=dollars().id))


def test_a_key_that_two_files_share_is_refused_with_the_line(file, tmp_path):
    other = tmp_path / "harvested.jsonl"
    for path in (file, other):
        registry.append(path, dollars())
    with pytest.raises(SchemaError, match=r"harvested\.jsonl:1: .*newest record"):
        registry.load(file, other)


def test_a_half_written_line_is_named_and_nothing_is_appended_to_it(file):
    registry.append(file, dollars())
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:100])
    with pytest.raises(SchemaError, match=r"registry\.jsonl:2: the last line is incomplete"):
        registry.load(file)
    with pytest.raises(SchemaError, match="is incomplete"):
        registry.append(file, dollars("other"))
    assert file.read_bytes() == whole + whole[:100]


@pytest.mark.parametrize(
    "line", [b"{}", b"[1]", b"nothing", b"\xff\xfe", b'{"key": "a", "id": 1}', b"", b"[" * 100_000]
)
def test_a_line_that_is_no_record_is_named(file, line):
    registry.append(file, dollars())
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(SchemaError, match=r"registry\.jsonl:2: "):
        registry.load(file)


def test_a_record_changed_under_its_id_is_noticed(file):
    registry.append(file, dollars())
    file.write_text(file.read_text(encoding="utf-8").replace("550000000000", "650000000000"), encoding="utf-8")
    with pytest.raises(SchemaError, match="hashes to"):
        registry.load(file)


def test_a_decimal_that_is_not_exact_is_refused():
    row = dollars().to_dict()
    row["quantity"]["value"] = 0.1
    with pytest.raises(SchemaError, match="without quotes"):
        Record.from_dict(row)


@pytest.mark.parametrize("period", ["FY2025", "2025-13", "2026/2025", ""])
def test_a_period_that_cannot_be_read_is_refused_with_its_key(period):
    with pytest.raises(SchemaError, match=f"deal: '{period}' is not a period"):
        replace(dollars("deal"), period=period)


def test_only_records_of_articles_are_held_against_articles():
    with pytest.raises(SchemaError, match="cites no article"):
        registry.check(dollars(), article.Article(TEXT))


def test_a_missing_registry_is_an_error_with_its_name(file):
    with pytest.raises(SchemaError, match=r"registry\.jsonl cannot be read: No such file"):
        registry.load(file)


def test_an_unknown_key_names_those_that_are_near():
    with pytest.raises(UnknownCode, match=r"(?s)no figure 'jp-us-investmnt'.*jp-us-investment"):
        Registry([dollars()]).resolve("jp-us-investmnt")


@pytest.mark.parametrize(
    ("change", "named"),
    [({"valuation": "cif"}, "valuation"), ({"status": "sure"}, "status"), ({"source": {"type": "rumour"}}, "rumour")],
)
def test_a_record_that_cannot_be_followed_or_read_is_refused(change, named):
    with pytest.raises(SchemaError, match=named):
        Record(**{"key": "a", "quantity": Quantity.stated(1, "%"), "about": "x", "source": CELL, **change})


def test_an_article_figure_is_anchored_by_quotation_and_place(package):
    text, record = package
    quote, place = record.source["selector"]
    assert quote["exact"] == "roughly US$ 550-billion"
    assert text.text[place["start"] : place["end"]] == quote["exact"]
    assert quote["prefix"] + quote["exact"] + quote["suffix"] in text.text
    assert record.precision == 10


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (TEXT, "same"),
        ("Correction below. " + TEXT, "moved"),
        (TEXT.replace("550", "500"), "changed"),
        ("Nothing of the kind.", "gone"),
        (f"It was roughly US$ 550-billion. {TEXT}", "moved"),
    ],
)
def test_a_reread_article_says_same_moved_changed_or_gone(package, now, state):
    _, record = package
    anchor = registry.check(record, article.Article(now))
    assert anchor.state == state
    assert anchor.text in now
    if state in {"same", "moved"}:
        assert now[anchor.start : anchor.end] == record.source["selector"][0]["exact"]
        assert now[: anchor.start].endswith(record.source["selector"][0]["prefix"])


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("Japan spent US$ 550-billion.", 10),
        ("Japan spent US$1.50 billion.", 7),
        ("It rose by 2 %.", 0),
        ("It rose by 0.80 %.", -2),
        ("Some 390,000 tonnes were mined.", 4),
    ],
)
def test_precision_is_that_of_the_printed_digits(text, precision):
    source = article.Article(text, "a.txt")
    figure = figures.extract(source)[0]
    assert registry.from_figure("a", figure, source, about="a number").precision == precision


def test_a_float_keeps_what_is_the_same_on_every_machine():
    assert computed(
        "a", 0.1 + 0.2, "x", about="a ratio", expression="b / c", inputs=["b", "c"]
    ).quantity.value == Decimal("0.3")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_not_published(value):
    with pytest.raises(SchemaError, match="is not a number"):
        computed("a", value, "x", about="a ratio", expression="b / c", inputs=[])


def test_a_number_without_a_value_needs_both_ends():
    with pytest.raises(SchemaError, match="neither a value nor an interval"):
        computed("a", None, "1", low=0.25, about="an index", expression="bounds", inputs=["b"])


def test_an_interval_is_published_without_a_midpoint():
    record = computed("a", None, "1", low=0.25, high=1, about="an index", expression="bounds", inputs=["b"])
    assert record.quantity.value is None
    assert str(record) == "0.25 to 1.00"


def test_a_card_shows_number_meaning_source_and_key_and_escapes_them():
    record = computed("a", 5, "%", about="<script>alert(1)</script>", expression='b & "c"', inputs=["<i>"])
    shown = registry.Card(record)._repr_mimebundle_()
    assert "<script" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert 'class="figure-card"' in shown["text/html"]
    assert shown[registry.MIME]["id"] == record.id
    assert "5 %" in shown["text/plain"]


def notebook_of(*records_shown):
    bundles = [registry.Card(record)._repr_mimebundle_() for record in records_shown]
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in bundles]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("...", outputs=outputs)])


def test_harvest_finds_what_a_notebook_published_and_writes_the_run_into_it():
    ratio = computed("a", 1.5, "x", about="a ratio", expression="b / c", inputs=["b", "c"])
    found = registry.harvest(
        notebook_of(ratio, dollars()), notebook="n.ipynb", parameters={"year": "2024"}, run_id="r1"
    )
    assert [record.key for record in found] == ["a", "jp-us-investment"]
    assert found[0].source["run"] == "r1"
    assert found[0].source["parameters"] == {"year": "2024"}
    assert found[1] == dollars()


def test_harvest_refuses_a_key_that_a_notebook_publishes_twice():
    with pytest.raises(SchemaError, match="newest record"):
        registry.harvest(notebook_of(dollars(), dollars()), notebook="n.ipynb", parameters={}, run_id="r")


def test_another_run_of_the_same_numbers_has_the_same_ids():
    ratio = notebook_of(computed("a", 1.5, "x", about="a ratio", expression="b / c", inputs=["b", "c"]))
    first, second = (registry.harvest(ratio, notebook="n", parameters={}, run_id=run)[0] for run in ("r1", "r2"))
    assert first.id == second.id


def test_writers_at_once_leave_a_whole_line_each(file):
    names = [*string.ascii_lowercase]
    with ThreadPoolExecutor(8) as pool:
        [*pool.map(lambda key: registry.append(file, dollars(key)), names)]
    assert {record.key for record in registry.load(file)} == set(names)
