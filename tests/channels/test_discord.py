"""Discord: escaped, without mentions, paced by what it says itself, and never a pest."""

import asyncio

import pytest

from crypto_portfolio_analyzer.channels.discord import MAX_PICTURES, DiscordChannel
from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.http import Patience
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.discord import DiscordReceiver, active
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import HOSTILE, PNG, channel, message, world
from tests.fakes import FakeClock

GOOD = "https://discord.com/api/webhooks/123456789012345678/abc-DEF_ghi"

USED_UP = {"X-RateLimit-Remaining": "0"}


class Hasty(DiscordChannel):
    """One that waits less."""

    patience = Patience(0.5, 1.0)


class Server:
    """A Discord and the type, joined; `pictures` are what the world draws, one for each message."""

    def __init__(self, *pictures, **options):
        self.pictures = list(pictures)
        self.receiver = DiscordReceiver(**options)
        self.kind = Hasty(world(picture=self._draw if pictures else None, clock=self.receiver.clock))

    async def _draw(self, _notification):
        picture = self.pictures.pop(0)
        if isinstance(picture, asyncio.Event):
            await picture.wait()
            return PNG
        return picture

    async def __aenter__(self):
        await self.receiver.start()
        await self.kind.start()
        return self

    async def __aexit__(self, *_error):
        await self.kind.stop()
        await self.receiver.stop()

    async def send(self, **changes):
        options = changes.pop("options", None) or self.kind.check({"url": self.receiver.hook_url})
        return await self.kind.send(message("discord", options, **changes))

    async def failure(self):
        with pytest.raises(DeliveryFailed) as caught:
            await self.send()
        assert self.receiver.token not in repr(caught.value)
        return caught.value


async def test_a_message_is_posted_and_named_by_its_id():
    async with Server() as server:
        accepted = await server.send(
            headline="BTC/USDT up", lines=("a line",), note="mine", url="https://me.example/a"
        )

        assert list(server.receiver.messages) == [accepted.reference]
        content = server.receiver.messages[accepted.reference].content
        assert content == "**BTC/USDT up**\na line\n\nmine\n<https://me.example/a>"
        assert server.receiver.violations == {}


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_are_only_text(text):
    async with Server() as server:
        await server.send(headline=text, lines=(text, text), note=text)
        await server.send(body=text)

        assert server.receiver.violations == {}
        assert len(server.receiver.messages) == 2


def test_the_receiver_would_notice_what_is_active():
    for text in HOSTILE[:4] + HOSTILE[5:6]:
        assert active(text)


async def test_a_long_message_keeps_headline_and_link():
    async with Server() as server:
        await server.send(
            headline="*" * 3000, lines=("_" * 3000,), note="n" * 3000, url="https://me.example/a"
        )

        (sent,) = server.receiver.messages.values()
        assert sent.content.startswith("**\\*")
        assert "\n\\_" in sent.content
        assert sent.content.endswith("<https://me.example/a>")
        assert server.receiver.violations == {}


async def test_pacing_follows_the_headers_so_that_no_limit_is_ever_met():
    clock = FakeClock()
    async with Server(clock=clock, limit=5, window=2.0) as server:
        for _ in range(23):
            accepted = await server.send()
            if accepted.pause:
                await clock.advance(accepted.pause)

        assert len(server.receiver.messages) == 23
        assert server.receiver.violations == {}
        assert clock.monotonic() == pytest.approx(8.0, abs=0.1)


async def test_a_429_says_for_how_long_to_the_millisecond():
    async with Server(clock=FakeClock(), limit=1, window=0.75) as server:
        await server.send()
        failed = await server.failure()

        assert (failed.error, failed.status, failed.transient) == ("status", 429, True)
        assert failed.retry_after == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize(
    "body", ["", "[]", '{"retry_after": "x"}', '{"retry_after": -1}', '{"retry_after": 1e400}']
)
async def test_a_429_without_a_sensible_body_falls_back_on_the_header(body):
    async with Server() as server:
        server.receiver.always = Misbehaviour(Bad.STATUS, 429, {"Retry-After": "7"}, body)

        assert (await server.failure()).retry_after == 7.0


