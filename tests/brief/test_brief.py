import re
import zipfile
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from toolkit import article, brief, figures, registry
from toolkit.brief.judge.number import judge, steps, value_interval
from toolkit.brief.judge.printed import Printed
from toolkit.errors import NotComparable, SchemaError, UnknownCode
from toolkit.quantity import Quantity, show
from toolkit.registry import Record, Registry

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: A brief\ndate: 2025-10-28\n---\n\n"
PLEDGE = "[roughly US$550 billion]{fig=jp-us-investment}"


def cell(**row):
    return {"type": "dataset", "dataset": "t", "vintage": "2025", "sha256": "0", "row": row, "column": "value"}


def imports(period, value, **more):
    quantity = Quantity.stated(value, "USD", basis="flow", price_base="current")
    given_ = {"place": "USA", "partner": "JPN", "period": period, "valuation": "CUSTOMS", "precision": 8} | more
    return Record(f"us-imports-jp-{period}", quantity, f"imports in {period}", cell(period=period), **given_)


@pytest.fixture(scope="module")
def held():
    note = registry.load(ROOT / "data" / "registry.jsonl")
    tariff = Record("tariff", Quantity.between(15, 25, "%"), "a tariff", cell())
    share = Record("cars-share", Quantity.stated("27.04", "%", of="exports"), "a share", cell(), precision=-2)
    gdp = Record(
        "jp-gdp",
        Quantity.stated("4.026e12", "USD", basis="flow", price_base="current"),
        "GDP of Japan",
        cell(),
        place="JPN",
        period="2023",
        precision=9,
    )
    cif = imports("2024-01", "12.1e9", valuation="CIF")
    trade = [imports("2019", "143566e6"), imports("2023", "147238e6"), cif]
    hostile = Record(
        "hostile", Quantity.stated(5, "%"), '<script>alert(1)</script> \\input{x} *b* "c" &', cell(a="<img>")
    )
    return Registry([*note, tariff, share, gdp, *trade, hostile])


@pytest.fixture
def write(tmp_path):
    def to_file(text, head=HEAD):
        path = tmp_path / "brief.md"
        path.write_text(head + text, encoding="utf-8")
        return path

    return to_file


def as_printed(text):
    read = next(iter(figures.extract(text)), None)
    return read and Printed(read.quantity, read.quote, read.start, read.end, "")


def verdicts(path, held):
    return [(each.text, each.verdict) for each in brief.check(path, held)]


def flagged(path, held):
    return [each.verdict for each in brief.check(path, held) if each.is_flagged]


# reading


def test_every_offset_is_of_the_authors_own_file(write, held):
    text = f"Été 𝔘\tin Tokyo, “{PLEDGE}” — and 37,000 jobs.\r\n\r\n> *Said* [2 % of GDP]{{fig=jp-defence-target}}.\r\n"
    path = write(text, head=HEAD.replace("\n", "\r\n"))
    path.write_bytes((HEAD + text).encode())
    source = (HEAD + text).replace("\r\n", "\r\n")
    found = brief.check(path, held)
    assert all(source[each.start : each.end] == each.text for each in found)
    assert [each.text for each in found if each.key] == [PLEDGE, "[2 % of GDP]{fig=jp-defence-target}"]


def test_a_dollar_beside_a_span_is_no_mathematics(write):
    path = write(f"It costs $5 or {PLEDGE} and $6.")
    (span,) = brief.parse(path).spans
    assert span.figure == "jp-us-investment"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A word{fig=jp-us-investment} only.", 6),
        ("Code `[x]{fig=jp-us-investment}` only.", 6),
        ("\n# Heading {fig=jp-us-investment}", 7),
        ("Escaped \\[x]{fig=jp-us-investment}.", 6),
        ("<!-- [x]{fig=jp-us-investment} -->", 6),
        ("Two [a [b]{fig=jp-us-investment} c]{fig=jp-defence-target}.", 6),
        ("Spaced [x] {fig=jp-us-investment}.", 6),
        ("Twice [x]{fig=jp-us-investment}{fig=jp-defence-target}.", 6),
    ],
)
def test_a_key_that_pandoc_would_drop_is_an_error_with_its_line(write, text, line):
    with pytest.raises(SchemaError, match=rf"brief\.md:{line}: a key that is not attached"):
        brief.parse(write(text))


