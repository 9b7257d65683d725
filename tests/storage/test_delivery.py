"""Tests of storage/delivery.py."""

from crypto_portfolio_analyzer.engine.delivery import ports
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.storage.made import NOW, SEALING, alert, channel, fires


def fits(store: DeliveryStore) -> ports.DeliveryStore:
    """Say to the type checker that the store is what the engine asks for."""
    return store


async def test_store_is_what_the_delivery_engine_asks_for(database):
    made: ports.DeliveryStore = DeliveryStore(database, SEALING)

    public = {name for name in vars(ports.DeliveryStore) if not name.startswith("_")}
    assert public <= set(dir(made))


async def test_channels_outbox_and_log_are_one(outbox, store):
    """A channel is made, an alert fires, the firing is told: each part sees what the others did."""
    phone = await outbox.add_channel(channel(is_default=True), "ada")
    (high,) = await store.create([alert()], NOW, "ada")
    (fired,) = await store.commit(fires(high), NOW)

    (lane,) = await outbox.lanes(NOW)
    (work,) = await outbox.claim({lane.channel.id: lane.due}, NOW, NOW + 1, "me")

    assert lane.channel == phone
    assert (work.firing, work.alert) == (fired, high)
    assert await outbox.of_firings("ada", [fired.id]) == {fired.id: [work.delivery]}
    assert await outbox.silences("ada", NOW) == []