@pytest.mark.parametrize("headers", [{}, USED_UP, {**USED_UP, "X-RateLimit-Reset-After": "x"}])
async def test_headers_that_say_nothing_ask_for_no_pause(headers):
    async with Server() as server:
        server.receiver.always = Misbehaviour(Bad.STATUS, 200, headers, '{"id": "7"}')

        assert (await server.send()).pause is None


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_webhook_that_is_gone_is_not_asked_again(status):
    async with Server() as server:
        server.receiver.always = Misbehaviour(Bad.STATUS, status)
        failed = await server.failure()

        assert (failed.disables, failed.transient, failed.is_config) == (True, False, True)


async def test_a_deleted_webhook_and_a_wrong_token_are_found_out():
    async with Server() as server:
        server.receiver.gone = True
        assert (await server.failure()).status == 404
        server.receiver.gone, server.receiver.token = False, "another-token-than-the-one-given"
        options = server.kind.check({"url": server.receiver.hook_url[:-5] + "wrong"})
        with pytest.raises(DeliveryFailed) as caught:
            await server.send(options=options)
        assert (caught.value.status, caught.value.disables) == (401, True)


@pytest.mark.parametrize("status", [400, 500, 502])
async def test_other_answers_go_by_the_table(status):
    async with Server() as server:
        server.receiver.always = Misbehaviour(Bad.STATUS, status)
        failed = await server.failure()

        assert (failed.transient, failed.disables, failed.is_config) == (True, False, status == 400)


async def edited(server, count):
    """Wait until so many messages have a picture."""
    async with asyncio.timeout(5):
        while sum(bool(each.picture) for each in server.receiver.messages.values()) < count:
            await asyncio.sleep(0.002)


async def test_the_picture_follows_the_text_which_does_not_wait_for_it():
    gate = asyncio.Event()
    async with Server(gate) as server:
        accepted = await server.send()
        assert server.receiver.messages[accepted.reference].picture == b""
        gate.set()
        await edited(server, 1)

        assert server.receiver.messages[accepted.reference].picture == PNG
        assert server.receiver.violations == {}


@pytest.mark.parametrize("picture", [None, b"no picture"])
async def test_a_picture_that_fails_leaves_the_message_alone(picture):
    async with Server(picture, PNG) as server:
        first, _second = await server.send(), await server.send()
        await edited(server, 1)

        assert server.receiver.messages[first.reference].picture == b""
        assert len(server.receiver.messages) == 2


async def test_no_picture_is_drawn_that_is_not_wanted_or_would_cost_the_allowance():
    async with Server(PNG, limit=1, clock=FakeClock()) as server:
        options = {**server.kind.check({"url": server.receiver.hook_url}), "picture": "off"}
        await server.send(options=options)
        await server.receiver.clock.advance(3)
        assert (await server.send()).pause

        assert len(server.pictures) == 1


async def test_pictures_under_way_are_bounded_and_end_with_the_type():
    gates = [asyncio.Event() for _ in range(MAX_PICTURES + 4)]
    async with Server(*gates, limit=100) as server:
        for _ in gates:
            await server.send()
        await asyncio.sleep(0)

        assert len(server.pictures) == 4
        await server.kind.stop()
    assert all(each.picture == b"" for each in server.receiver.messages.values())


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", 5, "https://example.com/api/webhooks/1/abc", "http://discord.com/api/webhooks/1/abc"),
        *(
            "https://discord.com.evil.example/api/webhooks/1/abc",
            "https://discord.com@evil.example/api/webhooks/1/abc",
        ),
        *(
            "https://discord.com/api/webhooks/1",
            "https://discord.com/api/webhooks/x/abc",
            "https://discord.com/",
        ),
        *("https://discord.com/api/webhooks/1/abc/github", "https://discord.com:8443/api/webhooks/1/abc"),
        *("https://discord.com/api/webhooks/1/../../x", "https://127.0.0.1/api/webhooks/1/abc"),
    ],
)
def test_only_webhooks_of_discord_are_taken(url):
    with pytest.raises(InvalidFields) as caught:
        DiscordChannel(world(guard=Guard())).check({"url": url})

    assert all(each.problem and each.remedy for each in caught.value.faults)


@pytest.mark.parametrize("host", ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"])
def test_each_of_discords_hosts_is_taken_and_masked(host):
    kind = DiscordChannel(world(guard=Guard()))
    options = kind.check({"url": GOOD.replace("discord.com", host) + "?wait=false#x"})

    assert options["url"] == GOOD.replace("discord.com", host)
    assert kind.shown(options) == {"url": "•••_ghi"}
    assert "ghi" not in kind.lane(channel("discord", options), "BTC/USDT")
