"""Binance's wire format, compared with what the venue really sent."""

import json

import pytest

from crypto_portfolio_analyzer.simulation.binance_wire import Wire, percent
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import NOON
from tests.simulation.captures import received, shape
from tests.simulation.client import client, pass_time, told


@pytest.fixture
async def spoken(tape, clock) -> dict[str, object]:
    """One message of each stream, by what follows the @."""
    kinds = ("aggTrade", "trade", "ticker", "miniTicker", "bookTicker", "kline_1m", "depth@100ms")
    path = "/stream?streams=" + "/".join(f"btcusdt@{kind}" for kind in kinds)
    async with VenueServer("binance", tape, clock=clock) as server, client(server, path) as ws:
        await pass_time(server, clock, 61)
        return {event["stream"].partition("@")[2]: event["data"] for event in await told(ws)}


@pytest.mark.parametrize("kind", ["aggTrade", "bookTicker", "kline_1m", "depth@100ms"])
def test_streams_look_like_the_captured_ones(spoken, recorded_data, kind):
    captured: dict[str, object] = {}
    for capture in ("spot_2021-04-04_BTC-ETH-DOT.cf1.gz", "spot_2021-08-14.cf1.gz"):
        for message in received(recorded_data / "ws" / "binance" / capture):
            data = message["data"]
            if data.get("b", True) and data.get("a", True):  # a side without changes shows no shape
                captured.setdefault(message["stream"].partition("@")[2], data)

    assert shape(spoken[kind]) == shape(captured[kind])


def test_tickers_look_like_the_captured_ones(spoken, recorded_data):
    lines = (recorded_data / "ws" / "binance" / "single_messages_msgparser.jsonl").read_text().splitlines()
    messages = [json.loads(line) for line in lines]
    [ticker] = [m["data"] for m in messages if m.get("stream") == "ethusdt@ticker" and "x" in m["data"]]
    lines = (recorded_data / "ws" / "binance" / "single_messages_ccxt.jsonl").read_text().splitlines()
    mini = next(m for m in map(json.loads, lines) if m.get("e") == "24hrMiniTicker")

    assert shape(spoken["ticker"]) == shape(ticker)
    assert shape(spoken["miniTicker"]) == shape(mini)


def test_a_trade_has_the_documented_fields(spoken):
    assert list(spoken["trade"]) == ["e", "E", "s", "t", "p", "q", "T", "m", "M"]


def test_numbers_have_eight_decimals(tape):
    wires = {wire.symbol: wire for wire in map(Wire, tape.venue("binance", ("USDT",)).listings)}

    assert wires["BTCUSDT"].price(6_400_012) == "64000.12000000"
    assert wires["BTCUSDT"].quantity(1) == "0.00001000"
    assert wires["BTCUSDT"].notional(6_400_012 * 100_000) == "64000.12000000"
    assert wires["ADAUSDT"].price(4_567) == "0.45670000"


@pytest.mark.parametrize(("change", "text"), [(150, "1.500"), (-7, "-0.070"), (0, "0.000")])
def test_percent_has_three_decimals(change, text):
    assert percent(change, 10_000) == text


def test_an_event_never_happens_after_it_is_told(spoken):
    trade = spoken["aggTrade"]

    assert NOON // 10**6 <= trade["T"] <= trade["E"]
    assert trade["f"] <= trade["l"]
