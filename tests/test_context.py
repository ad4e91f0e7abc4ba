from pathlib import Path

import pytest

from toolkit import article, codes, figures
from toolkit.errors import UnknownCode
from toolkit.quantity import Basis, Hedge

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "seeds" / "us-japan-deal.txt"
ORIGINAL = ROOT.parent / "shared" / "seeds" / "000_581e9e3cdb0433f2.txt"
BOTH = [
    pytest.param(NOTE, id="note"),
    pytest.param(
        ORIGINAL,
        id="original",
        marks=pytest.mark.skipif(not ORIGINAL.is_file(), reason="the original is not redistributed"),
    ),
]


@pytest.fixture(params=BOTH)
def seed(request):
    return article.read(request.param)


def test_the_seed_states_three_figures_and_no_other(seed):
    assert [figure.quote for figure in figures.extract(seed)] == ["2 %", "roughly US$ 550-billion", "more than 90 %"]
    assert all(seed.text[figure.start : figure.end] == figure.quote for figure in figures.extract(seed))


def test_the_defence_share_is_pledged_by_takaichi_for_japan(seed):
    share = figures.extract(seed)[0]
    assert (share.quantity.value, share.quantity.unit, share.quantity.of, share.quantity.basis) == (
        2,
        "%",
        "GDP",
        Basis.RATE,
    )
    assert (share.economies, share.status, share.speaker, share.about) == (
        ("JPN",),
        "pledged",
        "Takaichi",
        "defence spending",
    )


def test_the_package_goes_from_japan_to_the_united_states_as_sources_expect(seed):
    package = figures.extract(seed)[1]
    assert (package.quantity.value, package.quantity.unit, package.quantity.hedge) == (
        550_000_000_000,
        "USD",
        Hedge.ABOUT,
    )
    assert (package.economies, package.status, package.speaker) == (("JPN", "USA"), "expected", "sources")
    assert (package.about, package.quantity.basis) == ("investment package", Basis.COMMITMENT)
    assert {"8901", "8908", "271111", "271121", "1201", "870421", "870431", "870441", "870451"} <= set(package.products)


def test_the_processing_share_is_china_s_and_of_global_output(seed):
    share = figures.extract(seed)[2]
    assert (share.quantity.low, share.quantity.high, share.quantity.of) == (90, None, "global output")
    assert (share.economies, share.products, share.about) == (("CHN",), ("280530", "2846"), "rare-earth processing")
    assert (share.status, share.speaker, share.period) == ("reported", None, None)


def test_the_seed_s_tuesday_is_open_in_the_original_and_inferred_in_the_note(seed):
    tuesday, year = figures.extract_dates(seed)
    assert (tuesday.quote, year.quote, year.period, year.basis) == ("Tuesday", "2019", "2019", "stated")
    assert (tuesday.period, tuesday.basis) == (("2025-10-28", "inferred") if seed.is_note else (None, None))


@pytest.mark.parametrize(
    ("text", "status", "speaker"),
    [
        ("The ministry denied that duties would rise to 20 %.", "denied", "ministry"),
        ("Exports would fall by 3 %.", "expected", None),
        ("Tokyo aims to raise the share to 30 %.", "target", None),
        ("The IMF estimates that growth was 2 %.", "estimated", "IMF"),
        ("Growth was 2 %, according to the central bank.", "reported", "central bank"),
        ("Seoul promised $350 billion.", "pledged", "Seoul"),
        ("He plans a $5 billion fund, officials said.", "target", "officials"),
        ("Exports reached $148 billion.", "reported", None),
    ],
)
def test_the_verb_says_how_firm_a_figure_is_and_its_subject_who_says_so(text, status, speaker):
    (figure,) = figures.extract(text)
    assert (figure.status, figure.speaker) == (status, speaker)


def test_economies_are_found_by_name_demonym_capital_and_government():
    text = "The White House, Beijing and the Dutch paid US$5 in South America; Georgia, not Georgian."
    assert [(text[start:end], code) for start, end, code in codes.find_economies(text)] == [
        ("White House", "USA"),
        ("Beijing", "CHN"),
        ("Dutch", "NLD"),
    ]


def test_every_country_of_iso_3166_has_a_name():
    pycountry = pytest.importorskip("pycountry")
    for country in pycountry.countries:
        assert codes.economy(codes.economy_name(country.alpha_3)) == country.alpha_3
    assert codes.economy("EUU") == codes.economy("European Union") == "EUU"
    with pytest.raises(UnknownCode, match="no economy 'Atlantis'"):
        codes.economy("Atlantis")


def test_products_have_the_codes_of_the_edition_asked_for():
    assert codes.find_products("pickups")[0][2] == ("870421", "870431", "870441", "870451", "870460")
    assert codes.find_products("pickups", edition="HS2017")[0][2] == ("870421", "870431", "870490")
    assert codes.find_products("a blue chip and a silver lining") == []


def test_every_product_row_holds_hs_codes_of_one_edition():
    for row in codes.table("products"):
        assert row["hs_edition"] in {"HS2007", "HS2012", "HS2017", "HS2022"}
        assert all(code.isdigit() and len(code) in {2, 4, 6} for code in row["codes"].split())


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("Thailand sold rice worth $3 billion to Malaysia. The two neighbours aim for trade of $5 billion.", "THA MYS"),
        ("The European Union signed a pact with Chile. The Union will cut its tariff to 3 %.", "EUU"),
        ("Peru signed a pact. The country's copper exports rose 8 %.", "PER"),
        ("Brazil sold 10 million tonnes of soybeans. China took 70 % of the beans, Spain 5 % and Thailand 4 %.", "BRA THA"),
        ("Chile hopes for the American market. Its quota there is 20,000 tonnes.", "CHL USA"),
        ("India exports shrimp to the US. Ecuador's growers pay 18 %.", "ECU"),
        ("Britain's trade gap widened. The pound rose 0.2 %.", "GBR"),
        ("Kenya's growers wait. Nairobi hopes to open the Egyptian market, which imports 70 % of its tea.", "EGY"),
        ("Toyota will build a $14 billion battery plant in North Carolina.", "USA"),
        ("Shares in the group lost 4 %.", ""),
    ],
)  # fmt: skip
def test_words_that_stand_for_an_economy_are_resolved(text, whose):
    assert set(figures.extract(text)[-1].economies) == set(whose.split())


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Tariffs will leave the level of GDP 1.5 % lower.", "level of GDP"),
        ("Ottawa has committed C$4 billion to the minerals fund.", "minerals fund"),
        ("Shrimp, worth $2 billion last year, is exempt.", "Shrimp"),
        ("Only 2 % is expected to be equity.", "equity"),
        ("The sum equals 80 % of Korea's reserves.", "reserves"),
    ],
)
def test_what_is_measured_is_found_beyond_the_subject(text, about):
    assert figures.extract(text)[-1].about == about
