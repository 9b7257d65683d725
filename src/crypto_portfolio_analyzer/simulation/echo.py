"""A bot that trades nothing: it reads signals as strictly as a bot should, and says what it would do.

It knows the bodies of the bots whose words we send, verifies Standard Webhooks signatures if it has the secret, and
drops what is too late or has come before. Nothing of what arrives is acted on.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from msgspec import Struct
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.receivers import Receiver

MAX_BODY = 64 * 1024
_REMEMBERED = 10_000
_UNSEEN = re.compile(r"[^\x20-\x7e]")
_ACTIONS = {
    "enter_long": "buy",
    "exit_long": "sell",
    "enter_short": "sell short",
    "exit_short": "buy back",
}


class Signal(Struct, frozen=True, kw_only=True):
    """An order as it was understood."""

    bot: str
    action: str
    symbol: str
    stake: str = ""
    id: str = ""
    at: int | None = None
    ttl: float | None = None


class Echo(Struct, frozen=True, kw_only=True):
    """What came of one message: the status it was answered with, and what a bot would do, as a sentence."""

    status: int
    text: str
    signal: Signal | None = None
    is_duplicate: bool = False


class EchoReceiver(Receiver):
    """Answers as a strict bot would; `tell` is called with every echo."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        port: int = 0,
        secret: str = "",
        tell: Callable[[Echo], object] = lambda _echo: None,
    ) -> None:
        super().__init__(clock=clock, port=port)
        self._secret, self._tell = secret, tell
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Read a message and say what a bot would do."""
        echo = self._echo(body, {name.lower(): value for name, value in request.headers.items()})
        self._tell(echo)
        return web.json_response({"would": echo.text}, status=echo.status)

    def _echo(self, body: bytes, headers: Mapping[str, str]) -> Echo:
        if len(body) > MAX_BODY:
            return Echo(status=413, text="would refuse: more than 64 kB")
        if self._secret and not self._is_signed(body, headers):
            return Echo(status=401, text="would refuse: the signature does not verify")
        if _type_of(body) == "channel.test":
            return Echo(status=200, text="would do nothing: this is a test")
        signal = read_signal(body, headers.get("webhook-id", ""))
        if isinstance(signal, str):
            return Echo(status=422, text=f"would refuse: {signal}")
        return self._judged(signal)

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            expected = Webhook(self._secret).sign(headers["webhook-id"], at, body.decode())
        except (KeyError, ValueError, OverflowError, OSError):
            return False
        is_fresh = abs(self.clock.now() / 1e9 - int(headers["webhook-timestamp"])) <= 300
        return is_fresh and expected in headers.get("webhook-signature", "").split()

    def _judged(self, signal: Signal) -> Echo:
        """Say what is done with an order: in time, too late, or known already."""
        age = None if signal.at is None else (self.clock.now() - signal.at) / 1e9
        is_late = age is not None and signal.ttl is not None and age > signal.ttl
        is_duplicate = bool(signal.id) and signal.id in self._seen
        self._seen[signal.id] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        verdict = "duplicate: dropped" if is_duplicate else "too late: dropped" if is_late else "in time"
        stake = f", stake {signal.stake}" if signal.stake else ""
        told = (
            f"would {signal.action} {signal.symbol} at market{stake} ({signal.bot}); id {signal.id or 'none'}"
        )
        if age is not None:
            told += f", age {age:.1f} s"
        if signal.ttl is not None:
            told += f", ttl {signal.ttl:g} s"
        status = 422 if is_late and not is_duplicate else 200
        return Echo(
            status=status, text=f"{_clean(told)}: {verdict}", signal=signal, is_duplicate=is_duplicate
        )


def read_signal(body: bytes, key: str = "") -> Signal | str:
    """Return the order that a body is, or why it is none a bot would take; `key` is its webhook-id."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is no UTF-8"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text, key)
    if not isinstance(document, dict):
        return "the body is no object"
    for reads, marks in _SHAPES:
        if marks <= set(document):
            return reads(document, key)
    return f"nobody's words: {', '.join(sorted(map(str, document))[:8]) or 'empty'}"


# --- the bots' bodies ---------------------------------------------------------------------------------------


def _signed(body: dict[str, Any], key: str) -> Signal | str:
    data = body["data"]
    if body["type"] != "order.requested" or not isinstance(data, dict):
        return f"a message of type {_clean(str(body['type']))} is no order"
    wrong = _strange(data, "id action symbol price venue amount ttl_seconds expires_at rule revision")
    if wrong or not {"id", "action", "symbol"} <= set(data):
        return wrong or "id, action and symbol are needed"
    asked = data["action"], data["symbol"], data.get("amount")
    return _signal("signed", *asked, key=data["id"], at=body["timestamp"], ttl=data.get("ttl_seconds"))


def _threecommas(body: dict[str, Any], key: str) -> Signal | str:
    wrong = _strange(
        body, "secret bot_uuid max_lag timestamp trigger_price tv_exchange tv_instrument action order"
    )
    if wrong or body["action"] not in ("enter_long", "exit_long", "enter_short", "exit_short"):
        return wrong or "3Commas does not know this action"
    asked = body["action"], body["tv_instrument"], _inner(body, "order").get("amount")
    return _signal("3Commas", *asked, key=key, at=body.get("timestamp"), ttl=body.get("max_lag"))


