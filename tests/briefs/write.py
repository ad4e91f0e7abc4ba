"""Writes the briefs of the mutation bench and their registry from the tables in data/: run it once, commit what it writes."""

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from toolkit import codes, compare, observation, registry
from toolkit.brief import evaluate
from toolkit.quantity import Quantity
from toolkit.registry import Record, Registry

HERE = Path(__file__).parent
STYLES = ("newsroom", "terminal", "ministry")
SENTENCES = 30  # a brief
PEOPLE = ("Akazawa", "Bessent", "Greer", "Ishiba", "Lutnick", "Takaichi", "Wang", "Kim")
GOODS = ("soybean purchases", "shipyard investments", "plant loans", "aircraft orders", "port projects")
STATES = [
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "Colorado",
    "Delaware",
    "Florida",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Maine",
    "Maryland",
    "Michigan",
    "Minnesota",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Wyoming",
]
CURRENCY = {"USD": ("US$", "$", "US dollars"), "JPY": ("¥", "¥", "yen")}
LEVEL = (
    "In {year} {subject} came to [{n}]{k}.",
    "{Subject} stood at [{n}]{k} in {year}.",
    "{Subject} reached [{n}]{k} in {year}.",
    "For {year} the tables put {subject} at [{n}]{k}.",
    "The value for {year}, {subject}, is [{n}]{k}.",
    "By {year}, {subject} had become [{n}]{k}.",
    "Our count of {subject} for {year} gives [{n}]{k}.",
)
PAIR = (
    "{Subject} went from [{n}]{k} in {year} to [{m}]{l} in {next}.",
    "In {next} {subject} came to [{m}]{l}, against [{n}]{k} in {year}.",
    "{Subject}, [{n}]{k} in {year}, moved to [{m}]{l} in {next}.",
)
RATIO = (
    "{Subject} in {next} were [{n}]{k} what they had been in {year}.",
    "Compared with {year}, {subject} in {next} were [{n}]{k} as large.",
)
CHANGE = ("In {next} {subject} {verb} by [{n}]{k}.", "{Subject} {verb} by [{n}]{k} in {next}.")
SAID = (
    "{speaker} said that {subject} would come to [{n}]{k}.",
    "According to {speaker}, {subject} will reach [{n}]{k}.",
    "{speaker} announced that {subject} amount to [{n}]{k}.",
)


def written(quantity, style, precision):
    """Return a quantity as one of the three houses writes it, hedge first."""
    value = round(abs(quantity.value), -precision)
    exponent = next((each for each in (12, 9, 6) if value >= 10**each), 0)
    decimals = max(exponent - precision, 0)
    digits = f"{value.scaleb(-exponent):,.{decimals}f}"
    hedge = {"about": "about ", "more_than": "more than ", "at_least": "at least "}.get(quantity.hedge, "")
    long = {12: " trillion", 9: " billion", 6: " million", 0: ""}[exponent]
    at = STYLES.index(style)
    if quantity.unit in CURRENCY:
        sign = CURRENCY[quantity.unit][at]
        short = {12: "trn", 9: "bn", 6: "m", 0: ""}[exponent]
        return hedge + (f"{sign}{digits}{long}", f"{sign}{digits}{short}", f"{digits}{long} {sign}")[at]
    if quantity.unit == "%":
        return hedge + (f"{digits} %", f"{digits}%", f"{digits} per cent")[at]
    name = {"t": "tonnes", "x": "times", "kg": "kg"}[quantity.unit]
    return f"{hedge}{digits}{long} {name}"


def rows(name, **where):
    table = observation.select(observation.read(name), **where)
    return [row for _, row in table.iterrows() if row["obs_status"] != "M" and len(row["time_period"]) == 4]


def series(prefix, subject, found):
    """Return subject and records of one series, a year each."""
    records = {}
    for row in found:
        year = row["time_period"]
        key = f"{prefix}-{year}"
        if key not in records and int(year) >= 1990:
            made = compare.cell_record(key, row, about=f"{subject}, {year}")
            digits = random.choice((3, 4))
            precision = made.quantity.value.adjusted() - digits + 1 if made.quantity.value else 0
            records[key] = replace(made, precision=max(precision, made.precision or precision))
    return subject, list(records.values())


def everything():
    """Return the series: GDP, trade, minerals, products."""
    for iso3 in ("USA", "JPN", "DEU", "KOR", "CHN", "CHE", "TWN"):
        name = codes.economy_name(iso3)
        yield series(
            f"gdp-{iso3.lower()}",
            f"GDP of {name} in current dollars",
            rows("gdp", series="gdp_current_usd", ref_area=iso3),
        )
    trade = {
        "us_goods_imports_from_japan": ("us-m-jp", "US imports of goods from Japan at customs value"),
        "us_goods_exports_to_japan": ("us-x-jp", "US exports of goods to Japan at FAS value"),
        "us_goods_imports_from_japan_cif": ("us-m-jp-cif", "US imports of goods from Japan, CIF"),
    }
    for name, (prefix, subject) in trade.items():
        valuation = {"us_goods_imports_from_japan": "CUSTOMS", "us_goods_exports_to_japan": "FAS"}.get(name, "CIF")
        yield series(prefix, subject, rows("us_japan_goods_annual", series=name, valuation=valuation))
    yield series(
        "jp-milex",
        "military expenditure of Japan",
        rows("military_expenditure", series="military_expenditure", ref_area="JPN", unit_measure="USD"),
    )
    products = observation.read("us_japan_products")
    for flow, side in (
        ("japan_exports_to_us", "exports to the United States"),
        ("japan_imports_from_us", "imports from the United States"),
    ):
        table = products[
            (products["series"] == flow)
            & (products["time_period"].str.len() == 4)
            & (products["obs_status"] != "M")
            & (products["unit_measure"] == "JPY")
        ]
        counts = table.groupby("product").size().sort_values(ascending=False)
        for product in [each for each in counts.index if each.replace(" ", "").isalpha()][:6]:
            found = [row for _, row in table[table["product"] == product].iterrows()]
            yield series(
                f"{'x' if 'exports' in flow else 'm'}-{product.lower().replace(' ', '-')[:20]}",
                f"Japan's {side} of {product.lower()}",
                found,
            )


