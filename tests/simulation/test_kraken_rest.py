"""The simulated Kraken's REST side."""

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import NOON, SECOND
from tests.simulation.client import ask, client, get, pass_time, say, told

PAIR = "XXBTZUSD"


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("kraken", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_trades_asked_for_are_the_trades_streamed(server, clock):
    async with client(server, "/v2") as ws:
        await say(ws, {"method": "subscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"]}})
        await told(ws)
        await pass_time(server, clock, 10)
        streamed = [trade for event in await told(ws) for trade in event.get("data", [])]
    asked = (await get(server, "/0/public/Trades", pair="XBTUSD", since=NOON))["result"]

    assert [row[6] for row in asked[PAIR]] == [trade["trade_id"] for trade in streamed]
    assert [(float(row[0]), float(row[1])) for row in asked[PAIR]] == [
        (t["price"], t["qty"]) for t in streamed
    ]
    assert [{"b": "buy", "s": "sell"}[row[3]] for row in asked[PAIR]] == [t["side"] for t in streamed]


async def test_last_continues_where_the_page_ended(server):
    since = NOON - 600 * SECOND
    first = (await get(server, "/0/public/Trades", pair="XBTUSD", since=since, count=10))["result"]
    second = (await get(server, "/0/public/Trades", pair="XBTUSD", since=first["last"], count=10))["result"]

    assert second[PAIR][0][6] == first[PAIR][-1][6] + 1


async def test_since_may_be_in_seconds_and_without_it_the_newest_come(server):
    in_seconds = await get(server, "/0/public/Trades", pair="XBTUSD", since=NOON // SECOND - 5)
    newest = await get(server, "/0/public/Trades", pair="BTC/USD", count=3)

    assert in_seconds["result"][PAIR][-3:] == newest["result"][PAIR]


async def test_nothing_new_keeps_the_cursor(server):
    answer = (await get(server, "/0/public/Trades", pair="XBTUSD", since=NOON))["result"]

    assert answer == {PAIR: [], "last": str(NOON)}


async def test_bars_are_720_rows_with_the_forming_one(server):
    answer = (await get(server, "/0/public/OHLC", pair="XBTUSD", interval=5))["result"]
    rows = answer[PAIR]

    assert len(rows) == 720
    assert [row[0] for row in rows] == list(range(rows[0][0], NOON // SECOND + 1, 300))
    assert answer["last"] == rows[-2][0]


async def test_bars_since_a_time_begin_after_it(server):
    rows = (await get(server, "/0/public/OHLC", pair="XBTUSD", since=NOON // SECOND - 180))["result"][PAIR]

    assert [row[0] - NOON // SECOND for row in rows] == [-120, -60, 0]


async def test_tickers_pairs_depth_time_and_status_answer(server):
    ticker = (await get(server, "/0/public/Ticker", pair="XBTUSD,ADAUSD"))["result"]
    pairs = (await get(server, "/0/public/AssetPairs"))["result"]
    depth = (await get(server, "/0/public/Depth", pair="XBTUSD", count=3))["result"][PAIR]

    assert list(ticker) == [PAIR, "ADAUSD"]
    assert list(ticker[PAIR]) == ["a", "b", "c", "v", "p", "t", "l", "h", "o"]
    assert (pairs[PAIR]["wsname"], pairs[PAIR]["base"], pairs[PAIR]["tick_size"]) == (
        "XBT/USD",
        "XXBT",
        "0.01",
    )
    assert ticker[PAIR]["b"][0] == depth["bids"][0][0]
    assert len(depth["asks"]) == 3
    assert (await get(server, "/0/public/Time"))["result"]["unixtime"] == NOON // SECOND
    assert (await get(server, "/0/public/SystemStatus"))["result"]["status"] == "online"


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        ("Trades", {"pair": "NOPE"}, "EQuery:Unknown asset pair"),
        ("Trades", {}, "EGeneral:Invalid arguments"),
        ("OHLC", {"pair": "XBTUSD", "interval": 7}, "EGeneral:Invalid arguments"),
        ("Trades", {"pair": "XBTUSD", "since": "soon"}, "EGeneral:Invalid arguments"),
        ("Nothing", {}, "EGeneral:Unknown method"),
    ],
)
async def test_bad_requests_have_an_error_in_the_list(server, path, query, error):
    assert (await get(server, f"/0/public/{path}", **query))["error"] == [error]


async def test_too_many_requests_are_refused(server):
    statuses = [(await ask(server, "/0/public/Time"))[0] for _ in range(16)]

    assert statuses == [200] * 15 + [429]


def test_server_errors_have_a_body(server):
    assert server.dialect.refusal(503, 1.0).body == b'{"error":["EService:Unavailable"]}'
