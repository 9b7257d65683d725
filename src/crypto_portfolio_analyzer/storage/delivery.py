"""Everything the delivery engine asks of storage, in one."""

from collections.abc import AsyncGenerator, Collection

from crypto_portfolio_analyzer.storage.channels import ChannelStore
from crypto_portfolio_analyzer.storage.claiming import ClaimStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.deliveries import DeliveryLog
from crypto_portfolio_analyzer.storage.outbox import OutboxStore
from crypto_portfolio_analyzer.storage.sealing import Sealing
from crypto_portfolio_analyzer.storage.settling import SettleStore
from crypto_portfolio_analyzer.storage.silences import SilenceStore
from crypto_portfolio_analyzer.storage.waking import wakings


class DeliveryStore(ChannelStore, ClaimStore, SettleStore, OutboxStore, DeliveryLog, SilenceStore):
    """Channels, the outbox and its log. Deliveries to channels of `unordered` types may overtake each other."""

    def __init__(self, database: Database, sealing: Sealing, unordered: Collection[str] = ()) -> None:
        super().__init__(database, sealing)
        self._unordered = frozenset(unordered)

    def wakings(self) -> AsyncGenerator[None, None]:
        """Yield whenever another process has queued something; on SQLite there is none, and it never yields."""
        return wakings(self._database)
