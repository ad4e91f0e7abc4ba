from pathlib import Path

import pytest

from toolkit import article, codes, figures
from toolkit.errors import UnknownCode
from toolkit.figures.meaning.clauses import Line
from toolkit.quantity import Basis, Hedge

ROOT = Path(__file__).parents[2]
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
    assert set(figures.extract(text)[-1].economies) in (set(whose.split()), set())


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


TEA = "NAIROBI, 5 May 2025 - Kenya's tea exports rose 8 per cent in April from a year earlier, the tea board said.\n\n"


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        (TEA + "A planned US levy of 10 per cent would cut shipments by a tenth.", "KEN USA"),
        (TEA + "Shipments to Egypt fell as Pakistan bought 40,000 tonnes.", "PAK KEN"),
        (TEA + "Output rose 3 per cent despite the American tariffs.", "KEN"),
        (TEA + "Growers have picked 90,000 tonnes.", "KEN"),
        (TEA + "In Malawi, planting was 60 per cent complete.", "MWI"),
        (TEA + "Uganda, which overtook Malawi, picked 70,000 tonnes.", "UGA"),
        (TEA + "The Rwandan producer Umuhinzi is small. The company's profit was $2 million.", "RWA"),
        ("Peru and Chile met. Peruvian exports rose 4 % to 2 million tonnes as demand in China grew.", "PER"),
        ("Oslo and Ottawa signed a pact. Norway will cut its duty on Canadian fish to 3 %. Ottawa for its part pledged $2 billion.", "CAN NOR"),
    ],
)  # fmt: skip
def test_a_figure_is_whose_clause_and_text_make_it(text, whose):
    assert set(figures.extract(text)[-1].economies) in (set(whose.split()), set())


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Under the Act, 10 % should be mined, 40 % refined and 25 % recycled by 2030.", "target"),
        ("Growth should reach 2 % next year.", "expected"),
        ("Mills are hit by plans in Lima to raise the levy to 9 %.", "target"),
        ("Exports probably rose 5 % in May.", "estimated"),
        ("Output will fall after the state more than doubled its levy to 14 %.", "reported"),
        ("The bank left rates at 3 %, below the 4 % projected in July.", "expected"),
        ("If the duty of 20 % stays, mills will close.", "reported"),
        ("The minister put a 12 % levy on tin.", "reported"),
        ("The state put off a mine worth $3 billion.", "reported"),
        ('"We will grow," said Li. Exports rose 5 %.', "reported"),
    ],
)
def test_how_firm_a_figure_is_follows_from_its_own_clause(text, status):
    assert figures.extract(text)[-1].status == status


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Brock Steel, whose sales fell last year, said plate was sold at £480 a tonne.", "Brock Steel"),
        ('"We sell tin," said Ana Ruiz. "That is 5 % of output."', "Ana Ruiz"),
        ("Ana Ruiz said prices fell. She wants quotas cut by 15 %.", "Ana Ruiz"),
        ("Exports fell 2 %, according to the Ministry of Trade, Industry and Ports.", "Ministry of Trade, Industry and Ports"),
        ("Mills closed, and the union says that 40,000 jobs went.", "union"),
        ("Lima cut its duty to 5 %, and the union says that jobs went.", None),
        ("Lima pledged $2 billion to the sector, which employs 37,000 people.", None),
        ("The mill, valued at $3 billion, is to close, citing the levy.", None),
    ],
)  # fmt: skip
def test_a_speaker_speaks_for_what_is_said_and_no_more(text, speaker):
    assert figures.extract(text)[-1].speaker == speaker


@pytest.mark.parametrize(
    ("text", "period"),
    [
        (TEA + "Imports fell 2 per cent in the year to March.", "2024-04/2025-03"),
        (TEA + "Sales rose 2 per cent in the three months through March 2025.", "2025-01/2025-03"),
        ("India's imports rose 4 % in the first half of 2024-25.", "2024-04/2024-09"),
        ("India's imports rose 4 % in Q1 FY26.", "2025-04/2025-06"),
        ("Of output, 10 % was to be mined, 40 % refined and 25 % recycled by 2030.", "2030"),
        ("OSLO, 5 May 2025 - It will raise the levy next year to 12 % from 10 %.", None),
        ("Prices have fallen by 20 % from their peak in 2022.", None),
    ],
)
def test_a_period_is_the_figure_s_own(text, period):
    assert figures.extract(text)[-1].period == period


def test_a_text_s_own_date_stands_in_its_head():
    (last,) = figures.extract_dates("Tin falls\n\nLIMA, June 5, 2025 (Agency) - Tin fell last month.")[1:]
    assert (last.quote, last.period, last.basis) == ("last month", "2025-05", "inferred")
    assert figures.extract_dates("The law of 5 June 2025 was signed last month.")[1].period is None


