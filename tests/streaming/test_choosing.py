"""Which venue serves a watch: the first while it is well, else another, and back after a while."""

from functools import partial
from random import Random

import pytest

from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.choosing import BACK_AFTER, SOONEST, WRONG_FOR, Candidate, Watch
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from crypto_portfolio_analyzer.streaming.views import WatchState
from tests.fakes import NOON, SECOND, FakeClock


class Chair:
    """A watch of BTC with real feeds that nobody starts; what they hear is set by hand."""

    def __init__(self, *venues: str) -> None:
        self.clock = FakeClock()
        self.bus = StreamEventBus(clock=self.clock)
        self.market = Market(clock=self.clock, bus=self.bus)
        self.watch = Watch("BTC", NOON)
        self.seconds = 0.0
        self.well = set(venues)
        self.prices = dict.fromkeys(venues, 100.0)
        for name in venues:
            exchange = EXCHANGES[name]()
            feed = VenueFeed(
                exchange,
                clock=self.clock,
                market=self.market,
                bus=self.bus,
                rest=RestClient("", exchange.limits, self.clock),
                random=Random(1),
            )
            feed.plan.is_connected = partial(self._is_up, name)  # type: ignore[method-assign]
            symbol = f"BTC/{exchange.default_quote}"
            feed.subscribe([Subscription(symbol, Channel.TRADES)])
            self.watch.candidates.append(Candidate(feed, symbol))
        self.watch.choose(self.watch.candidates[0], NOON, "first choice")

    def _is_up(self, name: str, _symbol: str) -> bool:
        return name in self.well

    @property
    def now(self) -> int:
        return NOON + int(self.seconds * SECOND)

    def run(self, seconds: float) -> list[str]:
        """Let time pass, half a second at a time; return who was chosen."""
        chosen = []
        for _step in range(int(seconds * 2)):
            self.seconds += 0.5
            for each in self.watch.candidates:
                if each.name in self.well and each.seat is not None:
                    each.seat.ticker_at, each.seat.price = self.now, self.prices[each.name]
            decision = self.watch.decide(self.now)
            if decision is not None:
                self.watch.choose(*decision[:1], self.now, decision[1])
                chosen.append(decision[0].name)
        return chosen


def test_nothing_changes_while_the_first_is_well() -> None:
    assert Chair("binance", "coinbase", "kraken").run(120) == []


def test_a_silent_first_is_left_for_the_next_that_is_well() -> None:
    chair = Chair("binance", "coinbase", "kraken")
    chair.run(20)
    chair.well -= {"binance", "coinbase"}

    assert chair.run(SOONEST + 1) == ["kraken"]
    assert chair.watch.reason == "binance is silent"


def test_nobody_is_chosen_where_nobody_is_well() -> None:
    chair = Chair("binance", "coinbase")
    chair.run(20)
    chair.well.clear()

    assert chair.run(120) == []
    assert not chair.watch.is_served(chair.now)


def test_a_single_candidate_is_no_choice() -> None:
    chair = Chair("binance")
    chair.well.clear()

    assert chair.run(60) == []


def test_the_first_gets_its_watch_back_after_a_while() -> None:
    chair = Chair("binance", "coinbase")
    chair.run(20)
    chair.well.discard("binance")
    chair.run(30)
    chair.well.add("binance")

    assert chair.run(BACK_AFTER - 1) == []
    assert chair.run(3) == ["binance"]


def test_the_wait_grows_with_each_flap_and_is_forgotten() -> None:
    chair, waits = Chair("binance", "coinbase"), []
    chair.run(20)
    for _turn in range(5):
        chair.well.discard("binance")
        chair.run(10)
        chair.well.add("binance")
        began = chair.seconds
        while not chair.run(1):
            assert chair.seconds - began < 700
        waits.append(chair.seconds - began)

    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    chair.run(1000)
    chair.well.discard("binance")
    chair.run(10)
    chair.well.add("binance")
    assert "binance" in chair.run(BACK_AFTER + 2)


def test_a_first_far_from_two_others_is_left_until_it_agrees() -> None:
    chair = Chair("binance", "coinbase", "kraken")
    chair.run(20)
    chair.prices["binance"] = 110.0

    assert chair.run(WRONG_FOR - 1) == []
    assert chair.run(3) == ["coinbase"]
    assert chair.run(60) == [], "it is not given back while it is wrong"
    chair.prices["binance"] = 100.0
    assert chair.run(BACK_AFTER + 2) == ["binance"]


@pytest.mark.parametrize("percent", [0.5, 2.9])
def test_a_small_difference_is_normal(percent: float) -> None:
    chair = Chair("binance", "coinbase", "kraken")
    chair.prices["binance"] *= 1 + percent / 100

    assert chair.run(60) == []


def test_a_fallback_is_not_judged_by_one_other_alone() -> None:
    """Of two that disagree nobody knows who is right; the first is left, and stays left."""
    chair = Chair("binance", "coinbase")
    chair.run(20)
    chair.prices["binance"] = 110.0

    assert chair.run(60) == ["coinbase"]


def test_patience_grows_with_a_symbols_rhythm_within_bounds() -> None:
    chair = Chair("binance")
    (candidate,) = chair.watch.candidates
    assert candidate.patience(NOON) == 30.0, "before any rhythm is known"
    seat = candidate.seat
    assert seat is not None
    seat.lane._counted = 1000
    assert candidate.patience(NOON + 100 * SECOND) == SOONEST
    assert candidate.patience(NOON + 2000 * SECOND) == pytest.approx(20.0)


def test_a_view_tells_who_serves_and_why() -> None:
    chair = Chair("binance", "coinbase")
    assert chair.watch.view(NOON).state is WatchState.WAITING
    chair.run(5)
    view = chair.watch.view(chair.now)
    assert (view.asked, view.symbol, view.source, view.state) == (
        "BTC",
        "BTC/USDT",
        "binance",
        WatchState.LIVE,
    )
    assert (view.reason, view.age_seconds) == ("", 0.0)

    chair.well.discard("binance")
    chair.run(15)
    view = chair.watch.view(chair.now)
    assert (view.symbol, view.state) == ("BTC/USD", WatchState.FALLBACK)
    assert view.reason == "binance is silent"

    chair.well.clear()
    chair.run(60)
    assert chair.watch.view(chair.now).state is WatchState.STALE


def test_a_watch_answers_for_its_market_only() -> None:
    chair = Chair("binance")

    assert chair.watch.answers(parse_symbol("BTC"))
    assert chair.watch.answers(parse_symbol("btcusdt"))
    assert not chair.watch.answers(parse_symbol("BTC/EUR"))
    assert not chair.watch.answers(parse_symbol("ETH"))
