"""Classes of expressions in news prose, each in sentences of its own."""

import pytest

from toolkit.article import Article
from toolkit.figures import extract, extract_dates


@pytest.mark.parametrize(
    ("head", "home"),
    [
        ("SFAX (Oct. 3, 2025) — ", ("TUN",)),
        ("Oct. 3, 2025, Hsinchu — ", ("TWN",)),
        ("Opinion | 3 Oct. 2025 | Tema\n\n", ("GHA",)),
        ("TEMA, 3 October 2025 /Newswire/ -- ", ("GHA",)),
    ],
)
def test_place_and_date_at_the_head_are_read_in_either_order(head, home):
    figure = extract(f"Growers wait\n\n{head}Exports of cocoa rose 5% last month.")[0]
    assert (figure.period, figure.economies) == ("2025-09", home)


def test_the_time_of_day_after_a_date_hides_no_dateline():
    text = "Growers wait\n\nPosted: 3 October 2025, 10:42 GMT\n\nExports fell last month."
    assert extract_dates(Article(text))[-1].period == "2025-09"


HURT = "ACCRA, Oct. 3, 2025 - Ghana's growers are hurt by a 15 percent US tariff.\n\n"
CZECH = "PRAGUE, Oct. 3, 2025 - Czech exports rose 5 percent in August.\n\n"
NORWAY = "OSLO, Oct. 3, 2025 - Norwegian salmon exports rose 5 percent in August.\n\n"


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        pytest.param(HURT + "Ecuador pays 10 percent.", {"USA", "ECU"}, id="one pays the only one who imposes"),
        pytest.param(HURT + "Peru and Chile each face 10 percent.", {"USA", "PER", "CHL"}, id="two pay"),
        pytest.param(NORWAY + "Ecuador pays 10 percent.", {"ECU"}, id="nobody imposes"),
        pytest.param(
            NORWAY + "Sales to Japan, its largest market in Asia, rose 3 percent.", {"NOR", "JPN"}, id="sales to"
        ),
        pytest.param(
            NORWAY + "Sales to Brazil fell 3 percent under a 9 percent duty.", {"NOR", "BRA"}, id="their tariff on us"
        ),
        pytest.param(
            CZECH + "The car industry earned 268 billion koruna last year, 28 billion of it from Germany.",
            {"CZE", "DEU"},
            id="a part is of the partner too",
        ),
        pytest.param(
            CZECH + "China won 71 percent of orders placed worldwide and South Korea 17 percent.",
            {"KOR"},
            id="shares of the world are not home's",
        ),
        pytest.param(
            "CHICAGO, Oct. 3, 2025 - U.S. coffee imports fell 5 percent, which hurts Brazil.\n\n"
            "The government of Lula has offered 30 billion reais.",
            {"BRA"},
            id="a money is its country's",
        ),
        pytest.param(
            CZECH + "Poland and Hungary announced that the levy would be cut to 4 percent.",
            {"POL", "HUN"},
            id="two who announce are the two",
        ),
    ],
)
def test_both_sides_are_named_where_the_text_makes_them_plain(text, whose):
    assert set(extract(text)[-1].economies) in (whose, set())


def test_a_whole_is_not_the_partner_s_because_a_part_is():
    text = CZECH + "The car industry earned 268 billion koruna last year, 28 billion of it from Germany."
    assert extract(text)[1].economies == ("CZE",)


def test_what_stands_before_a_semicolon_is_no_direction_of_what_stands_behind_it():
    text = "Shipments to Japan slide; cabinet clears 24 billion kroner\n\n" + NORWAY
    assert extract(text)[0].economies in {("NOR",), ()}


@pytest.mark.parametrize(
    "head",
    [
        "SUVA, NOV. 17, 2025 - ",
        "[Suva, 17 November 2025] ",
        "Suva, 17 November 2025 · ",
        "SUVA (Nov 17, 2025, 10:00 am) — ",
        "By Ana Koroi, Trade Writer, in Suva, 17 November 2025\n\n",
        "Transcript of the press conference held in Suva on 17 November 2025\n\n",
        "The ministry said today (17 November 2025) that fees stay. ",
        "Fees stay, a paper from the ministry showed on Nov 17, 2025. ",
    ],
)
def test_a_date_at_the_head_is_found_in_every_dress(head):
    text = f"Sugar sales slip\n\n{head}Exports fell last month."
    assert extract_dates(Article(text))[-1].period == "2025-10"


def test_a_headline_that_names_a_coming_day_is_no_dateline():
    text = "Tariffs are to take effect on 17 November 2025\n\nExports fell last month."
    assert extract_dates(Article(text))[-1].period is None


