"""The mock venue: its sessions, and what its market tells them."""

import json
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.market import Control, ControlKind, Fact, Reject, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.exchanges.mock import Mock, MockMarket, MockSession
from tests.fakes import NOON, SECOND

MOCK = Mock()
FIVE = ["BTC/USDT", "ETH/USDT", "ADA/USDT", "DOT/USDT", "LINK/USDT"]


def facts(frames: list[bytes], at: int = NOON + 3600 * SECOND) -> list[Fact]:
    decoder = MOCK.decoder()
    return [fact for frame in frames for fact in decoder.decode(frame, at)]


def ask(*names: str, op: str = "subscribe") -> str:
    return json.dumps({"op": op, "id": 1, "names": names})


def test_the_venue_says_that_it_is_simulated():
    assert MOCK.simulated
    assert "imulated" in MOCK.label


def test_all_subscriptions_go_into_one_message():
    wishes = [Subscription("BTC/USDT", Channel.TRADES), Subscription("ETH", Channel.TICKER)]

    (message,) = MOCK.subscribe(wishes, 4)

    assert json.loads(message.text) == {
        "op": "subscribe",
        "id": 4,
        "names": ["trades:BTC/USDT", "ticker:ETH/USDT"],
    }
    assert message.request_id == 4


def test_a_market_tells_trades_and_tickers_of_every_symbol():
    market = MockMarket(7, FIVE, NOON)

    told = facts(market.frames(NOON + 10 * SECOND))

    assert not [fact for fact in told if isinstance(fact, Reject)]
    assert {fact.symbol for fact in told if isinstance(fact, Trade)} == set(FIVE)
    assert Counter(fact.symbol for fact in told if isinstance(fact, Ticker)) == dict.fromkeys(FIVE, 10)


def test_frames_come_in_order_of_time():
    told = facts(MockMarket(7, FIVE, NOON).frames(NOON + 20 * SECOND))

    instants = [fact.event_at for fact in told if isinstance(fact, Trade | Ticker)]
    assert instants == sorted(instants)
    assert all(NOON < at <= NOON + 20 * SECOND for at in instants)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_how_often_a_market_is_asked_changes_nothing(steps):
    at_once, often = (MockMarket(3, FIVE[:2], NOON) for _ in range(2))
    now, asked = NOON, []

    for step in steps:
        now += step * 1_000_000
        asked += often.frames(now)

    assert asked == at_once.frames(now)


def test_trades_are_numbered_without_a_hole():
    market = MockMarket(7, FIVE, NOON)
    numbers: dict[str, list[int]] = defaultdict(list)

    for second in range(1, 31):
        for fact in facts(market.frames(NOON + second * SECOND)):
            if isinstance(fact, Trade):
                numbers[fact.symbol].append(fact.trade_id or 0)

    assert all(each == list(range(each[0], each[0] + len(each))) for each in numbers.values())


def test_tickers_hang_together_with_the_trades():
    last: dict[str, tuple[float, int | None]] = {}

    for fact in facts(MockMarket(7, FIVE, NOON).frames(NOON + 60 * SECOND)):
        if isinstance(fact, Trade):
            last[fact.symbol] = (fact.price, fact.trade_id)
        elif isinstance(fact, Ticker):
            assert last.get(fact.symbol, (fact.price, fact.last_trade_id)) == (fact.price, fact.last_trade_id)
            assert fact.open_24h is not None
            assert fact.change_24h == fact.price - fact.open_24h
            assert fact.change_percent_24h == pytest.approx(fact.change_24h / fact.open_24h * 100)
            assert (fact.low_24h or 0) <= fact.price <= (fact.high_24h or 0)


def test_time_that_stands_still_or_steps_back_tells_nothing():
    market = MockMarket(7, FIVE, NOON)

    assert market.frames(NOON) == market.frames(NOON - 1) == []


def test_a_sleeper_has_lost_what_is_long_past():
    market = MockMarket(7, ["BTC/USDT"], NOON)

    told = facts(market.frames(NOON + 3600 * SECOND))

    assert min(fact.event_at for fact in told if isinstance(fact, Trade)) > NOON + 2999 * SECOND


def test_a_session_acknowledges_and_shows_the_price_at_once():
    session = MockSession(seed=7, start=NOON)

    ack, ticker = facts(session.receive(ask("ticker:BTC/USDT", "trades:BTC/USDT")))

    assert ack == Control("mock", ControlKind.ACK, NOON + 3600 * SECOND, request_id=1, names=("BTC/USDT",))
    assert isinstance(ticker, Ticker)
    assert ticker.event_at == NOON


def test_a_session_tells_what_was_asked_for_and_no_more():
    session = MockSession(seed=7, start=NOON)
    session.receive(ask("trades:BTC/USDT", "ticker:ETH/USDT"))

    told = facts(session.frames(NOON + 5 * SECOND))

    assert {fact.symbol for fact in told if isinstance(fact, Trade)} == {"BTC/USDT"}
    assert {fact.symbol for fact in told if isinstance(fact, Ticker)} == {"ETH/USDT"}
    assert isinstance(told[-1], Control)


def test_a_session_falls_silent_but_for_heartbeats_when_all_is_ended():
    session = MockSession(seed=7, start=NOON)
    session.receive(ask("trades:BTC/USDT"))

    answer = facts(session.receive(ask("trades:BTC/USDT", "ticker:ETH/USDT", op="unsubscribe")))
    told = facts(session.frames(NOON + 5 * SECOND))

    assert [fact.kind for fact in answer + told if isinstance(fact, Control)] == [
        ControlKind.ACK,
        ControlKind.HEARTBEAT,
    ]


def test_a_session_opened_anew_goes_on_where_the_market_is():
    first, second = MockSession(seed=7, start=NOON), MockSession(seed=7, start=NOON + 40 * SECOND)
    for session in (first, second):
        session.receive(ask("trades:BTC/USDT"))

    whole, rest = (session.frames(NOON + 60 * SECOND)[:-1] for session in (first, second))

    assert rest
    assert whole[-len(rest) :] == rest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        '{"op":"explode","names":[]}',
        ask("trades:BTC"),
        ask("news:BTC/USDT"),
        ask("BTC/USDT"),
        ask('trades:A"B/C'),
    ],
)
def test_a_session_refuses_what_it_does_not_understand(text):
    (fact,) = facts(MockSession(seed=7, start=NOON).receive(text))

    assert isinstance(fact, Control)
    assert fact.kind is ControlKind.REFUSED


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_session_never_raises(text):
    assert MockSession(seed=7, start=NOON).receive(text)


def test_there_is_no_rest():
    answers = [
        *MOCK.decode_trades("BTC/USDT", b"[]", NOON),
        *MOCK.decode_bars("BTC/USDT", "1m", b"[]", NOON),
        *MOCK.decode_tickers([], b"[]", NOON),
        MOCK.decode_book("BTC/USDT", b"{}", NOON),
    ]

    assert all(isinstance(answer, Reject) for answer in answers)
    assert MOCK.decode_instruments(b"[]") == []
    requests = [
        MOCK.trades_request("BTC/USDT", from_id=1),
        MOCK.bars_request("BTC/USDT", "1m", NOON, NOON),
        MOCK.tickers_request([]),
        MOCK.instruments_request(),
        MOCK.book_request("BTC/USDT"),
    ]
    assert requests == [None] * 5
