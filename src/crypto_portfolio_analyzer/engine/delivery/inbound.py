"""Inbound: somebody else's signal, read into what our channels can tell and bots can act on.

TradingView posts an alert's message as it is, `application/json` if it parses and else `text/plain`
(tradingview.com/support/solutions/43000529348). Everything in it is hostile: what is known by name is read and
checked, the rest is kept as text, cut and without what cannot be seen.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite

from crypto_portfolio_analyzer.core.notices.exact import decimal_text, iso
from crypto_portfolio_analyzer.core.notices.markup import clean, clean_lines, one_line
from crypto_portfolio_analyzer.core.notices.notification import Content
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol

MOST_BYTES = 64 * 1024
DEEPEST = 16
MOST_LINES = 20
MOST_LINE = 300
_NAMES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "pair", "instrument", "tv_instrument", "trading_pair", "market"),
    "action": ("action", "side", "signal", "order_action"),
    "price": ("price", "close", "trigger_price", "signal_price", "entry"),
    "at": ("time", "timenow", "timestamp"),
    "signal_id": ("id", "signal_id", "order_id", "alert_id"),
    "exchange": ("exchange", "tv_exchange"),
}
"""Our name for a field, and how the world writes it, the likeliest first."""
_INNER = ("data", "alert", "order", "strategy")
"""Objects whose fields count as the signal's own."""
_PAIR_LINE = re.compile(r"\s*([A-Za-z_][\w .-]{0,30}?)\s*[:=]\s*(\S.{0,200})")
_SECRET = re.compile(
    r"[\s\"'{,]*[\w.-]*(?:secret|passw|passphrase|token|key|auth)[\w.-]*[\s\"']*[:=]", re.IGNORECASE
)
"""Lines that many senders prove themselves with; whoever reads the message needs none of them."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{0,29}")
_LATEST = 253_402_300_799
"""Seconds of the last instant that a date can name."""


def read_signal(body: bytes, content_type: str = "") -> Content:
    """Return what a signal says: a title, its text, and of `data` those of symbol, action, price, … it has.

    Raises:
        InvalidInput: the body is too long, too deep, empty, or no text.

    """
    if len(body) > MOST_BYTES:
        raise InvalidInput(f"the signal has {len(body)} bytes; at most {MOST_BYTES} are taken")
    try:
        text = body.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise InvalidInput("the signal is no text in UTF-8; send it as JSON or plain text") from None
    if not text:
        raise InvalidInput("the signal is empty; write a message into the alert")
    document = _document(text, is_json="json" in content_type.lower())
    fields = _fields_of_object(document) if isinstance(document, dict) else _fields_of_text(text)
    data = _data(fields)
    return Content(title=_title(data, fields), text=_text(document, text), data=data)


def digest_of(body: bytes) -> str:
    """Return what tells a repeat: TradingView sends the same bytes up to three times."""
    return hashlib.sha256(body).hexdigest()


def _document(text: str, *, is_json: bool) -> object:
    """Return what a text is as JSON; None if it is none and was not said to be."""
    if not text.startswith(("{", "[")) and not is_json:
        return None
    if _depth(text) > DEEPEST:
        raise InvalidInput(f"the signal is nested deeper than {DEEPEST}; send a flat object")
    try:
        return json.loads(text, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return None  # TradingView calls broken JSON text as well


def _depth(text: str) -> int:
    """Return how deep brackets are nested, those within strings too: an upper bound that costs nothing."""
    depth = deepest = 0
    for letter in text:
        if letter in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "}]":
            depth -= 1
    return deepest


def _fields_of_object(document: Mapping[str, object]) -> dict[str, str]:
    inner = [document[name] for name in _INNER if isinstance(document.get(name), dict)]
    found: dict[str, str] = {}
    for each in (*inner, document):
        assert isinstance(each, Mapping)
        found |= {
            name.lower(): _scalar(value) for name, value in each.items() if not isinstance(value, dict | list)
        }
    return found


def _fields_of_text(text: str) -> dict[str, str]:
    """Return the fields of lines like `symbol: BTCUSDT` or `SYMBOL=BTCUSDT`, apart by breaks or semicolons."""
    lines = re.split(r"[\n;]", text)[: 4 * MOST_LINES]
    matches = filter(None, map(_PAIR_LINE.fullmatch, lines))
    return {match[1].lower(): match[2].strip() for match in matches}


def _scalar(value: object) -> str:
    if isinstance(value, float):
        return decimal_text(value) or ""
    return "" if value is None else str(value)[:MOST_LINE]


def _data(fields: Mapping[str, str]) -> dict[str, object]:
    """Return the fields that are what their names say."""
    reads: Mapping[str, Callable[[str], str | None]] = {
        "symbol": _symbol,
        "action": _action,
        "price": _price,
        "at": _instant,
        "signal_id": _name,
        "exchange": _name,
    }
    found: dict[str, object] = {}
    for name, spellings in _NAMES.items():
        values = (reads[name](fields[spelling]) for spelling in spellings if fields.get(spelling))
        value = next(filter(None, values), None)
        if value:
            found[name] = value
    return found


def _name(text: str) -> str:
    return clean(one_line(text), "name")


def _symbol(text: str) -> str:
    try:
        symbol = parse_symbol(text)
    except InvalidSymbol:
        return ""
    return symbol.canonical() if symbol.quote else symbol.base


def _action(text: str) -> str:
    word = text.strip()
    return word.lower() if _WORD.fullmatch(word) else ""


def _price(text: str) -> str | None:
    try:
        price = float(text)
    except ValueError:
        return None
    return decimal_text(price) if isfinite(price) and price > 0 else None


def _instant(text: str) -> str:
    """Return an instant, written as ISO 8601 or as seconds or milliseconds since 1970, as ISO 8601."""
    try:
        if text.isdecimal():
            seconds = int(text[:19])
            return iso((seconds // 1000 if seconds > _LATEST // 100 else seconds) * 10**9)
        at = datetime.fromisoformat(text)
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return iso(int(aware.timestamp()) * 10**9)
    except (ValueError, OverflowError):
        return ""


def _title(data: Mapping[str, object], fields: Mapping[str, str]) -> str:
    own = fields.get("title") or fields.get("message") or fields.get("text") or ""
    parts: Iterable[object] = (data.get("symbol"), data.get("action"), data.get("price"))
    told = " ".join(str(part) for part in parts if part)
    return clean(one_line(" · ".join(filter(None, (told, own)))), "headline") or "Signal"


def _text(document: object, text: str) -> str:
    """Return what people read: the lines of a text, or the fields of an object, one a line; never a secret."""
    lines = text.splitlines()
    if isinstance(document, dict):
        flat = {name: value for name, value in document.items() if not isinstance(value, dict | list)}
        lines = [f"{name}: {_scalar(value)}" for name, value in flat.items()]
    shown = (one_line(clean_lines(line)[:MOST_LINE]) for line in lines if not _SECRET.match(line))
    return "\n".join([line for line in shown if line][:MOST_LINES])