def sentences(subject, records, style, more):
    """Return sentences on one series, and the records that they need beside it."""
    records = [
        each
        for each in sorted(records, key=lambda each: each.period)
        if each.quantity.value and each.quantity.value > 0
    ]
    made = []
    for at, record in enumerate(records):
        kind = at % 4
        after = records[at + 1] if at + 1 < len(records) else None
        facts = {"subject": subject, "Subject": subject[0].upper() + subject[1:], "year": record.period}
        facts |= {"n": written(record.quantity, style, record.precision), "k": f"{{fig={record.key}}}"}
        if after is None or kind in {0, 3}:
            text = random.choice(LEVEL)
            if kind == 3 and record.quantity.hedge == "exact":
                rough = replace(record, precision=record.quantity.value.adjusted() - 1)
                facts["n"] = written(
                    replace(rough.quantity, hedge="about", low=None, high=None), style, rough.precision
                )
        elif kind == 1:
            text = random.choice(PAIR)
            facts |= {
                "next": after.period,
                "m": written(after.quantity, style, after.precision),
                "l": f"{{fig={after.key}}}",
            }
        else:
            figure = f"{after.key} / {record.key}"
            shown = evaluate(figure, Registry(records))
            change = registry.computed(
                f"ch-{after.key}"[:30].strip("-"), (shown.quantity.value - 1) * 100, "%", about=f"change of {subject} in {after.period}",
                expression=f"{figure} - 1", inputs=[after.key, record.key], place=after.place, partner=after.partner, valuation=after.valuation, period=after.period, precision=-1,
                basis="rate",
            )  # fmt: skip
            facts |= {"next": after.period}
            made.append(
                random.choice(RATIO).format(**facts | {"n": shown.show("times"), "k": f'{{fig="{figure}" as=times}}'})
            )
            verb = random.choice(
                ("rose", "grew", "climbed") if change.quantity.value > 0 else ("fell", "declined", "dropped")
            )
            text = random.choice(CHANGE)
            facts |= {"verb": verb, "n": written(change.quantity, style, -1), "k": f"{{fig={change.key}}}"}
            if abs(change.quantity.value) < Decimal("0.1"):
                continue
            change = replace(
                change, source=change.source | {"notebook": "notebooks/n.ipynb", "parameters": {}, "run": "0"}
            )
            more.append(change)
        made.append(text.format(**facts))
    return made


def said(number, more, style):
    """Return sentences in which someone says something, hedged or not."""
    made = []
    for at in range(SENTENCES):
        speaker = random.choice(PEOPLE)
        subject = f"{random.choice(('Japanese', 'Korean', 'American'))} {GOODS[number - 1]} in {STATES[at]}"
        value = random.randint(11, 989) * 10 ** random.choice((8, 9))
        hedge = random.choice(("about", "more_than", "at_least", "exact"))
        key = f"said-{number}-{at}"
        place = {"J": "JPN", "K": "KOR", "A": "USA"}[subject[0]]
        quote = {"type": "TextQuoteSelector", "exact": str(value), "prefix": f"{speaker} said ", "suffix": "."}
        source = {
            "type": "article",
            "source": f"seeds/none-{number}.txt",
            "article_id": "0" * 12,
            "article": dict.fromkeys(
                ("title", "outlet", "date", "date_basis", "date_reason", "url", "original_sha256", "is_note")
            ),
            "selector": [quote, {"type": "TextPositionSelector", "start": 0, "end": 1}],
        }
        record = Record(
            key,
            Quantity.stated(value, "USD", hedge, basis="commitment"),
            subject,
            source,
            place=place,
            speaker=speaker,
            status="pledged",
            precision=Decimal(value).adjusted() - 2,
        )
        more.append(record)
        text = SAID[at % len(SAID)].format(
            speaker=speaker, subject=subject, n=written(record.quantity, style, record.precision), k=f"{{fig={key}}}"
        )
        made.append(text)
    return made


def main():
    random.seed(5)
    more, pool, briefs = [], [], []
    for at, (subject, records) in enumerate(everything()):
        pool += records
        briefs.append((subject, sentences(subject, records, STYLES[at % 3], more)))
    briefs += [(f"Talks on {GOODS[number - 1]}", said(number, more, STYLES[number % 3])) for number in range(1, 6)]
    known = {}
    for record in [*pool, *more]:
        known.setdefault(record.key, record)
    whole = Registry(known.values())
    for path in HERE.glob("*.md"):
        path.unlink()
    count = 0
    for at, (subject, texts) in enumerate(each for each in briefs if len(each[1]) >= 8):
        count += len(texts)
        head = f"---\ntitle: {subject[0].upper() + subject[1:]}\ndate: 2026-11-22\n---\n\n"
        (HERE / f"{at + 1:02}.md").write_text(head + "\n\n".join(texts) + "\n", encoding="utf-8")
    (HERE / "registry.jsonl").write_text(registry.dumps(whole), encoding="utf-8")
    print(at + 1, "briefs", count, "sentences", len(known), "records")


if __name__ == "__main__":
    main()
