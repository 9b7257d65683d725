"""Bars of the past, asked of a venue page by page."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.app import FALLBACKS
from crypto_portfolio_analyzer.cli.failures import NOT_FOUND, Failed
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.timeframes import Timeframe
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.streaming.addresses import Address, address_of
from crypto_portfolio_analyzer.streaming.rest import RestClient

MOST_PAGES = 5000


async def past_bars(
    settings: Settings, text: str, frame: Timeframe, start: int, end: int, *, clock: Clock
) -> list[Bar]:
    """Return the closed bars of a symbol with `start <= open_at < end` (ns), oldest first.

    The provider is asked first, its fallbacks if it cannot be reached; the bars say whose they are.

    Raises:
        Failed: no venue has such bars.
        FeedError: no venue that has them can be reached.

    """
    lost: FeedError | None = None
    for name in (settings.provider, *FALLBACKS.get(settings.provider, ())):
        try:
            bars = await _of_venue(name, settings, text, frame, (start, end), clock)
        except FeedError as error:
            lost = lost or error
            continue
        if bars:
            return bars
    if lost is not None:
        raise lost
    what = f"no venue has {frame.name} bars of {text[:40]!r} in that time"
    raise Failed(what, "crypto-analyzer data history BTC --timeframe 1h", exit_code=NOT_FOUND)


async def _of_venue(
    name: str, settings: Settings, text: str, frame: Timeframe, span: tuple[int, int], clock: Clock
) -> list[Bar]:
    exchange = EXCHANGES[name]()
    symbol = parse_symbol(text).canonical(exchange.default_quote)
    chosen = settings.exchange(name)
    address = address_of(EXCHANGES[name], {name: Address(chosen.ws_url, chosen.rest_url)})
    rest = RestClient(address.rest_url or "", exchange.limits, clock)
    found: list[Bar] = []
    start, end = span
    try:
        for _ in range(MOST_PAGES):
            request = exchange.bars_request(symbol, frame.name, start, end)
            if request is None or start >= end:
                break
            body = await rest.get(request)
            page = _closed(exchange.decode_bars(symbol, frame.name, body, clock.now()), start, end)
            if not page:
                break
            found += page
            start = page[-1].close_at
    finally:
        await rest.close()
    return found


def _closed(facts: Sequence[object], start: int, end: int) -> list[Bar]:
    return [fact for fact in facts if isinstance(fact, Bar) and fact.closed and start <= fact.open_at < end]
