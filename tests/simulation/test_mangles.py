"""What faults do to frames."""

import json
from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.faults import Fault, FaultKind
from crypto_portfolio_analyzer.simulation.mangles import Duplicate, Garbage, Reorder, Skip, garbage

FRAMES = [b'{"number":%d}' % number for number in range(1000)]
MODELS = [
    b'{"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"p":"64000.10000000","q":"0.01000000","f":1,"l":1,"T":1,"m":true}',
    b'{"stream":"btcusdt@ticker","data":{"e":"24hrTicker","E":1,"s":"BTCUSDT","p":"-1.0","P":"-1","c":"64000.1","x":"1"}}',
    b'{"type":"match","trade_id":1,"side":"buy","size":"1","price":"64000.1","product_id":"BTC-USD"}',
    b'{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":64000.1,"qty":0.1}]}',
    b'{"channel":"trade","type":"update","data":[{"price":64000.1,"qty":0.1},{"price":64000.2,"qty":0.1}]}',
    b'{"channel":"heartbeat"}',
]


@pytest.fixture
def injected() -> Counter[FaultKind]:
    return Counter()


@pytest.fixture
def connection() -> Connection:
    sent: list[bytes] = []
    return cast("Connection", SimpleNamespace(number=1, send=sent.append, queued=sent))


def prices(value: Any) -> list[Any]:
    if isinstance(value, dict):
        own = [part for name, part in value.items() if name in ("p", "c", "price")]
        return own + [found for part in value.values() for found in prices(part)]
    return [found for part in value for found in prices(part)] if isinstance(value, list) else []


def is_price(value: Any) -> bool:
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return 0 < value < 1e15
    try:
        return isinstance(value, str) and value.isascii() and 0 < float(value) < 1e15
    except ValueError:
        return False


@given(st.integers(), st.sampled_from(MODELS))
def test_garbage_is_text_and_never_a_valid_frame(seed, model):
    text = garbage(Random(seed), model).decode()

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    assert not isinstance(document, dict) or not any(map(is_price, prices(document)))


def test_every_valid_frame_survives_between_the_garbage(connection, injected):
    mangle = Garbage(Fault(FaultKind.GARBAGE, value=700), Random(1), injected)

    sent = mangle(connection, FRAMES)
    again = mangle(connection, FRAMES)

    assert [frame for frame in sent if frame in set(FRAMES)] == FRAMES
    assert len(sent) + len(again) == 2700
    assert injected == {FaultKind.GARBAGE: 700}
    assert mangle(connection, FRAMES) == FRAMES


def test_duplicates_come_directly_after_the_first(connection, injected):
    sent = Duplicate(Fault(FaultKind.DUPLICATE, share=0.1), Random(1), injected)(connection, FRAMES)

    assert list(dict.fromkeys(sent)) == FRAMES
    assert len(sent) - len(FRAMES) == injected[FaultKind.DUPLICATE]
    assert 60 < injected[FaultKind.DUPLICATE] < 140


def test_held_frames_come_within_the_given_time(connection, injected):
    now = [0.0]
    mangle = Reorder(Fault(FaultKind.REORDER, value=2.0, share=0.3), Random(1), injected, lambda: now[0])

    first = mangle(connection, FRAMES)
    now[0] = 2.0
    late = mangle(connection, [])

    assert sorted(first + late) == sorted(FRAMES)
    assert 200 < len(late) == injected[FaultKind.REORDER] < 400


def test_held_frames_are_not_lost_when_the_fault_ends(connection, injected):
    mangle = Reorder(Fault(FaultKind.REORDER, value=60.0, share=0.3), Random(1), injected, lambda: 0.0)
    first = mangle(connection, FRAMES)

    mangle.release(connection)

    assert sorted(first + connection.queued) == sorted(FRAMES)


def test_skip_drops_so_many_trades_and_nothing_else(connection, injected):
    mangle = Skip(Fault(FaultKind.SKIP, value=2), injected, lambda payload: payload.endswith(b"7}"))

    assert mangle(connection, FRAMES[:40]) == [*FRAMES[:7], *FRAMES[8:17], *FRAMES[18:40]]
    assert mangle(connection, FRAMES[40:]) == FRAMES[40:]
