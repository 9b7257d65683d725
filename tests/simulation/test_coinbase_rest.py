"""The simulated Coinbase Exchange's REST side."""

import json

import pytest

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import NOON, SECOND
from tests.simulation.client import ask, client, get, pass_time, say, told

NOON_S = NOON // SECOND
TRADES = "/products/BTC-USD/trades"


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("coinbase", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_trades_asked_for_are_the_matches_streamed(server, clock):
    async with client(server) as ws:
        await say(ws, {"type": "subscribe", "product_ids": ["BTC-USD"], "channels": ["matches"]})
        await told(ws)
        await pass_time(server, clock, 10)
        streamed = await told(ws)
    asked = await get(server, TRADES, before=streamed[0]["trade_id"] - 1)

    names = ("trade_id", "side", "price", "time")
    assert [[row[name] for name in names] for row in asked[::-1]] == [
        [row[name] for name in names] for row in streamed
    ]
    assert [float(row["size"]) for row in asked[::-1]] == [float(row["size"]) for row in streamed]


async def test_the_cursor_pages_to_older_trades_without_a_gap(server):
    _, newest, headers = await ask(server, TRADES, limit=10)
    _, older, _ = await ask(server, TRADES, limit=10, after=headers["cb-after"])

    ids = [row["trade_id"] for row in (*newest, *older)]
    assert ids == list(range(ids[0], ids[0] - 20, -1))
    assert headers["cb-before"] == str(ids[0])


async def test_there_is_nothing_older_than_the_first_trade(server):
    first = server.dialect.market.tape.listings[0].first_id

    assert await get(server, TRADES, after=first) == []


async def test_candles_come_newest_first_and_at_most_300(server, clock):
    await clock.advance(5)
    rows = await get(server, "/products/BTC-USD/candles", granularity=60)

    assert rows[0][0] == NOON_S
    assert [row[0] for row in rows] == list(range(NOON_S, NOON_S - 300 * 60, -60))
    assert all(
        low <= min(open_, close) <= max(open_, close) <= high for _, low, high, open_, close, _ in rows
    )


async def test_candles_of_a_span_include_both_ends(server):
    rows = await get(
        server,
        "/products/BTC-USD/candles",
        granularity=300,
        start="2026-11-20T11:00:00Z",
        end=str(NOON_S - 1800),
    )

    assert [row[0] for row in rows] == list(range(NOON_S - 1800, NOON_S - 3601, -300))


async def test_candles_are_shaped_like_the_recorded_ones(server, recorded_data):
    recorded = json.loads((recorded_data / "rest" / "coinbase" / "coinbase_candles.json").read_text())
    [row, *_] = await get(server, "/products/BTC-USD/candles", granularity=86_400)

    assert len(row) == len(recorded[0])
    assert isinstance(row[0], int)
    assert row[0] % 86_400 == recorded[0][0] % 86_400 == 0


@pytest.mark.parametrize(
    ("path", "query", "status", "message"),
    [
        ("/products/XYZ-USD/trades", {}, 404, "NotFound"),
        ("/products/BTC-USD/nothing", {}, 404, "NotFound"),
        ("/nothing", {}, 404, "NotFound"),
        ("/products/BTC-USD/candles", {"granularity": 61}, 400, "Unsupported granularity"),
        ("/products/BTC-USD/candles", {"start": 0, "end": NOON_S}, 400, "exceeds 300"),
        ("/products/BTC-USD/candles", {"start": "soon"}, 400, "Invalid start"),
        (TRADES, {"limit": "many"}, 400, "Invalid limit"),
    ],
)
async def test_bad_requests_get_the_venues_words(server, path, query, status, message):
    answer = await ask(server, path, **query)

    assert answer[0] == status
    assert message in answer[1]["message"]


async def test_products_look_like_the_captured_ones(server, recorded_data):
    import gzip

    with gzip.open(recorded_data / "rest" / "coinbase" / "products_2021-04-17.cf1.gz", "rt") as lines:
        captured = json.loads(next(lines).partition(": ")[2])[0]
    products = await get(server, "/products")

    assert {"id", "base_currency", "quote_currency", "quote_increment", "status"} <= set(products[0])
    assert all(type(captured[name]) is type(value) for name, value in products[0].items() if name in captured)
    assert {product["id"] for product in products} >= {"BTC-USD", "ETH-USD", "BTC-USDT"}
    assert await get(server, "/products/ADA-USD") in products


async def test_ticker_stats_book_and_time_agree(server):
    ticker = await get(server, "/products/BTC-USD/ticker")
    stats = await get(server, "/products/BTC-USD/stats")
    book = await get(server, "/products/BTC-USD/book")
    time = await get(server, "/time")

    assert (ticker["price"], ticker["volume"]) == (stats["last"], stats["volume"])
    assert (ticker["bid"], ticker["ask"]) == (book["bids"][0][0], book["asks"][0][0])
    assert len(book["bids"]) == 1
    assert time == {"iso": "2026-11-20T12:00:00.000000Z", "epoch": NOON_S}


async def test_more_than_15_requests_in_a_second_are_refused(server, clock):
    statuses = [(await ask(server, "/time"))[0] for _ in range(16)]
    await clock.advance(1)

    assert statuses == [200] * 15 + [429]
    assert (await ask(server, "/time"))[0] == 200


def test_server_errors_have_a_body(server):
    assert server.dialect.refusal(503, 1.0).body == b'{"message":"Internal server error"}'
