"""Webhooks: signed by the standard, the same under one key, by the table in everything else."""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.http import Patience
from crypto_portfolio_analyzer.channels.webhook import MAX_BODY, WebhookChannel
from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.channels.sending import HOSTILE, channel, message, world
from tests.channels.trading import signal, test_message
from tests.core.notices.made import AT
from tests.fakes import NOON, FakeClock

HOUR = 3600
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()


class Hasty(WebhookChannel):
    """One that waits less."""

    patience = Patience(0.3, 0.5)


class Hooked:
    """A receiver and the type, joined."""

    def __init__(self, **changes):
        self.world = world(**changes)
        self.kind = Hasty(self.world)
        self.receiver = WebhookReceiver(clock=self.world.clock)

    async def __aenter__(self):
        await self.receiver.start()
        return self

    async def __aexit__(self, *_error):
        await self.kind.stop()
        await self.receiver.stop()

    def options(self, **given):
        options = self.kind.check({"url": self.receiver.hook_url, **given})
        self.receiver.secrets.append(str(options["secret"]))
        return options

    async def send(self, options=None, **changes):
        return await self.kind.send(message("webhook", options or self.options(), **changes))

    async def failure(self, options=None, **changes):
        with pytest.raises(DeliveryFailed) as caught:
            await self.send(options, **changes)
        return caught.value


async def test_what_is_sent_is_signed_and_verified_by_the_standards_library():
    async with Hooked() as hooked:
        accepted = await hooked.send(attempt=3)
        got = hooked.receiver.received[0]

        Webhook(hooked.receiver.secrets[0]).verify(got.body, dict(got.headers))
        document = json.loads(got.body)
        assert accepted.status == 200
        assert hooked.receiver.violations == {}
        assert got.headers["webhook-id"] == "msg_9f2c41abcdefghijklmnopqrst_chan1"
        assert got.headers["webhook-attempt"] == "3"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["user-agent"].startswith("crypto-analyzer/")
        assert document["type"] == "alert.fired"
        assert document["timestamp"] == "2026-11-20T14:03:07.000Z"
        assert document["data"]


async def test_id_and_body_stay_while_the_time_stamp_is_each_attempts_own():
    clock = FakeClock(AT)
    async with Hooked(clock=clock) as hooked:
        options = hooked.options()
        for attempt in (1, 2, 3):
            await hooked.send(options, attempt=attempt)
            await clock.advance(600)
        first, second, third = hooked.receiver.received

        assert first.body == second.body == third.body
        assert len({each.headers["webhook-id"] for each in (first, second, third)}) == 1
        assert [int(each.headers["webhook-timestamp"]) - AT // 10**9 for each in (first, second, third)] == [
            0,
            600,
            1200,
        ]
        assert hooked.receiver.keys.total() == 3


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
async def test_what_is_altered_on_the_way_is_not_verified(part):
    async with Hooked() as hooked:
        await hooked.send()
        got, judge = hooked.receiver.received[0], Webhook(hooked.receiver.secrets[0])
        headers, body = dict(got.headers), got.body
        if part == "body":
            body = body.replace(b"BTC", b"ETH")
        elif part == "webhook-timestamp":
            headers[part] = str(int(headers[part]) + 1)
        else:
            headers[part] = headers[part][:-3] + "AAA"
        with pytest.raises(WebhookVerificationError):
            judge.verify(body, headers)


async def test_a_replay_after_five_minutes_is_refused():
    clock = FakeClock(SystemClock().now() - 301 * 10**9)
    async with Hooked(clock=clock) as hooked:
        await hooked.send()
        got = hooked.receiver.received[0]
        with pytest.raises(WebhookVerificationError, match="too old"):
            Webhook(hooked.receiver.secrets[0]).verify(got.body, dict(got.headers))


