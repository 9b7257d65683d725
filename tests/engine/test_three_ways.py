"""Three ways to the same firings: a recording replayed, its facts heard live, and a back-test over its bars."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from crypto_portfolio_analyzer.core.alerts import Alert, AlertDraft, Firing, Trigger
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar, Trade
from crypto_portfolio_analyzer.engine.backtesting import backtest
from crypto_portfolio_analyzer.engine.following import Following
from crypto_portfolio_analyzer.engine.replaying import ReplayedAlerts
from crypto_portfolio_analyzer.exchanges.recordings import Record, RecordKind, write_header, write_record
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.replay import TapeClock, replay
from tests.fakes import MINUTE, settle
from tests.oracle.rules import Maker, Told
from tests.oracle.tape import START, SYMBOL, Print, tape

RULES = 40


class Fired(NamedTuple):
    """What all three must agree on."""

    at: int
    price: float
    values: tuple[tuple[str, float | None], ...]


class BarMaker(Maker):
    """Makes rules over closed bars only; `timed` ones with spans of time, which end between closes, too."""

    def __init__(self, seed: int, level: float, *, timed: bool) -> None:
        super().__init__(seed, level)
        self.timed = timed

    def value(self) -> Told:
        return self.bar_value()

    def _move(self) -> Told:
        return self.level_question()

    def draft(self, number: int) -> AlertDraft:
        """Return a rule as somebody would ask it."""
        tree, text = self.question(self.chance.choice([0, 1, 1, 2]))
        return AlertDraft(
            name=f"{number}",
            symbols=(SYMBOL,),
            condition=text,
            timeframe=self.chance.choice(["1m", "5m", "15m"]),
            trigger=self.chance.choice([Trigger.EVERY_TIME, Trigger.ONCE_PER_BAR_CLOSE, Trigger.ONCE]),
            cooldown=self.chance.choice([0, 0, 10 * MINUTE]),
            fresh=tree[0] == "and",
        )


def frame(each: Print, number: int) -> Record:
    """Return a trade as Binance sends it, received at once."""
    milliseconds = each.at // 10**6
    data = {
        "e": "aggTrade", "E": milliseconds, "s": SYMBOL.replace("/", ""), "a": number, "p": f"{each.price:.8f}",
        "q": f"{each.quantity:.8f}", "f": number, "l": number, "T": milliseconds, "m": not each.is_buy, "M": True,
    }  # fmt: skip
    raw = json.dumps({"stream": "btcusdt@aggTrade", "data": data}).encode()
    return Record(RecordKind.RECEIVED, each.at, "1", raw)


def recorded(path: Path, prints: Sequence[Print]) -> Path:
    """Write a recording of trades."""
    frames = [write_record(frame(each, 1000 + number)) for number, each in enumerate(prints)]
    opened = write_record(Record(RecordKind.OPENED, START, "1", url="wss://stream.binance.com:9443/stream"))
    path.write_bytes(b"".join([write_header("binance", "", "test"), opened, *frames]))
    return path


async def replayed(
    path: Path, drafts: Sequence[AlertDraft]
) -> tuple[dict[str, list[Fired]], list[Trade], list[Bar]]:
    """Return what fired in a replay, and the trades and closed minutes that went through it."""
    trades: list[Trade] = []
    bars: list[Bar] = []
    bus = StreamEventBus()
    bus.attach(trades.append, (Trade,))
    bus.attach(lambda bar: bars.append(bar) if bar.closed and bar.timeframe == "1m" else None, (Bar,))
    alerts = ReplayedAlerts(drafts, "binance")
    await replay([path], bus=bus, listener=alerts)
    alerts.finish()
    fired: dict[str, list[Fired]] = {each.name: [] for each in drafts}
    for each in alerts.firings:
        fired[each.name].append(fired_of(each.firing))
    return fired, trades, bars


async def heard_live(trades: Sequence[Trade], drafts: Sequence[AlertDraft]) -> dict[str, list[Fired]]:
    """Return what fires when the trades come over the bus one by one, the market building the bars, in columns."""
    clock = TapeClock()
    clock.at = START
    bus = StreamEventBus(clock=clock)
    market = Market(clock=clock, bus=bus)
    judge = Judge(forming=lambda _symbol, _timeframe: None, settle=False)
    fired: dict[str, list[Fired]] = {each.name: [] for each in drafts}

    def take() -> None:
        for decision in judge.take().decisions:
            if decision.firing is not None:
                fired[decision.firing.alert_id].append(fired_of(decision.firing))

    for number, draft in enumerate(drafts):
        alert = Alert(
            id=draft.name, number=number, owner="me", name=draft.name, symbols=(SYMBOL,), condition=draft.condition,
            timeframe=draft.timeframe, trigger=draft.trigger, cooldown=draft.cooldown, fresh=draft.fresh,
        )  # fmt: skip
        judge.arm(alert, read_condition(draft.condition, draft.timeframe), SYMBOL, None, START)
    entry = market.entry(SYMBOL)
    entry.serve("binance")
    entry.is_covered = True
    for timeframe in judge.demands()[SYMBOL].history:
        entry.rolls.want(timeframe)
        judge.seed(SYMBOL, timeframe, [], START)
    following = Following(judge, market, {}, bus, clock, take)
    following.begin()
    for trade in trades:
        clock.at = trade.received_at
        market.advance(clock.at)
        entry.trade(trade)
        bus.emit(trade)
        await settle(2)
    following.end()
    return fired


def looked_back(bars: Sequence[Bar], draft: AlertDraft) -> list[Fired]:
    """Return what would have fired over the bars."""
    result = backtest(
        read_condition(draft.condition, draft.timeframe),
        bars,
        trigger=draft.trigger,
        cooldown=draft.cooldown,
        fresh=draft.fresh,
    )
    return [Fired(each.event_at, each.price, tuple(sorted(each.values.items()))) for each in result.firings]


def fired_of(firing: Firing) -> Fired:
    return Fired(firing.event_at, firing.price, tuple(sorted(firing.evidence.values.items())))


async def differences(folder: Path, seed: int, *, quiet: float, timed: bool) -> tuple[list[str], int]:
    """Return which rules do not fire alike three ways, and how many fire at all."""
    prints = tape(seed, 120, 6.0, quiet=quiet)
    level = prints[len(prints) // 2].price
    drafts = [BarMaker(1000 * seed + number, level, timed=timed).draft(number) for number in range(RULES)]
    fired, trades, bars = await replayed(recorded(folder / f"{seed}.jsonl", prints), drafts)
    live = await heard_live(trades, drafts)
    found = []
    for draft in drafts:
        heard, past = live[draft.name], looked_back(bars, draft)
        assert all(each.price > 0 for each in past)
        if timed:  # between closes bars tell the last close only, trades the last price
            heard, past = ([each._replace(price=0.0) for each in told] for told in (heard, past))
        if fired[draft.name] != live[draft.name] or heard != past:
            counts = len(fired[draft.name]), len(heard), len(past)
            found.append(
                f"{draft.condition!r} on {draft.timeframe} {draft.trigger} {draft.cooldown}: {counts}"
            )
    return found, sum(bool(each) for each in fired.values())


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize(("seed", "quiet"), [(1, 0.0), (2, 0.3)])
async def test_a_rule_over_bars_fires_alike_replayed_live_and_looked_back_at(tmp_path, seed, quiet, timed):
    found, firing = await differences(tmp_path, seed, quiet=quiet, timed=timed)

    assert found == []
    assert firing > RULES // 2, "most rules have something to say"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 50))
async def test_three_thousand_rules_over_bars_fire_alike(tmp_path, seed):
    for timed in (False, True):
        found, _ = await differences(tmp_path, seed, quiet=seed % 4 / 10, timed=timed)
        assert found == []
