"""Tests of storage/delivery_rows.py."""

from msgspec.structs import astuple
from sqlalchemy import insert, select

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import (
    MAX_AGE,
    Attempt,
    AttemptOutcome,
    Content,
    Delivery,
    DeliveryState,
    Kind,
)
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.delivery_rows import (
    ATTEMPT_COLUMNS,
    CHANNEL_COLUMNS,
    DELIVERY_COLUMNS,
    attempt_of,
    channel_of,
    channel_values,
    delivery_of,
    expiry,
)
from crypto_portfolio_analyzer.storage.delivery_tables import channels
from tests.storage.made import NOW, SEALING, channel


async def test_channel_survives_the_database(database):
    phone = channel(ttl=1, failing_since=2, paused_until=3, failures=4, disabled_reason="x")

    async with database.writing() as connection:
        await connection.execute(insert(channels).values(channel_values(phone, SEALING)))
        row = (await connection.execute(select(*CHANNEL_COLUMNS))).one()

    assert channel_of(row, SEALING) == phone


def test_delivery_is_read_from_its_columns():
    content = Content(title="t", severity=Severity.CRITICAL, data={"a": [1]})
    made = Delivery(
        id="n_c", number=7, owner="ada", channel_id="c", kind=Kind.INBOUND, content=content,
        state=DeliveryState.DEAD, reason="expired", due_at=1, attempts=2, created_at=3, expires_at=4,
        first_attempt_at=5, settled_at=6, unsure=True, reference="r", answer="a",
    )  # fmt: skip
    row = [to_json(content) if each is content else each for each in astuple(made)]

    read = delivery_of(row)

    assert read == made
    assert type(read.kind) is Kind
    assert type(read.state) is DeliveryState
    assert [each.name for each in DELIVERY_COLUMNS] == list(Delivery.__struct_fields__)


def test_attempt_is_read_from_its_columns():
    made = Attempt(delivery_id="d", number=1, at=2, took=3, outcome=AttemptOutcome.UNKNOWN, status=504)

    assert attempt_of(astuple(made)) == made
    assert [each.name for each in ATTEMPT_COLUMNS] == list(Attempt.__struct_fields__)


def test_worth_ends_with_the_channels_time_to_live():
    assert expiry(NOW, 5) == NOW + 5
    assert expiry(NOW, None) == NOW + MAX_AGE