@pytest.mark.parametrize(
    ("text", "unit", "certain"),
    [
        pytest.param(
            "DUNEDIN, 3 March 2026 - Wool got US$3 a kilo. The state spent $5 billion.", "NZD", True, id="US$"
        ),
        pytest.param(
            "All figures are in Canadian dollars.\n\nThe US paid US$3 billion. The plan cost $5 billion.",
            "CAD",
            True,
            id="stated",
        ),
        pytest.param(
            "Opinion | 3 March 2026 | Darwin\n\nWe rage at Washington. Australia did not: our cattle earned $5 billion.",
            "AUD",
            True,
            id="we",
        ),
        pytest.param(
            "Sheep farmers gain\n\nNew Zealand sold wool for NZ$2 billion. New Zealand then spent $5 billion.",
            "NZD",
            False,
            id="signed once",
        ),
        pytest.param(
            "DUNEDIN, 3 March 2026 - New Zealand sold wool for NZ$9 billion ($5 billion).", "USD", True, id="turned"
        ),
    ],
)
def test_a_bare_dollar_is_of_whom_the_text_speaks(text, unit, certain):
    quantity = extract(text)[-1].quantity
    assert (quantity.value, quantity.unit, quantity.unit_certain) == (5_000_000_000, unit, certain)


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("in September last year", "2024-09"),
        ("in the first five months of this year", "2025-01/2025-05"),
        ("in the first 10 months", "2025-01/2025-10"),
        ("in the second half of last year", "2024-07/2024-12"),
        ("in the first quarter of next year", "2026-01/2026-03"),
        ("in the last quarter of 2023", "2023-10/2023-12"),
        ("last quarter", "2025-07/2025-09"),
        ("this quarter", "2025-10/2025-12"),
        ("next quarter", "2026-01/2026-03"),
        ("in its 2027 plan", "2027"),
        ("in China’s 2024 exports", "2024"),
        ("in Sept exports", "2025-09"),
        ("in 3Q", "2025-07/2025-09"),
        ("by 5 percent this year and 4 percent next", "2026"),
        ("in the 2024/25 season", None),
    ],
)
def test_a_relative_date_is_told_from_the_day_of_the_article(words, period):
    found = extract_dates(Article(f"Nuts\n\nACCRA, Nov. 24, 2025 - Sales grew {words}."))
    assert found[-1].period == period


MONTHLY = "ACCRA, Nov. 24, 2025 - Ghana's exports rose 5 percent to $4 billion in October.\n\n"


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("Imports were $3 billion in October against $2 billion in the year-ago month.", ["2025-10", "2024-10"]),
        ("Imports were $3 billion in October, down from $4 billion a year earlier.", ["2025-10", "2024-10"]),
        ("Imports were $3 billion in October, down from $4 billion the previous month.", ["2025-10", "2025-09"]),
        ("Imports were $3 billion in the first quarter, up from $2 billion a year ago.", ["2025-01/2025-03", "2024-01/2024-03"]),
        ("Imports were $3 billion in the first quarter, up from $2 billion a month earlier.", ["2025-01/2025-03", None]),
    ],
)  # fmt: skip
def test_a_base_a_year_ago_is_told_from_the_period_compared(text, periods):
    assert [figure.period for figure in extract(MONTHLY + text)[2:]] == periods


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        pytest.param("Shipments of gold to India climbed 9 percent.", ["2025-10"], id="of the month it opens with"),
        pytest.param("Exports stand at a tenth of output.", [None], id="what stands now has none"),
        pytest.param(
            "In 2023 exports rose 3 percent. The bourse is calm. A poll is due.\n\nFew care.\n\nGold rests.\n\nOutput climbed 2 percent.",
            ["2023", None],
            id="two periods",
        ),
    ],
)
def test_a_report_s_month_goes_on_to_movements_that_name_none(text, periods):
    assert [figure.period for figure in extract(MONTHLY + text)[2:]] == periods


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        pytest.param(HURT + "Tariffs are a lottery: Vietnam got 20 percent.", {"USA", "VNM"}, id="got"),
        pytest.param(HURT + "Its duty is the lowest. Japan's rate is 15 percent.", {"USA", "JPN"}, id="rate is"),
        pytest.param(HURT + "Support for the Ghanaian party rose: it got 20 percent.", {"GHA"}, id="no tariff"),
        pytest.param(
            "Trump strikes Brazil\n\nBRASILIA, July 9, 2025 - President Donald Trump put a duty on Brazil's coffee. "
            "Brazil will reply.\n\nThe country sold $40 billion to the United States.",
            {"BRA", "USA"},
            id="home is where the dateline is",
        ),
        pytest.param(
            CZECH + "The two sides traded 9 percent more. Its surplus with Peru was $4 billion.",
            {"CZE", "PER"},
            id="surplus with",
        ),
    ],
)
def test_a_rate_that_another_got_is_of_the_one_who_imposes(text, whose):
    assert set(extract(text)[-1].economies) in (whose, set())


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Imports fell 3 percent, the bureau's data showed.", "bureau"),
        ("Farms have lost 900 jobs, Li Weiguo, a scholar at a college in Harbin, said recently.", "Li Weiguo"),
        ("Closing the session, the trade minister, Ada Mensah, said the pact let in 40,000 cars.", "Ada Mensah"),
        ("Ama Boateng, the member for Tema, was cross. Ghana had sold 9 tonnes, she said.", "Ama Boateng"),
        ("Kofi Annor said prices held. He still sees growth of 4 percent.", "Kofi Annor"),
        ("The Finance Ministry projects revenue of $9 billion.", "Finance Ministry"),
        ("Ama Boateng asked whether 900 jobs would go.", "Ama Boateng"),
    ],
)
def test_a_speaker_is_found_behind_asides_and_offices(text, speaker):
    assert extract(text)[0].speaker == speaker


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Orders came to $3 billion, versus the $4 billion average of estimates.", "expected"),
        ("Under the pact each side will invest $4 billion.", "pledged"),
        ("Under the plan, output is to reach 4 million tons by 2035.", "target"),
        ("Under the plan, prices will rise 4 percent.", "expected"),
        ("She denied a report that 40 percent of it would go to mills.", "denied"),
    ],
)
def test_a_plan_a_pact_and_a_denial_say_how_firm_a_figure_is(text, status):
    assert extract(text)[-1].status == status


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Shares in Ashanti Metals leapt 23 percent on Tuesday.", "2025-11-18"),
        ("The cedi settled at $0.08 in late trade on Friday.", "2025-11-21"),
        ("On Friday, cocoa closed at $6,100 a tonne.", "2025-11-21"),
        ("Output fell 3 percent, the ministry said on Friday.", None),
        ("Cocoa prices rose 3 percent, a trader said on Friday.", None),
    ],
)
def test_a_price_has_the_day_on_which_it_was_paid(text, period):
    assert extract("ACCRA, Nov. 24, 2025 - Trade was thin.\n\n" + text)[0].period == period


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("Cocoa in bags brought it $3 billion in October.", "flow"),
        ("Its cocoa bags were worth $3 billion at the end of October.", "stock"),
        ("The price of a new hull was $3 million in October.", "unknown"),
        ("It will need $3 billion in 2027.", "unknown"),
    ],
)
def test_a_sum_made_over_a_month_or_more_is_a_flow(text, basis):
    assert extract(MONTHLY + text)[-1].quantity.basis == basis


