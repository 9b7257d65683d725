"""Receivers: they take what is genuine, say what is not, and fail on demand."""

import asyncio
import json
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver, WebhookReceiver
from tests.fakes import NOON, FakeClock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "QUJD" * 8


def signed(body: bytes, *, key="msg_1", at=NOON, secret=SECRET):
    stamp = at // 10**9
    signature = Webhook(secret).sign(key, datetime.fromtimestamp(stamp, UTC), body.decode())
    return {"webhook-id": key, "webhook-timestamp": str(stamp), "webhook-signature": signature}


async def post(url, body, headers=None):
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status, await response.read()


@pytest.fixture
async def hook():
    async with WebhookReceiver(SECRET, clock=FakeClock()) as receiver:
        yield receiver


async def test_a_genuine_webhook_is_taken(hook):
    assert (await post(hook.hook_url, b"{}", signed(b"{}")))[0] == 200
    assert hook.keys == {"msg_1": 1}
    assert hook.violations == {}


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, "headers"),
        ({**signed(b"{}"), "webhook-signature": ""}, "signature"),
        (signed(b"{} "), "signature"),
        (signed(b"{}", secret=OTHER), "signature"),
        ({**signed(b"{}"), "webhook-id": "msg_2"}, "signature"),
        (signed(b"{}", key="msg.1"), "headers"),
        (signed(b"{}", at=NOON - 301 * 10**9), "timestamp"),
        (signed(b"{}", at=NOON + 301 * 10**9), "timestamp"),
    ],
)
async def test_what_is_not_genuine_is_refused_and_counted(hook, headers, problem):
    assert (await post(hook.hook_url, b"{}", headers))[0] == 401
    assert hook.violations == {problem: 1}
    assert hook.keys == {}


async def test_any_of_its_secrets_will_do(hook):
    hook.secrets.append(OTHER)
    headers = signed(b"{}", secret=OTHER)
    headers["webhook-signature"] += " v1,AAAA v2,BBBB"

    assert (await post(hook.hook_url, b"{}", headers))[0] == 200


async def test_a_challenge_is_echoed_if_it_likes(hook):
    body = b'{"type": "channel.challenge", "data": {"challenge": "abc"}}'

    assert json.loads((await post(hook.hook_url, body, signed(body)))[1]) == {"challenge": "abc"}
    hook.echoes = False
    assert json.loads((await post(hook.hook_url, body, signed(body)))[1]) == {}


async def test_faults_are_used_up_one_by_one_and_may_come_after_the_work(hook):
    hook.faults += [Misbehaviour(Bad.STATUS, 503), Misbehaviour(Bad.STATUS, 500, counts=False)]
    statuses = [(await post(hook.hook_url, b"{}", signed(b"{}")))[0] for _ in range(3)]

    assert statuses == [503, 500, 200]
    assert hook.keys == {"msg_1": 2}  # the second one was not taken
    assert len(hook.received) == 3


async def test_a_fault_that_stays_hits_everything():
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, 418)
        assert [(await post(receiver.url, b""))[0] for _ in range(3)] == [418] * 3


async def test_it_counts_what_is_under_way_at_once():
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.SLOW_BODY)
        asks = [asyncio.ensure_future(post(receiver.url, b"")) for _ in range(4)]  # noqa: TID251  # cancelled below
        await receiver.wait(4)
        assert receiver.under_way == receiver.most_under_way == 4
        for each in asks:
            each.cancel()
        await asyncio.gather(*asks, return_exceptions=True)
