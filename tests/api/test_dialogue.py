"""What clients may say: whatever comes, no message ends the conversation with a crash."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.dialogue import MOST_FORMS, MOST_SPELLINGS, MOST_WISHES, Dialogue
from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.api.live import ROOMS, Hub
from crypto_portfolio_analyzer.api.portfolio_room import PortfolioRoom
from crypto_portfolio_analyzer.app.portfolios import Worth
from crypto_portfolio_analyzer.core.portfolio import value_of
from tests.api.test_alert_room import MemoryFeed, alert_room
from tests.api.test_clients import FakeWire
from tests.api.test_prices import Room, heard

NOTHING = Worth(value_of({}, {}), {}, frozenset())
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
            portfolio=PortfolioRoom(lambda _owner: NOTHING, self.room.clock),
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


async def test_wishes_that_were_let_go_do_not_count() -> None:
    talk = Talk("BTC")
    for number in range(2 * MOST_WISHES):
        asked = {"room": "prices", "symbols": [f"S{number}/USDT"]}
        joined = await talk.say({"type": "subscribe", "data": asked})
        await talk.say({"type": "unsubscribe", "data": asked})

    assert joined[0]["data"]["joined"] is True
    assert [view.asked for view in talk.room.feeds.watches()] == ["BTC"]


async def test_a_refused_subscription_leaves_no_wish_behind() -> None:
    talk = Talk("BTC")
    for number in range(MOST_FORMS):
        await talk.say({"type": "subscribe", "data": {"room": "prices", "max_hz": 1 + number}})

    await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": ["SOL"]}})

    assert talk.room.feeds.find("SOL") is None


async def test_symbols_by_name_are_bounded() -> None:
    talk = Talk("BTC")
    many = ["BTC" + " " * number for number in range(MOST_SPELLINGS + 1)]

    refused = await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": many}})
    granted = await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": many[1:]}})
    more = await talk.say({"type": "subscribe", "data": {"room": "prices", "symbols": ["btc"]}})

    assert [each[0]["data"].get("code") for each in (refused, granted, more)] == [
        "too_many",
        None,
        "too_many",
    ]


ROOM_NAMES = st.sampled_from([*ROOMS, "attic", ""]) | st.none()
SPELLINGS = st.sampled_from(["BTC", "btc", "BTC/USDT", "SOL", "ADA-USDT", "*", "", "?!", "\ud800", "X" * 60])
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "room": ROOM_NAMES,
        "symbols": st.none() | st.lists(SPELLINGS, max_size=6),
        "batch": st.booleans(),
        "max_hz": st.none() | st.floats() | st.integers() | st.just(5),
        "snapshot": st.booleans(),
        "after": st.none() | st.integers(),
    },
)
NEARLY_RIGHT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["join_room", "subscribe", "leave_room", "unsubscribe", "resume", "ping", "dance"]
        )
    },
    optional={"room": ROOM_NAMES, "after": st.integers(), "data": st.none() | DETAILS},
)


@given(st.lists(NEARLY_RIGHT, max_size=15), st.sampled_from(["admin", None]))
@settings(max_examples=150, deadline=None)
async def test_whatever_is_asked_is_answered_and_nothing_is_left_of_it(
    messages: list[dict[str, Any]], name: str | None
) -> None:
    talk = Talk("BTC", name=name)
    for number, message in enumerate(messages):
        answers = await talk.say(message)
        talk.room.tick("BTC/USDT", float(number + 1))
        talk.room.flush(float(number))

        assert [each for each in answers if each["type"] in ("status", "error", "heartbeat")]
        assert sum(talk.client.wanted.values()) <= MOST_WISHES
    talk.dialogue.forget(talk.client)
    heard(talk.wire)
    talk.room.tick("BTC/USDT", 0.5)
    talk.room.flush(100.0)

    assert talk.wire.closed is None
    assert [view.asked for view in talk.room.feeds.watches()] == ["BTC"]
    assert heard(talk.wire) == []


async def test_joining_twice_is_joining_once() -> None:
    talk = Talk("BTC")
    await talk.say({"type": "join_room", "room": "prices"})
    await talk.say({"type": "join_room", "room": "prices"})
    talk.room.tick("BTC/USDT", 1.0)

    assert talk.room.flush(100.0) == 1
