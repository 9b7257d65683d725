"""The last step: where a condition cannot be read, in a window around the fault."""

import pytest

from crypto_portfolio_analyzer.bot.reviewing import WINDOW, marked
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.errors import InvalidCondition


@pytest.mark.parametrize("before", ["", "price > 1 and " * 5, "price > 1 and " * 15])
def test_the_marks_stand_below_the_fault(before):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(f"{before}price crosses abov 50000 and price\t<\n2")

    line, marks, problem = marked(caught.value).split("\n")

    assert line[marks.index("^") : marks.index("^") + 4] == "abov"
    assert len(line) <= WINDOW
    assert len(marks) <= WINDOW
    assert problem.startswith("unknown word 'abov'")


async def test_a_condition_of_other_symbols_is_made_too_and_cautions_are_said(house):
    anna = await house.linked("Anna")

    message = await house.said(anna, "/new BTC price == 65000")

    assert "△ " in message.text


async def test_what_the_engine_refuses_is_said_and_nothing_is_made(house):
    bert = await house.linked("Bert", "bert")
    house.app.alerts._checking._quota = 0

    message = await house.said(bert, "/new BTC price > 70000")
    await house.pressed(bert, "✓ Create", message)

    assert message.text.startswith("That cannot be saved: 0 alerts exist and 1 more would be over the limit")
    assert await house.app.alert_store.of_owner("bert") == []
