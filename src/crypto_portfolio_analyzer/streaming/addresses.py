"""Where venues are reached: as given, else as the environment says, else as their plugin says."""

import os
from collections.abc import Mapping

from msgspec import Struct

from crypto_portfolio_analyzer.core.venues import Exchange

PREFIX = "CRYPTO_ANALYZER_EXCHANGES__"


class Address(Struct, frozen=True):
    """A venue's stream and REST bases; None means the default."""

    ws_url: str | None = None
    rest_url: str | None = None


Addresses = Mapping[str, Address]


def address_of(exchange: type[Exchange], given: Addresses | None = None) -> Address:
    """Return the bases of a venue, both filled in.

    The library is used without settings too (S1's examples), so the two variables are honoured here as well.
    """
    chosen = (given or {}).get(exchange.name) or Address()
    prefix = f"{PREFIX}{exchange.name.upper()}__"
    return Address(
        chosen.ws_url or os.environ.get(f"{prefix}WS_URL") or exchange.ws_url,
        chosen.rest_url or os.environ.get(f"{prefix}REST_URL") or exchange.rest_url,
    )