def test_a_key_in_the_title_is_an_error(write):
    with pytest.raises(SchemaError, match="not attached"):
        brief.parse(write("Text.", head="---\ntitle: '[x]{fig=jp-us-investment}'\ndate: 2025-10-28\n---\n"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xff\xfe\x00x", "is not UTF-8: byte 0"),
        (b"PK\x03\x04\x00\x00", "is binary"),
    ],
)
def test_an_empty_or_binary_brief_is_an_error_that_names_the_file(tmp_path, held, content, problem):
    path = tmp_path / "brief.md"
    path.write_bytes(content)
    for use in (lambda: brief.check(path, held), lambda: brief.build(path, held, "html", tmp_path)):
        with pytest.raises(SchemaError, match=rf"brief\.md:? {problem}"):
            use()


def test_a_missing_brief_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(SchemaError, match=r"none\.md cannot be read: No such file"):
        brief.parse(tmp_path / "none.md")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Text.\n\n<script>alert(1)</script>", "brief.md:8: raw HTML"),
        ("Text `x`{=html}.", "brief.md:6: raw HTML"),
        ("![[5 %]{fig=hostile}](a.png)", "brief.md:6: a key in an image's alt text"),
    ],
)
def test_what_could_not_be_checked_is_refused_with_its_line(write, text, named):
    with pytest.raises(SchemaError, match=re.escape(named)):
        brief.parse(write(text))


def test_brackets_nested_without_end_are_an_error(write):
    with pytest.raises(SchemaError):
        brief.parse(write("> " * 20_000 + "x"))


# expressions


def test_a_ratio_is_computed_anew(held):
    ratio = brief.evaluate("us-imports-jp-2023 / us-imports-jp-2019", held)
    assert ratio.quantity.value == Decimal("147238e6") / Decimal("143566e6")
    assert ratio.show("times") == "1.03 times"
    assert ratio.show("percent") == "103 %"


def test_multiplication_comes_before_addition(held):
    sum_ = brief.evaluate("us-imports-jp-2023 + us-imports-jp-2019 * cars-share", held)
    assert sum_.quantity.value == Decimal("147238e6") + Decimal("143566e6") * Decimal("0.2704")


def test_shares_are_subtracted_to_percentage_points(held):
    assert brief.evaluate("cars-share - cars-share", held).quantity.unit == "pp"


@pytest.mark.parametrize(
    ("expression", "differs"),
    [
        ("jp-us-investment / us-imports-jp-2023", "basis: commitment, flow"),
        ("us-imports-jp-2023 / jp-defence-target", "unit: USD, %"),
        ("us-imports-jp-2023 / us-imports-jp-2024-01", "valuation: CIF, CUSTOMS"),
        ("us-imports-jp-2019 / jp-gdp", "period .2019, 2023. and in what they measure"),
        ("tariff - jp-defence-target", "interval"),
        ("us-imports-jp-2023 * us-imports-jp-2019", "USD times USD"),
    ],
)
def test_what_is_not_like_with_like_is_refused(held, expression, differs):
    with pytest.raises(NotComparable, match=differs):
        brief.evaluate(expression, held)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("2025", "2024-01-01/P1Y", True), ("2025", "2024-04/2025-03", True), ("2025-Q1", "2025-01", False), ("2025", "2025-04", False)],
)  # fmt: skip
def test_periods_are_alike_by_their_length_however_they_are_written(one, other, alike):
    cell = {"type": "dataset", "dataset": "gdp", "vintage": "2025", "sha256": "0", "row": {}, "column": "value"}
    held = Registry(
        [
            Record(key, Quantity.stated("2e9", "USD"), "imports", cell, period=when)
            for key, when in (("a", one), ("b", other))
        ]
    )
    if alike:
        assert brief.evaluate("a / b", held).quantity.value == 1
    else:
        with pytest.raises(NotComparable, match="differ in length of period"):
            brief.evaluate("a / b", held)


@pytest.mark.parametrize("expression", ["", "a /", "/ a", "a b", "a/b / c /", "a % b", "a / / b"])
def test_what_is_no_expression_is_refused(held, expression):
    with pytest.raises(SchemaError, match="not an expression"):
        brief.evaluate(expression, held)


# checking


