"""Every number of the engine stands on the metrics page."""

from crypto_portfolio_analyzer.engine.delivery.measuring import measure_deliveries
from crypto_portfolio_analyzer.metrics import Metrics
from tests.engine.delivery.desk import desk


async def test_what_happened_is_on_the_page():
    async with desk() as own:
        metrics = Metrics([], channel_types=["chat", "hook"])
        measure_deliveries(own.engine, metrics, own.clock)
        own.fire(own.channel("chat", to="same"), own.channel("chat", to="same"))
        await own.clock.advance(1)
        own.chat.seconds = 1e6
        own.fire(own.channel("chat", group="off"))

        page = metrics.render().decode()

    assert 'crypto_analyzer_deliveries_total{state="delivered"} 1.0' in page
    assert 'crypto_analyzer_deliveries_suppressed_total{reason="duplicate"} 1.0' in page
    assert 'crypto_analyzer_delivery_attempts_total{channel_type="chat",outcome="accepted"} 1.0' in page
    assert 'crypto_analyzer_delivery_attempts_total{channel_type="hook",outcome="failed"} 0.0' in page
    assert 'crypto_analyzer_alert_seconds_count{step="accepted"} 1.0' in page
    assert "crypto_analyzer_deliveries_unstored 0.0" in page
