"""The judge against the oracle: the same firings, none missing and none extra."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Alert, Trigger
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar, Side, Trade
from crypto_portfolio_analyzer.core.rollup import RollUp
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from tests.oracle.oracle import Fired, Rule, Run
from tests.oracle.past import Past
from tests.oracle.rules import FRAMES, Maker
from tests.oracle.tape import SYMBOL, Print, candles, tape

TAPES = {"busy": Past(tape(1)), "quiet": Past(tape(2, quiet=0.3)), "dense": Past(tape(3, 40, 60.0))}


def alert_of(rule: Rule, condition: str, timeframe: str) -> Alert:
    return Alert(
        id="a", number=1, owner="o", name="rule", symbols=(SYMBOL,), condition=condition, timeframe=timeframe,
        trigger=Trigger(rule.trigger), cooldown=rule.cooldown, fresh=rule.fresh, max_triggers=rule.max_triggers,
    )  # fmt: skip


WATERMARK_LAG = 2_000_000_000


def facts(prints: list[Print]) -> list[Trade | Bar]:
    """The tape as the judge hears it: a bar comes with the first trade after its end, at the latest 2 s after it."""
    minutes = iter(candles(prints, MINUTE))
    rolls, told = RollUp(SYMBOL, FRAMES), list[Trade | Bar]()
    bar = next(minutes, None)
    for each in prints:
        while bar is not None and bar.close_at <= each.at:
            received_at = min(each.at, bar.close_at + WATERMARK_LAG)
            closed = Bar(
                "binance", SYMBOL, "1m", bar.open_at, bar.close_at, bar.open, bar.high, bar.low, bar.close,
                bar.volume, True, received_at,
            )  # fmt: skip
            told += [closed, *rolls.append(closed)]
            bar = next(minutes, None)
        side: Side = "buy" if each.is_buy else "sell"
        told.append(Trade("binance", SYMBOL, each.price, each.quantity, side, each.number, each.at, each.at))
    return told


def judged(rule: Rule, condition: str, timeframe: str, tape_facts: list[Trade | Bar]) -> list[Fired]:
    """What the judge fires."""
    judge = Judge(forming=lambda _symbol, _timeframe: None, settle=False, columnar=False)
    start = tape_facts[0].received_at
    alert = alert_of(rule, condition, timeframe)
    judge.arm(alert, read_condition(condition, timeframe), SYMBOL, None, start)
    for name in judge.demands()[SYMBOL].history:
        judge.seed(SYMBOL, name, [], start)
    fired = []
    for fact in tape_facts:
        judge.advance(fact.received_at)
        if isinstance(fact, Bar):
            judge.bar(fact)
        else:
            judge.trade(fact)
        fired += [each.firing for each in judge.take().decisions if each.firing is not None]
    return [Fired(each.event_at, each.price) for each in fired]


def differences(seeds: range, name: str) -> list[str]:
    past = TAPES[name]
    told = facts(past.prints)
    level = past.prints[len(past.prints) // 2].price
    found = []
    for seed in seeds:
        rule, condition, timeframe = Maker(seed, level).rule()
        wanted, had = Run(rule, past).firings(), judged(rule, condition, timeframe, told)
        if wanted != had:
            missing, extra = sorted(set(wanted) - set(had)), sorted(set(had) - set(wanted))
            found.append(f"{seed}: {condition!r} on {timeframe}, {rule}: missing {missing}, extra {extra}")
    return found


@pytest.mark.parametrize("name", TAPES)
def test_random_rules_fire_as_the_oracle_says(name: str) -> None:
    assert differences(range(40), name) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", TAPES)
def test_a_thousand_random_rules_fire_as_the_oracle_says(name: str) -> None:
    assert differences(range(1000), name) == []


def test_the_oracle_has_something_to_say() -> None:
    past = TAPES["busy"]
    level = past.prints[len(past.prints) // 2].price
    counts = [len(Run(Maker(seed, level).rule()[0], past).firings()) for seed in range(40)]

    assert sum(count > 0 for count in counts) > 25
