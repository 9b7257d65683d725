"""Channels, deliveries and attempts as rows, and back."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import asdict

from crypto_portfolio_analyzer.core.notices.notification import (
    MAX_AGE,
    Attempt,
    AttemptOutcome,
    Channel,
    Content,
    Delivery,
    DeliveryState,
    Kind,
)
from crypto_portfolio_analyzer.storage.delivery_tables import attempts as attempts_table
from crypto_portfolio_analyzer.storage.delivery_tables import channels as channels_table
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries as deliveries_table
from crypto_portfolio_analyzer.storage.sealing import Sealing

CHANNEL_COLUMNS = [
    channels_table.columns["sealed" if name == "options" else name] for name in Channel.__struct_fields__
]
"""What `channel_of` wants selected."""
DELIVERY_COLUMNS = [deliveries_table.columns[name] for name in Delivery.__struct_fields__]
"""What `delivery_of` wants selected."""
ATTEMPT_COLUMNS = [attempts_table.columns[name] for name in Attempt.__struct_fields__]
"""What `attempt_of` wants selected."""

_KINDS = {str(each): each for each in Kind}
_STATES = {str(each): each for each in DeliveryState}
_contents = msgspec.json.Decoder(Content)


def channel_values(channel: Channel, sealing: Sealing) -> dict[str, Any]:
    """Return a channel's columns, its options sealed."""
    values = asdict(channel)
    values["sealed"] = sealing.seal(values.pop("options"))
    return values


def channel_of(row: Sequence[Any], sealing: Sealing) -> Channel:
    """Return the channel of a row of CHANNEL_COLUMNS; raises ConfigError if its options cannot be opened."""
    values = dict(zip(Channel.__struct_fields__, row, strict=True))
    return Channel(**values | {"options": sealing.open(values["options"])})


def delivery_of(row: Sequence[Any]) -> Delivery:
    """Return the delivery of a row of DELIVERY_COLUMNS."""
    values = dict(zip(Delivery.__struct_fields__, row, strict=True))
    values["kind"] = _KINDS[values["kind"]]
    values["state"] = _STATES[values["state"]]
    if values["content"] is not None:
        values["content"] = _contents.decode(values["content"])
    return Delivery(**values)


def attempt_of(row: Sequence[Any]) -> Attempt:
    """Return the attempt of a row of ATTEMPT_COLUMNS."""
    values = dict(zip(Attempt.__struct_fields__, row, strict=True))
    return Attempt(**values | {"outcome": AttemptOutcome(values["outcome"])})


def expiry(since: int, ttl: int | None) -> int:
    """Return until when something of an instant is worth telling on a channel with this time to live (ns)."""
    return since + (MAX_AGE if ttl is None else ttl)
