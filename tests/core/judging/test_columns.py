"""The columns of all subjects."""

from math import inf

from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.timers import NEVER
from tests.core.judging.scene import BTC, ETH, trade


def test_new_row_is_quiet_and_knows_nothing():
    columns = Columns()
    number = columns.add(BTC)

    assert (columns.low[number], columns.high[number], columns.due[number]) == (-inf, inf, NEVER)
    assert columns.last[number] is None


def test_row_that_is_given_back_is_used_again_and_remembers_nothing():
    columns = Columns()
    number = columns.add(BTC)
    columns.last[number] = trade(1, 99)
    columns.drop(BTC)

    assert columns.add(ETH) == number
    assert columns.last[number] is None
    assert columns.numbers == {ETH: number}


def test_newest_trades_of_touched_rows_are_told_once():
    columns = Columns()
    number = columns.add(BTC)
    columns.add(ETH)
    columns.last[number] = trade(1, 99)
    columns.touched.append(number)
    columns.is_touched[number] = 1

    assert columns.take_touched() == [trade(1, 99)]
    assert columns.take_touched() == []
    assert not columns.is_touched[number]


def test_some_are_taken_alone_and_told_again_only_when_touched_again():
    columns = Columns()
    for symbol in (BTC, ETH):
        number = columns.add(symbol)
        columns.last[number] = trade(1, 99, symbol=symbol)
        columns.touched.append(number)
        columns.is_touched[number] = 1

    assert columns.take_touched_of([BTC, "DOGE/USDT"]) == [trade(1, 99)]
    assert columns.take_touched_of([BTC]) == []
    assert columns.take_touched(kept={ETH}) == []
    assert columns.take_touched() == [trade(1, 99, symbol=ETH)]
