"""The back-test line of a draft: how often its condition would have been true over the bars at hand."""

import asyncio
from contextlib import suppress

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import Domain
from crypto_portfolio_analyzer.engine.backtesting import BacktestResult, backtest, series_of
from crypto_portfolio_analyzer.errors import InvalidInput, StorageError

MOST_BARS = 10_000
"""A week of minutes, or a year of hours: judged in well under a second."""
PART = 500
"""Bars read at once, so that nobody waits for it."""
COOLDOWN = 60 * 10**9


async def backtest_line(app: App, words: Words, symbol: str, condition: str, timeframe: str) -> str:
    """Return how a condition would have done, in a line of plain text."""
    with suppress(InvalidInput):
        read = read_condition(condition, timeframe)
        if not any(each.subject for each in series_of(read.question)):
            bars = await _bars(app, symbol, frame_of(read))
            if bars:
                return _line(words, await asyncio.to_thread(_judged, read, bars))
    return words.plain("new.untested")


def frame_of(condition: Condition) -> str:
    """Return the bars that are enough for a condition: minutes, unless it asks for one longer kind only."""
    series = list(series_of(condition.question))
    names = {each.timeframe for each in series}
    if len(names) != 1 or any(each.domain is Domain.TICK or each.live for each in series):
        return "1m"
    return names.pop() or "1m"


async def _bars(app: App, symbol: str, timeframe: str) -> list[Bar]:
    """Return the newest closed bars at hand, in memory and, before them, stored."""
    known = app.market.bars(symbol, timeframe, limit=MOST_BARS)
    found = [bar for bar in known if bar.closed]
    view = app.feeds.find(symbol)
    if view is None or view.source is None:
        return found
    with suppress(StorageError):  # a dead database costs the line, never the alert
        while len(found) < MOST_BARS:
            end = found[0].open_at if found else None
            part = await app.bars.load(view.source, symbol, timeframe, end=end, limit=PART)
            found = [*part, *found]
            if len(part) < PART:
                break
    return found[-MOST_BARS:]


def _judged(condition: Condition, bars: list[Bar]) -> BacktestResult:
    return backtest(condition, bars, cooldown=COOLDOWN)


def _line(words: Words, result: BacktestResult) -> str:
    seconds = (result.last_at - result.first_at) / 1e9
    span = formats.duration(seconds, language=words.language)
    count = formats.count(result.count, language=words.language)
    tested = words.plain("new.tested", count=count, span=span)
    after = result.outcomes[0].median_percent
    if after is None:
        return tested
    change = formats.change(after, 1, language=words.language)
    return words.plain("new.tested.after", tested=tested, change=change)
