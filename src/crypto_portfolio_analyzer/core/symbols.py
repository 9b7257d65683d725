"""Symbols: the canonical spelling and every alias understood at the doors.

Canonical is ccxt's unified form: `BTC/USDT` for spot, `BTC/USDT:USDT` for a contract settled in USDT.
A lone `BTC` carries no quote; each venue has a default one (`core.venues.Exchange.default_quote`).
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.errors import InvalidSymbol

QUOTES = (
    "FDUSD RLUSD PYUSD USDT USDC BUSD TUSD USDP USDS USDE USD1 EURC EURI DAI PAX VAI "
    "USD EUR GBP CHF JPY AUD CAD BRL TRY ZAR UAH RUB PLN RON ARS MXN COP CZK IDRT BIDR IDR NGN BKRW BVND GYEN "
    "BTC XBT ETH BNB SOL TRX XRP DOGE DOT"
).split()
"""Known quote assets, longest and most usual first: the order decides how joined spellings are split."""

_WHOLE_NAMES = frozenset(
    "WBTC TBTC CBBTC RENBTC HBTC LBTC WETH STETH WSTETH RETH CBETH WBETH WEETH EZETH METH BETH WBNB "
    "MSOL JITOSOL BNSOL JUPSOL STSOL WTRX STRX GUSD LUSD SUSD CRVUSD SUSDE SUSDS".split()
) | frozenset(QUOTES)
"""Assets that look like a pair: who writes `WBTC` means the asset, not W in BTC."""
_LIKE_QUOTES = frozenset(
    "BNB SHIB ARB DOT GRT BAT APT ANT LPT QNT HNT GMT FTT MNT BIT JST HT BTT STPT".split()
)
"""Assets whose last letter makes `USD` after it look like `TUSD` or `BUSD`: `DOTUSD` is no DO in TUSD."""

USD_LIKE = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PYUSD", "DAI"})

_ASSET = r"[^\W_][\w.$-]{0,23}"
_PAIR = re.compile(rf"({_ASSET})[/_-]({_ASSET})(?::({_ASSET}))?")
_LONE = re.compile(_ASSET)
_MAX_LENGTH = 48


class Symbol(Struct, frozen=True):
    """What a text asked for: a base and, unless it was a lone asset, a quote (and a settlement asset)."""

    base: str
    quote: str | None = None
    settle: str | None = None

    def canonical(self, default_quote: str = "USDT") -> str:
        """Return the unified spelling; a lone asset is priced in `default_quote`."""
        pair = f"{self.base}/{self.quote or default_quote}"
        return f"{pair}:{self.settle}" if self.settle else pair


def parse_symbol(text: str) -> Symbol:
    """Read any spelling people use: `BTC/USDT`, `BTC-USDT`, `btcusdt`, `BINANCE:BTCUSDT`, `BTC`.

    Raises:
        InvalidSymbol: the text is empty, too long or holds characters no market has.

    """
    cleaned = text.strip().upper()
    if not cleaned or len(cleaned) > _MAX_LENGTH:
        raise InvalidSymbol(text)
    prefix, colon, rest = cleaned.partition(":")
    if colon and "/" not in prefix and rest and _LONE.fullmatch(prefix):
        cleaned = rest
    pair = _PAIR.fullmatch(cleaned)
    if pair:
        base, quote, settle = pair.groups()
        return Symbol(base, quote, settle)
    if not _LONE.fullmatch(cleaned):
        raise InvalidSymbol(text)
    joined = None if cleaned in _WHOLE_NAMES else split_joined(cleaned)
    return Symbol(*joined) if joined else Symbol(cleaned)


def split_joined(text: str, quotes: Sequence[str] = QUOTES) -> tuple[str, str] | None:
    """Split `BTCUSDT` into base and quote by the known `quotes`, the likeliest first; None if none fits."""
    for quote in quotes:
        base = text[: -len(quote)]
        if not base or not text.endswith(quote):
            continue
        is_trap = quote in ("BUSD", "TUSD") and "USD" in quotes and base + quote[0] in _LIKE_QUOTES
        if not is_trap:
            return base, quote
    return None


def same_market(asked: Symbol, canonical: str) -> bool:
    """Tell whether `canonical` may answer for `asked`: the exact pair, or for a lone asset any USD-like quote."""
    found = parse_symbol(canonical)
    if found.base != asked.base or found.settle != asked.settle:
        return False
    return found.quote == asked.quote if asked.quote else found.quote in USD_LIKE
