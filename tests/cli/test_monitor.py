"""The monitor: a table on a terminal, a line per change elsewhere."""

import io
import re

import pytest

from crypto_portfolio_analyzer.cli.monitor import ORDERS, Monitor
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from tests.fakes import FakeClock, trade


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def feeds():
    made = PriceFeedManager(clock=FakeClock())
    made.add_provider("mock", is_primary=True)
    return made


def monitor(feeds, out, **options):
    output = Output(stdout=out, stderr=io.StringIO(), as_json=options.pop("as_json", False))
    return Monitor(feeds, output, refresh=0.01, duration=options.pop("duration", 0.0), language="en")


def test_the_head_tells_who_delivers_how_much_and_when(feeds):
    feeds.want("BTC")

    head = monitor(feeds, io.StringIO()).head()

    assert head.startswith("mock · 1 streams · 0 msg/s · p50 – p99 –")
    assert head.endswith("12:00:00 UTC")


def test_the_head_says_first_that_prices_are_simulated(feeds):
    feeds.market.simulated = True
    feeds.want("BTC")
    feeds.market.entry("BTC/USDT").trade(trade())

    assert monitor(feeds, io.StringIO()).head().startswith("SIMULATED · ")


async def test_a_line_is_printed_only_when_something_changed(feeds):
    out = io.StringIO()
    feeds.want("BTC")
    shown = monitor(feeds, out)
    entry = feeds.market.entry("BTC/USDT")

    for price in (100.0, 100.0, 101.0):
        entry.trade(trade(price=price))
        shown._print_changes()

    assert [re.split(r"\s{2,}", line)[2] for line in out.getvalue().splitlines()] == ["100.00", "101.00"]


async def test_a_terminal_gets_a_table_with_a_row_per_symbol(feeds, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    feeds.want("BTC")
    feeds.want("ETH")
    feeds.market.entry("BTC/USDT").trade(trade(price=65012.4))
    from rich.console import Console

    text = monitor(feeds, Terminal())._drawing(Console(width=120)).plain

    assert "q quit  s sort" in text
    assert "BTC/USDT  65,012.40" in text
    assert "waiting for the first price" in text


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_rows_never_wrap(feeds, width):
    feeds.want("BTC")
    feeds.market.entry("BTC/USDT").trade(trade(price=65012.4))
    from rich.console import Console

    text = monitor(feeds, Terminal())._drawing(Console(width=width)).plain

    assert all(len(line) <= width for line in text.splitlines())


async def test_s_changes_the_order(feeds):
    for name, price in (("BTC", 1.0), ("ADA", 2.0)):
        feeds.want(name)
        feeds.market.entry(f"{name}/USDT").trade(trade(price=price, symbol=f"{name}/USDT"))
    from rich.console import Console

    shown = monitor(feeds, Terminal())
    for _ in range(len(ORDERS) - 1):
        shown._next_order()
    text = shown._drawing(Console(width=120)).plain

    assert "by name" in text
    assert text.index("ADA/USDT") < text.index("BTC/USDT")


async def test_symbols_that_no_venue_has_end_it(feeds):
    from crypto_portfolio_analyzer.core.market import Instrument

    feeds.want("BTCC")
    feeds.market.learn([Instrument("mock", "BTC/USDT", "BTCUSDT", "BTC", "USDT")])

    with pytest.raises(UnknownName, match="did you mean 'BTC'"):
        await monitor(feeds, io.StringIO(), duration=5.0).run()


async def test_without_symbols_the_table_says_how_to_give_some(feeds):
    from rich.console import Console

    feeds.want("BTC")
    feeds.release("BTC")

    assert "--symbols BTC,ETH" in monitor(feeds, Terminal())._drawing(Console(width=120)).plain
