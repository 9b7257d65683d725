"""freqtrade: entries and exits through its REST API /api/v1 (freqtrade.io, rest-api; rpc/api_server/api_v1.py).

Every entry carries a tag made from the message's key. Before an entry is tried again, the bot's open trades are asked
for that tag: an order whose outcome was unknown is never placed twice. One entry at a time for a bot, for parallel ones
can exceed its most open trades (freqtrade#7489).
"""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from crypto_portfolio_analyzer.channels import orders
from crypto_portfolio_analyzer.channels.endpoint import Endpoint
from crypto_portfolio_analyzer.channels.http import Answer, Patience, ask, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, World
from crypto_portfolio_analyzer.channels.masking import fingerprint
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.orders import Action, Order
from crypto_portfolio_analyzer.core.notices.notification import Channel, Kind, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed

SETTLING = 10.0
"""Seconds after which an order in doubt has been placed or has not."""
REFUSALS = {
    "already open": "there is already an open trade of this pair",
    "maximum number of trades": "it has as many open trades as it may have",
    "not enabled": "it takes no entries from outside: set force_entry_enable to true in its configuration",
    "not running": "its trader is not running: start it",
    "does not exist": "it does not know this pair, or the market is not active",
    "can't go short": "it cannot go short: that takes a trading mode of futures or margin",
}
"""What freqtrade's errors mean, by words that are in them."""


class _Tokens(Struct):
    access: str
    refresh: str


class _Bot(Struct):
    """What is remembered of one bot: its tokens, and whose turn it is."""

    turn: asyncio.Lock
    tokens: _Tokens | None = None


@CHANNELS("freqtrade")
class FreqtradeChannel(Endpoint):
    """Forced entries and exits of a freqtrade bot."""

    name: ClassVar[str] = "freqtrade"
    label: ClassVar[str] = "freqtrade"
    about: ClassVar[str] = (
        "Entries and exits of a freqtrade bot; needs its REST API, and force_entry_enable for entries."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option("url", "url", "where its REST API is, such as http://192.168.1.20:8080", is_needed=True),
        Option("username", "text", "user name of the REST API", is_needed=True),
        Option("password", "secret", "password of the REST API", is_needed=True),
        *orders.OPTIONS,
        Option("stake", "number", "stake of an entry in the stake currency; left out, its own setting holds"),
        Option("leverage", "number", "leverage of an entry; left out, its own setting holds"),
        Option("order_type", "choice", "market or limit", default="market", choices=("market", "limit")),
        Option(
            "settle", "text", "settlement asset for a bot on futures: USDT makes BTC/USDT:USDT of BTC/USDT"
        ),
    )
    for_people: ClassVar[bool] = False
    schedule: ClassVar[tuple[float, ...]] = orders.SCHEDULE
    patience: ClassVar[Patience] = Patience(5.0, 8.0)
    timeout: ClassVar[float] = 25.0
    """Several requests: tokens, settings, open trades, the order."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._bots: dict[str, _Bot] = {}

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored."""
        options = Options(given, self.options)
        options.url("url", lambda url: self.guard.check_url(url).rstrip("/"))
        options.text("username")
        options.text("password")
        orders.check_order_options(options)
        options.number("stake", 0.00000001, 1e9)
        options.number("leverage", 1, 125)
        options.choice("order_type")
        options.text("settle", pattern=r"[A-Za-z0-9]{2,12}", remedy="write an asset like USDT")
        return options.checked()

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return the time to live of an order, seconds."""
        return orders.ttl_of(options)

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the bot's fingerprint and the pair."""
        return f"freqtrade:{_fingerprint(channel)}:{symbol}"

    async def send(self, notification: Notification) -> Accepted:
        """Place the order once; a test asks whether the bot would take one."""
        channel = notification.channel
        talk = _Talk(self, channel, self._bots.setdefault(_fingerprint(channel), _Bot(asyncio.Lock())))
        if notification.kind is Kind.TEST:
            return await _tested(talk)
        order = orders.order_of(notification)
        async with talk.bot.turn:
            orders.require_in_time(order, self.world)
            orders.require_price(notification, self.world)
            if order.action.is_entry:
                is_repeat = notification.is_repeat or notification.attempt > 1
                return await _entered(talk, order, is_repeat=is_repeat)
            return await _left(talk, order)


