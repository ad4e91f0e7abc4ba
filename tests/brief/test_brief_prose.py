"""Numbers without a key in free prose, figures in words and languages, and what else speaks against a number."""

import sys
import zipfile
from pathlib import Path

import pytest

from toolkit import brief, registry
from toolkit.errors import SchemaError
from toolkit.quantity import Quantity
from toolkit.registry import Record, Registry

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: A brief\ndate: 2025-10-28\n---\n\n"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def record(key, value, unit, about, flow="NA", **more):
    fields = {name: more.pop(name) for name in ("basis", "of", "hedge") if name in more}
    cell = {
        "type": "dataset", "dataset": "t", "vintage": "2025", "sha256": "0", "row": {"flow": flow}, "column": "value"
    }  # fmt: skip
    return Record(key, Quantity.stated(value, unit, **fields), about, cell, **more)


@pytest.fixture(scope="module")
def held():
    trade = {"place": "JPN", "partner": "USA", "period": "2024", "valuation": "CIF", "basis": "flow", "precision": 9}
    return Registry(
        [
            record("lng", "543e9", "JPY", "Japan's imports of LNG from the United States", "M", product="271111", **trade),
            record("soy", "188e9", "JPY", "Japan's imports of soybeans from the United States", "M", product="1201", **trade),
            record("pledge", "550e9", "USD", "Japan's investment in the United States", hedge="about", basis="commitment", place="JPN", partner="USA", precision=9),
            record("goal", "2", "%", "Japan's defence spending", of="GDP", place="JPN", precision=0),
            record("gdp", "4.0276e12", "USD", "GDP of Japan in 2024", place="JPN", period="2024", precision=8, basis="flow"),
            record("tax", "34", "%", "Chinese duty on American goods", place="CHN", partner="USA", precision=0),
            record("old", "81.4e9", "USD", "US exports in 2024", "X", place="USA", partner="JPN", period="2024", precision=8, basis="flow"),
            record("new", "84.0e9", "USD", "US exports in 2025", "X", place="USA", partner="JPN", period="2025", precision=8, basis="flow"),
        ]
    )  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(text, name="brief.md"):
        path = tmp_path / name
        path.write_text(text if name.endswith((".tex", ".html")) else HEAD + text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def judged(write, held):
    return lambda text, name="brief.md": [
        each for each in brief.check(write(text, name), held) if each.verdict != "ignored"
    ]


@pytest.fixture(scope="module")
def prose():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import prose

    yield prose
    sys.path.pop(0)


@pytest.mark.parametrize("name", ["chips", "machines"])
def test_right_numbers_of_free_prose_raise_no_alarm(prose, tmp_path, name):
    folder = prose.BRIEFS / "prose"
    count, alarms = prose.counted((folder / f"{name}.md").read_text(encoding="utf-8"), prose.held(folder), tmp_path)
    assert count.numbers >= 15
    assert alarms == []


def test_wrong_digits_of_free_prose_are_found(prose, tmp_path):
    folder = prose.BRIEFS / "prose"
    source = (folder / "chips.md").read_text(encoding="utf-8")
    done, found, missed = prose.planted(source, prose.held(folder), tmp_path, "last digit")
    assert done == found >= 15, missed


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("as=words", "about 550 billion US dollars"),
        ("as=symbols", "about US$550bn"),
        ("as=symbols scale=million", "about US$550,000m"),
        ("as=short decimals=1", "about US$550.0 billion"),
        ("as=words locale=de", "rund 550 Milliarden US-Dollar"),
        ("as=words locale=fr", "environ 550 milliards de dollars des États-Unis"),
        ("as=words locale=ja", "約5,500億米ドル"),
    ],
)
def test_a_style_is_written_and_read_back_in_every_format(write, held, tmp_path, monkeypatch, style, words):
    monkeypatch.setenv("TOOLKIT_HOME", str(ROOT))
    path = write(f"It is []{{fig=pledge {style}}}.")
    for to in ("md", "html", "docx", "tex") if "ja" in style else brief.FORMATS:
        made = brief.build(path, held, to, tmp_path / "out")
        (found,) = [each for each in brief.check(made, held) if each.key]
        assert found.verdict == "ok", (to, found.reason)
    assert words in (tmp_path / "out" / "brief.md").read_text(encoding="utf-8")


def test_the_base_is_kept_in_another_language_or_refused(judged):
    (found,) = judged("It is []{fig=goal locale=de}.")
    assert (found.verdict, found.expected) == ("ok", "2 % des BIP")


@pytest.mark.parametrize("style", ["as=nice", "scale=huge", "decimals=x", "locale=la"])
def test_an_unknown_style_is_refused_with_the_list(write, held, tmp_path, style):
    path = write(f"It is []{{fig=pledge {style}}}.")
    with pytest.raises(SchemaError, match=f"no {style}") as raised:
        brief.build(path, held, "html", tmp_path)
    assert "Use " in raised.value.remedy
    assert raised.value.remedy.count(",") >= 3


