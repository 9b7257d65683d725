"""What is asked when something is sent again."""

import pytest
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.delivery_schemas import MOST_IDS, RedeliverRequest
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState


@pytest.mark.parametrize("fields", [{"ids": ["a"]}, {"channel_id": "bot"}, {"since": "2026-11-20T12:00:00Z"}])
def test_deliveries_are_named_or_found_by_a_filter(fields: dict[str, object]) -> None:
    asked = RedeliverRequest.model_validate(fields)

    assert asked.states == [DeliveryState.DEAD]
    assert asked.anyway is False


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"states": ["dead"]},
        {"ids": ["a"], "channel_id": "bot"},
        {"ids": []},
        {"ids": ["a"] * (MOST_IDS + 1)},
        {"channel_id": "bot", "states": ["gone"]},
    ],
)
def test_what_means_everything_nothing_or_both_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RedeliverRequest.model_validate(fields)