def test_a_brief_whose_numbers_are_all_cited_has_nothing_flagged(write, held):
    text = (
        f"In 2019 the G7 met on 28 October 2025 under Section 232 about the F-35; {PLEDGE} came up, and [2 %]"
        "{fig=jp-defence-target} of GDP, with [more than 90 %]{fig=cn-rare-earth-processing} in China.\n\n"
        '1. First\n2. Imports grew []{fig="us-imports-jp-2023 / us-imports-jp-2019" as=times}.[^7]\n\n'
        "| Year | Share |\n|---|--:|\n| 2023 | [27.0 %]{fig=cars-share} |\n\n"
        "[^7]: See <https://example.org/2020/1> and [27 %]{fig=cars-share}.\n"
    )
    path = write(text)
    assert flagged(path, held) == []
    assert brief.tally(brief.check(path, held)).endswith("0 flagged, 11 ignored, 0 unexplained")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("[roughly US$560 billion]{fig=jp-us-investment}", "misrounded"),
        ("[roughly US$550 million]{fig=jp-us-investment}", "wrong_scale"),
        ("[roughly ¥550 billion]{fig=jp-us-investment}", "wrong_unit"),
        ("[US$550 billion]{fig=jp-us-investment}", "hedge_lost"),
        ("[more than US$550 billion]{fig=jp-us-investment}", "hedge_lost"),
        ("[90 %]{fig=cn-rare-earth-processing}", "hedge_lost"),
        ("[2 percentage points]{fig=jp-defence-target}", "wrong_unit"),
        ("[3 %]{fig=jp-defence-target}", "misrounded"),
        ("[US$147.3 billion]{fig=us-imports-jp-2023}", "misrounded"),
        ("more than [2 % of GDP]{fig=jp-defence-target}", "hedge_lost"),
        ("[a lot]{fig=jp-defence-target}", "unreadable"),
        ("[2 % to 5 %]{fig=jp-defence-target}", "misrounded"),
        ("[2 % of GDP for 12 years]{fig=jp-defence-target}", "unreadable"),
        ("[5]{fig=nowhere}", "unknown_key"),
        ("[]{fig=nowhere}", "unknown_key"),
        ("[2 %]{fig=jp-defence-target as=nice}", "malformed"),
        ('[105 %]{fig="us-imports-jp-2023 / us-imports-jp-2019"}', "derived_wrong"),
        ('[+2.7 %]{fig="us-imports-jp-2019 / us-imports-jp-2023" as=change}', "derived_wrong"),
        ('[]{fig="jp-us-investment / us-imports-jp-2023"}', "not_comparable"),
    ],
)
def test_each_kind_of_fault_has_its_verdict(write, held, text, verdict):
    (found,) = brief.check(write(f"It is {text} now."), held)
    assert found.verdict == verdict
    assert found.reason


@pytest.mark.parametrize(
    "text",
    [
        "[roughly US$550 billion]{fig=jp-us-investment}",
        "roughly [US$550 billion]{fig=jp-us-investment}",
        "[US$147.2 billion]{fig=us-imports-jp-2023}",
        "[US$147 billion]{fig=us-imports-jp-2023}",
        "[about US$150 billion]{fig=us-imports-jp-2023}",
        "[27 %]{fig=cars-share}",
        "[15 % to 25 %]{fig=tariff}",
        '[103 %]{fig="us-imports-jp-2023 / us-imports-jp-2019" as=percent}',
        "[]{fig=jp-us-investment}",
        "roughly US$[]{fig=jp-us-investment as=number} billion",
    ],
)
def test_a_number_that_says_what_the_registry_holds_is_ok(write, held, text):
    (found,) = brief.check(write(f"It is {text} now."), held)
    assert (found.verdict, found.reason) == ("ok", found.reason)


@pytest.mark.parametrize("number", ["US$550 billion", "37,000", "12.5 %", "1.03", "550"])
def test_a_number_without_a_key_is_flagged(write, held, number):
    assert verdicts(write(f"It is {number} now."), held) == [(number, "uncited")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The G7 met.", "part of a name"),
        ("An F-35 flew.", "part of a name"),
        ("In 2019 it was.", "a date"),
        ("Under Section 232 it was.", "a reference"),
        ("See HS 8704.21 there.", "a reference"),
        ("1. First.", "a list's number"),
        ("# 1. Heading", "a section's number"),
        ("Code `x = 5` is code.", "code"),
        ("See <https://example.org/45>.", "a web address"),
    ],
)
def test_a_digit_that_is_no_figure_is_ignored_and_said_why(write, held, text, why):
    (found,) = brief.check(write(text), held)
    assert (found.verdict, found.reason) == ("ignored", why)


