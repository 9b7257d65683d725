"""Orders: what a trading bot is told, read off a firing or somebody else's signal, and when it must not be sent.

A bot spends money, so an order has a time to live, a price it was made for, and one identity over every attempt.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from crypto_portfolio_analyzer.channels.kinds import Option, World
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.core.notices.markup import clean, one_line
from crypto_portfolio_analyzer.core.notices.notification import Kind, Notification
from crypto_portfolio_analyzer.core.symbols import Symbol, parse_symbol
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidSymbol

TTL = 60.0
"""Seconds after which an order is worth nothing, unless the owner says otherwise."""
SCHEDULE = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts: all within the usual time to live."""
MOST_ANSWER = 500
BY_TAG = "by_tag"


class Action(StrEnum):
    """What a bot is asked to do; `exit` leaves open which side is closed."""

    ENTER_LONG = "enter_long"
    EXIT_LONG = "exit_long"
    ENTER_SHORT = "enter_short"
    EXIT_SHORT = "exit_short"
    EXIT = "exit"

    @property
    def is_entry(self) -> bool:
        """Whether it opens something."""
        return self in (Action.ENTER_LONG, Action.ENTER_SHORT)

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self in (Action.ENTER_LONG, Action.EXIT_SHORT)


WORDS = {
    **{each.value: each for each in Action},
    "buy": Action.ENTER_LONG,
    "long": Action.ENTER_LONG,
    "sell": Action.EXIT_LONG,
    "short": Action.ENTER_SHORT,
    "cover": Action.EXIT_SHORT,
    "close": Action.EXIT,
    "flat": Action.EXIT,
}
"""How an action may be written as a tag or in a signal; a bare `sell` sells what one has."""

OPTIONS = (
    Option(
        "action",
        "choice",
        "what every alert of this channel asks for; by_tag: the alert's tag (or the signal) says it",
        default=BY_TAG,
        choices=(BY_TAG, *(each.value for each in Action)),
    ),
    Option("ttl_seconds", "number", "seconds after which an order is dropped; 60"),
    Option(
        "max_price_move_percent",
        "number",
        "drop the order if the price has moved by more since, or is not known",
    ),
)
"""The options that every bot has."""


class Order(Struct, frozen=True, kw_only=True):
    """What a bot is asked to do. `at` is when it came about and `expires_at` when it is worth nothing, ns UTC."""

    key: str
    symbol: Symbol
    action: Action
    price: float | None
    venue: str
    at: int
    expires_at: int
    rule: str = ""
    revision: int = 0


def check_order_options(options: Options) -> None:
    """Read the options that every bot has."""
    options.choice("action")
    options.number("ttl_seconds", 1, 86_400)
    options.number("max_price_move_percent", 0.01, 100)


def ttl_of(options: Mapping[str, object]) -> float:
    """Return the seconds after which an order is dropped."""
    return float(str(options.get("ttl_seconds") or TTL))


def order_of(notification: Notification) -> Order:
    """Return the order that a notification is; raises DeliveryFailed, final, if it is none."""
    options, firing, alert = notification.channel.options, notification.firing, notification.alert
    symbol, price = _priced(notification)
    if notification.kind is Kind.FIRING and firing is not None:
        venue, at = firing.evidence.venue, firing.event_at
        said: Iterable[str] = alert.tags if alert is not None else ()
        rule, revision = firing.alert_id, firing.revision
    elif notification.kind is Kind.INBOUND and len(notification.works) == 1:
        venue, at = "", notification.works[0].delivery.created_at
        said, rule, revision = (str(notification.data.get("action") or ""),), "", 0
    else:
        raise _impossible("no_order", "only a firing or a signal is an order")
    return Order(
        key=notification.key,
        symbol=_symbol(symbol),
        action=_action(str(options.get("action") or BY_TAG), said),
        price=price,
        venue=venue,
        at=at,
        expires_at=notification.expires_at or at + int(ttl_of(options) * 1e9),
        rule=rule,
        revision=revision,
    )


def require_in_time(order: Order, world: World) -> None:
    """Raise DeliveryFailed, final, for an order past its time to live."""
    if world.clock.now() >= order.expires_at:
        raise _impossible("expired", "the order is older than its time to live")


def require_price(notification: Notification, world: World) -> None:
    """Raise DeliveryFailed, final, if a price is no longer what an order was made for, or cannot be known.

    Only where the channel sets a limit, and only for what may be acted on: a firing, or somebody else's signal.
    """
    limit = notification.channel.options.get("max_price_move_percent")
    if limit is None or notification.kind not in (Kind.FIRING, Kind.INBOUND):
        return
    symbol, made_for = _priced(notification)
    now = world.price(_symbol(symbol).canonical())
    if now is None or not made_for:
        raise _impossible("price_unknown", "there is no fresh price to compare the order's with")
    moved = abs(now - made_for) / made_for * 100
    if moved > float(str(limit)):
        raise _impossible(
            "price_moved", f"the price has moved by {moved:.2f}% since, more than {float(str(limit)):g}%"
        )


def answer_text(body: bytes) -> str:
    """Return what a bot answered on one line, cut, without characters that do anything."""
    return clean(one_line(body.decode("utf-8", "replace")), "note")[:MOST_ANSWER]


def _priced(notification: Notification) -> tuple[str, float | None]:
    """Return the symbol of a firing or a signal, as it is written there, and the price that it names."""
    firing, data = notification.firing, notification.data
    if firing is not None:
        return firing.symbol, firing.price
    return str(data.get("symbol") or ""), _number(data.get("price"))


def _symbol(text: str) -> Symbol:
    try:
        symbol = parse_symbol(text)
    except InvalidSymbol:
        raise _impossible("no_order", "the signal names no symbol") from None
    if symbol.quote is None:
        raise _impossible("no_order", f"{symbol.base} is no pair: what it is traded against is not said")
    return symbol


def _action(chosen: str, said: Iterable[str]) -> Action:
    if chosen != BY_TAG:
        return Action(chosen)
    found = {WORDS[word] for word in map(_word, said) if word in WORDS}
    if len(found) != 1:
        problem = "contradict each other" if found else "do not say what to do"
        detail = (
            f"the alert's tags {problem}; tag it with one of {', '.join(Action)}, or choose `action` here"
        )
        raise DeliveryFailed("no_order", detail, final=True, is_config=True)
    return found.pop()


def _word(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _impossible(error: str, detail: str) -> DeliveryFailed:
    return DeliveryFailed(error, detail, final=True)
