"""The metrics page shows what feeds and bus counted."""

from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.metrics import Metrics
from crypto_portfolio_analyzer.streaming.measuring import measure
from crypto_portfolio_analyzer.streaming.views import WatchState
from tests.streaming.house import house
from tests.streaming.wire import until


async def test_every_count_of_a_running_feed_is_on_the_page() -> None:
    async with house("binance", "kraken") as run:
        metrics = Metrics(EXCHANGES.names(), started_at=0.0)
        measure(run.feeds, metrics)
        assert 'state="live"} 0.0' in metrics.render().decode()
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        run.fault("binance", "garbage=50")
        await until(lambda: run.feeds.feeds["binance"].rejects.total() > 20)
        page = metrics.render().decode()

    values = {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in page.splitlines()
        if not line.startswith("#")
    }

    def value(name: str, **labels: str) -> float:
        wanted = [f'{key}="{text}"' for key, text in labels.items()]
        found = [
            number
            for key, number in values.items()
            if key.startswith(f"crypto_analyzer_{name}") and all(each in key for each in wanted)
        ]
        return sum(found)

    assert value("facts", venue="binance", kind="trade") > 0
    assert value("frames", venue="binance") > 0
    assert value("rejects", venue="binance") > 20
    assert value("connections", venue="binance", state="connected") == 1
    assert value("watches", state="live") == 1
    assert value("subscriptions", venue="binance") == 2
    assert value("rest_requests", venue="binance", outcome="done") > 0
