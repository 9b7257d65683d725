"""The simulated Binance's REST side."""

import json
from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import NOON, SECOND
from tests.simulation.captures import received, shape
from tests.simulation.client import ask, client, get, pass_time, told

NOON_MS = NOON // 10**6
TRADES = "/api/v3/aggTrades"


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_trades_asked_for_are_the_trades_streamed(server, clock):
    async with client(server, "/ws/btcusdt@aggTrade") as ws:
        for _ in range(4):
            await pass_time(server, clock, 5)
        streamed = [{name: event[name] for name in "apqflTmM"} for event in await told(ws)]

    asked = await get(server, TRADES, symbol="BTCUSDT", fromId=streamed[0]["a"], limit=1000)
    assert asked == streamed


async def test_trades_nobody_heard_can_be_asked_for(server, clock):
    [last] = await get(server, TRADES, symbol="BTCUSDT", limit=1)
    await clock.advance(600)

    missed = await get(server, TRADES, symbol="BTCUSDT", fromId=last["a"] + 1, limit=1000)

    assert [row["a"] for row in missed] == list(range(last["a"] + 1, last["a"] + 1001))
    assert all(row["T"] >= NOON_MS - 500 for row in missed)


async def test_trades_of_a_span_are_all_of_it(server):
    start, end = NOON_MS - 60_000, NOON_MS - 50_001

    asked = await get(server, TRADES, symbol="BTCUSDT", startTime=start, endTime=end)

    truth = server.truth("BTC/USDT", asked[0]["a"] - 5, asked[-1]["a"] + 5)
    inside = [trade.trade_id for trade in truth if start <= trade.at // 10**6 <= end]
    assert [row["a"] for row in asked] == inside


async def test_single_fills_continue_each_other_and_can_be_asked_by_id(server):
    newest = await get(server, "/api/v3/trades", symbol="BTCUSDT", limit=50)
    from_id = newest[10]["id"]

    older = await get(server, "/api/v3/historicalTrades", symbol="BTCUSDT", fromId=from_id, limit=20)

    assert older == newest[10:30]


@pytest.mark.parametrize("interval", ["1m", "15m", "1h", "1d", "1w"])
async def test_bars_come_up_to_the_limit_and_end_with_the_forming_one(server, interval):
    rows = await get(server, "/api/v3/klines", symbol="BTCUSDT", interval=interval, limit=30)

    assert len(rows) == 30
    assert all(later[0] == row[6] + 1 for row, later in pairwise(rows))
    assert rows[-1][0] <= NOON_MS <= rows[-1][6]


async def test_bars_of_a_span_are_cut_at_the_limit_from_its_start(server):
    start = NOON_MS - 3_600_000
    rows = await get(
        server,
        "/api/v3/klines",
        symbol="BTCUSDT",
        interval="1m",
        startTime=start,
        endTime=NOON_MS - 1,
        limit=10,
    )

    assert [row[0] for row in rows] == [start + number * 60_000 for number in range(10)]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("klines", {"symbol": "NOPE", "interval": "1m"}, -1121),
        ("aggTrades", {}, -1102),
        ("aggTrades", {"symbol": "BTCUSDT", "fromId": "-5"}, -1100),
        ("aggTrades", {"symbol": "BTCUSDT", "limit": "0"}, -1130),
        ("ticker/24hr", {"symbols": "BTCUSDT"}, -1100),
    ],
)
async def test_bad_requests_get_the_venues_code(server, path, query, code):
    status, body, _ = await ask(server, f"/api/v3/{path}", **query)

    assert (status, body["code"]) == (400, code)


async def test_an_unknown_path_is_not_found(server):
    assert server.dialect.answer("/api/v3/nothing", {}, NOON).status == 404


