"""What every exchange plugin promises, checked on each one that is registered.

A plugin brings `tests/exchanges/samples/<name>.jsonl`: one valid received message per line, as sent, at least one for
each of its channels. A plugin without a file is checked with its base class's.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Fact,
    Quote,
    Reject,
    RejectReason,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import AHEAD_NANOSECONDS, EARLIEST, MAX_QUANTITY
from crypto_portfolio_analyzer.core.symbols import QUOTES, parse_symbol
from crypto_portfolio_analyzer.core.venues import (
    EXCHANGES,
    MAX_FRAME_BYTES,
    Channel,
    Exchange,
    Subscription,
)
from crypto_portfolio_analyzer.errors import InvalidSymbol
from tests.conformance.hostile import NUMBERS, SAYS_NOTHING, TIMES
from tests.fakes import NOON

SAMPLES = Path(__file__).parent.parent / "exchanges" / "samples"
NAMES = EXCHANGES.names()
SHOWN_BY: dict[Channel, tuple[type, ...]] = {
    Channel.TRADES: (Trade,),
    Channel.TICKER: (Ticker,),
    Channel.QUOTES: (Quote, Ticker),
    Channel.BARS: (Bar,),
    Channel.BOOK: (BookDelta, BookSnapshot),
}
MAY_BE_NEGATIVE = {"change_24h", "change_percent_24h"}
NOT_A_NUMBER = {RejectReason.TYPE, RejectReason.SHAPE, RejectReason.JSON}

every_exchange = pytest.mark.parametrize("name", NAMES)


def plugin(name: str) -> Exchange:
    return EXCHANGES[name]()


def samples(name: str) -> list[bytes]:
    """Read the messages of a plugin, or of the plugin it is derived from."""
    names = [getattr(kind, "name", "") for kind in EXCHANGES[name].__mro__]
    path = next(path for path in (SAMPLES / f"{each}.jsonl" for each in (name, *names)) if path.exists())
    return [line for line in path.read_bytes().splitlines() if line.strip()]


def decode(name: str, *frames: bytes) -> list[Fact]:
    decoder = plugin(name).decoder()
    return [fact for frame in frames for fact in decoder.decode(frame, NOON)]


def numbers(value: object) -> Iterator[float]:
    """Yield every float of a fact, within levels too."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        yield from chain.from_iterable(numbers(part) for part in value)
    elif isinstance(value, msgspec.Struct):
        yield from chain.from_iterable(numbers(getattr(value, field)) for field in value.__struct_fields__)


def is_sound(fact: Fact) -> bool:
    """Tell whether a fact may be handed on: typed, finite, in range, and in time."""
    assert isinstance(fact, get_args(Fact))
    msgspec.json.encode(fact)
    for field in ("price", "quantity", "bid", "ask", "open", "high", "low", "close", "open_24h", "high_24h"):
        value = getattr(fact, field, None)
        assert value is None or value > 0
    for field in ("event_at", "open_at"):
        at = getattr(fact, field, NOON)
        assert EARLIEST < at < NOON + AHEAD_NANOSECONDS
    return all(isfinite(number) and abs(number) < MAX_QUANTITY for number in numbers(fact))


def subscriptions(exchange: Exchange, count: int) -> list[Subscription]:
    assets = (f"A{number}" for number in range(count))
    symbols = [f"{asset}/{exchange.default_quote}" for asset in assets]
    return [Subscription(symbol, channel) for symbol in symbols for channel in sorted(exchange.channels)]


@every_exchange
def test_plugin_introduces_itself(name):
    exchange = plugin(name)

    assert exchange.name == name
    assert exchange.label.strip()
    assert exchange.default_quote in QUOTES
    assert exchange.channels & {Channel.TRADES, Channel.TICKER}
    assert exchange.simulated or exchange.ws_url.startswith("wss://")
    assert exchange.simulated or exchange.rest_url.startswith("https://")


@every_exchange
def test_limits_can_be_kept(name):
    limits = plugin(name).limits

    assert limits.subscriptions_per_message > 0
    assert limits.subscriptions_per_connection > 0
    for figure in ("messages_per_second", "connections", "connections_window", "rest_weight", "rest_window"):
        assert getattr(limits, figure) > 0
    assert limits.lifetime is None or limits.lifetime > limits.silence > 0
    assert limits.ping_every is None or limits.ping_every < limits.silence