def _okx(body: dict[str, Any], key: str) -> Signal | str:
    wrong = _strange(body, "action instrument signalToken timestamp maxLag orderType investmentType amount")
    if wrong or body["action"] not in ("ENTER_LONG", "EXIT_LONG", "ENTER_SHORT", "EXIT_SHORT"):
        return wrong or "OKX does not know this action"
    asked = body["action"], body["instrument"], body.get("amount")
    return _signal("OKX", *asked, key=key, at=body.get("timestamp"), ttl=body.get("maxLag"))


def _altrady(body: dict[str, Any], key: str) -> Signal | str:
    wrong = _strange(
        body, "api_key api_secret exchange action symbol side signal_id signal_price quote_amount"
    )
    if wrong or body["action"] not in ("open", "close") or body["side"] not in ("long", "short"):
        return wrong or "Altrady opens or closes, long or short"
    asked = _ALTRADY[body["action"], body["side"]], body["symbol"], body.get("quote_amount")
    return _signal("Altrady", *asked, key=body.get("signal_id") or key)


def _traderspost(body: dict[str, Any], key: str) -> Signal | str:
    wrong = _strange(body, "ticker action sentiment price quantity quantityType time extras")
    if wrong or body["action"] not in ("buy", "sell", "exit", "cancel", "add"):
        return wrong or "TradersPost does not know this action"
    asked = body["action"], body["ticker"], body.get("quantity")
    return _signal("TradersPost", *asked, key=_inner(body, "extras").get("id") or key, at=body.get("time"))


def _hummingbot(body: dict[str, Any], key: str) -> Signal | str:
    data = body["data"]
    wrong = _strange(body, "timestamp sequence type data")
    if wrong or not isinstance(data, dict) or "trading_pair" not in data:
        return wrong or "an external event has a trading_pair in its data"
    asked = data.get("action"), data["trading_pair"], data.get("amount")
    return _signal("Hummingbot", *asked, key=data.get("id") or key)


_ALTRADY = {
    ("open", "long"): "enter_long",
    ("open", "short"): "enter_short",
    ("close", "long"): "exit_long",
    ("close", "short"): "exit_short",
}
_SHAPES: tuple[tuple[Callable[[dict[str, Any], str], Signal | str], set[str]], ...] = (
    (_hummingbot, {"timestamp", "sequence", "type", "data"}),
    (_signed, {"type", "timestamp", "data"}),
    (_threecommas, {"secret", "bot_uuid", "action", "tv_instrument"}),
    (_okx, {"signalToken", "instrument", "action"}),
    (_altrady, {"api_key", "api_secret", "exchange", "action", "symbol", "side"}),
    (_traderspost, {"ticker", "action"}),
)


def _lines(text: str, key: str) -> Signal | str:
    pairs = dict(line.split("=", 1) for line in re.split(r"[\n;]", text) if "=" in line)
    if {"SYMBOL", "SIGNAL"} <= set(pairs):
        wrong = _strange(pairs, "EXCHANGE SYMBOL SIGNAL ORDER_TYPE VOLUME TAG TOKEN")
        if wrong or pairs["SIGNAL"] not in ("BUY", "SELL", "CANCEL"):
            return wrong or "OctoBot buys, sells or cancels"
        asked = pairs["SIGNAL"], pairs["SYMBOL"], pairs.get("VOLUME")
        return _signal("OctoBot", *asked, key=pairs.get("TAG") or key)
    pair = re.search(r"\b[A-Z0-9]{2,12}/[A-Z0-9]{2,12}\b", text)
    entry = re.search(r"\b(Buy|Entry)\b", text)
    if pair and entry and re.search(r"\b(Sell|Stop)\b", text):
        return _signal("Cornix", "buy" if entry[1] == "Buy" else "sell", pair[0], None, key=key)
    return "no bot reads such a text"


def _signal(
    bot: str,
    action: object,
    symbol: object,
    stake: object,
    *,
    key: object,
    at: object = None,
    ttl: object = None,
) -> Signal | str:
    """Return the order, or why its time cannot be read."""
    try:
        instant = None if at is None else int(datetime.fromisoformat(str(at)).timestamp() * 1e9)
        life = None if ttl is None else float(str(ttl))
    except (ValueError, OverflowError):
        return "its time or time to live cannot be read"
    return Signal(
        bot=bot,
        action=_ACTIONS.get(str(action).lower(), _clean(str(action).lower())),
        symbol=_clean(str(symbol)),
        stake="" if stake is None else _clean(str(stake)),
        id=_clean(str(key)),
        at=instant,
        ttl=life,
    )


def _inner(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = body.get(name)
    return inner if isinstance(inner, dict) else {}


def _strange(given: Mapping[str, object], known: str) -> str:
    """Return a complaint about fields that a bot does not document."""
    strange = sorted(set(given) - set(known.split()))
    return f"unknown fields: {_clean(', '.join(strange))}" if strange else ""


def _type_of(body: bytes) -> object:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document.get("type") if isinstance(document, dict) else None


def _clean(text: str) -> str:
    """Return foreign text fit for a terminal, cut."""
    return _UNSEEN.sub("?", text)[:200]