@pytest.mark.parametrize(
    ("path", "query", "weight"),
    [
        ("/api/v3/ping", {}, 1),
        ("/api/v3/klines", {}, 2),
        ("/api/v3/aggTrades", {}, 4),
        ("/api/v3/exchangeInfo", {}, 20),
        ("/api/v3/ticker/24hr", {"symbol": "BTCUSDT"}, 2),
        ("/api/v3/ticker/24hr", {"symbols": json.dumps(["A"] * 30)}, 40),
        ("/api/v3/ticker/24hr", {}, 80),
        ("/api/v3/ticker/price", {}, 4),
        ("/api/v3/depth", {}, 5),
        ("/api/v3/depth", {"limit": "5000"}, 250),
    ],
)
def test_requests_cost_what_the_documents_say(server, path, query, weight):
    assert server.dialect.weight(path, query) == weight


async def test_answers_look_like_the_recorded_ones(server, recorded_data):
    folder = recorded_data / "rest" / "binance"

    def recorded(name: str) -> object:
        return json.loads((folder / f"api_v3_{name}.jsonl").read_text().splitlines()[0])["data"]

    day = await get(server, "/api/v3/ticker/24hr", symbol="BTCUSDT")
    quote = await get(server, "/api/v3/ticker/bookTicker", symbol="BTCUSDT")
    price = await get(server, "/api/v3/ticker/price", symbol="BTCUSDT")
    [fill] = await get(server, "/api/v3/historicalTrades", symbol="BTCUSDT", limit=1)

    # That recorder sorted the fields of its answers
    for answer, name in ((day, "ticker_24hr"), (quote, "ticker_bookTicker"), (price, "ticker_price")):
        assert sorted(shape(answer)) == sorted(shape(recorded(name)))
    assert sorted(shape(fill)) == sorted(shape(recorded("historicalTrades"))[0])


async def test_bars_and_markets_look_like_the_captured_ones(server, recorded_data):
    bars = json.loads((recorded_data / "rest" / "binance" / "klines_BTCUSDT_1m_2021-10-22.json").read_text())
    rows = await get(server, "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=2)
    info = await get(server, "/api/v3/exchangeInfo", symbol="BTCUSDT")

    assert [shape(part) for part in rows[0]] == [shape(part) for part in bars[0]]
    assert {"symbol", "status", "baseAsset", "quoteAsset", "filters"} <= set(info["symbols"][0])
    assert info["symbols"][0]["filters"][0]["tickSize"] == "0.01000000"


async def test_depth_is_limited_as_asked(server):
    book = await get(server, "/api/v3/depth", symbol="BTCUSDT", limit=5)

    assert list(book) == ["lastUpdateId", "bids", "asks"]
    assert len(book["bids"]) == len(book["asks"]) == 5


async def test_a_skewed_venue_skews_every_instant_alike(server, clock):
    server.dialect.market.skew = 90 * SECOND
    time = (await get(server, "/api/v3/time"))["serverTime"]
    [last] = await get(server, TRADES, symbol="BTCUSDT", limit=1)
    [bar] = await get(server, "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=1)

    assert time == NOON_MS + 90_000
    assert last["T"] > NOON_MS + 88_000
    assert bar[0] == NOON_MS + 90_000
    [again] = await get(server, TRADES, symbol="BTCUSDT", startTime=last["T"], endTime=last["T"])
    assert again == last


async def test_a_jump_is_seen_in_trades_bars_and_tickers(server, clock, tape):
    before = float((await get(server, "/api/v3/ticker/price", symbol="BTCUSDT"))["price"])
    tape.jump("BTC", 4.0)
    await clock.advance(10)

    after = float((await get(server, "/api/v3/ticker/price", symbol="BTCUSDT"))["price"])
    [bar] = await get(server, "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=1)

    assert after / before == pytest.approx(1.04, abs=0.003)
    assert float(bar[2]) >= after


def test_captures_hold_the_messages_to_compare_with(recorded_data):
    folder = recorded_data / "ws" / "binance"

    assert sum(1 for _ in received(folder / "spot_2021-04-04_BTC-ETH-DOT.cf1.gz")) == 4716
