"""Decode + normalise: nanoseconds of CPU from bytes to a fact, against the peers' handlers on the same frames.

usage: decoding.py        (PEER_PYTHON names an interpreter with cryptofeed and ccxt)
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
COUNT, ROUNDS = 20_000, 9


def ours(frames: Iterable[bytes]) -> float:
    """Return the median ns a frame of our decoder, every fact's fields read."""
    from crypto_portfolio_analyzer.exchanges.binance import Binance

    decode = Binance().decoder().decode
    messages, times, now = list(frames), [], time.time_ns()
    for _ in range(ROUNDS + 1):
        begin = time.process_time_ns()
        for message in messages:
            for fact in decode(message, now):
                fact.symbol  # noqa: B018  # a handler would read it
        times.append((time.process_time_ns() - begin) / len(messages))
    return statistics.median(times[1:])


def peer(name: str) -> dict[str, float]:
    """Return a peer's ns a frame by kind."""
    done = subprocess.run(
        [os.environ["PEER_PYTHON"], HERE / "peer.py", "decode", name],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Print our figures, theirs, and the ratios."""
    os.sched_setaffinity(0, {1})
    from frames import Walk, symbols

    walk = Walk(symbols(1000))
    mine = {"trade": ours(walk.aggregate_trades(COUNT)), "quote": ours(walk.book_tickers(COUNT))}
    print("decode + normalise, ns of CPU a frame, 1,000 symbols")
    print(f"  {'ours':12} trade {mine['trade']:8,.0f}   quote {mine['quote']:8,.0f}")
    for name, aim in (("cryptofeed", 6), ("ccxt", 40)):
        theirs = peer(name)
        ratios = "   ".join(
            f"{kind} {theirs[kind]:8,.0f} ({theirs[kind] / mine[kind]:.1f}x)" for kind in mine
        )
        print(f"  {name:12} {ratios}   aim {aim}x")


if __name__ == "__main__":
    main()