def test_the_stock_of_a_firm_does_not_move_over_its_quarter():
    text = "Revenue of the miner rose 5 percent in the third quarter. The stock dropped 9 percent."
    assert extract("ACCRA, Nov. 24, 2025 - " + text)[-1].period is None


LEAD = "OSLO, Nov. 17, 2025 - Norwegian salmon exports rose 5 percent in October.\n\n"
MAKER = "OSLO, July 16, 2025 - Fjordtek said Wednesday that sales in the second quarter rose 5 percent.\n\n"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Cod earned $400 million between January and September.", "2025-01/2025-09"),
        ("Volumes were 9% higher than in the same month last year.", "2025-10"),
        ("Imports came to $90 million in October, up from the $80 million recorded in the same month of 2024.", "2024-10"),
        ("The bank put reserves at $42 billion as of November 3.", "2025-11-03"),
        ("Exports of cod nearly doubled.", "2025-10"),
        ("In the same month of 2024 it was 3 percent.", "2024-10"),
        ("A year earlier, the gap was $2 billion.", "2024-10"),
        ("Reserves stood at $80 billion on November 10.", "2025-11-10"),
        ("That left a surplus of $2.7 billion.", "2025-10"),
        ("The country shipped 7.9 million tonnes in 2024, against 9.9 million the year before.", "2023"),
        ("Yards lifted their outlook for this year after third-quarter profit jumped 39 percent.", "2025-07/2025-09"),
        ("In the first quarter, exports fell 4 percent.\n\nThe surplus was $19 billion.", None),
    ],
)  # fmt: skip
def test_a_figure_has_the_time_that_the_story_tells_of(text, period):
    assert extract(LEAD + text)[-1].period == period


def test_what_a_report_of_twelve_months_goes_on_telling_is_of_those():
    years = "PERTH, April 17, 2025 - Australian wine exports rose 4 percent in the 12 months to March.\n\nThe firm said so. It did.\n\n"
    assert extract(years + "Exports to the US fell 12 percent.")[-1].period == "2024-04/2025-03"


def test_three_months_earlier_is_the_quarter_before():
    text = LEAD + "Profit rose to $4 million in the third quarter from $3 million three months earlier."
    assert [one.period for one in extract(text)][1:3] == ["2025-07/2025-09", "2025-04/2025-06"]


