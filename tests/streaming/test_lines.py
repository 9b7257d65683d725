"""A line opens its subscriptions anew after each connect, and deals with every answer a venue may give."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from crypto_portfolio_analyzer.core.market import Control, ControlKind
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.streaming.lines import ACK_WITHIN, Line, Request
from crypto_portfolio_analyzer.streaming.pacing import Pace
from crypto_portfolio_analyzer.tasks import Nursery
from tests.fakes import NOON, FakeClock, settle
from tests.streaming.hand import HandTransport


class Bench:
    """One line of a venue, and all it did."""

    def __init__(self, venue: str) -> None:
        self.clock, self.transport = FakeClock(), HandTransport()
        self.refused = 0
        self.line = Line(
            EXCHANGES[venue](),
            "line",
            "ws://venue",
            clock=self.clock,
            reader=lambda _line: lambda _frame: None,
            on_down=lambda _line, _ended: None,
            connects=Pace(self.clock, 100, 1.0),
            on_refused=self._refused,
            transport=self.transport,  # type: ignore[arg-type]  # its clock is the virtual one
            random=Random(1),
        )

    def _refused(self) -> None:
        self.refused += 1

    @property
    def sent(self) -> list[dict[str, object]]:
        """What was sent on the newest connection."""
        return [json.loads(text) for _, text in self.transport.connections[-1].sent]

    def states(self) -> dict[str, str]:
        return {
            f"{each.symbol} {each.channel}": state.value for each, state in self.line.subscriptions.items()
        }

    def answer(self, kind: ControlKind, **fields: object) -> None:
        self.line.control(Control(self.line.exchange.name, kind, NOON, **fields))  # type: ignore[arg-type]


@asynccontextmanager
async def bench(venue: str, *symbols: str, channel: Channel = Channel.TRADES) -> AsyncIterator[Bench]:
    """Connect a line that carries `symbols`."""
    made = Bench(venue)
    made.line.add([Subscription(symbol, channel) for symbol in symbols])
    nursery = Nursery()
    await nursery.start()
    nursery.spawn(made.line.run())
    await settle(20)
    await made.clock.advance(0.1)
    try:
        yield made
    finally:
        await nursery.stop()


async def test_what_fits_into_the_address_needs_no_answer() -> None:
    async with bench("binance", "BTC/USDT", "ETH/USDT") as made:
        assert "btcusdt@aggTrade" in made.transport.urls[0]
        assert made.sent == []
        assert set(made.states().values()) == {"acked"}
        assert made.line.is_ready


async def test_what_comes_later_is_asked_for_by_message() -> None:
    async with bench("binance", "BTC/USDT") as made:
        made.line.add([Subscription("SOL/USDT", Channel.TRADES)])
        await made.clock.advance(1.0)

        (message,) = made.sent
        assert (message["method"], message["params"]) == ("SUBSCRIBE", ["solusdt@aggTrade"])
        assert made.states()["SOL/USDT trades"] == "sent"
        assert not made.line.is_ready
        made.answer(ControlKind.ACK, request_id=message["id"])
        assert made.line.is_ready


async def test_what_is_no_longer_carried_is_ended_at_the_venue() -> None:
    async with bench("binance", "BTC/USDT", "ETH/USDT") as made:
        made.line.remove([Subscription("ETH/USDT", Channel.TRADES)])
        await made.clock.advance(1.0)

        (message,) = made.sent
        assert (message["method"], message["params"]) == ("UNSUBSCRIBE", ["ethusdt@aggTrade"])
        assert made.line.room == 1023


async def test_an_unanswered_request_is_sent_again_once_then_the_connection_dropped() -> None:
    async with bench("binance", "BTC/USDT") as made:
        made.line.add([Subscription("SOL/USDT", Channel.TRADES)])
        await made.clock.advance(ACK_WITHIN + 1)
        assert len(made.sent) == 1
        made.line.check()
        await made.clock.advance(ACK_WITHIN + 1)
        assert len(made.sent) == 2
        made.line.check()
        await made.clock.advance(2.0)

        assert len(made.transport.connections) == 2
        assert "solusdt@aggTrade" in made.transport.urls[1]


async def test_an_unnumbered_request_is_sent_again_too() -> None:
    async with bench("coinbase", "BTC/USD") as made:
        await made.clock.advance(ACK_WITHIN + 1)
        made.line.check()
        await made.clock.advance(1.0)

        assert len(made.sent) == 2


async def test_data_is_as_good_as_an_answer() -> None:
    async with bench("kraken", "BTC/USD") as made:
        made.line.heard(Subscription("BTC/USD", Channel.TRADES))

        assert made.line.is_ready
        await made.clock.advance(ACK_WITHIN + 1)
        made.line.check()
        await made.clock.advance(1.0)
        assert len(made.sent) == 1


async def test_kraken_answers_symbol_by_symbol() -> None:
    async with bench("kraken", "BTC/USD", "NOPE/USD", "ETH/USD") as made:
        number = made.sent[0]["req_id"]
        made.answer(
            ControlKind.REFUSED, request_id=number, symbol="NOPE/USD", names=("NOPE/USD",), text="no pair"
        )
        assert made.states() == {
            "BTC/USD trades": "sent",
            "NOPE/USD trades": "refused",
            "ETH/USD trades": "sent",
        }
        made.answer(ControlKind.ACK, request_id=number, symbol="BTC/USD", names=("BTC/USD",))
        made.answer(ControlKind.ACK, request_id=number, symbol="ETH/USD", names=("ETH/USD",))

        assert made.refused == 1
        assert made.line.take_refused() == {Subscription("NOPE/USD", Channel.TRADES): "no pair"}
        assert set(made.states().values()) == {"acked"}


async def test_coinbase_refuses_a_whole_message_for_one_product_and_the_others_are_asked_again() -> None:
    async with bench("coinbase", "BTC/USD", "NOPE/USD", "ETH/USD") as made:
        made.answer(
            ControlKind.REFUSED, symbol="NOPE/USD", names=("NOPE-USD",), text="NOPE-USD is no product"
        )
        await made.clock.advance(1.0)

        assert len(made.sent) == 2
        assert "NOPE-USD" not in json.dumps(made.sent[1])
        made.answer(ControlKind.ACK, names=("BTC-USD", "ETH-USD"))
        assert made.states()["BTC/USD trades"] == made.states()["ETH/USD trades"] == "acked"
        assert made.states()["NOPE/USD trades"] == "refused"


async def test_a_venue_that_does_not_say_which_is_asked_by_halves() -> None:
    async with bench("binance", "BTC/USDT") as made:
        names = [f"A{number}/USDT" for number in range(8)]
        made.line.add([Subscription(name, Channel.TRADES) for name in names])
        answered = 0
        for _round in range(20):
            await made.clock.advance(1.0)
            for message in made.sent[answered:]:
                answered += 1
                is_bad = "a5usdt@aggTrade" in str(message["params"])
                kind = ControlKind.REFUSED if is_bad else ControlKind.ACK
                made.answer(kind, request_id=message["id"], text="unknown stream" if is_bad else "")

        assert [name for name, state in made.states().items() if state == "refused"] == ["A5/USDT trades"]
        assert list(made.states().values()).count("acked") == 8
        assert answered <= 7


async def test_messages_keep_the_venues_pace() -> None:
    async with bench("binance", "BTC/USDT") as made:
        for number in range(30):
            made.line.add([Subscription(f"A{number}/USDT", Channel.TRADES)])
        await made.clock.advance(30.0)

        times = [at for at, _ in made.transport.connections[-1].sent]
        assert len(times) == 30
        limit = int(EXCHANGES["binance"].limits.messages_per_second)
        assert all(later - at > 0.999 for at, later in zip(times, times[limit:], strict=False))


async def test_a_silent_subscription_is_ended_and_opened() -> None:
    async with bench("kraken", "BTC/USD") as made:
        made.line.heard(Subscription("BTC/USD", Channel.TRADES))
        made.line.again(Subscription("BTC/USD", Channel.TRADES))
        await made.clock.advance(2.0)

        assert [message["method"] for message in made.sent] == ["subscribe", "unsubscribe", "subscribe"]
        assert made.line.subscriptions[Subscription("BTC/USD", Channel.TRADES)] is Request.SENT
