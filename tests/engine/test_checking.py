"""A draft is checked against what there is before anything is stored."""

import pytest

from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.engine.checking import Checking
from crypto_portfolio_analyzer.errors import Fault, InvalidCondition, InvalidFields
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from tests.engine.facts import alert
from tests.fakes import NOON


@pytest.fixture
def checking(store):
    feeds = PriceFeedManager()
    feeds.add_provider("binance", is_primary=True)
    return Checking(store, feeds, quota=2, unbound=("admin",))


def draft(**fields):
    return AlertDraft(**{"name": "a", "condition": "PRICE > 5k", "symbols": ("btcusdt",), **fields})


async def test_symbols_timeframes_and_conditions_become_canonical(checking):
    faults: list[Fault] = []
    fields = await checking.fields("me", draft(timeframe="60m"), "", faults)

    assert faults == []
    assert (fields["symbols"], fields["timeframe"]) == (("BTC/USDT",), "1h")
    assert fields["condition"].startswith("price > 5")


async def test_every_fault_is_told_with_its_path(checking):
    faults: list[Fault] = []
    await checking.fields(
        "me", draft(symbols=("what?",), watchlist="none", condition="price >"), "alerts[2].", faults
    )
    await checking.fields("me", draft(symbols=(), timeframe="7m"), "alerts[3].", faults)

    assert [fault.path for fault in faults] == [
        *("alerts[2].symbol", "alerts[2].watchlist", "alerts[2].condition"),
        *("alerts[3].symbol", "alerts[3].timeframe"),
    ]


async def test_names_in_a_message_are_checked_when_it_is_saved(checking):
    faults: list[Fault] = []
    message = '{{tickr}} {{plot("prise")}} {{plot("price")}} {{strategy.order.action}} {{close'
    await checking.fields("me", draft(message=message), "", faults)

    assert [fault.path for fault in faults] == ["message"] * 4
    problems = [fault.problem for fault in faults]
    assert "at character 1: unknown name 'tickr'; did you mean 'ticker'?" in problems
    assert "at character 11: unknown value 'prise'; did you mean 'price'?" in problems
    assert "no strategy here" in problems[2]
    assert "not closed" in problems[3]


async def test_values_in_a_message_wait_for_a_condition_that_can_be_read(checking):
    faults: list[Fault] = []
    await checking.fields("me", draft(condition="price >", message='{{plot("x")}} {{nothing}}'), "a.", faults)

    assert [fault.path for fault in faults] == ["a.condition", "a.message"]


async def test_a_condition_without_a_path_is_shown_with_its_place(checking):
    with pytest.raises(InvalidCondition):
        await checking.fields("me", draft(condition="price >"), "", [])


async def test_a_quota_binds_everybody_but_the_unbound(checking, store):
    await store.create([alert()], NOON, "me")

    await checking.keep_quota("me", 1)
    await checking.keep_quota("admin", 1000)
    with pytest.raises(InvalidFields, match="1 alerts exist and 2 more"):
        await checking.keep_quota("me", 2)
