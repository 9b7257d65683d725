"""S0's shapes keep JSON numbers and that document's names."""

import pytest
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.s0_schemas import GptRequest, LiveStatusView


def test_status_has_the_six_fields() -> None:
    assert list(LiveStatusView.model_fields) == [
        "monitoring_active",
        "total_alerts",
        "active_streams",
        "check_interval",
        "spam_protection_active",
        "streaming_symbols",
    ]


@pytest.mark.parametrize("target", [0, -1, float("nan"), float("inf"), "much"])
def test_a_target_is_a_finite_price(target: object) -> None:
    with pytest.raises(ValidationError):
        GptRequest.model_validate({"symbol": "BTC", "alert_type": "breakout", "target_price": target})
