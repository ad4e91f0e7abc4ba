"""Figures that stand between two economies: the one that the clause leaves out, in sentences of our own."""

import pytest

from toolkit.figures import extract

LISBON = "LISBON, 3 June 2025 - Portugal's cork exports fell 6 per cent in April to €95 million.\n\n"
OTTAWA = "OTTAWA, Aug 5, 2025 - Canadian lumber producers pay a combined 35 % in duties at the U.S. border.\n\n"
DELHI = "NEW DELHI, Feb 9, 2026 - The United States cut its tariff on Indian goods to 18 % from 50 %.\n\n"
ACCRA = "ACCRA, Oct 6, 2025 - Ghana's cocoa board sold 50,000 tonnes to Chinese grinders last season.\n\n"


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        pytest.param(OTTAWA + "Norway pays 15 %.", {"NOR", "USA"}, id="another payer takes the place of the home"),
        pytest.param(DELHI + "The rate for Vietnam is 20 %.", {"USA", "VNM"}, id="the rate for another"),
        pytest.param(
            DELHI + "The rate for Vietnam is 20 % and for Thailand 19 %.", {"USA", "THA"}, id="the rate for the next"
        ),
        pytest.param(
            LISBON + "The deal with Washington lets stoppers enter America at 15 per cent.",
            {"PRT", "USA"},
            id="who enters",
        ),
        pytest.param(
            LISBON + "Across the river, approved investments came to RM90 million.", {"MYS"}, id="in another's money"
        ),
        pytest.param(
            LISBON + "Norway has applied an average tariff of 8 per cent, compared with 3 per cent in Chile.",
            {"CHL"},
            id="what a figure is compared with keeps its own",
        ),
        pytest.param(LISBON + "The crop in Chile is seen at 84,000 tonnes.", {"CHL"}, id="a crop is of one alone"),
        pytest.param(
            LISBON + "Japan signed on Monday.\n\nThe country's exports to all customers were €2 billion last year.",
            {"PRT"},
            id="the country of a new paragraph is the text's own",
        ),
        pytest.param(
            LISBON + "Floods in Chile, a rival, ruined 9 per cent of its own crop.", {"CHL"}, id="a crop of its own"
        ),
        pytest.param(OTTAWA + "Norwegian pine is charged 10 %.", {"NOR", "USA"}, id="charged"),
        pytest.param(DELHI + "Vietnam pays 20 %, Colombia 10 %.", {"COL", "USA"}, id="the next payer"),
        pytest.param(DELHI + "The levy on Argentine hides is 12 %.", {"ARG", "USA"}, id="the levy on goods"),
        pytest.param(
            LISBON + "The Germans paid 2.10 euros a litre for it.", {"PRT", "DEU"}, id="the price that a buyer pays"
        ),
        pytest.param(
            DELHI + "Indian firms have promised to invest $9 billion in America.", {"IND", "USA"}, id="who promises"
        ),
    ],
)
def test_a_figure_between_two_is_of_both(text, whose):
    assert set(extract(text)[-1].economies) in (whose, set())


def test_a_part_of_a_world_total_is_not_the_world_s():
    text = LISBON + "Cork makers shipped 45 million cases worldwide, 8 million of them at Sines."
    assert extract(text)[-1].economies != ("WLD",)


def test_a_pact_that_others_lack_is_no_partner():
    text = "OTTAWA, Aug 5, 2025 - Canada traded with the United States.\n\nCanada would limit imports from countries without a free-trade agreement to 50 %."
    assert set(extract(text)[-1].economies) in ({"CAN"}, set())


def test_a_government_that_acts_is_not_the_place_meant_by_there():
    text = (
        "NAIROBI, Feb 17, 2026 - Kenya's exports rose 4 %.\n\n"
        "In Kenya, looms hum again after Washington extended the act. Makers there employ 66,000 people."
    )
    assert extract(text)[-1].economies == ("KEN",)


@pytest.mark.parametrize(
    "said",
    [
        "Analysts at a London bank see copper at $11,000 a tonne.",
        "November wheat futures on Euronext gained 2 per cent.",
        "Brent settled at $68.20 a barrel.",
    ],
)
def test_a_world_price_is_of_no_economy(said):
    assert not {*extract(LISBON + said)[-1].economies} - {"WLD"}


@pytest.mark.parametrize(
    ("sentence", "economies"),
    [
        ("Sheep meat exported to India faces a tariff of 33 per cent.", {"NZL", "IND"}),
        ("Butter sold to Canada pays 298 per cent above the quota.", {"NZL", "CAN"}),
        ("Peru and Chile pay 10 per cent.", {"USA", "PER", "CHL"}),
    ],
)
def test_who_is_sold_to_taxes_and_who_pays_is_taxed(sentence, economies):
    story = (
        "Wellington, 22 July 2025 - New Zealand's goods exports reached $77.3 billion in the year to June 2025.\n\n"
        "The United States applies an additional tariff of 10 per cent to New Zealand goods.\n\n"
    )
    assert set(extract(story + sentence)[-1].economies) in (economies, set())


def test_what_we_sent_abroad_is_of_the_text_s_own_economy_too():
    story = (
        "JOHANNESBURG, 3 March 2026 - South Africa recorded a trade deficit of R8.6 billion in January.\n\n"
        "Growers prepare for a season under the 30% duty the United States charges on South African fruit. "
        '"We sent 6.3 million cartons to America last year," said the chairman of their forum.'
    )
    assert set(extract(story)[-1].economies) in ({"ZAF", "USA"}, set())


def test_a_report_on_world_trade_from_a_seat_of_many_nations_is_of_the_world():
    story = (
        "Observatory of Trade\nSpring outlook\nGeneva, 9 April 2026\n\n"
        "World merchandise trade is expected to grow 1.9% in 2026. Exports of services rose 6.7% in 2025.\n\n"
        "Cambodia was an exception: its exports gained 16%."
    )
    assert [one.economies for one in extract(story)] == [("WLD",), (), ("KHM",)]
