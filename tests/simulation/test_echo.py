"""The echo reads like a strict bot: what it would do, what is too late, what it has seen, what it refuses."""

import json
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.simulation.echo import Echo, EchoReceiver, Signal, read_signal
from tests.fakes import NOON, FakeClock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwDkIWhXT0xPYWZl"


def ordered(**data: object) -> bytes:
    told = {"id": "msg_1", "action": "enter_long", "symbol": "BTC/USDT", "amount": 100, "ttl_seconds": 60}
    body = {"type": "order.requested", "timestamp": "2026-11-20T12:00:00.000Z", "data": {**told, **data}}
    return json.dumps(body).encode()


async def posted(receiver: EchoReceiver, body: bytes, headers: dict[str, str] | None = None):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{receiver.url}/any", data=body, headers=headers or {}) as response,
    ):
        return response.status, (await response.json())["would"]


async def test_it_says_what_it_would_do_and_how_old_the_order_is():
    clock = FakeClock(NOON + 400_000_000)
    async with EchoReceiver(clock=clock) as receiver:
        assert await posted(receiver, ordered()) == (
            200,
            "would buy BTC/USDT at market, stake 100 (signed); id msg_1, age 0.4 s, ttl 60 s: in time",
        )


async def test_what_is_late_is_refused_and_what_is_known_dropped():
    clock, told = FakeClock(NOON), list[Echo]()
    async with EchoReceiver(clock=clock, tell=told.append) as receiver:
        assert (await posted(receiver, ordered()))[0] == 200
        status, text = await posted(receiver, ordered())
        assert (status, text.endswith("duplicate: dropped")) == (200, True)
        await clock.advance(61)
        status, text = await posted(receiver, ordered(id="msg_2"))
        assert (status, text.endswith("too late: dropped")) == (422, True)

    assert [each.is_duplicate for each in told] == [False, True, False]


@pytest.mark.parametrize("change", ["", "body", "id", "timestamp", "missing"])
async def test_only_what_is_signed_with_the_secret_is_taken(change):
    async with EchoReceiver(clock=FakeClock(NOON), secret=SECRET) as receiver:
        body, at = ordered(), datetime.fromtimestamp(NOON / 1e9, UTC)
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(NOON // 10**9 - (3600 if change == "timestamp" else 0)),
            "webhook-signature": Webhook(SECRET).sign("msg_1", at, body.decode()),
        }
        if change == "id":
            headers["webhook-id"] = "msg_2"
        if change == "missing":
            del headers["webhook-signature"]
        status, _text = await posted(receiver, body + b" " * (change == "body"), headers)

    assert status == (401 if change else 200)


async def test_a_test_is_answered_and_done_nothing_about():
    async with EchoReceiver() as receiver:
        assert await posted(receiver, b'{"type":"channel.test","data":{}}') == (
            200,
            "would do nothing: this is a test",
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[1]",
        b"\xff\xfe",
        b"{}",
        b'{"ticker":"BTCUSDT"}',
        b'{"ticker":"BTCUSDT","action":"hodl"}',
        b'{"ticker":"BTCUSDT","action":"buy","colour":"red"}',
        b'{"type":"alert.fired","timestamp":"x","data":{}}',
        b'{"type":"order.requested","timestamp":"yesterday","data":{"id":"1","action":"exit","symbol":"B"}}',
        b"SYMBOL=BTCUSDT\nSIGNAL=MAYBE",
        b"[" * 50_000,
        b"BTC/USDT Buy 1",
    ],
)
async def test_what_is_no_order_is_refused(body):
    assert isinstance(read_signal(body), str)
    async with EchoReceiver() as receiver:
        status, text = await posted(receiver, body)

    assert status == 422
    assert text.startswith("would refuse: ")


async def test_too_much_is_refused():
    async with EchoReceiver() as receiver:
        assert (await posted(receiver, b"x" * 70_000))[0] == 413


def test_nothing_foreign_reaches_a_terminal():
    read = read_signal(ordered(symbol="\x1b[31mBTC\u202e", id="\x07" * 500))

    assert isinstance(read, Signal)
    assert (read.symbol + read.id).isascii()
    assert (read.symbol + read.id).isprintable()
    assert len(read.id) <= 200
