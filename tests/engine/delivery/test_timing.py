"""The engine's rhythm holds together."""

from crypto_portfolio_analyzer.engine.delivery.timing import SECOND, Timing, nanoseconds


def test_seconds_are_nanoseconds():
    assert nanoseconds(0.25) == SECOND // 4


def test_a_claim_is_renewed_and_looked_for_long_before_it_ends():
    timing = Timing()

    assert timing.rescue < timing.lease / 3
    assert timing.look <= 1.0
    assert not timing.is_alone
