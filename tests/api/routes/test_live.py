"""`/ws` as an independent client sees it."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.house import House, open_house


async def test_welcome_names_the_client_and_its_rooms(house: House) -> None:
    async with house.socket() as anybody, house.owner_socket() as owner:
        stranger = (await anybody.hear())["data"]
        admin = (await owner.hear())["data"]

    assert stranger["status"] == "connected"
    assert stranger["client_id"] != admin["client_id"]
    assert stranger["rooms"] == ["prices", "system"]
    assert len(admin["rooms"]) == 6
    assert stranger["build"]
    assert stranger["server_time"].endswith("Z")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "join_room", "room": "prices"},
        {"type": "subscribe", "data": {"room": "prices"}},
        {"type": "subscribe", "data": {"room": "prices", "symbols": ["BTC"]}},
        {"type": "subscribe", "data": {"room": "prices", "symbols": ["*"]}},
    ],
)
async def test_every_documented_join_gives_the_last_price_at_once(
    house: House, message: dict[str, Any]
) -> None:
    house.ticker("BTC/USDT", 50_000.0, open_24h=49_000.0, volume_24h=1_000_000.0)
    async with house.socket() as socket:
        await socket.say(**message)
        update = await socket.hear_of("price_update")

    data = update["data"]
    assert data["symbol"] == "BTC"
    assert (data["price"], data["change_24h"], data["volume_24h"]) == (50_000.0, 1000.0, 1_000_000.0)
    assert data["change_percent_24h"] == pytest.approx(2.0408, abs=1e-4)
    assert data["timestamp"] == data["event_at"]
    assert update["timestamp"].endswith("Z")
    assert (data["market"], data["source"], data["stale"], data["simulated"]) == (
        "BTC/USDT",
        "binance",
        False,
        False,
    )


async def test_a_new_price_comes_by_itself(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(type="join_room", room="prices")
        await socket.hear_of("status")
        await socket.hear_of("status")
        house.tick("BTC/USDT", 50_001.5)
        update = await socket.hear_of("price_update")

    assert update["data"]["price"] == 50_001.5
    assert update["data"]["change_24h"] is None


async def test_symbols_come_back_spelled_as_asked(house: House) -> None:
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner_socket() as socket:
        await socket.say(type="subscribe", data={"room": "prices", "symbols": ["btcusdt", "BTC-USDT"]})
        first = await socket.hear_of("price_update")
        second = await socket.hear_of("price_update")

    assert [first["data"]["symbol"], second["data"]["symbol"]] == ["btcusdt", "BTC-USDT"]


async def test_batches_begin_with_a_snapshot_and_carry_the_latest_only(house: House) -> None:
    house.tick("BTC/USDT", 1.0)
    house.tick("ETH/USDT", 2.0)
    async with house.socket() as socket:
        await socket.say(
            type="subscribe", data={"room": "prices", "symbols": ["*"], "batch": True, "max_hz": 5}
        )
        snapshot = await socket.hear_of("batch")
        for price in (3.0, 4.0, 5.0):
            house.tick("BTC/USDT", price)
        change = await socket.hear_of("batch")

    assert snapshot["snapshot"] is True
    assert [each["data"]["symbol"] for each in snapshot["data"]] == ["BTC", "ETH/USDT"]
    assert "snapshot" not in change
    assert [(each["type"], each["data"]["price"]) for each in change["data"]] == [("price_update", 5.0)]


async def test_a_rate_is_kept(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(
            type="subscribe", data={"room": "prices", "symbols": ["*"], "batch": True, "max_hz": 4}
        )
        await socket.hear_of("batch")
        heard = 0
        end = asyncio.get_running_loop().time() + 0.9
        while (left := end - asyncio.get_running_loop().time()) > 0:
            house.tick("BTC/USDT", 100.0 + left)
            try:
                async with asyncio.timeout(0.02):
                    await socket.connection.recv()
                    heard += 1
            except TimeoutError:
                pass

    assert 2 <= heard <= 4


async def test_leaving_ends_the_prices(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(type="join_room", room="prices")
        await socket.say(type="leave_room", room="prices")
        for _ in range(3):
            last = await socket.hear_of("status")
        house.tick("BTC/USDT", 1.0)
        await socket.say(type="ping")
        after = await socket.hear()

    assert last["data"] == {"room": "prices", "joined": False}
    assert after["type"] == "heartbeat"


async def test_unsubscribing_one_symbol_keeps_the_others(house: House) -> None:
    async with house.owner_socket() as socket:
        await socket.say(type="subscribe", data={"room": "prices", "symbols": ["BTC", "ETH"]})
        await socket.say(type="unsubscribe", data={"room": "prices", "symbols": ["BTC"]})
        for _ in range(3):
            await socket.hear_of("status")
        house.tick("BTC/USDT", 1.0)
        house.tick("ETH/USDT", 2.0)
        update = await socket.hear_of("price_update")

    assert update["data"]["symbol"] == "ETH"


async def test_a_client_may_watch_what_nobody_watched_and_it_ends_with_it(house: House) -> None:
    async with house.owner_socket() as one:
        await one.say(type="subscribe", data={"room": "prices", "symbols": ["SOL"]})
        async with house.owner_socket() as other:
            await other.say(type="subscribe", data={"room": "prices", "symbols": ["SOL"]})
            await other.hear_of("status")
            await other.hear_of("status")
        await asyncio.sleep(0.1)
        still = house.app.feeds.find("SOL")
    await asyncio.sleep(0.1)

    assert still is not None
    assert house.app.feeds.find("SOL") is None


async def test_a_stranger_may_not_make_us_watch(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(type="subscribe", data={"room": "prices", "symbols": ["SOL"]})
        error = await socket.hear_of("error")

    assert error["data"]["code"] == "not_watched"
    assert house.app.feeds.find("SOL") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", "bad_json"),
        ('{"type": "join_room"', "bad_json"),
        ("[]", "bad_message"),
        ('{"room": "prices"}', "bad_message"),
        ('{"type": 7}', "bad_message"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "join_room"}', "no_room"),
        ('{"type": "join_room", "room": "attic"}', "unknown_room"),
        ('{"type": "subscribe", "data": {"room": "prices", "symbols": "BTC"}}', "bad_message"),
        ('{"type": "subscribe", "data": {"room": "prices", "symbols": ["?!"]}}', "unknown_symbol"),
        ('{"type": "subscribe", "data": {"room": "prices", "max_hz": -1}}', "bad_message"),
        ('{"type": "resume", "room": "alerts"}', "bad_message"),
        ('{"type": "resume", "room": "prices", "after": 1}', "not_durable"),
        ("\x00", "bad_json"),
    ],
)
async def test_mistakes_earn_an_error_and_the_connection_stays(house: House, text: str, code: str) -> None:
    async with house.owner_socket() as socket:
        await socket.connection.send(text)
        error = await socket.hear_of("error")
        await socket.say(type="ping")
        after = await socket.hear_of("heartbeat")

    assert error["data"]["code"] == code
    assert error["data"]["message"]
    assert after["data"]["server_time"]


async def test_binary_json_is_understood(house: House) -> None:
    async with house.socket() as socket:
        await socket.connection.send(json.dumps({"type": "ping"}).encode())
        heard = await socket.hear_of("heartbeat")

    assert heard["data"]["build"]


@pytest.mark.parametrize(("after", "gap"), [(0, False), (7, True)])
async def test_resume_tells_whether_something_is_missing(house: House, after: int, gap: bool) -> None:
    async with house.owner_socket() as socket:
        await socket.hear_of("status")
        await socket.say(type="resume", room="alerts", after=after)
        answer = await socket.hear_of("status")

    assert answer["data"] == {"room": "alerts", "resumed_to": 0, "gap": gap}


@pytest.mark.parametrize("room", ["portfolio", "alerts", "tokens", "predictions"])
async def test_personal_rooms_need_a_login(house: House, room: str) -> None:
    async with house.socket() as anybody, house.owner_socket() as owner:
        await anybody.say(type="join_room", room=room)
        refused = await anybody.hear_of("error")
        await owner.hear_of("status")
        await owner.say(type="join_room", room=room)
        joined = await owner.hear_of("status")

    assert refused["data"]["code"] == "unauthorised"
    assert joined["data"] == {"room": room, "joined": True}


async def test_the_system_room_tells_how_feeds_do(house: House) -> None:
    async with house.socket() as socket:
        await socket.say(type="join_room", room="system")
        while "feeds" not in (told := (await socket.hear_of("status"))["data"]):
            pass

    assert told["room"] == "system"
    assert told["verdict"]
    assert told["feeds"][0]["venue"] == "binance"


async def test_the_portfolio_room_tells_every_owner_the_own_value_only(house: House) -> None:
    house.ticker("BTC/USDT", 50_000.0, open_24h=49_000.0)
    async with house.owner() as client, house.owner_socket() as owner, house.socket_of("anna") as anna:
        await client.put("/api/portfolio/holdings/BTC", json={"quantity": "2"})
        for each in (owner, anna):
            await each.say(type="join_room", room="portfolio")
        shown = await owner.hear_of("portfolio_update")
        empty = await anna.hear_of("portfolio_update")
        house.ticker("BTC/USDT", 51_000.0, open_24h=49_000.0)
        told = await owner.hear_of("portfolio_update")
        async with await house.member("anna") as hers:
            await hers.put("/api/portfolio/holdings/BTC", json={"quantity": "0.1"})
        own = await anna.hear_of("portfolio_update")

    assert (shown["data"]["total_value"], told["data"]["total_value"]) == (100_000.0, 102_000.0)
    assert told["data"]["holdings"] == [
        {"symbol": "BTC", "amount": 2.0, "value": 102_000.0, "change_24h": 4_000.0}
    ]
    assert told["data"]["total_change_24h"] == 4_000.0
    assert empty["data"]["holdings"] == []
    assert [each["amount"] for each in own["data"]["holdings"]] == [0.1]


async def test_too_large_a_message_closes_with_1009(house: House) -> None:
    async with house.socket() as socket:
        await socket.connection.send("x" * 17_000)
        await socket.hear_all()

    assert socket.connection.close_code == 1009


async def test_a_flood_is_warned_then_closed_with_1008(house: House) -> None:
    async with house.socket() as socket:
        with suppress(ConnectionClosed):
            for _ in range(100):
                await socket.say(type="ping")
        heard = await socket.hear_all()

    assert socket.connection.close_code == 1008
    assert [each["data"]["code"] for each in heard if each["type"] == "error"] == ["rate_limited"]
    assert 40 <= sum(each["type"] == "heartbeat" for each in heard) <= 45


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1:1"]
)
async def test_foreign_pages_may_not_connect(house: House, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with house.socket(origin=origin):
            pass


async def test_our_own_page_may_connect(house: House) -> None:
    async with house.socket(origin=house.url) as socket:
        assert (await socket.hear())["type"] == "status"


@pytest.mark.parametrize("headers", [{"authorization": "Bearer nonsense"}, {"x-api-key": "nonsense"}])
async def test_credentials_that_prove_nothing_are_refused(house: House, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        async with house.socket(**headers):
            pass


async def test_a_proxied_stranger_is_no_local_one(house: House) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        async with house.socket(**{"x-forwarded-for": "203.0.113.9"}):
            pass


async def test_simulated_prices_say_so(tmp_path: Any) -> None:
    async with open_house(tmp_path, simulated=True) as house, house.socket() as socket:
        house.tick("BTC/USDT", 1.0)
        await socket.say(type="join_room", room="prices")
        update = await socket.hear_of("price_update")

    assert update["data"]["simulated"] is True


async def test_the_end_of_the_server_is_a_polite_goodbye(tmp_path: Any) -> None:
    async with open_house(tmp_path) as house:
        socket = house.socket()
        talker = await socket.__aenter__()
        await talker.hear()
    async with asyncio.timeout(3):
        await talker.connection.wait_closed()
    await socket.__aexit__(None, None, None)

    assert talker.connection.close_code == 1001
