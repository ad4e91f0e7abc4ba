import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from toolkit import brief, registry
from toolkit.brief.read.tex import parse as read_tex
from toolkit.errors import SchemaError
from toolkit.quantity import Quantity
from toolkit.registry import Record, Registry

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: A brief\nsubtitle: On numbers\nauthor: Someone\ndate: 2025-10-28\n---\n\n"
TEXT = (
    "# The deal of [roughly US$550 billion]{fig=jp-us-investment}\n\n"
    "It’s [roughly US$550 billion]{fig=jp-us-investment}, a goal of [3 % of GDP]{fig=jp-defence-target}, “and” a share of "
    "[90 %]{fig=cn-rare-earth-processing} in 2024 & 37,000 jobs; 5.[^a]\n\n"
    "| Who | How much |\n|---|--:|\n| Japan | [roughly US$55 billion]{fig=jp-us-investment} |\n| China | []{fig=cn-rare-earth-processing} |\n\n"
    '- Imports grew []{fig="imports-2023 / imports-2019" as=times}, not [1.5 times]{fig="imports-2023 / imports-2019"}\n'
    "- The range is []{fig=tariff as=number}, with _an_ [x]{fig=tariff}\n\n"
    "> In Tokyo Takaichi promised **[2 % of GDP]{fig=jp-defence-target}**, Trump [US$550 million]{fig=jp-us-investment}.\n\n"
    "[^a]: See [2 % of GDP]{fig=jp-defence-target} in the note.\n"
)  # fmt: skip
KEYED = [
    "ok", "ok", "misrounded", "hedge_lost", "wrong_scale", "ok", "ok", "derived_wrong", "ok", "unreadable", "ok", "wrong_scale", "ok",
]  # fmt: skip


def cell(**row):
    return {"type": "dataset", "dataset": "t", "vintage": "2025", "sha256": "0", "row": row, "column": "value"}


