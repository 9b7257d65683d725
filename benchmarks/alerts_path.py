"""Socket → decoded → ordered, gated, covered → bar → judged against many rules, beside none and cryptofeed.

Each rule is an alert of its own, `price crosses above X` or `below X` within half of the price; the receiver is the
alert engine's own path up to the decision. Frames per CPU-second of the receiving process, sides in turns.
usage: alerts_path.py [rounds] [symbols] [rules]        (PEER_PYTHON names an interpreter with cryptofeed)
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from socket_path import FRAMES, ours, receive, sent

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.judging.docket import Scope
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.following import Following
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market

SIDES = ("cryptofeed", "no rule", "rules")
HERE = Path(__file__).parent


def follow(symbols: int, rules: int) -> object:
    """Return what lets a judge with so many rules follow a bus; every symbol is followed, even without a rule."""
    from frames import Walk
    from frames import symbols as names
    from rules import alerts, arm, plans

    from crypto_portfolio_analyzer.core.conditions.tree import Direction
    from crypto_portfolio_analyzer.core.market import Trade
    from crypto_portfolio_analyzer.exchanges.binance import Binance

    clock = SystemClock()
    now = clock.now()
    decode = Binance().decoder().decode
    firsts = [fact for frame in Walk(names(symbols)).first_trades() for fact in decode(frame, now)]
    trades = [fact for fact in firsts if isinstance(fact, Trade)]
    judge = Judge(forming=lambda _symbol, _timeframe: None)
    arm(judge, alerts(symbols), [(trade.symbol, 1e14, Direction.UP) for trade in trades], now)
    if rules:
        arm(judge, alerts(rules), list(plans(trades, rules // symbols)), now)

    def decided() -> None:
        judge.take(Scope.DECIDED)

    def attach(market: Market, bus: StreamEventBus) -> None:
        Following(judge, market, {}, bus, clock, decided).begin()

    return attach


def measure(side: str, symbols: int, rules: int) -> float:
    """Return the frames per CPU-second of one side."""
    if side == "cryptofeed":
        return FRAMES / receive(side, symbols)["cpu"]
    count = rules if side == "rules" else 0
    sender, port = sent(symbols)
    command = [sys.executable, __file__, "receive", port, str(symbols), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sender.wait()
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout)
    assert result["count"] == FRAMES, result
    return FRAMES / result["cpu"]


def main() -> None:
    """Interleave the sides and print medians and ratios."""
    if sys.argv[1:2] == ["receive"]:
        import uvloop

        port, symbols, rules = (int(each) for each in sys.argv[2:5])
        attach = follow(symbols, rules)
        os.sched_setaffinity(0, {1})
        print(json.dumps(uvloop.run(ours(port, symbols, attach))))
        return
    given = [int(each) for each in sys.argv[1:]]
    rounds, symbols, rules = [*given, *(9, 1_000, 1_000_000)[len(given) :]]
    print(
        f"socket → judged: {rules:,} rules over {symbols:,} symbols, {FRAMES:,} frames, {rounds} interleaved rounds"
    )
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side, found in rates.items():
            found.append(measure(side, symbols, rules))
    for side, found in rates.items():
        median = statistics.median(found)
        print(f"  {side:12} {median:12,.0f} a second   {1e9 / median:8,.0f} ns a frame")
    for name, side, other, aim in (
        ("against cryptofeed's empty callback", "rules", "cryptofeed", "aim 4, floor 3"),
        ("cost of the rules", "no rule", "rules", "aim at most 1.25"),
    ):
        ratios = [one / two for one, two in zip(rates[side], rates[other], strict=True)]
        print(
            f"  {name}: {statistics.median(ratios):.2f} (pairs {min(ratios):.2f} to {max(ratios):.2f}); {aim}"
        )


if __name__ == "__main__":
    main()
