"""Faults, seen by a client."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.simulation.faults import Fault, FaultKind, parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.simulation.client import ask, client, close_code, get, pass_time, say, told

TRADES = "/ws/btcusdt@aggTrade"


@pytest.fixture
async def server(tape, clock):
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


def inject(server: VenueServer, text: str) -> None:
    server.inject(parse_fault(text))


async def ids_told(server, clock, ws, seconds: int) -> list[int]:
    for _ in range(seconds):
        await pass_time(server, clock, 1)
    return [event["a"] for event in await told(ws) if "a" in event]


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1008, 1012, 4000])
async def test_connections_close_with_the_scripted_code(server, code):
    async with client(server, TRADES) as ws:
        inject(server, f"close={code}")

        assert await close_code(ws) == code
    assert not server.violations


async def test_a_script_happens_at_its_time_and_only_at_its_venue(tape, clock):
    script = [parse_fault("at=30s close=1012"), parse_fault("at=10s close=1000 venue=kraken")]
    async with (
        VenueServer("binance", tape, clock=clock, faults=script) as server,
        client(server, TRADES) as ws,
    ):
        await pass_time(server, clock, 29)
        await told(ws)
        assert server.connections
        await pass_time(server, clock, 1)

        assert await close_code(ws) == 1012


async def test_a_fault_repeats_as_often_as_asked(tape, clock):
    script = [parse_fault("at=10s close every=10s times=3")]
    async with VenueServer("binance", tape, clock=clock, faults=script) as server:
        for _ in range(3):
            async with client(server, TRADES) as ws:
                await pass_time(server, clock, 10)
                assert await close_code(ws) == 1006
        await pass_time(server, clock, 60)

    assert server.faults.injected == {FaultKind.CLOSE: 3}


async def test_half_open_says_nothing_but_still_answers_pings(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "silence")
        await pass_time(server, clock, 100)

        assert await told(ws) == []
        await asyncio.wait_for(await ws.ping(), 1)
        await say(ws, {"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert await told(ws) == []
    assert not server.violations


async def test_a_deaf_venue_does_not_answer_pings_either(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "silence=deaf")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await ws.ping(), 0.1)


async def test_a_silence_leaves_new_connections_alone_unless_it_lasts(server, clock):
    async with client(server, TRADES) as old:
        inject(server, "silence")
        async with client(server, TRADES) as new:
            assert await ids_told(server, clock, new, 3)
        assert await told(old) == []


async def test_a_lasting_silence_holds_for_new_connections_and_ends(server, clock):
    inject(server, "silence for=30s")
    async with client(server, TRADES) as ws:
        assert await ids_told(server, clock, ws, 29) == []
        await pass_time(server, clock, 2)
        await told(ws)

        assert await ids_told(server, clock, ws, 3)


async def test_a_muted_stream_is_acknowledged_silent_and_cured_by_subscribing_again(server, clock):
    request = {"method": "SUBSCRIBE", "params": ["btcusdt@aggTrade"], "id": 1}
    async with client(server, TRADES) as ws:
        inject(server, "mute=btcusdt@aggTrade")
        assert await ids_told(server, clock, ws, 5) == []
        await say(ws, {**request, "method": "UNSUBSCRIBE"})
        await say(ws, request)
        await told(ws)

        assert await ids_told(server, clock, ws, 5)


async def test_a_lasting_mute_survives_reconnecting_and_the_market_goes_on(server, clock):
    inject(server, "mute=btcusdt@aggTrade for=1m")
    before = (await get(server, "/api/v3/aggTrades", symbol="BTCUSDT", limit=1))[0]["a"]
    async with client(server, TRADES + "/ethusdt@aggTrade") as ws:
        await pass_time(server, clock, 50)
        assert {event["s"] for event in await told(ws)} == {"ETHUSDT"}
        assert (await get(server, "/api/v3/aggTrades", symbol="BTCUSDT", limit=1))[0]["a"] > before + 150
        await pass_time(server, clock, 11)
        await pass_time(server, clock, 2)

        assert "BTCUSDT" in {event["s"] for event in await told(ws)}


async def test_shutdown_is_announced_before_the_end(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "shutdown=10s")
        await server.turn()
        assert [event["e"] for event in await told(ws)] == ["serverShutdown"]

        await pass_time(server, clock, 9)
        async with client(server, TRADES) as next_:
            await pass_time(server, clock, 1)
            assert await close_code(ws) == 1001
            assert await ids_told(server, clock, next_, 2)


async def test_in_an_outage_nobody_gets_through_and_afterwards_everybody(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "outage=30s")
        assert await close_code(ws) == 1006

    for _ in range(2):
        with pytest.raises((OSError, ConnectionClosed, EOFError)):
            await open_and_close(server)
        with pytest.raises(aiohttp.ClientError):
            await get(server, "/api/v3/ping")
        await pass_time(server, clock, 14)
    await pass_time(server, clock, 3)

    await open_and_close(server)
    assert await get(server, "/api/v3/ping") == {}


async def open_and_close(server: VenueServer) -> None:
    from websockets.exceptions import InvalidMessage

    try:
        async with client(server, TRADES):
            pass
    except InvalidMessage as broken:
        raise EOFError from broken


@pytest.mark.parametrize(
    ("text", "status"), [("rest=429 retry=7s", 429), ("rest=418", 418), ("rest=500", 500), ("rest", 503)]
)
async def test_rest_answers_the_scripted_error_until_it_is_over(server, clock, text, status):
    inject(server, f"{text} for=20s")
    answer, body, headers = await ask(server, "/api/v3/time")

    assert answer == status
    assert body["code"] < 0
    assert headers["retry-after"] == ("7" if "retry" in text else "5")
    await pass_time(server, clock, 21)
    assert (await ask(server, "/api/v3/time"))[0] == 200


async def test_rest_can_be_slow(server, clock):
    inject(server, "slow=8s")
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        asking = group.create_task(ask(server, "/api/v3/time"))
        while not server.requests:
            await asyncio.sleep(0.01)
        await pass_time(server, clock, 7.9)
        assert not asking.done()
        await pass_time(server, clock, 0.2)

    assert asking.result()[0] == 200


async def test_a_skipped_trade_leaves_a_gap_that_rest_can_fill(server, clock):
    async with client(server, TRADES) as ws:
        await ids_told(server, clock, ws, 2)
        inject(server, "skip=2")
        ids = await ids_told(server, clock, ws, 5)

    [first] = [
        row["a"]
        for row in await get(server, "/api/v3/aggTrades", symbol="BTCUSDT", fromId=ids[0] - 2, limit=1)
    ]
    assert first == ids[0] - 2
    assert {b - a for a, b in pairwise(ids)} == {1}
    assert server.faults.injected[FaultKind.SKIP] == 2


async def test_a_skip_that_does_not_last_spares_later_connections(server, clock):
    inject(server, "skip=2")
    async with client(server, TRADES) as spared:
        first = await ids_told(server, clock, spared, 3)
    inject(server, "skip=2 for=1m")
    async with client(server, TRADES) as hit:
        await ids_told(server, clock, hit, 3)

    assert first
    assert server.faults.injected[FaultKind.SKIP] == 2


async def test_duplicates_and_disorder_lose_nothing(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "duplicate=20% for=20s")
        inject(server, "reorder=2s share=30% for=20s")
        ids = await ids_told(server, clock, ws, 30)

    assert sorted(set(ids)) == list(range(min(ids), max(ids) + 1))
    assert len(ids) > len(set(ids))
    assert ids != sorted(ids)


async def test_garbage_comes_between_valid_frames(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "garbage=300")
        for _ in range(10):
            await pass_time(server, clock, 1)
        frames = [await asyncio.wait_for(ws.recv(), 1) for _ in range(300)]
        frames += [frame async for frame in rest_of(ws)]

    ids = [event["a"] for event in map(parsed, frames) if event and isinstance(event.get("p"), str)]
    assert set(range(ids[0], ids[0] + 20)) <= set(ids)
    assert server.faults.injected[FaultKind.GARBAGE] == 300


async def rest_of(ws):
    try:
        while True:
            yield await asyncio.wait_for(ws.recv(), 0.1)
    except TimeoutError:
        return


def parsed(frame: str | bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


async def test_a_wrong_clock_is_wrong_in_every_message_until_it_is_set_right(server, clock):
    async with client(server, TRADES) as ws:
        inject(server, "skew=1h for=10s")
        await pass_time(server, clock, 5)
        wrong = (await told(ws))[-1]
        await pass_time(server, clock, 6)
        await told(ws)
        await pass_time(server, clock, 5)
        right = (await told(ws))[-1]

    assert wrong["T"] - 3_600_000 < clock.now() // 10**6
    assert wrong["T"] > clock.now() // 10**6 + 3_000_000
    assert right["T"] <= clock.now() // 10**6


async def test_faults_that_stay_can_be_given_in_code(server):
    server.inject(Fault(FaultKind.REST, value=502))

    assert (await ask(server, "/api/v3/ping"))[0] == 502


@pytest.mark.parametrize("venue", ["coinbase", "kraken"])
async def test_faults_happen_at_every_venue(tape, clock, venue):
    async with VenueServer(venue, tape, clock=clock) as server, client(server) as ws:
        inject(server, "shutdown=1s")
        await pass_time(server, clock, 2)

        assert await close_code(ws) == 1001
