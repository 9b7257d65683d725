"""The mock venue needs no socket: a subscription is answered, then prices come by the clock."""

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.market import Control, ControlKind, Fact, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.streaming.transport import Closed
from crypto_portfolio_analyzer.streaming.transports.mock_transport import MockTransport
from crypto_portfolio_analyzer.tasks import Nursery
from tests.streaming.wire import until

WISHES = [Subscription("BTC/USDT", Channel.TRADES), Subscription("BTC/USDT", Channel.TICKER)]


async def test_a_session_speaks_until_it_is_closed() -> None:
    clock, exchange, heard = ScaledClock(50.0), EXCHANGES["mock"](), list[Fact]()
    decoder = exchange.decoder()

    def take(frame: bytes) -> None:
        heard.extend(decoder.decode(frame, clock.now()))

    connection = await MockTransport().connect(
        "mock:?seed=7&interval=0.5", take, headers={}, timeout=1.0, clock=clock
    )
    nursery = Nursery()
    await nursery.start()
    ended = nursery.spawn(connection.wait_closed())
    for message in exchange.subscribe(WISHES, 1):
        connection.send(message.text)
    await until(lambda: {type(fact) for fact in heard} >= {Trade, Ticker, Control})

    assert ControlKind.ACK in [fact.kind for fact in heard if isinstance(fact, Control)]
    assert await connection.ping() == 0.0
    connection.close()
    assert await ended == Closed(1000)
    connection.abort()
    await nursery.stop()


async def test_the_seed_decides_the_prices() -> None:
    clock, exchange = ScaledClock(50.0), EXCHANGES["mock"]()
    told: dict[int, list[float]] = {}
    nursery = Nursery()
    await nursery.start()
    for seed in (1, 2):
        prices, decoder = told.setdefault(seed, []), exchange.decoder()

        def take(frame: bytes, prices: list[float] = prices, decoder=decoder) -> None:
            prices.extend(
                fact.price for fact in decoder.decode(frame, clock.now()) if isinstance(fact, Trade)
            )

        connection = await MockTransport().connect(
            f"mock:?seed={seed}", take, headers={}, timeout=1.0, clock=clock
        )
        nursery.spawn(connection.wait_closed())
        for message in exchange.subscribe(WISHES[:1], 1):
            connection.send(message.text)
    await until(lambda: len(told[1]) > 3 and len(told[2]) > 3)
    await nursery.stop()

    assert told[1][:3] != told[2][:3]
