from pathlib import Path

import pytest

from toolkit import article
from toolkit.errors import SchemaError

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
ORIGINAL = ROOT.parent / "shared" / "seeds" / "000_581e9e3cdb0433f2.txt"


@pytest.fixture
def written(tmp_path):
    def write(content, side_car=None):
        path = tmp_path / "news.txt"
        path.write_bytes(content)
        if side_car is not None:
            path.with_suffix(".toml").write_text(side_car, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_seed_has_its_side_car_and_its_sentences_quote_it(path):
    seed = article.read_seed(path)
    assert seed.title
    assert seed.outlet
    assert seed.original_sha256
    assert seed.sentences()
    assert all(seed.text[line.start : line.end] == line.text for line in seed.sentences())


def test_a_note_of_ours_is_cited_as_one():
    note = article.read_seed(ROOT / "seeds" / "us-japan-deal.txt")
    assert note.citation.startswith("our note on “Trump-Japan Trade Deal")
    assert "(inferred)" in note.citation
    assert note.original_sha256[:12] in note.citation
    assert note.citation in article.articles_read()


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original article is not redistributed")
def test_share_buttons_links_repeats_and_signature_of_the_original_are_no_sentences():
    original = article.read(ORIGINAL)
    left_out = [original.text[start:end] for start, end in original.boilerplate()]
    assert left_out[:3] == [original.text.partition("\n")[0], "REUTERS/" + left_out[0], "WhatsApp"]
    assert [line for line in left_out if line.startswith("Read Also:")]
    assert left_out[-7:] == [
        "Africa Digital News, New York",
        "WhatsApp",
        "Facebook",
        "Twitter",
        "Telegram",
        "LinkedIn",
        "Print",
    ]
    assert len(original.sentences()) == 15
    assert original.sentences()[1].text.startswith("In Tokyo on Tuesday, U.S.")
    assert original.sentences()[-1].text.endswith("domestic standing.")


@pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original article is not redistributed")
def test_the_note_names_the_original_by_its_hash_and_copies_no_sentence():
    note, original = article.read_seed(ROOT / "seeds" / "us-japan-deal.txt"), article.read(ORIGINAL)
    assert note.original_sha256 == original.original_sha256
    words = note.text.split()
    runs = [" ".join(words[at : at + 12]) for at in range(len(words) - 11)]
    assert not [run for run in runs if run in " ".join(original.text.split())]


def test_text_is_stored_untouched_with_its_line_ends(written):
    text = "Trade fell.\r\n\r\nExports rose 5 %.\r\n"
    read = article.read(written(text.encode()))
    assert read.text == text
    assert [line.text for line in read.sentences()] == ["Trade fell.", "Exports rose 5 %."]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding_and_is_no_text(written, encoding):
    assert article.read(written("¥80 trillion.".encode(encoding))).text == "¥80 trillion."


def test_a_side_car_names_an_older_encoding(written):
    assert article.read(written("5 € each".encode("cp1252"), 'encoding = "cp1252"')).text == "5 € each"


def test_without_a_side_car_metadata_are_absent_but_a_seed_must_have_one(written):
    path = written(b"Exports rose 5 %.")
    assert article.read(path).title is None
    with pytest.raises(SchemaError, match=r"news\.txt: a seed without its side-car news\.toml\n  -> Write .* sha256"):
        article.read_seed(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \r\n\xc2\xa0", "empty"),
        (b"\x7fELF\x00\x01", "binary"),
        (b"GDP\n grew 5 \xa3bn", r"line 2, byte 12, is not utf-8"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_place_and_remedy(written, content, problem):
    with pytest.raises(SchemaError, match=rf"news\.txt: .*{problem}(.|\n)*-> "):
        article.read(written(content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SchemaError, match=r"gone\.txt cannot be read: No such file"):
        article.read(tmp_path / "gone.txt")


@pytest.mark.parametrize(
    ("side_car", "problem"),
    [
        ("title = Deal", "line 1"),
        ('author = "A"', "no text field 'author'"),
        ("title = 5", "no text field 'title'"),
        ('date = "28.10.2025"', "date '28.10.2025'"),
        ('date = 2025-10-28\ndate_basis = "inferred"', "without a reason"),
        ('kind = "memo"', "kind 'memo'"),
        ('sha256 = "00"', "its side-car says 00"),
        ('encoding = "klingon"', "no encoding 'klingon'"),
    ],
)
def test_a_wrong_side_car_is_refused(written, side_car, problem):
    with pytest.raises(SchemaError, match=problem):
        article.read(written(b"Exports rose.", side_car))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. paid $1.5 million. It ended.", ["The U.S. paid $1.5 million.", "It ended."]),
        ("It goes into the U.S. The deal holds.", ["It goes into the U.S.", "The deal holds."]),
        ("Mr. Abe met Dr. No. 5 times. He left!", ["Mr. Abe met Dr. No. 5 times.", "He left!"]),
        ("“A deal.” He smiled (briefly.) Then “no”?", ["“A deal.”", "He smiled (briefly.)", "Then “no”?"]),
        ("He paused … I waited. J. P. Morgan rose.", ["He paused … I waited.", "J. P. Morgan rose."]),
        ("日本は5500億ドル。投資する。", ["日本は5500億ドル。", "投資する。"]),
        ("On Oct. 28 they met. No. It failed.", ["On Oct. 28 they met.", "No. It failed."]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert [line.text for line in article.Article(text).sentences()] == expected


def test_a_line_cut_by_the_width_of_a_page_goes_on():
    cut = "Exports to the United States rose in the year to September by\n5.3 % to a record.\nImports fell"
    assert [line.text for line in article.Article(cut).sentences()] == [cut[:80], "Imports fell"]