def test_a_number_in_the_title_is_not_overlooked(write, held):
    head = "---\ntitle: What US$550 billion buys\ndate: 2025-10-28\nkeywords: 5\n---\n\n"
    assert verdicts(write("Text.", head=head), held) == [("US$550 billion", "uncited")]


def test_the_tally_counts_every_number_once(write, held):
    found = brief.check(write(f"In 2019 {PLEDGE} and 37,000, then 5."), held)
    assert brief.tally(found) == "4 numbers: 1 ok, 2 flagged, 1 ignored, 0 unexplained"


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(min_value=Decimal("0.01"), max_value=10**14, places=2),
    st.sampled_from(["USD", "%", "EUR"]),
    st.integers(0, 3),
)
def test_what_show_prints_implies_an_interval_that_holds_the_value(value, unit, digits):
    quantity = Quantity.stated(value, unit)
    precision = value.adjusted() - digits
    assume(precision >= -2)
    printed = show(quantity, precision=precision)
    assume("0" not in show(quantity, "number", precision=precision)[-1:])  # a zero at the end counts as printed
    read = as_printed(f"It was {printed} then.")
    low, high = value_interval(read.quantity.value, steps(read)[0])
    assert low <= value <= high


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(min_value=Decimal("0.01"), max_value=10**14, places=2),
    st.sampled_from(["USD", "%", "EUR"]),
    st.sampled_from(["exact", "about", "more_than", "at_most"]),
    st.integers(-2, 12),
)
def test_what_show_prints_is_what_check_accepts(value, unit, hedge, precision):
    quantity = Quantity.stated(value, unit, hedge)
    record = Record("a", quantity, "a number", cell(), precision=min(precision, value.adjusted()))
    cited = brief.evaluate("a", Registry([record]))
    assert judge(cited, cited.show(), None, as_printed(f"It was {cited.show()} then.")).verdict == "ok"


# building


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def built(path, held, to="html"):
    return brief.build(path, held, to, path.parent / "out")


def part(docx, name="word/document.xml"):
    with zipfile.ZipFile(docx) as archive:
        return archive.read(name).decode()


def test_html_carries_the_key_a_note_and_the_source(write, held):
    page = built(write(f"It is {PLEDGE}, []{{fig=jp-us-investment as=short}}."), held).read_text(encoding="utf-8")
    spans = [attrs for tag, attrs in Page(page).tags if "data-fig" in attrs]
    assert [attrs["data-fig"] for attrs in spans] == ["jp-us-investment"] * 2
    assert len({attrs["id"] for attrs in spans}) == 2
    assert "about US$550\u00a0billion" in page
    assert page.count('class="footnote-ref"') == 1
    assert "“roughly US$ 550-billion” (expected, according to sources). Our note on" in page.replace("\n", " ")
    note = article.read(ROOT / "seeds" / "us-japan-deal.txt")
    assert note.original_sha256 in page


def test_html_needs_nothing_else_and_runs_nothing(write, held):
    page = built(write(f"It is {PLEDGE}, [5 %]{{fig=hostile}}."), held).read_text(encoding="utf-8")
    names = {tag for tag, _ in Page(page).tags}
    assert not names & {"script", "link rel=stylesheet", "iframe", "object", "img"}
    assert not [attrs for _, attrs in Page(page).tags if {*attrs} & {"src", "style", "onclick"}]
    assert "default-src 'none'" in page


MARKUP = {
    "tex": "\\textless script\\textgreater alert(1)\\textless/script\\textgreater{} \\textbackslash input\\{x\\} *b*",
    "md": r"\<script\>alert\(1\)\</script\> \\input\{x\} \*b\* \"c\" \&",
}


@pytest.mark.parametrize("to", MARKUP)
def test_markup_in_data_is_escaped_for_the_target(write, held, to):
    assert MARKUP[to] in built(write("It is [5 %]{fig=hostile}."), held, to).read_text(encoding="utf-8")


def test_markup_in_data_is_printed_as_it_stands_in_pdf(write, held):
    from pypdf import PdfReader

    pages = PdfReader(built(write("It is [5 %]{fig=hostile}."), held, "pdf")).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert r'<script>alert(1)</script> \input{x} *b* "c" &' in text


