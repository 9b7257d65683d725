"""S0's live alerts."""

from typing import Any

import pytest

from crypto_portfolio_analyzer.api.identity import Role
from tests.api.house import House, until
from tests.api.routes.test_alerts import fired, make

STATUS = {
    "monitoring_active",
    "total_alerts",
    "active_streams",
    "check_interval",
    "spam_protection_active",
    "streaming_symbols",
}


async def test_status_tells_what_is_monitored(house: House) -> None:
    async with house.owner() as client:
        before = (await client.get("/live-alerts/status")).json()
        await make(client)
        await make(client, name="two", condition="price < 1")
        after = (await client.get("/live-alerts/status")).json()

    assert set(before) == STATUS
    assert (before["monitoring_active"], before["check_interval"]) == (True, 10)
    assert (before["total_alerts"], before["active_streams"], before["streaming_symbols"]) == (0, 0, [])
    assert (after["total_alerts"], after["active_streams"], after["streaming_symbols"]) == (2, 1, ["BTCUSDT"])


async def test_the_first_alert_opens_a_stream_and_the_last_closes_it(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, symbol="SOLUSDT")
        opened = house.app.feeds.find("SOL/USDT")
        await client.delete(f"/api/alerts/{made['id']}")
        status = (await client.get("/live-alerts/status")).json()

        async def closed() -> bool:
            return house.app.feeds.find("SOL/USDT") is None

        await until(closed)

    assert opened is not None
    assert (status["active_streams"], status["streaming_symbols"]) == (0, [])


async def test_an_alert_that_fired_or_is_paused_counts_no_more(house: House) -> None:
    async with house.owner() as client:
        paused = await make(client, name="paused", symbol="ETH/USDT")
        await make(client)
        await client.post(f"/api/alerts/{paused['id']}/pause")
        house.tick("BTC/USDT", 61_000.0)
        await fired(client)
        status = (await client.get("/live-alerts/status")).json()

    assert (status["total_alerts"], status["streaming_symbols"]) == (0, [])


async def test_cooldown_is_counted(house: House) -> None:
    async with house.owner() as client:
        await make(client, trigger="every_time", cooldown_seconds=600)
        house.tick("BTC/USDT", 61_000.0)
        await fired(client)
        status = (await client.get("/live-alerts/status")).json()
        performance = (await client.get("/live-alerts/performance")).json()

    assert status["spam_protection_active"] == 1
    assert performance["protection"] == {"spam_blocks_active": 1}


async def test_streams_tell_the_price_and_when_it_was_one(house: House) -> None:
    async with house.owner() as client:
        await make(client)
        silent = (await client.get("/live-alerts/streams")).json()
        house.tick("BTC/USDT", 50_000.0)
        [stream] = (await client.get("/live-alerts/streams")).json()
        at = (await client.get("/api/market/BTCUSDT")).json()["event_at"]

    assert silent == [
        {"symbol": "BTCUSDT", "active": True, "alerts_count": 1, "last_price": None, "last_update": None}
    ]
    assert stream == {
        "symbol": "BTCUSDT",
        "active": True,
        "alerts_count": 1,
        "last_price": 50_000.0,
        "last_update": at,
    }


async def test_performance_tells_the_same_in_s0s_arrangement(house: House) -> None:
    async with house.owner() as client:
        await make(client)
        house.tick("BTC/USDT", 50_000.0)
        told = (await client.get("/live-alerts/performance")).json()

    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "system": {"running": True, "check_interval": 10, "redis_connected": False},
        "alerts": {"total_active": 1, "by_symbol": {"BTCUSDT": 1}},
        "streams": {"active_count": 1, "symbols": ["BTCUSDT"]},
        "cache": {"price_cache_size": 1, "cached_symbols": ["BTCUSDT"]},
        "protection": {"spam_blocks_active": 0},
    }


