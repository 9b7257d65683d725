"""What the editor may ask."""

import pytest
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.editor_schemas import BacktestRequest


def test_a_sweep_says_from_where_to_where() -> None:
    asked = BacktestRequest.model_validate(
        {"condition": "price > 1", "symbol": "BTC", "sweep": {"from": 1, "to": 2}}
    )

    assert asked.sweep is not None
    assert (asked.sweep.start, asked.sweep.to, asked.sweep.steps) == (1, 2, 21)


@pytest.mark.parametrize(
    "sweep",
    [
        {"from": float("nan"), "to": 1},
        {"from": 1, "to": float("inf")},
        {"from": 1, "to": 2, "steps": 1},
        {"to": 2},
    ],
)
def test_a_sweep_without_ends_is_refused(sweep: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        BacktestRequest.model_validate({"condition": "price > 1", "symbol": "BTC", "sweep": sweep})