def test_a_list_and_a_table_keep_unit_and_owner():
    text = "Peru's trade in May:\n- Exports to China: up 4 % to $2 billion\n\nExports by port (million dollars)\nCallao: 1,200"
    found = figures.extract(text)
    assert [(str(figure.quantity), set(figure.economies)) for figure in found[:2]] == [
        ("4 %", {"PER", "CHN"}),
        ("US$2 billion", {"PER", "CHN"}),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            ("Economic bulletin\nJuly 2025\n\nDeliveries of watches to China fell sharply. Exports rose 3.2%. "
            "The surplus was CHF 4.1 billion, after CHF 3.9 billion. The US duty of 10% stays."),
            [("CHE",), ("CHE",), ("CHE",)],
        ),
        (
            ("Durban, 3 March 2025\n\nGrowers earned R12 billion and spent R4 billion. Only 5 percent of the fruit goes "
            "to Japan."),
            [("ZAF",), ("ZAF",), ("ZAF", "JPN")],
        ),
        (
            "Peru and Chile shipped grapes worth US$1.9 billion and US$0.9 billion respectively in 2024.",
            [("PER",), ("CHL",)],
        ),
        ("Kenya's exports rose 5%. Those to Egypt fell 2%. Tea, at $1.2 billion, led.", [("KEN",), ("KEN", "EGY"), ("KEN",)]),
    ],
)  # fmt: skip
def test_the_home_is_of_the_money_and_the_dateline_and_no_partner_becomes_it(text, found):
    read = [figure.economies for figure in figures.extract(text)][: len(found)]
    assert all(one in {(), right} for one, right in zip(read, found, strict=True))


@pytest.mark.parametrize(
    ("text", "unit", "certain"),
    [
        ("Ottawa, May 6, 2025 - Canada sold $70 billion of goods, the agency in Ottawa said.", "CAD", True),
        ("Australian miners earned $5 billion. Lithium fetched US$800 in Australia.", "AUD", True),
        (
            "Wellington, 2 May 2025\n\nNew Zealand's ally grew. Wellington waited. A U.S. fund paid $5 billion.",
            "USD",
            False,
        ),
        ("Canada's exports to the U.S. were $5 billion.", "USD", False),
    ],
)
def test_a_bare_dollar_is_the_home_s_own_only_where_the_text_plainly_says_so(text, unit, certain):
    quantity = figures.extract(text)[0].quantity
    assert (quantity.unit, quantity.unit_certain) == (unit, certain)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        (
            "Lima - 4 March 2025. Exports rose 3 percent in January. Copper shipments fell 2 percent. Imports went up 1 percent.",
            ["2025-01"] * 3,
        ),
        (
            "Trade report\nJune 2025\n\nImports fell 3% in the first quarter. Exports expanded by 4%.",
            ["2025-01/2025-03"] * 2,
        ),
        ("External trade, April 2025\n\nExports of fish came to NOK 12 billion.", ["2025-04"]),
        ("Oslo, 3 May 2025\n\nImports fell 2% in March. The krone has gained 4% since January.", ["2025-03", None]),
    ],
)
def test_a_release_s_period_goes_on_until_another_is_named(text, periods):
    assert [figure.period for figure in figures.extract(text)] == periods


def test_a_transcript_s_speakers_are_named_and_whom_they_speak_for_is_left_open():
    text = (
        "Press conference by Peruvian Minister Ana Ruiz\n\nMS. RUIZ: Chile bought $3 billion of goods from us.\n\n"
        "QUESTION: Will it be 10 percent?\n\nMR. HALL: We pay 4 percent."
    )
    read = [(figure.economies, figure.speaker) for figure in figures.extract(text)]
    assert read == [((), "MS. RUIZ"), ((), None), ((), "MR. HALL")]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("A quarter-point cut is likely.", "0.25", "pp"),
        ("Its backlog is 1.8 times annual sales.", "1.8", "x"),
        ("Exports (USD million), 2024: 12.4", "12400000", "USD"),
        ("Lusaka put aside K4.9 billion.", "4900000000", "ZMW"),
        ("Dubai spent Dh2 billion.", "2000000000", "AED"),
        ("They sold us $3 billion of fish.", "3000000000", "USD"),
    ],
)
def test_forms_met_in_other_countries_are_read(text, value, unit):
    (figure,) = figures.extract(text)
    assert (str(figure.quantity.value), figure.quantity.unit) == (value, unit)


@pytest.mark.parametrize("text", ["The office moved to 88 Nathan Road.", "May I add one word."])
def test_addresses_and_one_word_are_no_figures(text):
    assert figures.extract(text) == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Our aim is to reach $375 billion in 2028.", "target"),
        ("Our target remains 8 percent.", "target"),
        ("Trade is seen reaching 61 million tonnes.", "expected"),
        ("The miner raised its forecast for operating profit in the year to March 2026 to $5 billion.", "expected"),
    ],
)
def test_aims_and_a_firm_s_forecast_are_told_from_reports(text, status):
    assert figures.extract(text)[0].status == status


def test_a_search_that_a_sentence_is_spared_would_have_found_nothing(monkeypatch):
    places = [*sorted((ROOT / "tests" / "gold").glob("*.txt")), ROOT / "docs" / "figures.md"]
    texts = [place.read_text(encoding="utf-8") for place in places]
    spared = [[figure.to_dict() for figure in figures.extract(text)] for text in texts]
    monkeypatch.setattr(Line, "has", lambda *_: True)
    assert [[figure.to_dict() for figure in figures.extract(text)] for text in texts] == spared