def test_decimals_that_would_hide_the_number_are_refused(judged):
    (found,) = judged("It is []{fig=pledge scale=trillion decimals=0}.")
    assert found.verdict == "malformed"


def test_a_hedge_before_an_empty_span_is_printed_once(write, held, tmp_path):
    path = write("It is roughly []{fig=pledge}.")
    assert "roughly [US$550 billion]{" in brief.build(path, held, "md", tmp_path / "out").read_text("utf-8")
    page = brief.build(path, held, "html", tmp_path / "out").read_text("utf-8")
    assert ">US$550\u00a0billion</span>" in page
    assert [each.verdict for each in brief.check(tmp_path / "out" / "brief.html", held) if each.key] == ["ok"]


def test_a_ratio_may_be_told_as_a_change(judged):
    (found,) = judged('They were [3.2 %]{fig="new / old"} above those of 2024.')
    assert found.verdict == "ok", found.reason


@pytest.mark.parametrize(
    "text",
    [
        "For soybeans Japan paid [¥543 billion]{fig=lng}.",
        "Japan's exports came to [¥543 billion]{fig=lng} in 2024.",
        "American imports from Japan were [US$84.0 billion]{fig=new} in 2025.",
    ],
)
def test_another_product_or_flow_is_misattributed(judged, text):
    (found,) = judged(text)
    assert found.verdict == "misattributed", found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Japan bought LNG for [¥543 billion]{fig=lng} and soybeans for [¥188 billion]{fig=soy}.",
        "American exports of LNG to Japan were worth [¥543 billion]{fig=lng} in 2024.",
        "The duty stays at [34 %]{fig=tax}, and Brazilian beans pay less.",
        "After the war in Ukraine Japan bought LNG for [¥543 billion]{fig=lng}.",
    ],
)
def test_what_is_another_clauses_is_no_objection(judged, text):
    assert [each.reason for each in judged(text) if each.is_flagged] == []


def test_what_the_text_does_not_name_is_a_candidate_and_no_alarm(judged):
    (found,) = judged("In 2024 Japan made goods for US$4.03 trillion.")
    assert (found.verdict, found.is_flagged) == ("candidate", False)
    assert brief.tally([found]) == "1 number: 0 ok, 0 flagged, 0 ignored, 0 unexplained, 1 candidate to cite"


def test_macros_and_siunitx_are_read_where_they_stand(judged):
    source = r"""\documentclass{article}\newcommand{\inv}{550}\newcommand{\bn}[1]{US\$#1 billion}
\begin{document}Japan's investment in the United States is about \bn{\inv}. The Chinese duty is \qty{34}{\percent}.
\end{document}"""
    found = {each.text: each.verdict for each in judged(source, "brief.tex")}
    assert found[r"about \bn{\inv}"] == "ok"
    assert found[r"\qty{34}{\percent}"] == "ok"


def test_a_huge_power_of_ten_is_not_written_out(judged):
    assert judged(r"\begin{document}\num{1e999999} yen\end{document}", "brief.tex") == []


def test_cells_without_end_tags_stay_apart_and_take_the_heads_unit(judged):
    page = "<h2>US exports</h2><table><tr><th>Year<th>US$ billion<tr><td>2025<td>84.0</table>"
    found = judged(page, "brief.html")
    assert [(each.text, each.key) for each in found] == [("84.0", "new")]


def docx(path, body, notes=""):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types></Types>")
        archive.writestr("word/_rels/document.xml.rels", "<Relationships></Relationships>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        archive.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{W}">{notes}</w:footnotes>')
    return path


def test_the_page_is_given_where_word_noted_it(tmp_path, held):
    text = "Chinese duty on American goods is 39 %."
    body = f"<w:p><w:r><w:t>One.</w:t></w:r></w:p><w:p><w:r><w:lastRenderedPageBreak/><w:t>{text}</w:t></w:r></w:p>"
    (found,) = brief.check(docx(tmp_path / "a.docx", body), held)
    assert found.where == "word/document.xml, page 2"
    (found,) = brief.check(docx(tmp_path / "b.docx", body.replace("<w:lastRenderedPageBreak/>", "")), held)
    assert found.where == "word/document.xml"


def test_a_flagged_number_of_a_note_is_commented_at_its_mark(tmp_path, held):
    mark = '<w:p><w:r><w:t>See</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>Chinese duty on American goods is 39 %.</w:t></w:r></w:p></w:footnote>'
    path = docx(tmp_path / "a.docx", mark, note)
    brief.commented(path, brief.check(path, held), tmp_path / "b.docx")
    with zipfile.ZipFile(tmp_path / "b.docx") as archive:
        assert "39 %" in archive.read("word/comments.xml").decode()
        assert "commentReference" in archive.read("word/document.xml").decode()


def test_records_come_back_from_biblatex(held):
    assert registry.read_back(registry.export(held, "biblatex")) == [*held]
