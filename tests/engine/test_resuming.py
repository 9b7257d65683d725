"""Resuming: outages of the venue's line and of ourselves cost no firing, double none, and say that it is late."""

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.alerts import Cause, Cursor
from crypto_portfolio_analyzer.engine.resuming import newest, still_good
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from tests.engine.facts import alert
from tests.engine.simulated import ask, check_truth, fired, listen, middle, platform, venue
from tests.streaming.wire import until


async def heard_more(heard, count):
    before = len(heard)
    await until(lambda: len(heard) > before + count, 20)


async def test_what_fires_at_a_simulated_venue_is_stored_with_its_evidence(database_url, tmp_path):
    clock = ScaledClock(10.0)
    async with venue(clock) as server, platform(server, database_url, tmp_path, clock) as app:
        heard, level, told = listen(app), middle(server), []
        app.alerts.listen(lambda alert, firing: told.append(firing))
        await ask(app, f"price crosses above {level}")
        await until(lambda: len(told) >= 3, 20)
        await app.alerts.committer.commit()

        stored = await check_truth(app, server, heard[0], level)
        number = stored[0].evidence.trade_id or 0
        truth = server.truth("BTC/USDT", number, number)[0]
        assert stored[0].price == float(truth.price)
        assert stored[0].event_at // 10**6 == truth.at // 10**6
        assert (stored[0].evidence.venue, stored[0].cause, stored[0].late) == ("binance", Cause.LIVE, False)
        assert b'alerts_fired_total{cause="live"} 0' not in app.metrics.render()


async def test_a_cut_line_is_back_filled_and_what_it_hid_fires_late(database_url, tmp_path):
    clock = ScaledClock(10.0)
    async with venue(clock) as server, platform(server, database_url, tmp_path, clock) as app:
        heard, level = listen(app), middle(server)
        await ask(app, f"price crosses above {level}")
        await until(lambda: len(heard) > 20, 20)
        for _cut in range(8):
            server.inject(parse_fault("close=1006"))
            await heard_more(heard, 10)
            if app.alerts.committer.fired[Cause.GAP_BACKFILL]:
                break
        await app.alerts.committer.commit()

        stored = await check_truth(app, server, heard[0], level)
        late = [each for each in stored if each.cause is Cause.GAP_BACKFILL]
        assert late
        assert all(each.late for each in late)


async def test_a_restart_goes_on_exactly_and_what_was_missed_fires_late(database_url, tmp_path):
    clock = ScaledClock(10.0)
    async with venue(clock) as server:
        level = middle(server)
        async with platform(server, database_url, tmp_path, clock) as app:
            heard = listen(app)
            await ask(app, f"price crosses above {level}")
            await until(lambda: sum(app.alerts.committer.fired.values()) >= 2, 20)
        stopped_at = clock.now()
        await clock.sleep(60)
        started_at = clock.now()
        async with platform(server, database_url, tmp_path, clock) as app:
            await until(lambda: app.alerts.committer.fired[Cause.LIVE] >= 1, 20)
            await app.alerts.committer.commit()

            stored = await check_truth(app, server, heard[0], level)
    missed = [each for each in stored if stopped_at < each.event_at < started_at]
    assert missed
    assert all(each.cause is Cause.RESTART and each.late for each in missed)
    assert not [each for each in stored if each.cause is Cause.RESTART and each.event_at < stopped_at - 10**9]


async def test_nothing_is_judged_that_happened_before_an_alert_was_made(database_url, tmp_path):
    clock = ScaledClock(10.0)
    async with venue(clock) as server:
        async with platform(server, database_url, tmp_path, clock) as app:
            heard = listen(app)
            await ask(app, "price > 1", trigger="every_time")
            await until(lambda: len(heard) > 20, 20)
            level = middle(server)
            made = await ask(app, f"price crosses above {level}", name="b")
        async with platform(server, database_url, tmp_path, clock) as app:
            await until(lambda: sum(app.alerts.committer.fired.values()) >= 3, 20)
            early = [each for each in await fired(app) if each.alert_id == made.id]

    assert early
    assert all(each.event_at > made.created_at for each in early)


def test_of_several_venues_the_one_that_served_a_symbol_last_is_gone_on_with():
    cursors = [
        Cursor("BTC/USDT", "binance", 5),
        Cursor("BTC/USDT", "kraken", 7),
        Cursor("ETH/USDT", "binance", 1),
    ]

    assert newest(cursors) == [cursors[1], cursors[2]]


def test_a_cursor_from_before_all_alerts_on_a_symbol_is_not_gone_on_with():
    old, new = Cursor("BTC/USDT", "binance", 5), Cursor("BTC/USDT", "binance", 50)
    alerts = [(alert(updated_at=10), ["BTC/USDT"]), (alert("b", updated_at=90), ["BTC/USDT", "ETH/USDT"])]
    other = Cursor("SOL/USDT", "binance", 20)  # one that a condition names

    assert still_good([old, other, Cursor("ETH/USDT", "binance", 20)], alerts) == [other]
    assert still_good([new], alerts) == [new]
    assert still_good([new], []) == []