@every_exchange
def test_symbols_have_one_spelling_each(name):
    exchange = plugin(name)
    symbols = [f"{base}/{exchange.default_quote}" for base in ("BTC", "ETH", "ADA", "DOT", "LINK", "SOL")]

    spellings = [exchange.venue_symbol(symbol) for symbol in symbols]

    assert len(set(spellings)) == len(symbols)
    assert spellings == [exchange.venue_symbol(symbol) for symbol in symbols]


@every_exchange
def test_decoded_symbols_are_canonical_and_known_to_the_venue(name):
    exchange = plugin(name)
    symbols = {fact.symbol for fact in decode(name, *samples(name)) if isinstance(fact, Trade | Ticker)}

    assert symbols
    for symbol in symbols:
        assert parse_symbol(symbol).canonical() == symbol
        assert exchange.venue_symbol(symbol)


@every_exchange
@pytest.mark.parametrize("text", ["", "///", "BTC USDT", "\x00", "A" * 100, "'; drop table"])
def test_what_names_no_market_is_refused(name, text):
    with pytest.raises(InvalidSymbol):
        plugin(name).venue_symbol(text)


@every_exchange
@pytest.mark.parametrize("count", [0, 1, 37, 450])
def test_every_subscription_is_asked_for_once(name, count):
    exchange = plugin(name)
    wanted = subscriptions(exchange, count)
    in_url = exchange.in_url(wanted)

    messages = exchange.subscribe(wanted[in_url:], 7)

    asked = [each for message in messages for each in message.subscriptions]
    assert 0 <= in_url <= len(wanted)
    assert Counter(asked) == Counter(wanted[in_url:])
    assert len(exchange.url(exchange.ws_url, wanted)) < 16_000


@every_exchange
@pytest.mark.parametrize("ask", ["subscribe", "unsubscribe"])
def test_messages_keep_the_limits(name, ask):
    exchange = plugin(name)
    wanted = subscriptions(exchange, 450)

    messages = getattr(exchange, ask)(wanted, 7)

    assert Counter(each for message in messages for each in message.subscriptions) == Counter(wanted)
    assert all(len(each.subscriptions) <= exchange.limits.subscriptions_per_message for each in messages)
    ids = [each.request_id for each in messages if each.request_id is not None]
    assert ids == list(range(7, 7 + len(ids)))
    for message in messages:
        text = json.loads(message.text)
        assert isinstance(text, dict)


@every_exchange
def test_samples_are_valid_and_show_every_channel(name):
    facts = decode(name, *samples(name))

    assert [fact for fact in facts if isinstance(fact, Reject)] == []
    assert all(is_sound(fact) for fact in facts)
    shown = {type(fact) for fact in facts}
    assert [each for each in plugin(name).channels if not shown & set(SHOWN_BY[each])] == []


@every_exchange
def test_decoding_twice_gives_the_same_bytes(name):
    first, second = (msgspec.json.encode(decode(name, *samples(name))) for _ in range(2))

    assert first == second


@every_exchange
def test_an_oversized_frame_is_refused(name):
    frame = samples(name)[0] + b" " * MAX_FRAME_BYTES

    (fact,) = decode(name, frame)

    assert isinstance(fact, Reject)
    assert fact.reason is RejectReason.TOO_LARGE


@every_exchange
@pytest.mark.parametrize("frame", [b"[" * 200_000, b'{"a":' * 150_000, b'"' + b"9" * 900_000, b"\xff\xfe{}"])
def test_a_bomb_is_refused(name, frame):
    facts = decode(name, frame)

    assert facts
    assert all(isinstance(fact, Reject) for fact in facts)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@every_exchange
@given(frame=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=150, deadline=None)
def test_arbitrary_bytes_never_raise(name, frame):
    assert all(is_sound(fact) for fact in decode(name, frame))


@st.composite
def mutated(draw: st.DrawFn, frames: list[bytes]) -> bytes:
    """Draw a valid message with some of its bytes replaced, removed, doubled or inserted."""
    frame = bytearray(draw(st.sampled_from(frames)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(frame)))
        until = draw(st.integers(at, min(len(frame), at + 12)))
        part = bytes(frame[at:until])
        grown = draw(
            st.sampled_from([b"", part * 2, b'"', b"-", b"0", b"9" * 20, b"e9", b"null", b"[", b"\xc3"])
        )
        frame[at:until] = grown if draw(st.booleans()) else draw(st.binary(max_size=4))
    return bytes(frame)


