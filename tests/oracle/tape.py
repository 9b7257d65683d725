"""A seeded tape: trades with ids and instants of one symbol, with gaps of quiet minutes if wanted.

The tape shares nothing with the program but the shape of a trade: the oracle reads its plain tuples.
"""

import math
import random
from typing import NamedTuple

MINUTE = 60_000_000_000
START = 1_795_176_000_000_000_000
"""2026-11-20 12:00:00 UTC, a boundary of every timeframe up to 12h."""
SYMBOL = "BTC/USDT"


class Print(NamedTuple):
    """One trade: instants in ns, price on a grid so that it meets thresholds exactly."""

    at: int
    price: float
    quantity: float
    is_buy: bool
    number: int


class Candle(NamedTuple):
    """One closed bar, counted from the trades alone."""

    open_at: int
    close_at: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def tape(seed: int, minutes: int = 90, per_minute: float = 12.0, *, quiet: float = 0.0) -> list[Print]:
    """Return trades of `minutes` minutes: no two in a row at one price; a share `quiet` of minutes has none.

    The first trade stands at the very start, so that every bar is covered from its beginning.
    """
    chance = random.Random(seed)
    prints, price, number = [Print(START, 100.0, 1.0, True, 1)], 100.0, 1
    for minute in range(minutes):
        if minute and chance.random() < quiet:
            continue
        count = max(1, int(chance.gauss(per_minute, per_minute / 3)))
        instants = sorted(chance.sample(range(1, 60_000), count))
        for milliseconds in instants:
            drift = 0.6 * math.sin(minute / 11)
            step = round(chance.gauss(drift * 0.1, 0.6) * 4) / 4 or chance.choice((-0.25, 0.25))
            price = max(50.0, price + step)
            number += 1
            at = START + minute * MINUTE + milliseconds * 1_000_000
            quantity = round(chance.expovariate(1.0) + 0.01, 2)
            prints.append(Print(at, price, quantity, chance.random() < 0.5, number))
    return [each for k, each in enumerate(prints) if k == 0 or each.price != prints[k - 1].price]


def candles(prints: list[Print], length: int) -> list[Candle]:
    """Return every bar of `length` ns that ends by the last trade's instant; quiet ones carry the price on."""
    by_open: dict[int, list[Print]] = {}
    for each in prints:
        by_open.setdefault(each.at - each.at % length, []).append(each)
    made: list[Candle] = []
    open_at = prints[0].at - prints[0].at % length
    while open_at + length <= prints[-1].at:
        inside = by_open.get(open_at, [])
        before = made[-1].close if made else prints[0].price
        prices = [each.price for each in inside] or [before]
        made.append(
            Candle(
                open_at, open_at + length, prices[0], max(prices), min(prices), prices[-1],
                math.fsum(each.quantity for each in inside),
            )
        )  # fmt: skip
        open_at += length
    return made
