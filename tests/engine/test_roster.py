"""The roster knows which alerts stand where, and wishes for exactly what they need."""

from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.demand import Demand
from crypto_portfolio_analyzer.engine.roster import Roster, is_growing
from crypto_portfolio_analyzer.engine.warming import Warming
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from tests.engine.facts import alert, standing
from tests.fakes import NOON, FakeClock


def rostered():
    clock = FakeClock()
    feeds = PriceFeedManager(clock=clock)
    judge = Judge(forming=lambda symbol, timeframe: None)
    demand = Demand(judge, feeds, Warming(feeds, None, clock), clock)
    return Roster(judge, demand), demand


def test_each_alert_counts_once_for_each_of_its_symbols():
    roster, demand = rostered()
    two = alert("two", symbols=("BTC/USDT", "ETH/USDT"))
    roster.arm(alert(), read_condition("price > 1"), ["BTC/USDT"], NOON)
    roster.arm(two, read_condition('"SOL/USDT".price > 1'), two.symbols, NOON)

    assert roster.counts == {"BTC/USDT": 2, "ETH/USDT": 1}
    assert roster.wished_by(two.id) == {"BTC/USDT", "ETH/USDT", "SOL/USDT"}
    assert sorted(demand.wished) == ["BTC/USDT", "ETH/USDT", "SOL/USDT"]

    roster.leave(two.id, "BTC/USDT", is_done=True)
    assert roster.held(two.id) == ["ETH/USDT"]
    roster.disarm(two.id)
    assert (roster.counts, demand.wished, list(roster.alerts)) == (
        {"BTC/USDT": 1},
        ["BTC/USDT"],
        [alert().id],
    )


def test_the_last_symbol_left_takes_the_alert_with_it():
    roster, demand = rostered()
    roster.arm(alert(), read_condition("price > 1"), ["BTC/USDT"], NOON)
    roster.leave(alert().id, "ETH/USDT", is_done=True)
    assert roster.counts == {"BTC/USDT": 1}
    roster.leave(alert().id, "BTC/USDT", is_done=True)

    assert (roster.alerts, roster.counts, demand.wished) == ({}, {}, [])


def test_what_an_alert_is_done_with_is_not_armed_again():
    roster, _ = rostered()
    made, growing = alert(), alert("all", symbols=("*",))
    done = {"BTC/USDT": standing(made, state=AlertState.DONE)}

    assert roster.arm(made, read_condition("price > 1"), ["BTC/USDT"], NOON, done) == []
    assert roster.alerts == {}
    roster.arm(growing, read_condition("price > 1"), ["BTC/USDT", "ETH/USDT"], NOON, done)
    roster.leave(growing.id, "ETH/USDT", is_done=True)
    roster.arm(growing, read_condition("price > 1"), ["BTC/USDT", "ETH/USDT", "SOL/USDT"], NOON)
    assert roster.held(growing.id) == ["SOL/USDT"]


def test_a_growing_alert_is_kept_though_it_has_no_symbol_yet():
    roster, _ = rostered()
    growing = alert("all", symbols=("*",))
    roster.arm(growing, read_condition("price > 1"), [], NOON)

    assert is_growing(growing)
    assert is_growing(alert(watchlist="majors", symbols=()))
    assert not is_growing(alert())
    assert list(roster.growing) == [growing.id]
