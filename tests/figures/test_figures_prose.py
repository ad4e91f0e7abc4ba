"""Forms of numbers in news prose that were read wrong, each in sentences of its own."""

import pytest

from toolkit.figures import extract


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Prices rose two point five per cent.", "2.5", "%"),
        ("Prices fell nought point one per cent.", "0.1", "%"),
        ("Growers picked 48 m kg of tea.", "48000000", "kg"),
        ("The credit line came to R$ 3.2 bi, the bank said.", "3200000000", "BRL"),
        ("The plant shipped 3万2000 units.", "32000", "1"),
        ("The port moved 2'310.000 sacks.", "2310000", "1"),
        ("One in every four shoes sold there is fake.", "25", "%"),
        ("It cost a fifth more than in the year before.", "20", "%"),
        ("Its share went from a twelfth to a sixteenth.", "6.25", "%"),
        ("The naira traded at 1,470 per dollar.", "1470", "NGN/USD"),
        ("The rupee settled 14 paise weaker at 90.34 to the dollar.", "90.34", "INR/USD"),
        ("It paid 19.20 pesos per dollar.", "19.20", "MXN/USD"),
        ("Growers sent 210,000 cartons to Spain, while Oman took 3.4m.", "3400000", "1"),
    ],
)
def test_a_form_of_number_is_read(text, value, unit):
    quantity = extract(text)[-1].quantity
    assert (float(quantity.value), quantity.unit) == (float(value), unit)


@pytest.mark.parametrize("text", ["The mast is 3.4m tall.", "Growers sent 210 cartons along a belt of 3.4m."])
def test_a_glued_m_stays_metres_where_no_large_count_stands_before(text):
    assert extract(text)[-1].quantity.unit == "m"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("Mills bought 40-45,000 tonnes.", 40_000, 45_000), ("Plots of 2-45,000 hectares were sold.", 2, 45_000)],
)
def test_a_first_end_shares_the_thousands_of_the_second_only_where_both_are_near(text, low, high):
    quantity = extract(text)[0].quantity
    assert (quantity.low, quantity.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "The desk is open between 8.30 and 16.15.",
        "Half-year profit fell.",
        "11.20 Markets open\n14.05 Bonds rally",
        "It opens at 9.30 GMT.",
    ],
)
def test_hours_and_half_years_are_no_figures(text):
    assert not extract(text)


def test_a_plus_belongs_to_the_figure_s_words():
    assert extract("Retail: +0.8% in May.")[0].quote == "+0.8%"
    assert extract("It may be close on 70 million euros.")[0].quantity.hedge == "about"