class _Talk:
    """Requests to one bot, with its tokens: made when first needed, refreshed and made anew when they have run out."""

    def __init__(self, medium: FreqtradeChannel, channel: Channel, bot: _Bot) -> None:
        self._medium, self.options, self.bot = medium, channel.options, bot

    async def get(self, path: str) -> Any:
        """Return what a GET answers."""
        return _document(self.accepted(await self.ask("GET", path)))

    async def ask(self, method: str, path: str, document: Mapping[str, object] | None = None) -> Answer:
        """Return an answer, whatever its status; a token that has run out is renewed first. Raises DeliveryFailed."""
        body = b"" if document is None else msgspec.json.encode(document)
        answer = await self._authorised(method, path, body)
        if answer.status == 401:
            await self._renew()
            answer = await self._authorised(method, path, body)
        return self.accepted(answer) if answer.status == 401 else answer

    async def _authorised(self, method: str, path: str, body: bytes) -> Answer:
        tokens = self.bot.tokens or await self._login()
        return await self._request(method, path, f"Bearer {tokens.access}", body)

    async def _login(self) -> _Tokens:
        pair = f"{self.options['username']}:{self.options['password']}".encode()
        answer = await self._request("POST", "/token/login", f"Basic {base64.b64encode(pair).decode()}")
        if answer.status == 401:
            detail = "freqtrade does not know this user name and password"
            raise DeliveryFailed("status", detail, status=401, final=True, is_config=True)
        told = _document(self.accepted(answer))
        self.bot.tokens = _Tokens(_text(told, "access_token"), _text(told, "refresh_token"))
        return self.bot.tokens

    async def _renew(self) -> None:
        """Refresh the access token; if that is refused too, the next request logs in."""
        tokens, self.bot.tokens = self.bot.tokens, None
        if tokens is None:
            return
        answer = await self._request("POST", "/token/refresh", f"Bearer {tokens.refresh}")
        if answer.is_accepted:
            self.bot.tokens = _Tokens(_text(_document(answer), "access_token"), tokens.refresh)

    async def _request(self, method: str, path: str, authorization: str, body: bytes = b"") -> Answer:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        url, patience = f"{self.options['url']}/api/v1{path}", self._medium.patience
        session = self._medium.session
        return await ask(session, url, body, headers, patience=patience, method=method, wants_body=True)

    def accepted(self, answer: Answer) -> Answer:
        """Return an answer; raises DeliveryFailed for one that is no success."""
        require_accepted(answer, self._medium.world.clock.now())
        return answer


async def _tested(talk: _Talk) -> Accepted:
    config = await _config(talk)
    mode = "a dry run" if config.get("dry_run") else "real money"
    return Accepted(answer=f"freqtrade runs with {mode}, and takes entries from outside")


async def _config(talk: _Talk) -> Mapping[str, Any]:
    """Return the bot's settings; raises DeliveryFailed if it takes no entries."""
    config = await talk.get("/show_config")
    if not isinstance(config, dict):
        raise _bad_answer()
    if config.get("force_entry_enable") is not True:
        raise DeliveryFailed("not_enabled", REFUSALS["not enabled"], final=True, is_config=True)
    if config.get("state") != "running":
        raise DeliveryFailed("not_running", REFUSALS["not running"], is_config=True)
    return config


