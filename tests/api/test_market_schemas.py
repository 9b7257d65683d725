"""What charts are told."""

from crypto_portfolio_analyzer.api.market_schemas import IndicatorView, LineView


def test_an_unknown_value_is_null() -> None:
    line = LineView(name="", points=[("2026-01-01T00:00:00.000Z", None)])
    view = IndicatorView(
        expression="rsi", spelling="rsi(14)", pane="own", lines=[line], levels=[30, 70], settled_at=None
    )

    assert '["2026-01-01T00:00:00.000Z",null]' in view.model_dump_json()