async def test_monitoring_stops_and_starts_once(house: House) -> None:
    async with house.owner() as client:
        await make(client)
        running = (await client.post("/live-alerts/start-monitoring")).json()
        stopped = (await client.post("/live-alerts/stop-monitoring")).json()
        again = (await client.post("/live-alerts/stop-monitoring")).json()
        status = (await client.get("/live-alerts/status")).json()
        house.tick("BTC/USDT", 61_000.0)
        started = (await client.post("/live-alerts/start-monitoring")).json()
        missed = (await client.get("/api/firings")).json()["firings"]
        house.tick("BTC/USDT", 62_000.0)
        [firing] = await fired(client)

    assert (running["status"], running["check_interval"]) == ("already_running", 10)
    assert (stopped["status"], stopped["streams_stopped"]) == ("stopped", 1)
    assert again["status"] == "already_stopped"
    assert (status["monitoring_active"], status["active_streams"]) == (False, 0)
    assert (started["status"], started["check_interval"]) == ("started", 10)
    assert all(each["message"] for each in (running, stopped, again, started))
    assert missed == []
    assert firing["price"] == "62000"


async def test_a_stream_is_opened_and_closed_by_hand(house: House) -> None:
    async with house.owner() as client:

        async def switch(verb: str) -> str:
            answer = (await client.post(f"/live-alerts/stream/SOLUSDT/{verb}")).json()
            assert answer["symbol"] == "SOLUSDT"
            return str(answer["status"])

        said = [await switch(verb) for verb in ("stop", "start", "start")]
        opened = (await client.get("/live-alerts/streams")).json()
        said += [await switch(verb) for verb in ("stop", "stop")]

    assert said == ["not_active", "started", "already_active", "stopped", "not_active"]
    assert [(each["symbol"], each["active"], each["alerts_count"]) for each in opened] == [
        ("SOLUSDT", True, 0)
    ]
    assert house.app.feeds.find("SOL/USDT") is None


async def test_a_stream_that_alerts_need_stays_open(house: House) -> None:
    async with house.owner() as client:
        await make(client)
        started = (await client.post("/live-alerts/stream/BTCUSDT/start")).json()
        stopped = (await client.post("/live-alerts/stream/BTCUSDT/stop")).json()
        status = (await client.get("/live-alerts/status")).json()

    assert started["status"] == "already_active"
    assert "1 alert keeps it open" in stopped["message"]
    assert status["streaming_symbols"] == ["BTCUSDT"]


async def test_without_monitoring_no_stream_is_opened(house: House) -> None:
    async with house.owner() as client:
        await client.post("/live-alerts/stop-monitoring")
        answer = await client.post("/live-alerts/stream/SOLUSDT/start")

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_test_stream_answers_with_the_price(house: House, method: str) -> None:
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner() as client:
        told = (await client.request(method, "/live-alerts/test-stream/BTCUSDT")).json()

    assert (told["symbol"], told["price"], told["source"]) == ("BTCUSDT", 50_000.0, "binance")
    assert 0 <= told["latency_ms"] < 3000


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "test-stream/%3F%21"),
        ("POST", "stream/%3F%21/start"),
        ("POST", "stream/%3F%21/stop"),
    ],
)
async def test_symbols_that_are_none_are_404(house: House, method: str, path: str) -> None:
    async with house.owner() as client:
        answer = await client.request(method, f"/live-alerts/{path}")

    assert answer.status_code == 404


async def test_each_sees_the_own_alerts_only(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        await make(client)
        told: list[Any] = [
            (await anna.get(f"/live-alerts/{path}")).json() for path in ("status", "streams", "performance")
        ]

    assert (told[0]["total_alerts"], told[0]["streaming_symbols"], told[1]) == (0, [], [])
    assert told[2]["alerts"] == {"total_active": 0, "by_symbol": {}}


SWITCHES = [
    ("POST", "start-monitoring"),
    ("POST", "stop-monitoring"),
    ("POST", "stream/BTC/start"),
    ("POST", "stream/BTC/stop"),
]


@pytest.mark.parametrize(("method", "path"), SWITCHES)
async def test_what_concerns_everybody_is_the_administrators(house: House, method: str, path: str) -> None:
    async with await house.member("anna", Role.TRADER) as anna:
        answer = await anna.request(method, f"/live-alerts/{path}")

    assert answer.status_code == 403
