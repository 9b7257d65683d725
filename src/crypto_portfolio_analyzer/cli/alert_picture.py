"""The picture of a back-test: what was asked as its title, the bars it was asked of, kept as a file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.api.alert_backtest import base_of
from crypto_portfolio_analyzer.api.schemas import instant, iso
from crypto_portfolio_analyzer.charts.backtest_picture import Mark, backtest_picture
from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.notices.pictures import price_levels
from crypto_portfolio_analyzer.core.timeframes import Timeframe
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.settings import Settings

SUFFIX = ".svg"
PART = 1000
"""Bars that a server tells at once."""
_LABELS = {
    "en": "would have fired {count} times in {bars} bars, {first} to {last} UTC ({how})",
    "de": "hätte {count}-mal gefeuert in {bars} Kerzen, {first} bis {last} UTC ({how})",
}


def picture_file(path: Path) -> Path:
    """Return where a picture goes; raises Failed for a name that says something else than what it will hold."""
    if path.suffix.lower() != SUFFIX:
        raise Failed(
            f"{path.name!r} is no name of an SVG", f"write it to {path.stem}{SUFFIX}", exit_code=MISUSED
        )
    return path


def drawn(told: Mapping[str, Any], bars: Sequence[Bar], language: Language, *, is_dark: bool) -> str:
    """Return the picture of a back-test's document over the bars it was asked of, oldest first.

    Raises:
        InvalidInput: none of the bars is of its symbol.

    """
    own = [bar for bar in bars if bar.symbol == told["symbol"]]
    if not own:
        raise InvalidInput(f"there are no bars of {told['symbol']} to draw; name a file by --bars")
    condition = read_condition(told["condition"], told["timeframe"])
    subtitle = _LABELS[language].format(
        count=formats.count(told["count"], language=language),
        bars=formats.count(told["bars"], language=language),
        first=told["first_at"][:16].replace("T", " "),
        last=told["last_at"][:16].replace("T", " "),
        how=f"{told['trigger']}, {told['timeframe']}",
    )
    return backtest_picture(
        own,
        [_mark(each) for each in told["firings"]],
        title=summarise(condition, told["symbol"], language),
        subtitle=subtitle,
        level=level_of(condition),
        is_dark=is_dark,
        is_simulated=bool(told.get("simulated")),
        write=lambda price, decimals: formats.price(price, decimals, language=language),
    )


def level_of(condition: Condition) -> float | None:
    """Return the price that a condition compares the symbol's with, if it is one and constant."""
    levels = price_levels(condition.question)
    return levels[0] if len(levels) == 1 else None


async def bars_of_server(settings: Settings, told: Mapping[str, Any]) -> list[Bar]:
    """Return the bars that the server's back-test was asked of, read part by part; raises Failed."""
    client = server_of(settings)
    frame = base_of(read_condition(told["condition"], told["timeframe"]))
    path = f"/api/market/{told['symbol'].replace('/', '-')}/bars"
    bars: list[Bar] = []
    start, end = told["first_at"], told["last_at"]
    while start < end:
        asked = {"timeframe": frame.name, "start": start, "end": end, "limit": PART}
        page = (await client.get(path, asked))["bars"]
        bars += [_bar(each, told["symbol"], frame) for each in page if each["closed"]]
        if len(page) < PART:
            break
        start = iso(bars[-1].close_at)
    return bars


def _bar(view: Mapping[str, Any], symbol: str, frame: Timeframe) -> Bar:
    open_at = _instant(view["open_at"])
    return Bar(
        venue="",
        symbol=symbol,
        timeframe=frame.name,
        open_at=open_at,
        close_at=frame.close_of(open_at),
        open=float(view["open"]),
        high=float(view["high"]),
        low=float(view["low"]),
        close=float(view["close"]),
        volume=float(view["volume"]),
        closed=True,
        received_at=0,
    )


def _instant(text: str) -> int:
    return instant(datetime.fromisoformat(text))


def _mark(firing: Mapping[str, Any]) -> Mark:
    return Mark(_instant(firing["event_at"]), None if firing["price"] is None else float(firing["price"]))