async def _entered(talk: _Talk, order: Order, *, is_repeat: bool) -> Accepted:
    """Open a trade, unless an earlier attempt has."""
    await _config(talk)
    tag = entry_tag(order.key)
    if is_repeat:
        placed = next((each for each in await _open_trades(talk) if each.get("enter_tag") == tag), None)
        if placed is not None:
            return Accepted(reference=_id_of(placed), answer=f"already placed, as trade {_id_of(placed)}")
    asked = {
        "pair": _pair(order, talk.options),
        "side": "short" if order.action is Action.ENTER_SHORT else "long",
        "price": order.price if talk.options.get("order_type") == "limit" else None,
        "ordertype": talk.options.get("order_type") or "market",
        "stakeamount": talk.options.get("stake"),
        "leverage": talk.options.get("leverage"),
        "entry_tag": tag,
    }
    document = {name: value for name, value in asked.items() if value is not None}
    answer = await _placed(talk, "/forceenter", document)
    trade = _document(answer)
    if not isinstance(trade, dict) or "trade_id" not in trade:
        raise DeliveryFailed("refused", "freqtrade did not open a trade; its log says why", final=True)
    return Accepted(reference=_id_of(trade), status=answer.status, answer=orders.answer_text(answer.body))


async def _left(talk: _Talk, order: Order) -> Accepted:
    """Close every open trade of the pair on the side asked for, one after the other."""
    pair, side = _pair(order, talk.options), _side(order.action)
    trades = [
        each
        for each in await _open_trades(talk)
        if each.get("pair") == pair and side in (None, bool(each.get("is_short")))
    ]
    if not trades:
        return Accepted(answer=f"no open trade of {pair}: nothing to exit")
    answers = []
    for trade in trades:
        document = {"tradeid": _id_of(trade), "ordertype": talk.options.get("order_type") or "market"}
        answers.append((await _placed(talk, "/forceexit", document)).body)
    reference = " ".join(map(_id_of, trades))
    return Accepted(reference=reference, status=200, answer=orders.answer_text(b" ".join(answers)))


async def _placed(talk: _Talk, path: str, document: Mapping[str, object]) -> Answer:
    """Ask for an order; one whose outcome is not known is asked about again only after a while."""
    try:
        answer = await talk.ask("POST", path, document)
    except DeliveryFailed as error:
        failure = _in_doubt(error) if error.is_unknown else error
    else:
        if answer.status == 502 and (why := _error_of(answer)):
            known = (text for words, text in REFUSALS.items() if words in why.lower())
            detail = next(known, "freqtrade refused the order; its log says why")
            raise DeliveryFailed("refused", detail, status=502, final=True)
        if answer.status >= 500 and answer.status != 503:
            detail = f"it answered {answer.status}: whether it took the order is not known"
            raise _in_doubt(DeliveryFailed("status", detail, status=answer.status))
        return talk.accepted(answer)
    raise failure


def _in_doubt(error: DeliveryFailed) -> DeliveryFailed:
    """Return the failure of a request that the bot may still be working on."""
    return DeliveryFailed(
        error.error, error.detail, status=error.status, is_unknown=True, retry_after=SETTLING
    )


async def _open_trades(talk: _Talk) -> list[dict[str, Any]]:
    told = await talk.get("/status")
    if not isinstance(told, list):
        raise _bad_answer()
    return [each for each in told if isinstance(each, dict)]


def entry_tag(key: str) -> str:
    """Return the tag that an entry carries, the same over all attempts of a message."""
    return f"ca-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _side(action: Action) -> bool | None:
    """Return whether shorts (or longs) are meant, None for both."""
    return None if action is Action.EXIT else action is Action.EXIT_SHORT


def _pair(order: Order, options: Mapping[str, object]) -> str:
    pair, settle = order.symbol.canonical(), str(options.get("settle") or "").upper()
    return f"{pair}:{settle}" if settle and ":" not in pair else pair


def _document(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        raise _bad_answer() from None


def _error_of(answer: Answer) -> str:
    """Return what freqtrade says is wrong; nothing if it was somebody before it who answered."""
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return ""
    return str(told.get("error") or "")


def _text(document: object, name: str) -> str:
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise _bad_answer()
    return value


def _id_of(trade: Mapping[str, Any]) -> str:
    return orders.answer_text(str(trade.get("trade_id")).encode())[:20]


def _bad_answer() -> DeliveryFailed:
    return DeliveryFailed("bad_answer", "what answers there is no freqtrade", is_config=True)


def _fingerprint(channel: Channel) -> str:
    return fingerprint(
        f"{channel.options['url']} {channel.options['username']} {channel.options['password']}"
    )
