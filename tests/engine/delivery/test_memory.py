"""What was told lately is remembered, within bounds."""

from crypto_portfolio_analyzer.core.alerts import Severity, Silence
from crypto_portfolio_analyzer.engine.delivery import memory
from crypto_portfolio_analyzer.engine.delivery.memory import Memory
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.outbox import MemoryOutbox
from tests.engine.delivery.works import SECOND, work
from tests.fakes import NOON


def test_the_first_telling_of_a_firing_in_a_place_is_remembered(monkeypatch):
    monkeypatch.setattr(memory, "REMEMBERED", 2)
    own, some = Memory(MemoryOutbox()), [work(n) for n in range(3)]
    for each in some:
        own.ready((each,), "lane")

    assert list(own.told.values()) == ["d1", "d2"]


def test_what_was_critical_is_remembered_by_channel_and_symbol():
    own, channel = Memory(MemoryOutbox()), channel_of()
    own.accepted((work(1, severity=Severity.CRITICAL), work(2, symbol="ETH/USDT")), channel, NOON)

    assert own.critical(channel) == {"BTC/USDT": NOON}
    assert own.critical(channel_of()) == {}


async def test_silences_are_read_once_a_second():
    store = MemoryOutbox()
    own = Memory(store)
    assert await own.silences(NOON) == []
    made = Silence(id="s", owner="anna", matchers={"name": "*"}, starts_at=NOON, ends_at=NOON + 10**12)
    store.muted.append(made)

    assert await own.silences(NOON + SECOND - 1) == []
    assert await own.silences(NOON + SECOND) == [made]
