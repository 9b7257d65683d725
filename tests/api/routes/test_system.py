"""`/api/system`: coverage over a day, queues, storage."""

from crypto_portfolio_analyzer.api.routes.system import day
from crypto_portfolio_analyzer.core.coverage import Changes, CoverageStatus, Interval
from crypto_portfolio_analyzer.core.timeframes import DAY
from tests.api.house import House


async def test_what_a_feed_missed_is_told_by_the_half_hour(house: House) -> None:
    now = house.app.clock.now()
    lived = Interval(now - DAY, now - DAY // 4, CoverageStatus.LIVE)
    missed = Interval(now - DAY // 4, now, CoverageStatus.MISSING)
    await house.app.coverage.save([("binance", "BTC/USDT", Changes(lived.from_at, (lived, missed)))])
    async with house.owner() as client:
        told = (await client.get("/api/system")).json()

    [feed] = told["feeds"]
    assert (feed["venue"], len(feed["slots"])) == ("binance", 48)
    assert [slot["live"] for slot in feed["slots"][1:35]] == [1.0] * 34
    assert [slot["missing"] for slot in feed["slots"][37:]] == [1.0] * 11


async def test_queues_and_storage_are_told(house: House) -> None:
    async with house.owner() as client:
        told = (await client.get("/api/system?slots=4")).json()

    assert {queue["name"]: queue["waiting"] for queue in told["queues"]}["decisions"] == 0
    assert told["storage"]["engine"] == "sqlite"
    assert told["storage"]["bytes"] > 0
    assert told["storage"]["free_bytes"] > 0


def test_shares_are_of_the_time_that_symbols_were_wanted() -> None:
    intervals = [
        Interval(0, 10, CoverageStatus.LIVE),
        Interval(5, 15, CoverageStatus.MISSING),
        Interval(12, 18, CoverageStatus.BACKFILLED),
        Interval(18, 20, CoverageStatus.APPROXIMATED),
    ]

    first, second, third = day(intervals, [0, 10, 20, 30])

    assert (first.live, first.missing, first.backfilled) == (0.6667, 0.3333, 0.0)
    assert (second.live, second.missing, second.backfilled) == (0.0, 0.3846, 0.6154)
    assert (third.live, third.missing, third.backfilled) == (None, None, None)
