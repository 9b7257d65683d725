"""From firings to what is shown of them: joined with their alerts, what became of them, and who has seen them."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.api.alert_schemas import FiringView
from crypto_portfolio_analyzer.api.alert_views import alerts_of, firing_view
from crypto_portfolio_analyzer.api.delivery_views import of_firings
from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.core.alerts import Firing


async def firing_views(house: Doors, owner: str, firings: Sequence[Firing]) -> list[FiringView]:
    """Show some of an owner's firings, in their order."""
    alerts = await alerts_of(house.alert_store, owner, firings)
    told = await of_firings(house.delivery.store, owner, firings)
    marks = await house.alert_store.seen(owner, [each.id for each in firings])
    return [
        firing_view(
            each,
            alerts.get(each.alert_id),
            simulated=house.simulated,
            seen=marks.get(each.id),
            deliveries=told.get(each.id, ()),
        )
        for each in firings
    ]
