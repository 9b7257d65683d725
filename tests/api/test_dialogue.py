"""What clients may say: whatever comes, no message ends the conversation with a crash."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.dialogue import MOST_FORMS, MOST_WISHES, Dialogue
from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.api.live import Hub
from tests.api.test_alert_room import MemoryFeed, alert_room
from tests.api.test_clients import FakeWire
from tests.api.test_prices import Room, heard

WORDS = st.sampled_from(
    [
        "type",
        "room",
        "data",
        "symbols",
        "prices",
        "alerts",
        "join_room",
        "subscribe",
        "unsubscribe",
        "resume",
        "after",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
MESSAGES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=12,
)


class Talk:
    """A dialogue with one client, logged in or not."""

    def __init__(self, *symbols: str, name: str | None = "admin") -> None:
        self.room = Room(*symbols)
        hub = Hub(
            prices=self.room.prices,
            alerts=alert_room(MemoryFeed(), self.room.clock),
            bus=self.room.bus,
            clock=self.room.clock,
            build="1",
            status=dict,
        )
        self.dialogue = Dialogue(hub, self.room.feeds)
        self.wire = FakeWire()
        client = hub.welcome(Identity(name, Role.ADMIN if name else None, local=True), self.wire)
        assert client is not None
        self.client: Client = client
        heard(self.wire)

    async def say(self, message: Any) -> list[dict[str, Any]]:
        import json

        await self.room.clock.advance(1)
        self.dialogue.hear(self.client, message if isinstance(message, str | bytes) else json.dumps(message))
        return heard(self.wire)


@given(MESSAGES)
@settings(max_examples=200, deadline=None)
async def test_no_message_crashes_the_dialogue(message: Any) -> None:
    talk = Talk("BTC")

    answers = await talk.say(message)

    assert talk.wire.closed is None
    assert all({"type", "data", "timestamp"} <= set(answer) for answer in answers)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
async def test_no_bytes_crash_the_dialogue(message: bytes) -> None:
    talk = Talk("BTC")

    answers = await talk.say(message)

    assert [answer["type"] for answer in answers] == ["error"]


async def test_deep_json_is_refused() -> None:
    answers = await Talk("BTC").say('{"type": ' + "[" * 7000)

    assert answers[0]["data"]["code"] in ("bad_json", "bad_message")


async def test_the_nearest_known_word_is_offered() -> None:
    answers = await Talk().say({"type": "join_rom", "room": "prices"})

    assert "did you mean 'join_room'?" in answers[0]["data"]["message"]


async def test_different_price_subscriptions_are_bounded() -> None:
    talk = Talk("BTC")
    for number in range(MOST_FORMS):
        await talk.say({"type": "subscribe", "data": {"room": "prices", "max_hz": 1 + number}})

    answers = await talk.say({"type": "subscribe", "data": {"room": "prices", "max_hz": 0.5}})

    assert answers[0]["data"]["code"] == "too_many"


async def test_symbols_nobody_else_watches_are_bounded() -> None:
    talk = Talk("BTC")
    many = [f"S{number}/USDT" for number in range(MOST_WISHES + 1)]

    refused = await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": many}})
    granted = await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": [*many[1:], "BTC"]}})

    assert refused[0]["data"]["code"] == "too_many"
    assert granted[0]["data"]["joined"] is True


async def test_one_bad_symbol_leaves_no_wish_behind() -> None:
    talk = Talk("BTC")

    await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": ["SOL", "?!"]}})

    assert [view.asked for view in talk.room.feeds.watches()] == ["BTC"]


async def test_leaving_lets_go_of_every_wish() -> None:
    talk = Talk("BTC")
    await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": ["SOL", "ADA"]}})
    await talk.say({"type": "unsubscribe", "data": {"room": "prices", "symbols": ["SOL"]}})
    part = [view.asked for view in talk.room.feeds.watches()]
    talk.dialogue.forget(talk.client)

    assert part == ["BTC", "ADA"]
    assert [view.asked for view in talk.room.feeds.watches()] == ["BTC"]


async def test_joining_twice_is_joining_once() -> None:
    talk = Talk("BTC")
    await talk.say({"type": "join_room", "room": "prices"})
    await talk.say({"type": "join_room", "room": "prices"})
    talk.room.tick("BTC/USDT", 1.0)

    assert talk.room.prices.flush(100.0) == 1
