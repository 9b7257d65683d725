"""Grouping: a flood becomes a digest. A digest of many deliveries settles them all, and each still counts."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from crypto_portfolio_analyzer.core.notices.notification import Work
from crypto_portfolio_analyzer.engine.delivery.sifting import (
    FLOOD,
    QUIET,
    Context,
    Ruling,
    held,
    is_news,
    is_old,
    was_held,
)
from crypto_portfolio_analyzer.engine.delivery.timing import BURST, FEW, LARGEST, WINDOW

Message = tuple[Work, ...]
"""Deliveries that one send tells; more than one is a digest."""


class Grouped(Struct):
    """Messages to send, in order, and deliveries that wait."""

    messages: list[Message] = field(default_factory=list)
    ruled: list[Ruling] = field(default_factory=list)


def grouping(works: Sequence[Work], context: Context) -> Grouped:
    """Make messages: one of each delivery, unless people would be flooded."""
    grouped = Grouped()
    for lane, own in _by_lane(works, context):
        if not may_gather(context):
            grouped.messages += [(work,) for work in own]
        else:
            _gather(lane, own, context, grouped)
    return grouped


def may_gather(context: Context) -> bool:
    """Tell whether the channel's deliveries may be put together."""
    return context.for_people and context.ttl is None and context.channel.options.get("group") != "off"


def window_end(sent: Sequence[int], now: int) -> int | None:
    """Return when the next message may go after a burst; None: now."""
    recent = [at for at in sent if at > now - WINDOW]
    return None if len(recent) < BURST else recent[-BURST] + WINDOW


def _gather(lane: str, works: Sequence[Work], context: Context, grouped: Grouped) -> None:
    news = [work for work in works if is_news(work)]
    grouped.messages += [(work,) for work in works if not is_news(work)]
    until = window_end(context.sent.get(lane, ()), context.now)
    if until is not None:
        grouped.ruled += [held(work, FLOOD, until) for work in news]
        return
    together = _together(news, context)
    ids = {work.delivery.id for work in together}
    singles: list[Message] = [(work,) for work in news if work.delivery.id not in ids]
    places = BURST - len([at for at in context.sent.get(lane, ()) if at > context.now - WINDOW])
    digests = [tuple(together[place : place + LARGEST]) for place in range(0, len(together), LARGEST)]
    messages = sorted([*singles, *digests], key=lambda message: message[0].delivery.number)
    grouped.messages += messages[:places]
    late = context.now + WINDOW
    grouped.ruled += [held(work, FLOOD, late) for message in messages[places:] for work in message]


def _together(news: Sequence[Work], context: Context) -> list[Work]:
    """Return what is to be told in one: all of a flood, what was held, what is old; signals of others never."""
    firings = [work for work in news if work.firing is not None]
    if max(len(news), context.waiting) > BURST:
        return firings if len(firings) > 1 else []
    held_back = [work for work in firings if was_held(work)]
    night = any(work.delivery.reason == QUIET for work in held_back)
    if len(held_back) <= (1 if night else FEW):
        held_back = []
    ids = {work.delivery.id for work in held_back}
    old = [work for work in firings if work.delivery.id in ids or is_old(work, context.now)]
    return old if len(old) > 1 else []


def _by_lane(works: Iterable[Work], context: Context) -> Iterator[tuple[str, list[Work]]]:
    lanes: dict[str, list[Work]] = {}
    for work in works:
        lanes.setdefault(context.lane(work), []).append(work)
    yield from lanes.items()