async def test_both_secrets_sign_for_a_day_of_rotation():
    clock = FakeClock()
    async with Hooked(clock=clock) as hooked:
        options = hooked.options(secret=NEW) | {"old_secret": OLD, "old_until": NOON + 24 * HOUR * 10**9}
        for secrets, wait in (([NEW], 0), ([OLD], 23 * HOUR), ([NEW], 2 * HOUR)):
            hooked.receiver.secrets = secrets
            await clock.advance(wait)
            await hooked.send(options)
        hooked.receiver.secrets = [OLD]

        assert (await hooked.failure(options)).status == 401
        counts = [len(each.headers["webhook-signature"].split(" ")) for each in hooked.receiver.received]
        assert counts == [2, 2, 1, 1]
        assert hooked.kind.check(options) == options  # an edit keeps what a rotation left
        assert "old_secret" not in hooked.kind.shown(options)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"url": "http://example.com/"},
        {"url": "https://127.0.0.1.nip/ x"},
        {"url": 5},
        {"url": "https://169.254.169.254/latest"},
        *(
            {"secret": each}
            for each in ("short", "whsec_", "whsec_" + "!" * 40, 5, "•••1234", "whsec_" + "QUJD" * 4)
        ),
        *(
            {"headers": each}
            for each in ("x", {"a b": "c"}, {"X": "a\r\nB: c"}, {"X": 5}, {"Host": "evil"}, {"X": ""})
        ),
        *(
            {"headers": {name: "x"}}
            for name in ("Webhook-Id", "content-length", "TRANSFER-ENCODING", "Connection", "")
        ),
        {"headers": {f"X-{number}": "x" for number in range(11)}},
        {"policy": "maybe"},
        *({"policy": "trade", "ttl_seconds": each} for each in (0, -1, "60", 86_401, True)),
        {"ttl_seconds": 30},
        {"policy": "trade", "max_price_move_percent": 0},
        {"challenge": "yes"},
        {"unheard": "of"},
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_with_a_remedy(given):
    url = {} if "url" in given or not given else {"url": "https://example.com/hook"}
    with pytest.raises(InvalidFields) as caught:
        WebhookChannel(world(guard=Guard())).check({**url, **given})

    assert all(each.problem and each.remedy for each in caught.value.faults)


async def test_static_headers_go_along_and_none_of_ours_is_replaced():
    async with Hooked() as hooked:
        options = hooked.options(headers={"X-Api-Key": "k" * 20, "Authorization": "Bearer b"})
        await hooked.send(options)

        headers = hooked.receiver.received[0].headers
        assert (headers["x-api-key"], headers["authorization"]) == ("k" * 20, "Bearer b")
        assert hooked.kind.shown(options)["headers"] == {"X-Api-Key": "•••kkkk", "Authorization": "•••"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"ticker": "BTC", "close": 65012.4}', "application/json"),
        ("[1, 2]", "application/json"),
        ("BTC crossed 65000 – ja!", "text/plain; charset=utf-8"),
        ('{"open": ', "text/plain; charset=utf-8"),
        ("[" * 5000, "text/plain; charset=utf-8"),
    ],
)
async def test_an_owners_template_is_the_body_and_json_if_it_reads_as_such(body, content_type):
    async with Hooked() as hooked:
        await hooked.send(body=body)

        got = hooked.receiver.received[0]
        assert (got.body.decode(), got.headers["content-type"]) == (body, content_type)
        assert hooked.receiver.violations == {}


async def test_a_template_that_grew_too_long_is_the_owners_to_put_right():
    async with Hooked() as hooked:
        failed = await hooked.failure(body="ü" * MAX_BODY)

        assert (failed.error, failed.transient, failed.is_config) == ("too_large", False, True)
        assert len(hooked.receiver.received) == 0


async def test_data_beyond_20_kb_are_left_out_largest_first_and_named():
    async with Hooked() as hooked:
        data = {"id": "x", "huge": "h" * 30_000, "large": ["l" * 100] * 150, "small": 1}
        await hooked.send(data=data)

        got = json.loads(hooked.receiver.received[0].body)
        assert got["data"] == {"id": "x", "large": data["large"], "small": 1, "left_out": ["huge"]}
        assert len(hooked.receiver.received[0].body) <= MAX_BODY


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_arrive_as_they_are(text):
    async with Hooked() as hooked:
        data = {"name": text[:500], text[:50]: 1}
        await hooked.send(data=data)

        assert json.loads(hooked.receiver.received[0].body)["data"] == data
        assert hooked.receiver.violations == {}


async def test_a_challenge_is_asked_for_only_if_wanted_and_must_be_echoed():
    async with Hooked() as hooked:
        options = hooked.options(challenge=True)
        asked = channel("webhook", options)

        assert hooked.kind.needs_proof(options)
        assert not hooked.kind.needs_proof(hooked.options())
        assert await hooked.kind.prove(asked, "prove-it-7d1f") is True
        assert hooked.receiver.violations == {}
        hooked.receiver.echoes = False
        with pytest.raises(DeliveryFailed) as caught:
            await hooked.kind.prove(asked, "prove-it-7d1f")
        assert (caught.value.error, caught.value.is_config) == ("bad_answer", True)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        *(("c0de", True), (" c0de\n", True), ('"c0de"', True), ('{"challenge": "c0de"}', True)),
        *(("", False), ("c0d", False), ("c0de2", False), ('{"challenge": "x"}', False), ("[" * 9999, False)),
        *(('{"challenge": ["c0de"]}', False), ("null", False), ("xc0de", False), ("ü", False)),
    ],
)
async def test_an_echo_is_the_challenge_and_nothing_else(answer, is_right):
    async with Hooked() as hooked:
        asked = channel("webhook", hooked.options(challenge=True))
        hooked.receiver.always = Misbehaviour(Bad.STATUS, 200, body=answer)
        if is_right:
            assert await hooked.kind.prove(asked, "c0de")
        else:
            with pytest.raises(DeliveryFailed):
                await hooked.kind.prove(asked, "c0de")


