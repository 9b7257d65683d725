"""Facts are frozen, comparable and keep every value through JSON."""

import inspect

import msgspec
import pytest

from crypto_portfolio_analyzer.core import market
from crypto_portfolio_analyzer.core.market import Bar, BarKind, Gap, GapCause, Ticker, Trade
from tests.fakes import MINUTE, NOON

KINDS = [
    kind
    for _, kind in inspect.getmembers(market, inspect.isclass)
    if kind.__module__ == market.__name__ and issubclass(kind, msgspec.Struct)
]

FACTS = [
    Trade("binance", "BTC/USDT", 64000.1, 0.5, "buy", 7, NOON, NOON + 1),
    Ticker("kraken", "BTC/USD", 64000.1, NOON, NOON, open_24h=63000.0, polled=True),
    Bar(
        "binance",
        "BTC/USDT",
        "1m",
        NOON,
        NOON + MINUTE,
        1.0,
        2.0,
        0.5,
        1.5,
        9.0,
        True,
        NOON,
        kind=BarKind.LIVE,
    ),
    Gap("coinbase", "BTC/USD", GapCause.DISCONNECT, NOON, NOON + 1, NOON + 2, 5, 6),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_fact_can_be_changed(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_fact_survives_json(fact: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(fact), type=type(fact)) == fact


def test_kinds_of_facts_are_told_apart_by_their_tag() -> None:
    tags = [kind.__struct_config__.tag for kind in KINDS if kind.__struct_config__.tag]

    assert len(tags) == len(set(tags))
