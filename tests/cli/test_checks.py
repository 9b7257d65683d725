"""Checks: each says how it is, and what mends it."""

import pytest

from crypto_portfolio_analyzer.cli import checks
from crypto_portfolio_analyzer.cli.checks import (
    check_clock,
    check_database,
    check_disk,
    check_keys,
    check_venue,
)
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.storage.schema import upgrade

NOON = "Fri, 20 Nov 2026 12:00:00 GMT"
NOON_NS = 1_795_176_000 * 10**9


@pytest.mark.parametrize(
    ("errors", "state"),
    [([0.1, -0.2, 0.3], "fine"), ([-30.0, 0.1, -31.0], "failed"), ([None], "hint"), ([5.0], "failed")],
)
def test_the_clock_is_compared_with_the_median_of_the_servers(errors, state):
    assert check_clock(errors).state == state


def test_a_server_tells_the_error_of_our_clock():
    assert checks._clock_error(NOON, NOON_NS + 10 * 10**9, 1.0) == pytest.approx(9.0)
    assert checks._clock_error(None, NOON_NS, 1.0) is None


def test_a_folder_with_room_is_fine_even_before_it_exists(tmp_path):
    check = check_disk(tmp_path / "not" / "yet")

    assert check.state == "fine"
    assert "free in" in check.detail


def test_a_full_disk_fails_with_a_fix(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "LEAST_FREE_BYTES", 10**18)

    check = check_disk(tmp_path)

    assert check.state == "failed"
    assert "CRYPTO_ANALYZER_DATA_DIR" in check.fix


async def test_an_empty_database_is_a_hint_and_an_upgraded_one_fine():
    settings = load(env={})

    assert (await check_database(settings)).fix == "crypto-analyzer db upgrade"
    await upgrade(settings.database_url)
    assert (await check_database(settings)).state == "fine"


async def test_a_database_out_of_reach_fails_without_its_password():
    settings = load({"database_url": "postgresql://me:hush@127.0.0.1:1/x"}, env={})

    check = await check_database(settings)

    assert check.state == "failed"
    assert "hush" not in check.detail


def test_keys_are_named_by_venue_never_shown():
    settings = load({"exchanges.kraken.api_key": "hush"}, env={})

    assert check_keys(settings).detail == "given for kraken"


@pytest.mark.parametrize("name", ["binance", "coinbase", "kraken"])
async def test_a_venue_that_answers_is_fine_with_both_timings(name, simulated_market):
    settings = load(simulated_market.flags, env={})

    venue = await check_venue(name, settings, SystemClock())

    assert venue.check.state == "fine", venue.check.detail
    assert "REST" in venue.check.detail
    assert "first socket frame after" in venue.check.detail
    assert venue.clock_error is not None
    assert abs(venue.clock_error) < 2


async def test_a_venue_that_does_not_answer_names_the_variable_to_set():
    flags = {"exchanges.kraken.ws_url": "ws://127.0.0.1:1", "exchanges.kraken.rest_url": "http://127.0.0.1:1"}

    venue = await check_venue("kraken", load(flags, env={}), SystemClock())

    assert venue.check.state == "failed"
    assert "CRYPTO_ANALYZER_EXCHANGES__KRAKEN__REST_URL" in venue.check.fix
    assert venue.clock_error is None


def test_the_provider_its_fallbacks_and_venues_with_settings_are_looked_at():
    flags = {"provider": "kraken", "exchanges.binance_us.rest_url": "http://x"}

    assert checks.venues_of(load(flags, env={})) == ["kraken", "coinbase", "binance", "binance_us"]
