"""Facts go to the judge in the turn they come in, and time goes on where none come."""

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Trigger
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar, BarKind, SourceChange
from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.engine.following import Following
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.facts import alert
from tests.fakes import MINUTE, NOON, SECOND, FakeClock, settle, ticker, trade

BTC = "BTC/USDT"


class Followed:
    """A judge that follows a bus, and how often it had decided something."""

    def __init__(self, condition):
        self.clock, self.woken = FakeClock(), 0
        self.bus = StreamEventBus(clock=self.clock)
        self.feeds = PriceFeedManager(clock=self.clock, bus=self.bus)
        self.feeds.add_provider("binance")
        self.judge = Judge(forming=lambda symbol, timeframe: None)
        feeds = self.feeds
        self.following = Following(self.judge, feeds.market, feeds.feeds, self.bus, self.clock, self.wake)
        made = alert(trigger=Trigger.EVERY_TIME, cooldown=0)
        self.judge.arm(made, read_condition(condition), BTC, None, self.clock.now())
        self.following.begin()
        self._number = 0

    def wake(self):
        self.woken += 1

    def tick(self, price):
        self._number += 1
        self.bus.emit(trade(self._number, price, at=self.clock.now()))

    def fired(self):
        """Return the prices of what fired since the last call."""
        return [each.firing.price for each in self.judge.take().decisions if each.firing]


async def test_a_fact_is_judged_in_its_turn_and_a_decision_wakes_at_the_end_of_it():
    run = Followed("price > 100")
    run.tick(99)
    await settle()
    assert run.woken == 0
    for price in (101, 99, 102):
        run.tick(price)
    assert (run.woken, run.judge.is_waiting) == (0, True)
    await settle()
    assert run.woken == 1
    assert run.fired() == [101, 102]


async def test_after_its_end_nothing_is_judged():
    run = Followed("price > 100")
    assert run.following.is_on
    run.following.end()
    run.tick(101)

    assert not run.following.is_on
    assert (run.woken, run.fired()) == (0, [])


async def test_time_alone_is_judged_while_no_fact_comes():
    run = Followed("price > 100 for 10s")
    nursery = Nursery()
    await nursery.start()
    nursery.spawn(run.following.look_always())
    run.tick(101)
    await run.clock.advance(9)
    assert run.fired() == []
    await run.clock.advance(4)
    assert run.fired() == [101]
    await nursery.stop()


async def test_what_was_due_before_a_fact_is_judged_before_it():
    run = Followed("price > 100 for 10s")
    run.tick(101)
    run.clock._elapsed = 20.0
    run.tick(99)

    assert run.fired() == [101]


async def test_statistics_tell_the_price_only_where_no_trades_come():
    run = Followed("price > 100")
    run.bus.emit(ticker(99, at=run.clock.now()))
    run.bus.emit(ticker(101, at=run.clock.now() + 1))
    assert run.fired() == [101]

    run.feeds.primary.subscribe([Subscription(BTC, Channel.TRADES)])
    run.bus.emit(ticker(99, at=run.clock.now() + 2, polled=True))
    run.bus.emit(ticker(101.5, at=run.clock.now() + 3, polled=True))
    assert run.fired() == [101.5]

    lane = run.feeds.primary.lanes[BTC]
    lane.offer(trade(1, 99, at=run.clock.now() + SECOND))
    run.bus.emit(trade(1, 99, at=run.clock.now() + SECOND))
    run.bus.emit(ticker(102, at=run.clock.now() + 2 * SECOND, last_trade_id=2))
    assert run.fired() == []
    lane.suspect()
    run.bus.emit(ticker(103, at=run.clock.now() + 3 * SECOND, last_trade_id=3))
    assert run.fired() == []
    run.bus.emit(ticker(104, at=run.clock.now() + 4 * SECOND, polled=True))
    assert run.fired() == []


async def test_a_minute_that_stands_for_missing_trades_is_walked_along_while_those_after_it_wait():
    run = Followed("price > 100")
    run.feeds.primary.subscribe([Subscription(BTC, Channel.TRADES)])
    lane = run.feeds.primary.lanes[BTC]
    fetched = Bar(
        "binance", BTC, "1m", NOON, NOON + MINUTE, 99.0, 101.0, 98.0, 99.5, 1.0, True, NOON + MINUTE,
        kind=BarKind.APPROXIMATED,
    )  # fmt: skip
    run.tick(99)
    run.bus.emit(fetched)
    assert run.fired() == []

    lane.state = LaneState.FILLING
    run.bus.emit(replace(fetched, corrected=True))
    run.bus.emit(replace(fetched, timeframe="5m"))
    assert run.fired() == []
    run.bus.emit(fetched)
    assert run.fired() == [101]


async def test_a_change_of_source_lets_crossings_begin_anew():
    run = Followed("price crosses above 100")
    run.tick(99)
    run.bus.emit(SourceChange("btcusdt", "binance", "kraken", "silent", run.clock.now()))
    run.tick(101)
    assert run.fired() == []
    run.tick(99)
    run.bus.emit(SourceChange("BTC", "binance", "kraken", "silent", run.clock.now()))  # that is BTC/USD now
    run.tick(101)
    assert run.fired() == [101]