@pytest.fixture(scope="module")
def held():
    def imports(period, value):
        quantity = Quantity.stated(value, "USD", basis="flow")
        return Record(f"imports-{period}", quantity, "imports", cell(), period=period, precision=6)

    tariff = Record("tariff", Quantity.between(15, 25, "%"), "a tariff", cell())
    made = [tariff, imports("2019", "143566e6"), imports("2023", "147238e6")]
    return Registry([*registry.load(ROOT / "data" / "registry.jsonl"), *made])


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("briefs") / "brief.md"
    path.write_text(HEAD + TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(source, held):
    return {to: brief.build(source, held, to, source.parent / "out") for to in brief.FORMATS}


def keyed(path, held):
    found = [each for each in brief.check(path, held) if each.key and each.verdict != "uncited"]
    return sorted((each.key, each.verdict) for each in found)


def loose(path, held):
    found = [each for each in brief.check(path, held) if each.verdict == "uncited"]
    return sorted((" ".join(each.text.split()), each.verdict) for each in found)


def test_the_source_has_the_expected_verdicts(source, held):
    found = [each.verdict for each in brief.check(source, held) if each.key]
    assert sorted(found) == sorted(KEYED)


@pytest.mark.parametrize("to", brief.FORMATS)
def test_every_format_has_the_verdicts_of_its_source(built, source, held, to):
    assert keyed(built[to], held) == keyed(source, held)
    assert loose(built[to], held) == [("37,000 jobs", "uncited"), ("5", "uncited")]
    assert not [each for each in brief.check(built[to], held) if each.verdict == "unexplained"]


def test_a_page_says_its_language_and_allows_one_style(built):
    page = built["html"].read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert page.count("<style>") == page.count("style-src 'sha256-") == 1


@pytest.mark.parametrize("to", ["html", "tex", "md"])
def test_offsets_count_the_characters_of_the_file(built, held, to):
    text = built[to].read_text(encoding="utf-8")
    assert all(text[each.start : each.end] == each.text for each in brief.check(built[to], held))


def test_docx_and_pdf_name_part_and_page(built, held):
    places = {each.where for each in brief.check(built["docx"], held)}
    assert {"word/document.xml", "word/footnotes.xml"} <= places
    assert {each.where for each in brief.check(built["pdf"], held)} >= {"page 1"}


def test_a_word_that_a_line_breaks_at_its_hyphen_is_one_word(held, tmp_path):
    said = "[environ 550 milliards de dollars des États-Unis]{fig=jp-us-investment as=words locale=fr}"
    path = tmp_path / "brief.md"
    text = "\n\n".join(
        f"{'i' * width} le Japon promet {said} en tout." for width in range(1, 50)
    )  # some line breaks there
    path.write_text(HEAD + text, encoding="utf-8")
    found = [each for each in brief.check(brief.build(path, held, "pdf", tmp_path / "out"), held) if each.key]
    assert {(each.verdict, " ".join(each.text.split())) for each in found if "wrong" in each.verdict} == set()
    assert len(found) == text.count("fig=")


@pytest.mark.parametrize("to", brief.FORMATS)
def test_the_same_brief_gives_the_same_bytes(built, source, held, to, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert brief.build(source, held, to, source.parent / "again").read_bytes() == built[to].read_bytes()


@pytest.mark.parametrize("to", brief.FORMATS)
def test_a_changed_note_is_no_longer_the_builds(built, held, to, tmp_path):
    if to in {"pdf", "docx"}:
        pytest.skip("text inside an archive; docx is edited below")
    text = built[to].read_text(encoding="utf-8")
    first = text.rindex("37c305f1dd2d")
    path = tmp_path / built[to].name
    path.write_text(text[:first] + "99,999 jobs " + text[first:], encoding="utf-8")
    assert ("99,999 jobs", "uncited") in loose(path, held)


def edited(docx, folder, change, part="word/document.xml"):
    path = folder / "edited.docx"
    with zipfile.ZipFile(docx) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(name, change(raw.decode()).encode() if name == part else raw)
    return path


def test_tracked_changes_are_read_as_accepted_and_comments_are_no_text(built, held, tmp_path):
    def change(xml):
        run = re.search(r"<w:r>(?:(?!</w:r>).)*37,000 jobs.*?</w:r>", xml, re.DOTALL)[0]
        deleted = '<w:del w:id="900" w:author="A"><w:r><w:delText>US$9 billion</w:delText></w:r></w:del>'
        inserted = '<w:ins w:id="901" w:author="A"><w:r><w:t>US$8 billion, </w:t></w:r></w:ins>'
        return xml.replace(run, deleted + inserted + run)

    found = {each.text: each for each in brief.check(edited(built["docx"], tmp_path, change), held)}
    assert found["US$8 billion"].verdict == "uncited"
    assert [each.reason for text, each in found.items() if text == "9"] == ["deleted by a tracked change"]


def test_without_its_bookmark_a_content_control_gives_the_key(built, held, tmp_path):
    path = edited(built["docx"], tmp_path, lambda xml: re.sub(r"<w:bookmark(?:Start|End)[^>]*/>", "", xml))
    assert keyed(path, held) == keyed(built["docx"], held)


def test_an_edited_number_in_word_is_caught_and_the_bookmark_decides(built, held, tmp_path):
    def change(xml):
        return re.sub(r'w:tag w:val="[^"]*"', 'w:tag w:val=""', xml).replace("US$550", "US$560", 2)

    assert ("jp-us-investment", "misrounded") in keyed(edited(built["docx"], tmp_path, change), held)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_no_key_is_lost_on_the_way_through_libreoffice(built, source, held, tmp_path):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    path = built["docx"]
    for kind in ("odt", "docx"):
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        path = tmp_path / f"brief.{kind}"
    edit = edited(path, tmp_path, lambda xml: xml.replace("37,000", "38,000"))
    assert keyed(edit, held) == keyed(source, held)
    assert ("38,000 jobs", "uncited") in loose(edit, held)


def test_a_notebook_is_read_where_it_stands(tmp_path, held):
    cells = [
        {"cell_type": "code", "source": ["x = 5\n", '"# [5]{fig=tariff}"'], "outputs": [{"output_type": "stream", "text": ["7"]}]},
        {"cell_type": "markdown", "source": ["Été: “[3 % of GDP]{fig=jp-defence-target}”\n", "and 37,000 é."]},
        {"cell_type": "markdown", "source": "Then [2 % of GDP]{fig=jp-defence-target}."},
    ]  # fmt: skip
    for ascii_ in (True, False):
        path = tmp_path / "n.ipynb"
        path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=ascii_, indent=1))
        raw, found = path.read_text(), brief.check(path, held)
        assert all(raw[each.start : each.end] == each.text for each in found)
        assert [each.verdict for each in found if each.key] == ["misrounded", "ok"]
        assert [each.text for each in found if each.verdict == "uncited"] == ["37,000"]
        assert {each.reason for each in found if each.verdict == "ignored"} == {"code", "an output"}


