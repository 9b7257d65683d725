"""The simulated Binance's REST side, `/api/v3`: it answers from the tape what the streams told, or would have."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from crypto_portfolio_analyzer.simulation.bars import OLDEST
from crypto_portfolio_analyzer.simulation.binance_wire import INTERVALS, MS, Wire
from crypto_portfolio_analyzer.simulation.book import LEVELS
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Trades, rows
from crypto_portfolio_analyzer.simulation.venue import Reply, reply
from crypto_portfolio_analyzer.simulation.wording import MINUTE, fixed

Query = Mapping[str, str]
_LARGEST_PAGE = 1000
_DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
_WEIGHTS = {
    "/api/v3/ping": 1,
    "/api/v3/time": 1,
    "/api/v3/exchangeInfo": 20,
    "/api/v3/klines": 2,
    "/api/v3/aggTrades": 4,
    "/api/v3/trades": 25,
    "/api/v3/historicalTrades": 25,
}
_REFUSED = {
    418: (-1003, "Way too much request weight used; IP banned until {until}."),
    429: (-1003, "Too much request weight used; current limit is 6000 request weight per 1 MINUTE."),
}


class _RefusedError(Exception):
    """A request that cannot be answered, with Binance's code and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class BinanceRest:
    """Answers public GET requests."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._wires = market, wires
        self._by_symbol = {wire.symbol: number for number, wire in enumerate(wires)}
        self._paths: dict[str, Callable[[Query, int], Any]] = {
            "/api/v3/ping": lambda _query, _now: {},
            "/api/v3/time": lambda _query, now: {"serverTime": self._ms(now)},
            "/api/v3/exchangeInfo": self._exchange_info,
            "/api/v3/klines": self._klines,
            "/api/v3/aggTrades": self._agg_trades,
            "/api/v3/trades": self._fills,
            "/api/v3/historicalTrades": self._fills,
            "/api/v3/ticker/24hr": self._day,
            "/api/v3/ticker/price": self._price,
            "/api/v3/ticker/bookTicker": self._quote,
            "/api/v3/depth": self._depth,
        }

    def weight(self, path: str, query: Query) -> int:
        """Return the weight the venue's documents give a request."""
        if path == "/api/v3/depth":
            limit = int(query["limit"]) if query.get("limit", "").isdecimal() else 100
            return next((weight for most, weight in _DEPTH_WEIGHTS if limit <= most), 250)
        if path.startswith("/api/v3/ticker/"):
            return self._ticker_weight(path, query)
        return _WEIGHTS.get(path, 1)

    def answer(self, path: str, query: Query, now: int) -> Reply:
        """Answer one request as of `now`."""
        act = self._paths.get(path)
        if act is None:
            return Reply(b"<html>404 Not Found</html>", 404)
        try:
            return reply(act(query, now))
        except _RefusedError as refused:
            return reply({"code": refused.code, "msg": refused.text}, 400)

    def refusal(self, status: int, wait: float) -> Reply:
        """Return an error as Binance words it."""
        code, text = _REFUSED.get(status, (-1000, "An unknown error occurred while processing the request."))
        seconds = str(max(1, round(wait)))
        return reply({"code": code, "msg": text.format(until=seconds)}, status, {"Retry-After": seconds})

    def _ticker_weight(self, path: str, query: Query) -> int:
        day = path.endswith("24hr")
        if "symbol" in query:
            return 2
        if "symbols" not in query:
            return 80 if day else 4
        count = query["symbols"].count('"') // 2
        return next((weight for most, weight in ((20, 2), (100, 40)) if count <= most), 80) if day else 4

    def _ms(self, at: int) -> int:
        return (at + self._market.skew) // MS

    def _listing(self, query: Query) -> int:
        if "symbol" not in query:
            raise _RefusedError(
                -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
            )
        return self._find(query["symbol"])

    def _find(self, symbol: object) -> int:
        number = self._by_symbol.get(str(symbol))
        if number is None:
            raise _RefusedError(-1121, "Invalid symbol.")
        return number

    def _listings(self, query: Query) -> list[int]:
        """Return the listings of `symbol` or `symbols`, or all."""
        if "symbol" in query:
            return [self._listing(query)]
        if "symbols" not in query:
            return list(range(len(self._wires)))
        try:
            return [self._find(symbol) for symbol in msgspec.json.decode(query["symbols"], type=list[str])]
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise _RefusedError(-1100, "Illegal characters found in parameter 'symbols'.") from None

    def _span(self, query: Query, now: int) -> tuple[int | None, int | None, int]:
        """Return start and end in ns as far as given (the end exclusive), and the limit."""
        skew = self._market.skew
        start = _whole(query, "startTime")
        end = _whole(query, "endTime")
        limit = _whole(query, "limit")
        if limit is not None and limit < 1:
            raise _RefusedError(-1130, "Data sent for parameter 'limit' is not valid.")
        return (
            None if start is None else start * MS - skew,
            None if end is None else (end + 1) * MS - skew,
            min(_LARGEST_PAGE, 500 if limit is None else limit),
        )

    def _klines(self, query: Query, now: int) -> Any:
        number = self._listing(query)
        interval = query.get("interval", "")
        if interval not in INTERVALS:
            raise _RefusedError(-1120, "Invalid interval.")
        start, end, limit = self._span(query, now)
        minutes = INTERVALS[interval]
        length = minutes * MINUTE
        until = min(now + 1, now + 1 if end is None else end)
        if start is None:
            start = until - (limit + 1) * length
            bars = self._market.bars(number, start, until, minutes=minutes, now=now)[-limit:]
        else:
            start = max(start, now - OLDEST)
            bars = self._market.bars(
                number, start, min(until, start + limit * length), minutes=minutes, now=now
            )
        return [
            self._wires[number].rest_kline(
                bar, self._market.fill_ids(number, bar.first, bar.trades), interval, self._market.skew // MS
            )
            for bar in bars
        ]

    def _agg_trades(self, query: Query, now: int) -> Any:
        number = self._listing(query)
        listing = self._market.tape.listings[number]
        from_id = _whole(query, "fromId")
        start, end, limit = self._span(query, now)
        count = self._market.count(number, now)
        stop = count if end is None else min(count, self._market.count(number, end - 1))
        if from_id is not None:
            first, stop = from_id - listing.first_id, count
        elif start is not None:
            first = self._market.count(number, start - 1)
        else:
            first = stop - limit
        first = max(0, first)
        return self._agg_rows(number, self._market.tape.stretch(number, first, min(stop, first + limit)))

    def _agg_rows(self, number: int, trades: Trades) -> list[dict[str, Any]]:
        wire, first_id = self._wires[number], self._market.tape.listings[number].first_id
        return [
            {
                "a": first_id + k, "p": wire.price(ticks), "q": wire.quantity(lots), "f": fills[0],
                "l": fills[1] - 1, "T": self._ms(at), "m": not buy, "M": True,
            }
            for (k, at, ticks, lots, buy), fills in zip(rows(trades), self._fill_spans(number, trades), strict=True)
        ]  # fmt: skip

    def _fill_spans(self, number: int, trades: Trades) -> list[tuple[int, int]]:
        if not len(trades.number):
            return []
        numbers = np.append(trades.number, trades.number[-1] + 1)
        ids = self._market.tape.fills(np.full(len(numbers), number), numbers)
        return list(pairwise((ids + self._market.tape.listings[number].first_fill).tolist()))

    def _fills(self, query: Query, now: int) -> Any:
        number = self._listing(query)
        _, _, limit = self._span(query, now)
        from_id = _whole(query, "fromId")
        first_fill = self._market.tape.listings[number].first_fill
        count = self._market.count(number, now)
        first = count - limit if from_id is None else (from_id - first_fill) // 2 - 1
        trades = self._market.tape.stretch(number, first, min(count, max(0, first) + limit + 1))
        told = [row for row in self._fill_rows(number, trades) if from_id is None or row["id"] >= from_id]
        return told[-limit:] if from_id is None else told[:limit]

    def _fill_rows(self, number: int, trades: Trades) -> list[dict[str, Any]]:
        """Split taker orders as the trade stream does: the first fill takes what does not divide."""
        wire, told = self._wires[number], []
        for (_, at, ticks, lots, buy), (first, after) in zip(
            rows(trades), self._fill_spans(number, trades), strict=True
        ):
            share, odd = divmod(lots, after - first)
            for fill in range(first, after):
                size = share + (odd if fill == first else 0)
                told.append({
                    "id": fill, "price": wire.price(ticks), "qty": wire.quantity(size),
                    "quoteQty": wire.notional(ticks * size), "time": self._ms(at), "isBuyerMaker": not buy,
                    "isBestMatch": True,
                })  # fmt: skip
        return told

    def _day(self, query: Query, now: int) -> Any:
        told = [self._rest_ticker(number, now) for number in self._listings(query)]
        return told[0] if "symbol" in query else told

    def _rest_ticker(self, number: int, now: int) -> dict[str, Any]:
        day = self._market.day(number, now)
        fills = self._market.fill_ids(number, day.first, day.trades)
        last, book = self._market.last(number, now), self._market.books.at(number, now)
        return self._wires[number].rest_ticker(day, fills, last, book, self._ms(now))

    def _price(self, query: Query, now: int) -> Any:
        told = [
            {"symbol": self._wires[i].symbol, "price": self._wires[i].price(self._market.last(i, now)[0])}
            for i in self._listings(query)
        ]
        return told[0] if "symbol" in query else told

    def _quote(self, query: Query, now: int) -> Any:
        told = [self._wires[i].rest_book_ticker(self._market.books.at(i, now)) for i in self._listings(query)]
        return told[0] if "symbol" in query else told

    def _depth(self, query: Query, now: int) -> Any:
        number = self._listing(query)
        limit = _whole(query, "limit")
        book, wire = self._market.books.at(number, now), self._wires[number]
        depth = min(LEVELS, 100 if limit is None else max(1, limit))
        return {
            "lastUpdateId": book.last_id,
            "bids": wire.side(book.bids, depth),
            "asks": wire.side(book.asks, depth),
        }

    def _exchange_info(self, query: Query, now: int) -> Any:
        limits = [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000},
        ]
        symbols = [self._symbol_info(number) for number in self._listings(query)]
        return {
            "timezone": "UTC", "serverTime": self._ms(now), "rateLimits": limits, "exchangeFilters": [],
            "symbols": symbols,
        }  # fmt: skip

    def _symbol_info(self, number: int) -> dict[str, Any]:
        wire, listing = self._wires[number], self._market.tape.listings[number]
        tick = fixed(10 ** (8 - listing.price_decimals), 8)
        step = fixed(10 ** (8 - listing.quantity_decimals), 8)
        return {
            "symbol": wire.symbol, "status": "TRADING", "baseAsset": listing.base, "baseAssetPrecision": 8,
            "quoteAsset": listing.quote, "quotePrecision": 8, "quoteAssetPrecision": 8,
            "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
            "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
            "icebergAllowed": True, "ocoAllowed": True, "quoteOrderQtyMarketAllowed": True,
            "isSpotTradingAllowed": True, "isMarginTradingAllowed": False,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "922327.00000000", "tickSize": tick},
                {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000000.00000000", "stepSize": step},
            ],
            "permissions": ["SPOT"],
        }  # fmt: skip


def _whole(query: Query, name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise _RefusedError(
            -1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
        )
    return int(text)
