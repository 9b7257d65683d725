"""What the engine asks for is what storage and every registered type of channel offer."""

from crypto_portfolio_analyzer.channels.kinds import CHANNELS
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, DeliveryStore
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore as RealStore
from tests.engine.delivery.outbox import MemoryOutbox


def calls(protocol):
    return {name for name in vars(protocol) if not name.startswith("_")} | set(protocol.__annotations__)


def test_the_store_and_its_stand_in_offer_every_call():
    for store in (RealStore, MemoryOutbox):
        assert [name for name in calls(DeliveryStore) if not callable(getattr(store, name, None))] == []


def test_every_registered_type_offers_every_part():
    missing = {name: calls(ChannelType) - set(dir(CHANNELS[name])) for name in CHANNELS.names()}

    assert len(missing) >= 5
    assert {name: parts for name, parts in missing.items() if parts} == {}
