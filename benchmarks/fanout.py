"""Prices to many WebSocket clients: our hub beside a plain FastAPI broadcast of the same data, in the same run.

Both servers make the same number of new prices of the same symbols a second and say each to everybody; each runs on
core 0, what reads on core 1. The reader lets the kernel throw away what it has counted (`MSG_TRUNC`), so that it is
never the bottleneck; of a few clients it reads the bytes: they tell how many prices a byte is, and how old. A
price is the instant it was made (CLOCK_MONOTONIC, the same for all processes).
usage: fanout.py [clients] [symbols] [seconds] [rounds]
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
CLIENTS, SYMBOLS, SECONDS, ROUNDS = 1000, 500, 5.0, 3
STALLED = 10
CALM_CLIENTS, CALM_RATE, CALM_SECONDS = 200, 2.0, 12.0
"""The load beside which stalled clients are looked at: one that leaves room."""
FULL_RATE = 20.0
"""New prices of a symbol a second: more than anybody can tell everybody."""
PACED_SYMBOLS, PACED_RATE = 50, 0.5
"""A market that the plain server can still tell everybody of."""


class Child:
    """A process of ours that answers lines with JSON lines."""

    def __init__(self, core: int, script: str, *arguments: object) -> None:
        command = [sys.executable, str(HERE / script), *map(str, arguments)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        os.sched_setaffinity(self._process.pid, {core})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asking, self._told = self._process.stdin, self._process.stdout

    def hear(self) -> dict[str, Any]:
        """Return what it says next."""
        line = self._told.readline()
        if not line:
            message = f"the process ended with {self._process.wait()}"
            raise RuntimeError(message)
        told: dict[str, Any] = json.loads(line)
        return told

    def ask(self) -> dict[str, Any]:
        """Return how it does."""
        self._asking.write("\n")
        self._asking.flush()
        return self.hear()

    def end(self) -> None:
        """Let it go."""
        self._asking.close()
        self._process.wait()
        self._told.close()


def measured(
    kind: str, form: str, *, clients: int, symbols: int, rate: float, seconds: float, stalled: int = 0
) -> dict[str, Any]:
    """Run one server with one crowd; return rates, ages in ms and what a price costs."""
    server = Child(0, "fanout_server.py", kind, symbols, rate)
    at = server.hear()
    reader = Child(1, "fanout_reader.py", at["port"], at["token"], form, clients, stalled, seconds)
    reader.hear()
    server.ask()
    reader.ask()
    before = server.ask()
    told = reader.hear()
    after = server.ask()
    reader.end()
    server.end()
    cpu, wall = after["cpu"] - before["cpu"], after["at"] - before["at"]
    return {
        "rate": told["prices"] / told["seconds"],
        "per_cpu": told["prices"] / cpu / (told["seconds"] / wall),
        "p50": told["p50"],
        "p99": told["p99"],
        "busy": cpu / wall,
        "reader": told["busy"],
        "bytes": told["bytes"] / told["prices"],
        "buffered": after["buffered"],
        "closed": after["closed"],
    }


def medians(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each figure."""
    return {key: median(each[key] for each in rounds) for key in rounds[0] if key != "closed"}


SCENES = {
    "batch frames": ("ours", "batch"),
    "batch frames, 5 a second": ("ours", "paced"),
    "one-object frames": ("ours", "single"),
    "plain FastAPI": ("plain", "plain"),
}


def crowd(clients: int, symbols: int, rate: float, seconds: float, rounds: int) -> float:
    """Print every scene; return how many times as many prices as the plain server batches of 5 a second deliver."""
    print(
        f"{clients:,} clients, {symbols:,} symbols, {rate:g} prices a second of each, "
        f"{seconds:.0f} s, medians of {rounds} rounds"
    )
    print(
        f"  {'':32} {'delivered/s':>12} {'per CPU s':>11} {'x plain':>8} {'p50 ms':>8} {'p99 ms':>8}"
        f" {'server':>7} {'reader':>7} {'bytes':>6}"
    )
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in SCENES}
    for _ in range(rounds):
        for name, (kind, form) in SCENES.items():
            told[name].append(
                measured(kind, form, clients=clients, symbols=symbols, rate=rate, seconds=seconds)
            )
    shown = {name: medians(each) for name, each in told.items()}
    plain = shown["plain FastAPI"]
    for name, each in shown.items():
        print(
            f"  {name:32} {each['rate']:12,.0f} {each['per_cpu']:11,.0f} {each['rate'] / plain['rate']:8.2f}"
            f" {each['p50']:8.1f} {each['p99']:8.1f} {each['busy']:7.0%} {each['reader']:7.0%} {each['bytes']:6.0f}"
        )
    return float(shown["batch frames, 5 a second"]["rate"] / plain["rate"])


def neighbours(symbols: int, rounds: int) -> float:
    """Print what stalled clients do to the others; return by how much these are told later (p99)."""
    alone: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    for _ in range(rounds):
        for stalled, found in ((0, alone), (STALLED, beside)):
            found.append(
                measured(
                    "ours",
                    "batch",
                    clients=CALM_CLIENTS,
                    symbols=symbols,
                    rate=CALM_RATE,
                    seconds=CALM_SECONDS,
                    stalled=stalled,
                )
            )
    one, other = median(each["p99"] for each in alone), median(each["p99"] for each in beside)
    print(f"{CALM_CLIENTS} clients that read, {STALLED} that never do, {CALM_SECONDS:.0f} s, {rounds} rounds")
    print(f"  p99 of those who read: {one:.1f} ms alone, {other:.1f} ms beside ({other / one - 1:+.1%})")
    print(f"  most unsent of one client: {max(each['buffered'] for each in beside):,} bytes")
    print(f"  closed as slow: {[each['closed'].get('slow', 0) for each in beside]}")
    return float(other / one - 1)


def main() -> None:
    """Measure and print; exit 1 below the floors."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else CLIENTS
    symbols = int(sys.argv[2]) if len(sys.argv) > 2 else SYMBOLS
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else SECONDS
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else ROUNDS
    ratio = crowd(clients, symbols, FULL_RATE, seconds, rounds)
    crowd(clients, PACED_SYMBOLS, PACED_RATE, seconds, rounds)
    later = neighbours(symbols, rounds)
    sys.exit(0 if ratio >= 5 and later <= 0.10 else 1)


if __name__ == "__main__":
    main()