@st.composite
def reshaped(draw: st.DrawFn, frames: list[bytes]) -> bytes:
    """Draw a valid message with one of its values replaced by anything."""
    message = json.loads(draw(st.sampled_from(frames)))
    paths = list(leaves(message))
    return with_token(message, draw(st.sampled_from(paths)), json.dumps(draw(anything))) if paths else b"{}"


@every_exchange
@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_mutated_messages_never_raise(name, data):
    frames = samples(name)
    frame = data.draw(mutated(frames) | reshaped(frames))

    facts = decode(name, *frames, frame)

    assert all(is_sound(fact) for fact in facts)


Key = str | int


def leaves(value: object, path: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    """Yield the paths of all values that hold no others."""
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield path
        return
    for key, part in inner:
        yield from leaves(part, (*path, key))


def at(message: Any, path: tuple[Key, ...]) -> Any:
    for key in path:
        message = message[key]
    return message


def with_token(message: Any, path: tuple[Key, ...], token: str) -> bytes:
    """Return the message with the value at `path` replaced by raw JSON text."""
    if not path:
        return token.encode()
    changed = json.loads(json.dumps(message))
    at(changed, path[:-1])[path[-1]] = "\x01"
    return (
        json.dumps(changed, separators=(",", ":"), ensure_ascii=False)
        .encode()
        .replace(b'"\\u0001"', token.encode())
    )


def spelt(value: float, original: object) -> str:
    """Spell a number as JSON, quoted if the original was."""
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return f'"{text}"' if isinstance(original, str) else text


def changed_fields(before: list[Fact], after: list[Fact]) -> set[str]:
    """Return the names of the fields that hold other numbers than before."""
    return {
        field
        for old, new in zip(before, after, strict=True)
        for field in old.__struct_fields__
        if list(numbers(getattr(old, field))) != list(numbers(getattr(new, field)))
    }


def number_leaves(name: str, frame: bytes) -> dict[tuple[Key, ...], set[str]]:
    """Find the values of a message that become numbers of facts, by changing each a little."""
    message, before = json.loads(frame), decode(name, frame)
    found: dict[tuple[Key, ...], set[str]] = {}
    for path in leaves(message):
        try:
            value = float(at(message, path))
        except (TypeError, ValueError):
            continue
        for factor in (1.000001, 0.999999):
            after = decode(name, with_token(message, path, spelt(value * factor, at(message, path))))
            if len(after) == len(before) and [type(each) for each in after] == [
                type(each) for each in before
            ]:
                found.setdefault(path, set()).update(changed_fields(before, after))
    return {path: fields for path, fields in found.items() if fields}


@every_exchange
def test_hostile_numbers_are_refused_for_the_right_reason(name):
    wrong = []
    for frame in samples(name):
        message = json.loads(frame)
        for path, fields in number_leaves(name, frame).items():
            quoted = isinstance(at(message, path), str)
            for token, reasons in NUMBERS.items():
                if fields <= MAY_BE_NEGATIVE and RejectReason.NEGATIVE in reasons:
                    continue
                hostile = with_token(message, path, token)
                expected = reasons if token.startswith('"') == quoted else reasons | NOT_A_NUMBER
                for facts in (decode(name, hostile), decode(name, frame, frame, hostile)):
                    got = {fact.reason for fact in facts if isinstance(fact, Reject)}
                    assert all(is_sound(fact) for fact in facts)
                    if not got & expected and not (token in SAYS_NOTHING and not got):
                        wrong.append(f"{path} = {token[:40]}: {sorted(got)}, not {sorted(expected)}")

    assert wrong == []


@every_exchange
def test_zero_is_no_price_and_no_traded_quantity(name):
    for frame in samples(name):
        message = json.loads(frame)
        for path, fields in number_leaves(name, frame).items():
            if fields & {"price", "quantity", "open", "high", "low", "close"}:
                facts = decode(name, frame, with_token(message, path, spelt(0.0, at(message, path))))
                assert {RejectReason.ZERO} & {fact.reason for fact in facts if isinstance(fact, Reject)}


@every_exchange
def test_hostile_times_are_refused(name):
    for frame in samples(name):
        message, before = json.loads(frame), decode(name, frame)
        for path in leaves(message):
            for token in TIMES:
                facts = decode(name, frame, with_token(message, path, token))
                assert all(is_sound(fact) for fact in facts[len(before) :])


def test_corpus_is_large_enough():
    assert len(NUMBERS) >= 200