def test_the_news_itself_dates_what_follows_and_a_base_of_comparison_does_not():
    text = (
        "BERGEN - Salmon lifted exports to their best showing in October, data showed on Nov 17, 2025.\n\n"
        "Exports rose 21.7 per cent, the office said, after 6.4 per cent growth in September. Exports to Spain fell 3 per cent."
    )
    assert [one.period for one in extract(text)] == ["2025-10", "2025-09", "2025-10"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“A 10 per cent tariff we can bear. What kills is doubt,” said Kari Holm, who runs a smokehouse.", "Kari Holm"),
        ("“We lost sales of $19 million to Chile, which pays 20 per cent,” said K. Solberg, who heads the guild.", "K. Solberg"),
        ("Cod alone fetched $17 million, the council's director, Mrs Anne Dahl Strand, disclosed on Tuesday.", "Anne Dahl Strand"),
        ("The levy, which manufacturers say would add $3 million to their costs, is new.", "manufacturers"),
        ("“Prices are high.” Cod rose 5 per cent.", None),
        ("Kari Holm heads the guild. “We lost 5 percent,” she says.", "Kari Holm"),
        ("Losses may exceed $3 million, warned Lars Dahl, an economist.", "Lars Dahl"),
        ("According to the guild, sales fell 5 percent.", "guild"),
        ("League president Kari Holm blamed the krone. “It costs us 4,000 tonnes,” she said.", "Kari Holm"),
    ],
)  # fmt: skip
def test_whoever_closes_the_quotation_says_what_is_in_it(text, speaker):
    assert extract(text)[0].speaker == speaker


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The government may reconsider the 4 per cent levy on imports.", "reported"),
        ("The government may raise a 4 per cent levy on imports.", "expected"),
        ("The central bank put reserves at $42 billion.", "reported"),
        ("The finance ministry put the cost of the duty at $2 billion.", "estimated"),
        ("An analyst put exports at $2 billion.", "estimated"),
        ("Its forecast for lithium is $5.6 billion.", "expected"),
        ("Economists had tipped 7.3 per cent.", "expected"),
    ],
)
def test_what_there_is_is_told_from_what_may_be(text, status):
    assert extract(text)[0].status == status


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("Norwegian yards launched 9.1 million gross tons in 2024.", "flow"),
        ("Norwegian reserves were 9.1 million tonnes in 2024.", "stock"),
        ("The port moved 45.4 million containers in 2024.", "flow"),
        ("The free zone hosts 7,100 firms.", "stock"),
        ("The two sides have pledged to lift bilateral trade to $100 billion by 2030.", "flow"),
        ("The two sides have pledged $100 billion by 2030.", "commitment"),
        ("Sea farms will need $3 billion in 2027.", "unknown"),
    ],
)
def test_what_was_made_over_a_time_is_told_from_what_there_is(text, basis):
    assert extract(text)[0].quantity.basis == basis


@pytest.mark.parametrize(
    "text",
    [
        "Services added a further €40 billion.",
        "Machinery added EUR 4 billion to exports.",
        "Table 4 shows that 31 of the 50 firms gain.",
        "Manila: The Philippines' gap was $4 billion in June.",
        "Says Brazil pays 50% on coffee.",
        "Says the tax bill adds $3 trillion to the debt.",
        "Video shows Chile sold 3 million tonnes of copper.",
        "Photo shows 5,000 trucks waiting at the border.",
        "Exports of cars showed a gain of 5%.",
        "Of the promised €40 billion, €3 billion has been spent.",
    ],
)
def test_what_cannot_speak_is_no_speaker(text):
    assert {one.speaker for one in extract(text)} == {None}


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("Exports rose 4 % on June 2024 (€231 billion).", [None, "2024-06"]),
        ("In June 2025 output was 40 % above its 2018 level.", ["2025-06"]),
        ("Exports were €240 billion in June 2025, compared with June 2024 (€231 billion).", ["2025-06", "2024-06"]),
        ("Compared with May 2025 the surplus fell from €16 billion.", [None]),
        ("The March contract rose 5 %.", [None]),
    ],
)
def test_a_base_of_comparison_lends_its_date_to_nothing_else(text, periods):
    assert [one.period for one in extract(text)] == periods


def test_words_of_one_form_are_read_alike():
    assert extract("Peru bears 10 %.")[0].economies == extract("Peru and Chile bear 10 %.")[0].economies == ()
    rate, duty = (extract(f"Chile faces 10 %, a {word} imposed by Peru.")[0] for word in ("rate", "duty"))
    assert rate.economies == duty.economies


def test_a_bare_month_is_no_earlier_one():
    text = "Prices rose 5 % in May 2025, or 3 % a month, this year."
    assert "2025-04" not in {one.period for one in extract(text)}