BOMB = 300_000_000


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(BOMB // 1_000_000):
            part.write(b" " * 1_000_000)


def entities(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


@pytest.mark.parametrize(
    ("name", "make", "named"),
    [
        ("a.docx", lambda path: path.write_bytes(b"no zip"), "not a docx"),
        ("a.docx", bomb, "unpacks to more than"),
        ("a.docx", entities, "document type"),
        ("a.docx", lambda path: zipfile.ZipFile(path, "w").close(), "without word/document.xml"),
        ("a.pdf", lambda path: path.write_bytes(b"no pdf"), "not a readable PDF"),
        ("a.ipynb", lambda path: path.write_text("{}"), "not a notebook"),
        ("a.odt", lambda path: path.write_text("x"), "no reader"),
        ("a.html", lambda path: path.write_bytes(b"\xff\xfe"), "not UTF-8"),
        ("a.tex", lambda path: path.write_text("{" * 5_000), "nest too deep"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_a_clear_error_and_stays(tmp_path, held, name, make, named):
    path = tmp_path / name
    make(path)
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=named):
        brief.check(path, held)
    assert path.read_bytes() == before


def test_a_scanned_pdf_is_said_to_hold_no_text(tmp_path, held):
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    path = tmp_path / "scan.pdf"
    writer.write(path)
    with pytest.raises(SchemaError, match="is it a scan"):
        brief.check(path, held)


def test_unknown_macros_print_their_arguments_and_comments_do_not(tmp_path):
    path = tmp_path / "a.tex"
    path.write_text(
        "\\documentclass{x}\\begin{document}\\emph{It is \\mymacro{US\\$5~billion}} % 7\n5\\,\\% \\cite[p.~3]{k2020}.\\end{document} 9"
    )
    text = "".join(piece.text for piece in read_tex(path).pieces)
    assert text.split() == ["It", "is", "US$5", "billion", "5", "%", "."]


def test_hidden_text_in_a_page_is_ignored_and_said_so(tmp_path, held):
    path = tmp_path / "a.html"
    path.write_text(
        '<head><title>5</title></head><p>It is <span style="display:none">5 %</span><!-- 6 --> 7&nbsp;% now.<script>8</script></p>'
    )
    found = brief.check(path, held)
    assert [(each.text, each.verdict, each.reason) for each in found] == [
        ("5", "ignored", "hidden from readers"),
        ("7&nbsp;%", "uncited", "no key says where it comes from"),
    ]


def test_literature_is_cited_and_listed(tmp_path, held):
    (tmp_path / "refs.bib").write_text(
        "@book{smith2020, author={Smith, Ann}, title={Trade}, year={2020}, publisher={P}}"
    )
    path = tmp_path / "brief.md"
    path.write_text(
        HEAD.replace("date:", "bibliography: refs.bib\ndate:")
        + "As shown [@smith2020, p. 5], it is [2 % of GDP]{fig=jp-defence-target}."
    )
    for to in brief.FORMATS:
        made = brief.build(path, held, to, tmp_path / "out")
        if to not in {"pdf", "docx", "md"}:
            assert "Smith" in made.read_text(encoding="utf-8")
    assert not [each for each in brief.check(path, held) if each.is_flagged]
    path.write_text(path.read_text().replace("smith2020", "none2020"))
    with pytest.raises(SchemaError, match="@none2020"):
        brief.build(path, held, "html", tmp_path / "out")


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def test_an_image_enters_every_format_with_its_alt_text(tmp_path, held):
    (tmp_path / "chart.png").write_bytes(PIXEL)
    path = tmp_path / "brief.md"
    path.write_text(HEAD + 'It is [2 % of GDP]{fig=jp-defence-target}.\n\n![A chart of "goals"](chart.png)\n')
    made = {to: brief.build(path, held, to, tmp_path / "out") for to in ("html", "docx", "tex", "pdf")}
    assert 'src="data:image/png;base64,' in made["html"].read_text()
    with zipfile.ZipFile(made["docx"]) as archive:
        assert [name for name in archive.namelist() if name.startswith("word/media/")]
    image = re.search(r"\{(brief-\w+\.png)\}", made["tex"].read_text())[1]
    assert (made["tex"].parent / image).read_bytes() == PIXEL


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("![](chart.png)", "no alt text"),
        ("![x](../chart.png)", "beside the brief"),
        ("![x](https://example.org/a.png)", "beside the brief"),
        ("![x](brief.md)", "neither PNG nor JPEG"),
        ("![x [2 %]{fig=jp-defence-target}](chart.png)", "alt text"),
    ],
)
def test_an_image_that_cannot_be_shown_is_a_clear_error(tmp_path, held, image, named):
    (tmp_path / "chart.png").write_bytes(PIXEL)
    path = tmp_path / "brief.md"
    path.write_text(HEAD + image)
    with pytest.raises(SchemaError, match=named):
        brief.build(path, held, "html", tmp_path / "out")
