"""Applying a plan: all of it or nothing."""

import pytest

from crypto_portfolio_analyzer.cli.alert_plans import apply, drafts_of, planned, told_difference
from crypto_portfolio_analyzer.cli.failures import Failed
from tests.cli.shelf import shelf
from tests.fakes import NOON

FILE = """\
version: 1
alerts:
  - {name: first, symbol: BTC, condition: price > 5}
  - {name: changed, symbol: BTC, condition: price > 9}
  - {name: last, symbol: BTC, condition: price > 7}
"""


async def test_a_refused_step_takes_those_before_it_back(tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text(FILE)
    async with shelf(tmp_path) as kept:
        changed = kept.put(name="changed")
        gone = kept.put(name="gone")
        kept.refused.add("last")
        steps = await planned(kept.client, drafts_of(file, NOON), kept.settings, prune=False)
        with pytest.raises(Failed, match=r"last: .*nothing was changed") as caught:
            await apply(kept.client, steps)

    assert caught.value.problem.where == ("symbol: is unknown; write BTC",)
    assert sorted(each["name"] for each in kept.alerts.values()) == ["changed", "gone"]
    assert kept.alerts[changed["id"]]["condition"] == "price > 1"
    assert kept.alerts[gone["id"]]["name"] == "gone"


async def test_the_past_is_told_for_one_symbol_only(tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text(FILE.replace("symbol: BTC, condition: price > 7", 'symbol: "*", condition: price > 7'))
    async with shelf(tmp_path) as kept:
        kept.put(name="changed", condition="price > 12345")
        steps = await planned(kept.client, drafts_of(file, NOON), kept.settings, prune=False)
        told = [await told_difference(kept.client, step, 30) for step in steps]

    assert told == [(None, len("price > 5")), (len("price > 12345"), len("price > 9")), (None, None)]
