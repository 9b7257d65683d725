"""The numbers of the engine are on the metrics page, at 0 from the start."""

from crypto_portfolio_analyzer.engine.measuring import measure_alerts
from crypto_portfolio_analyzer.metrics import Metrics
from tests.engine.rig import OWNER, desk
from tests.streaming.wire import until


async def test_what_the_engine_does_is_counted(store):
    async with desk(store) as run:
        metrics = Metrics(["binance"])
        measure_alerts(run.engine, metrics)
        before = metrics.render().decode()
        assert 'crypto_analyzer_alerts_fired_total{cause="live"} 0.0' in before
        assert 'crypto_analyzer_alert_seconds_count{step="stored"} 0.0' in before
        assert "crypto_analyzer_alerts_armed 0.0" in before

        await run.add(cooldown_seconds=60)
        run.ticks(99, 101, 99, 101)
        await until(lambda: run.told)
        await run.settled()

        after = metrics.render().decode()
        for line in (
            'alerts_fired_total{cause="live"} 1.0',
            "alerts_suppressed_total 1.0",
            "alerts_armed 1.0",
            "alerts_cooling 1.0",
            "alert_symbols 1.0",
            "alert_decisions_waiting 0.0",
            'alert_seconds_count{step="evaluated"} 1.0',
        ):
            assert f"crypto_analyzer_{line}" in after
        await run.engine.remove(OWNER, "a", actor=OWNER)
        assert "crypto_analyzer_alerts_armed 0.0" in metrics.render().decode()
