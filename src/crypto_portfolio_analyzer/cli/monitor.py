"""The live table of `stream monitor`: redrawn on a terminal, a line per change elsewhere."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

from crypto_portfolio_analyzer.cli.feeds import unknown_symbol
from crypto_portfolio_analyzer.cli.keys import pressed
from crypto_portfolio_analyzer.cli.output import Output, table_lines
from crypto_portfolio_analyzer.cli.prices import COLUMNS, Priced, Writer, look
from crypto_portfolio_analyzer.cli.simulated import LABEL
from crypto_portfolio_analyzer.core.formats import Language, count, duration
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.views import WatchState

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

ORDERS: tuple[tuple[str, Callable[[Priced], object] | None], ...] = (
    ("as asked", None),
    ("by change", lambda priced: -priced.change),
    ("by volume", lambda priced: -priced.turnover),
    ("by name", lambda priced: priced.watch.symbol),
)


class Monitor:
    """Shows the watched symbols every `refresh` seconds until `duration` is over, or for ever."""

    def __init__(
        self,
        feeds: PriceFeedManager,
        output: Output,
        *,
        refresh: float,
        duration: float | None,
        language: Language,
    ) -> None:
        self._feeds, self._output = feeds, output
        self._refresh, self._duration = refresh, duration
        self._writer = Writer(language)
        self._order = 0
        self._shown: dict[str, object] = {}
        self._facts = 0
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Show prices; raises UnknownName as soon as the venues disown a symbol."""
        show = self._table() if self._output.is_terminal and not self._output.as_json else self._lines()
        with show as draw, pressed({"q": self._over.set, "s": self._next_order}):
            began = self._feeds.clock.monotonic()
            until = inf if self._duration is None else began + self._duration
            while not self._over.is_set() and self._feeds.clock.monotonic() < until:
                unknown = unknown_symbol(self._feeds, since=began)
                if unknown is not None:
                    raise unknown
                draw()
                await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._over.wait(), self._refresh)
        except TimeoutError:
            return

    def _next_order(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)

    # --- lines --------------------------------------------------------------------------------------------

    @contextmanager
    def _lines(self) -> Iterator[Callable[[], None]]:
        if not self._output.as_json:
            self._output.note(self.head())
        yield self._print_changes

    def _print_changes(self) -> None:
        now = self._feeds.clock.now()
        for priced in look(self._feeds, now):
            latest = priced.latest
            mark = (latest.price, latest.source, priced.is_stale) if latest else priced.watch.state
            if self._shown.get(priced.watch.asked) == mark:
                continue
            self._shown[priced.watch.asked] = mark
            if mark is WatchState.WAITING:
                self._output.note(self._writer.line(priced, now))
            elif self._output.as_json:
                self._output.line(priced.document())
            else:
                self._output.say(self._writer.line(priced, now))
                self._output.flush()

    # --- table --------------------------------------------------------------------------------------------

    @contextmanager
    def _table(self) -> Iterator[Callable[[], None]]:
        from rich.console import Console
        from rich.live import Live

        console = Console(highlight=False, soft_wrap=False)
        with Live(console=console, auto_refresh=False, transient=False, vertical_overflow="crop") as live:
            yield lambda: live.update(self._drawing(console), refresh=True)

    def _drawing(self, console: "Console") -> "Text":
        from rich.text import Text

        now = self._feeds.clock.now()
        rows = look(self._feeds, now)
        order = ORDERS[self._order][1]
        if order is not None:
            rows.sort(key=order)  # type: ignore[arg-type]  # each order yields values of one kind
        lines = table_lines(COLUMNS, [self._writer.row(priced) for priced in rows], console.width)
        text = Text(
            f"{self.head()}   q quit  s sort ({ORDERS[self._order][0]})"[: console.width], no_wrap=True
        )
        text.append("\n" + "\n".join(lines if rows else ["no symbols; give some with --symbols BTC,ETH"]))
        text.highlight_regex(r"▲ \S+", "green")
        text.highlight_regex(r"▼ \S+", "red")
        text.highlight_regex(rf"{LABEL}|\bSIM\b", "magenta")
        text.highlight_regex(r"\b(stale|refused|waiting|fallback|polled)\b.*", "yellow")
        return text

    def head(self) -> str:
        """Return who delivers, how much and how fast; what is simulated says so first."""
        feeds = self._feeds.health()
        facts = sum(feed.facts for feed in feeds)
        rate, self._facts = (facts - self._facts) / self._refresh, facts
        first = feeds[0]
        latency = self._feeds.feeds[first.venue].latency
        words = [
            LABEL if self._is_simulated() else "",
            first.venue if first.status in ("connected", "idle") else f"{first.venue} {first.status}",
            f"{count(len(self._feeds.watches()))} streams",
            f"{rate:.0f} msg/s",
            f"p50 {duration(latency.quantile(0.5))} p99 {duration(latency.quantile(0.99))}",
        ]
        clock = Writer().clock(self._feeds.clock.now())
        return f"{' · '.join(filter(None, words))}   {clock} UTC"

    def _is_simulated(self) -> bool:
        latest = [self._feeds.market.latest(watch.symbol) for watch in self._feeds.watches()]
        return any(each is not None and each.simulated for each in latest)