async def test_a_challenge_is_never_shown_to_who_reads_only_the_address():
    """A stranger's server that answers everything with 200 has not proved anything."""
    async with Hooked() as hooked:
        asked = channel("webhook", hooked.options(challenge=True))
        hooked.receiver.always = Misbehaviour(Bad.STATUS, 204)
        with pytest.raises(DeliveryFailed, match="echo"):
            await hooked.kind.prove(asked, "c0de")


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (65_012.4, ""),
        (65_600.0, ""),
        (65_700.0, "price_moved"),
        (64_300.0, "price_moved"),
        (None, "price_unknown"),
    ],
)
async def test_an_order_is_dropped_when_the_price_has_moved(price, error):
    async with Hooked(price=lambda _symbol: price) as hooked:
        options = hooked.options(policy="trade", max_price_move_percent=1)
        if not error:
            await hooked.send(options)
            return
        failed = await hooked.failure(options)

        assert (failed.error, failed.transient) == (error, False)
        assert len(hooked.receiver.received) == 0


async def test_a_strangers_signal_is_dropped_when_the_price_has_moved_and_a_test_never():
    async with Hooked(price=lambda _symbol: 66_000.0) as hooked:
        options = hooked.options(policy="trade", max_price_move_percent=1)
        with pytest.raises(DeliveryFailed, match=r"moved by 1\.54%"):
            await hooked.kind.send(signal("webhook", options, symbol="BTCUSDT", price="65000"))
        with pytest.raises(DeliveryFailed, match="no fresh price"):
            await hooked.kind.send(signal("webhook", options, symbol="BTCUSDT"))
        await hooked.kind.send(test_message("webhook", options))

        assert len(hooked.receiver.received) == 1


def test_orders_have_a_time_to_live_and_a_lane_for_each_pair():
    kind = WebhookChannel(world())
    notify = channel("webhook", kind.check({"url": "https://example.com/hook"}))
    trade = channel("webhook", kind.check({"url": "https://example.com/hook", "policy": "trade"}))
    short = kind.check({"url": "https://example.com/hook", "policy": "trade", "ttl_seconds": 5})

    assert [kind.policy_ttl(each) for each in (notify.options, trade.options, short)] == [None, 60, 5]
    assert kind.lane(notify, "BTC/USDT") == kind.lane(notify, "ETH/USDT")
    assert kind.lane(trade, "BTC/USDT") != kind.lane(trade, "ETH/USDT")
    assert "example" not in kind.lane(trade, "BTC/USDT")


def test_twelve_attempts_take_76_hours():
    waits = WebhookChannel.schedule

    assert len(waits) + 1 == 12
    assert round(sum(waits) / HOUR, 1) == 75.7
    assert (WebhookChannel.patience.connect, WebhookChannel.patience.total) == (5, 15)
    assert not WebhookChannel.for_people


async def test_a_slow_receiver_is_given_up_on_and_may_have_it():
    async with Hooked() as hooked:
        options = hooked.options()
        hooked.receiver.always = Misbehaviour(Bad.SILENT)
        failed = await hooked.failure(options)

        assert (failed.error, failed.is_unknown) == ("timeout_read", True)
        assert hooked.receiver.keys.total() == 1


async def test_many_at_once_are_told_over_few_connections():
    async with Hooked() as hooked:
        options = hooked.options()
        await asyncio.gather(*(hooked.send(options, key=f"msg_{number}") for number in range(50)))
        for number in range(50, 100):
            await hooked.send(options, key=f"msg_{number}")

        assert sorted(hooked.receiver.keys) == sorted(f"msg_{number}" for number in range(100))
        assert hooked.receiver.keys.total() == 100


async def test_signatures_hold_at_any_speed_of_time():
    async with Hooked(clock=ScaledClock(1000.0)) as hooked:
        options = hooked.options()
        for _ in range(3):
            await hooked.send(options)

        assert hooked.receiver.violations == {}
        got = hooked.receiver.received[0]
        at = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
        mine = Webhook(options["secret"]).sign(got.headers["webhook-id"], at, got.body.decode())
        assert hmac.compare_digest(mine, got.headers["webhook-signature"])
