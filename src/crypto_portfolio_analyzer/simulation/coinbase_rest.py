"""The simulated Coinbase Exchange's REST side: products, trades with cursors, candles, ticker, stats, book."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from crypto_portfolio_analyzer.simulation.book import LEVELS
from crypto_portfolio_analyzer.simulation.coinbase_wire import Wire
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import rows
from crypto_portfolio_analyzer.simulation.venue import Reply, reply
from crypto_portfolio_analyzer.simulation.wording import MINUTE, SECOND, fixed, iso

Query = Mapping[str, str]
_GRANULARITIES = (60, 300, 900, 3600, 21_600, 86_400)
_CANDLES = 300
_LARGEST_PAGE = 1000


class _RefusedError(Exception):
    """A request that cannot be answered, with a status and Coinbase's words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class CoinbaseRest:
    """Answers public GET requests."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._wires = market, wires
        self._by_product = {wire.product: number for number, wire in enumerate(wires)}
        self._parts: dict[str, Callable[[int, Query, int], Reply]] = {
            "trades": self._trades,
            "candles": self._candles,
            "ticker": self._ticker,
            "stats": self._stats,
            "book": self._book,
        }

    def answer(self, path: str, query: Query, now: int) -> Reply:
        """Answer one request as of `now`."""
        try:
            return self._route([part for part in path.split("/") if part], query, now)
        except _RefusedError as refused:
            return reply({"message": refused.message}, refused.status)

    def refusal(self, status: int, wait: float) -> Reply:
        """Return an error as Coinbase words it."""
        if status in (418, 429):
            return reply({"message": "Public rate limit exceeded"}, 429)
        return reply({"message": "Internal server error"}, status)

    def _route(self, parts: list[str], query: Query, now: int) -> Reply:
        match parts:
            case ["time"]:
                at = now + self._market.skew
                return reply({"iso": iso(at), "epoch": at / SECOND})
            case ["products"]:
                return reply([self._product(number) for number in range(len(self._wires))])
            case ["products", product]:
                return reply(self._product(self._find(product)))
            case ["products", product, what] if what in self._parts:
                return self._parts[what](self._find(product), query, now)
        raise _RefusedError(404, "NotFound")

    def _find(self, product: str) -> int:
        if product not in self._by_product:
            raise _RefusedError(404, "NotFound")
        return self._by_product[product]

    def _product(self, number: int) -> dict[str, Any]:
        wire, listing = self._wires[number], self._wires[number].listing
        return {
            "id": wire.product, "base_currency": listing.base, "quote_currency": listing.quote,
            "quote_increment": fixed(1, listing.price_decimals), "base_increment": fixed(1, listing.quantity_decimals),
            "display_name": f"{listing.base}/{listing.quote}", "min_market_funds": "1", "margin_enabled": False,
            "post_only": False, "limit_only": False, "cancel_only": False, "trading_disabled": False,
            "status": "online", "status_message": "",
        }  # fmt: skip

    def _trades(self, number: int, query: Query, now: int) -> Reply:
        """Answer newest first: `after` pages to older ids, `before` asks for newer ones."""
        wire, count = self._wires[number], self._market.count(number, now)
        limit = min(_LARGEST_PAGE, max(1, _whole(query, "limit", _LARGEST_PAGE)))
        after = _whole(query, "after", wire.trade_id(count))
        before = _whole(query, "before", wire.trade_id(-1))
        stop = min(count, after - wire.trade_id(0))
        first = max(0, before + 1 - wire.trade_id(0), stop - limit)
        skewed = self._market.tape.stretch(number, first, stop)
        skewed = skewed._replace(at=skewed.at + self._market.skew)
        page = [wire.rest_trade(row) for row in rows(skewed)][::-1]
        if not page:
            return reply([])
        cursors = {"cb-after": str(page[-1]["trade_id"]), "cb-before": str(page[0]["trade_id"])}
        return reply(page, headers=cursors)

    def _candles(self, number: int, query: Query, now: int) -> Reply:
        """Answer newest first; like the venue, leave out bars without a trade."""
        granularity = _whole(query, "granularity", 60)
        if granularity not in _GRANULARITIES:
            raise _RefusedError(400, "Unsupported granularity")
        skew, length = self._market.skew, granularity * SECOND
        end = _instant(query, "end", now + skew)
        start = _instant(query, "start", end - _CANDLES * length + 1)
        if (end - start) // length > _CANDLES:
            text = "granularity too small for the requested time range. Count of aggregations requested exceeds 300"
            raise _RefusedError(400, text)
        minutes = length // MINUTE
        bars = self._market.bars(number, start - skew, end - skew + 1, minutes=minutes, now=now)
        return reply([self._wires[number].candle(bar, skew) for bar in bars if bar.trades][::-1])

    def _ticker(self, number: int, query: Query, now: int) -> Reply:
        wire, book = self._wires[number], self._market.books.at(number, now)
        told = {"ask": wire.price(next(iter(book.asks))), "bid": wire.price(next(iter(book.bids)))}
        told["volume"] = wire.volume(self._market.day(number, now).lots)
        for row in rows(self._market.latest(number, now, 1)):
            trade = wire.rest_trade((row[0], row[1] + self._market.skew, *row[2:]))
            return reply({**told, **{name: trade[name] for name in ("trade_id", "price", "size", "time")}})
        return reply(told)

    def _stats(self, number: int, query: Query, now: int) -> Reply:
        wire, day = self._wires[number], self._market.day(number, now)
        return reply({
            "open": wire.price(day.open), "high": wire.price(day.high), "low": wire.price(day.low),
            "last": wire.price(self._market.last(number, now)[0]), "volume": wire.volume(day.lots),
            "volume_30day": wire.volume(30 * day.lots),
        })  # fmt: skip

    def _book(self, number: int, query: Query, now: int) -> Reply:
        wire, book = self._wires[number], self._market.books.at(number, now)
        depth = LEVELS if query.get("level") in ("2", "3") else 1
        return reply({
            "bids": wire.levels(book.bids, depth), "asks": wire.levels(book.asks, depth),
            "sequence": wire.sequence(self._market.count(number, now)), "auction_mode": False, "auction": None,
            "time": iso(now + self._market.skew),
        })  # fmt: skip


def _whole(query: Query, name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 18:
        raise _RefusedError(400, f"Invalid {name}")
    return int(text)


def _instant(query: Query, name: str, default: int) -> int:
    """Read an instant as the venue does: ISO 8601 or seconds since 1970."""
    text = query.get(name)
    if text is None:
        return default
    if text.isdecimal() and len(text) <= 12:
        return int(text) * SECOND
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _RefusedError(400, f"Invalid {name}") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 10**6) * 1000