@pytest.mark.parametrize("to", ["html", "docx"])
def test_markup_in_data_stays_text(write, held, to):
    made = built(write("It is [5 %]{fig=hostile}."), held, to)
    text = made.read_text(encoding="utf-8") if to == "html" else part(made, "word/footnotes.xml")
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\input{x} *b*" in re.sub(r"\s+", " ", text)


def test_docx_carries_the_key_as_bookmark_and_content_control(write, held):
    text = f'It is {PLEDGE} and again {PLEDGE}, []{{fig="us-imports-jp-2023 / us-imports-jp-2019"}}.'
    made = built(write(text), held, "docx")
    xml = part(made)
    names = re.findall(r'<w:bookmarkStart [^>]*w:name="(fig[^"]*)"', xml)
    assert names[:2] == ["fig-jp-us-investment", "fig-jp-us-investment--2"]
    assert re.fullmatch("figx-[0-9a-f]{12}", names[2])
    assert f'name="{names[2]}"><vt:lpwstr>us-imports-jp-2023 / us-imports-jp-2019<' in part(made, "docProps/custom.xml")
    assert all(len(name) <= 40 for name in names)
    inside = r'w:tag w:val="fig:jp-us-investment"/></w:sdtPr><w:sdtContent><w:bookmarkStart [^>]*w:name="fig-jp-us-investment"'
    assert re.search(inside, xml)
    assert xml.count("<w:sdt>") == xml.count("</w:sdt>") == 3


NOTE_MARKS = {"html": 'class="footnote-ref"', "docx": "<w:footnoteReference ", "tex": "\\footnote{", "md": "[^fig-"}


@pytest.mark.parametrize("to", NOTE_MARKS)
def test_a_figure_in_a_heading_or_a_footnote_gets_no_note_of_its_own(write, held, to):
    text = f"# On {PLEDGE}\n\nText.[^a]\n\n[^a]: With {PLEDGE}.\n"
    made = built(write(text), held, to)
    found = part(made) if to == "docx" else made.read_text(encoding="utf-8")
    assert found.count(NOTE_MARKS[to]) == (0 if to == "md" else 1)  # the author's own; in Markdown it is [^a]


@pytest.mark.parametrize("to", brief.FORMATS)
def test_the_same_brief_gives_the_same_bytes(write, held, to, monkeypatch):
    path = write(f"It is {PLEDGE}.")
    first = built(path, held, to).read_bytes()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert built(path, held, to).read_bytes() == first


def test_the_dates_inside_a_docx_are_the_editions(write, held, monkeypatch):
    path = write(f"It is {PLEDGE}.")
    assert "2025-10-28T00:00:00Z" in part(built(path, held, "docx"), "docProps/core.xml")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert "2026-01-01T00:00:00Z" in part(built(path, held, "docx"), "docProps/core.xml")


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [
        ("\n[5]{fig=nowhere}", UnknownCode, r"brief\.md:7: no figure 'nowhere'"),
        ("[]{fig=jp-us-investment as=nice}", SchemaError, r"brief\.md:6: no as=nice"),
        ('[]{fig="jp-us-investment / us-imports-jp-2023"}', NotComparable, r"brief\.md:6: .* differ in basis"),
    ],
)
def test_a_brief_that_cannot_be_filled_leaves_the_last_one_untouched(write, held, text, error, named):
    made = built(write(f"It is {PLEDGE}."), held)
    before = made.read_bytes()
    with pytest.raises(error, match=named):
        built(write(text), held)
    assert made.read_bytes() == before
    assert sorted(each.name for each in made.parent.iterdir()) == ["brief.figures.html", "brief.html"]


def test_an_unknown_format_or_a_missing_date_is_said(write, held):
    with pytest.raises(SchemaError, match="no format 'odt'"):
        built(write("Text."), held, "odt")
    with pytest.raises(SchemaError, match="no date"):
        built(write("Text.", head=""), held)


@pytest.mark.parametrize("path", sorted((ROOT / "briefs").glob("*.md")), ids=lambda path: path.stem)
def test_every_number_in_the_example_briefs_has_a_key(path, held):
    wrong = [each for each in brief.check(path, held) if each.is_flagged]
    # the other keys are published by notebooks, and checked where an edition is made
    assert [each.text for each in wrong if each.verdict not in {"unknown_key", "not_comparable"}] == []
    assert brief.parse(path).spans
