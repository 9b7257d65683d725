"""How many things of a kind one owner may have; the local admin may have any number."""

from msgspec import Struct

from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


class Quotas(Struct, frozen=True):
    """The most of each kind that routes make; alerts, channels and holdings are counted where they are kept."""

    silences: int
    watchlists: int
    hooks: int

    @classmethod
    def of(cls, settings: Settings) -> "Quotas":
        """Return what the settings say."""
        return cls(settings.silences_per_owner, settings.watchlists_per_owner, settings.hooks_per_owner)

    def most(self, kind: str, owner: str) -> int | None:
        """Return how many an owner may have of `kind`, the name of a field; None: any number."""
        most: int = getattr(self, kind)
        return None if owner == LOCAL_ADMIN else most
