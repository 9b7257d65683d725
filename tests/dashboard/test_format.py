"""Numbers and times: the page writes what the terminal writes."""

import itertools
from datetime import UTC, datetime

from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.formats import Language
from tests.dashboard.conftest import Theatre
from tests.fakes import MINUTE, NOON, SECOND

LANGUAGES: tuple[Language, Language] = ("en", "de")
PRICES = [
    65012.4,
    0.052341,
    0.12340,
    8.412e-06,
    1e-08,
    9.9996e-06,
    0.0001,
    0.00012345,
    1.005,
    999999.995,
    1e12,
    5e-324,
    0.0,
    -0.0,
    -12.5,
]
TICKS = [None, 0.01, 0.00001, 1e-08, 1.0, 0.5]
CHANGES = [2.31, -0.84, 0.0, -0.0, 0.004, -0.004, 0.005, 12.4, 1234.5678, -99.999, None]
VOLUMES = [28.4e9, 812e6, 12.3e3, 999, 999.6, 999_999, 5, 0.5, 0.00123, 1.005e6, 0, 7.1e15, None]
AGES = [0, 0.04, 0.3, 9.94, 9.96, 12, 59.6, 60, 130, 3600, 11_100, 86_400, 187_200, None]


async def test_numbers_and_times_are_written_as_in_the_terminal(theatre: Theatre) -> None:
    rows, wanted = table()
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        written = await stage.page.evaluate(WRITE, rows)

    assert len(rows) >= 200
    assert [pair for pair in zip(rows, written, wanted, strict=True) if pair[1] != pair[2]] == []


async def test_what_is_no_number_is_a_dash(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        await stage.open()
        written = await stage.page.evaluate(NO_NUMBERS)

    assert written == ["––"] * 4


NO_NUMBERS = """async () => {
  const f = await import("/static/js/format.js");
  return [NaN, Infinity, undefined, "7"].map((value) => f.compact(value, "en") + f.fullPrice(value, 2, "en"));
}"""
WRITE = """async (rows) => {
  const f = await import("/static/js/format.js");
  const arrow = (v) => ({ "1": "▲ ", "-1": "▼ " })[f.direction(v)] ?? "";
  const write = {
    digits: (v, tick) => String(f.digitsOf(v, tick)),
    price: (v, digits, l) => f.fullPrice(v, digits, l),
    short: (v, digits, l) => f.price(v, digits, l),
    change: (v, l) => arrow(v) + f.percent(v, l),
    compact: (v, l) => f.compact(v, l),
    age: (v, l) => f.duration(v, l),
    moment: (at, now, l) => f.moment(at, now, l),
  };
  return rows.map(([kind, ...given]) => write[kind](...given));
}"""


def table() -> tuple[list[list[object]], list[str]]:
    rows: list[list[object]] = []
    wanted: list[str] = []

    def add(text: str, *row: object) -> None:
        rows.append(list(row))
        wanted.append(text)

    for value, tick in itertools.product(PRICES, TICKS):
        add(str(min(100, formats.digits_for(value, tick))), "digits", value, tick)
    for value, language in itertools.product(PRICES, LANGUAGES):
        digits = min(20, formats.digits_for(value))
        add(formats.price(value, digits, language=language), "price", value, digits, language)
        add(formats.price(value, digits, language=language, short=True), "short", value, digits, language)
    for points, language in itertools.product(CHANGES, LANGUAGES):
        add(formats.change(points, language=language), "change", points, language)
    for volume, language in itertools.product(VOLUMES, LANGUAGES):
        add(formats.compact(volume, language=language), "compact", volume, language)
    for age, language in itertools.product(AGES, LANGUAGES):
        add(formats.age(age, language=language), "age", age, language)
    for at, language in itertools.product(instants(), LANGUAGES):
        text = formats.moment(at, NOON, UTC, language=language)
        add(text, "moment", at // 10**6, NOON // 10**6, language)
    return rows, wanted


def instants() -> list[int]:
    spans = [0, 5 * SECOND, 11 * 60 * MINUTE, 13 * 60 * MINUTE, 3 * 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE]
    old = [int(datetime(2026, month, 3, 9, 5, tzinfo=UTC).timestamp()) * SECOND for month in range(1, 11)]
    return (
        [NOON - span for span in spans] + old + [int(datetime(2024, 2, 29, tzinfo=UTC).timestamp()) * SECOND]
    )
