"""What the simulated Binance lets clients say."""

import pytest

from crypto_portfolio_analyzer.simulation.limits import Violation
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.client import client, close_code, pass_time, say, told


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


async def test_raw_streams_come_bare_and_combined_ones_wrapped(server, clock):
    async with (
        client(server, "/ws/btcusdt@aggTrade/ethusdt@aggTrade") as raw,
        client(server, "/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade") as combined,
    ):
        await pass_time(server, clock, 4)
        bare, wrapped = await told(raw), await told(combined)

    assert {event["s"] for event in bare} == {"BTCUSDT", "ETHUSDT"}
    assert [event["data"] for event in wrapped] == bare
    assert {event["stream"] for event in wrapped} == {"btcusdt@aggTrade", "ethusdt@aggTrade"}


async def test_a_subscription_is_acknowledged_and_begins_with_the_next_trade(server, clock):
    async with client(server, "/ws") as ws:
        await clock.advance(5)
        await say(ws, {"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 7})
        assert await told(ws) == [{"result": None, "id": 7}]

        await pass_time(server, clock, 2)
        heard = await told(ws)

    assert heard
    assert all(event["T"] > clock.now() // 10**6 - 2000 for event in heard)


async def test_unsubscribing_ends_a_stream_and_the_list_shows_it(server, clock):
    async with client(server, "/ws/btcusdt@aggTrade/btcusdt@bookTicker") as ws:
        await say(ws, {"method": "UNSUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": "off"})
        await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": 2})

        answers = [event for event in await told(ws) if "result" in event]
        assert answers == [{"result": None, "id": "off"}, {"result": ["btcusdt@bookTicker"], "id": 2}]
        await pass_time(server, clock, 5)
        assert {tuple(event) for event in await told(ws)} == {("u", "s", "b", "B", "a", "A")}


async def test_the_combined_property_can_be_read_and_set(server, clock):
    async with client(server, "/ws/btcusdt@aggTrade") as ws:
        await say(ws, {"method": "SET_PROPERTY", "params": ["combined", True], "id": 1})
        await say(ws, {"method": "GET_PROPERTY", "params": ["combined"], "id": 2})
        assert await told(ws) == [{"result": None, "id": 1}, {"result": True, "id": 2}]

        await pass_time(server, clock, 3)
        assert all("stream" in event for event in await told(ws))


@pytest.mark.parametrize(
    ("text", "code", "words", "number"),
    [
        ("{not json", 3, "Invalid JSON", None),
        ('{"id":1}', 2, "missing field `method`", 1),
        ("[]", 2, "missing field `method`", None),
        ('{"method":"SUBSCRIB","id":1}', 2, "unknown variant `SUBSCRIB`", 1),
        ('{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}', 2, "must be an array", 1),
        ('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1.5}', 2, "request ID", None),
        ('{"method":"SUBSCRIBE","params":["xyzusdt@trade"],"id":1}', 2, "unknown stream xyzusdt@trade", 1),
        ('{"method":"SUBSCRIBE","params":["BTCUSDT@trade"],"id":1}', 2, "unknown stream", 1),
        ('{"method":"SUBSCRIBE","params":[17],"id":1}', 2, "unknown stream 17", 1),
        ('{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1, "expected Boolean", 1),
        ('{"method":"SET_PROPERTY","params":["split",true],"id":1}', 0, "Unknown property", 1),
        ('{"method":"GET_PROPERTY","params":[],"id":1}', 2, "must be a string", 1),
        ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "too many parameters", 1),
    ],
)
async def test_bad_requests_get_an_error_and_the_connection_stays(server, text, code, words, number):
    async with client(server, "/ws") as ws:
        await ws.send(text)
        await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": 9})
        refused, listed = await told(ws)

    assert (refused["error"]["code"], refused["id"]) == (code, number)
    assert words in refused["error"]["msg"]
    assert listed == {"result": [], "id": 9}
    assert server.violations.total() == 1


async def test_an_unknown_stream_in_the_address_is_counted(server):
    async with client(server, "/ws/nonsense@trade"):
        pass
    await server.turn()

    assert server.violations == {Violation.UNKNOWN_STREAM: 1}


async def test_more_than_1024_streams_are_refused(clock, monkeypatch):
    from crypto_portfolio_analyzer.simulation.tape import Tape
    from tests.fakes import NOON

    tape = Tape(symbols=[f"S{number}" for number in range(1030)], start_at=NOON, history=60)
    names = [f"s{number}usdt@trade" for number in range(1030)]
    async with VenueServer("binance", tape, clock=clock) as server:
        async with client(server, "/stream?streams=" + "/".join(names)) as ws:
            assert await close_code(ws) == 1008
        async with client(server, "/stream?streams=" + "/".join(names[:1000])) as ws:
            await say(ws, {"method": "SUBSCRIBE", "params": names[:1024], "id": 1})
            await say(ws, {"method": "SUBSCRIBE", "params": names[1024:1025], "id": 2})
            full, refused = await told(ws)

    assert full == {"result": None, "id": 1}
    assert refused["error"]["msg"] == "Invalid request: too many streams"
    assert server.violations == {Violation.STREAMS: 2}


async def test_shutdown_is_announced_as_the_venue_does(server, clock):
    async with client(server, "/ws"), client(server, "/stream"):
        raw, combined = (server.dialect.shutdown_notice(c, clock.now()) for c in server.connections.values())

    assert raw == b'{"e":"serverShutdown","E":%d}' % (clock.now() // 10**6)
    assert combined == b'{"stream":"!serverShutdown","data":%s}' % raw


async def test_trades_are_told_from_other_payloads(server):
    is_trade = server.dialect.is_trade

    assert is_trade(b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1')
    assert is_trade(b'{"e":"trade","E":1')
    assert not is_trade(b'{"e":"24hrTicker","E":1')
