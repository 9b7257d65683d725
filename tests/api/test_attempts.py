"""Patience with failed logins."""

from crypto_portfolio_analyzer.api.attempts import FREE, LONGEST_SECONDS, Attempts
from tests.fakes import FakeClock


async def test_a_few_failures_are_free_then_waits_double() -> None:
    attempts = Attempts(FakeClock())

    waits = []
    for _ in range(FREE + 3):
        waits.append(attempts.wait_for("eve"))
        attempts.fail("eve")

    assert waits == [0.0] * FREE + [1.0, 2.0, 4.0]


async def test_waits_end_and_are_bounded() -> None:
    clock = FakeClock()
    attempts = Attempts(clock)
    for _ in range(100):
        attempts.fail("eve")

    longest = attempts.wait_for("eve")
    await clock.advance(LONGEST_SECONDS)

    assert longest == LONGEST_SECONDS
    assert attempts.wait_for("eve") == 0.0


async def test_names_and_addresses_are_counted_apart() -> None:
    attempts = Attempts(FakeClock())
    for _ in range(FREE):
        attempts.fail("name admin", "address a")

    assert attempts.wait_for("name admin") > 0
    assert attempts.wait_for("name other", "address a") > 0
    assert attempts.wait_for("name other", "address b") == 0


async def test_success_forgives() -> None:
    attempts = Attempts(FakeClock())
    for _ in range(FREE):
        attempts.fail("eve")
    attempts.succeed("eve")

    assert attempts.wait_for("eve") == 0.0


async def test_memory_is_bounded() -> None:
    attempts = Attempts(FakeClock())
    for number in range(10_050):
        attempts.fail(str(number))

    assert len(attempts._failed) == 10_000  # the bound is the promise
