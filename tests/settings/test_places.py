"""Where data lie, and which addresses are only ours."""

import pytest

from crypto_portfolio_analyzer.settings.places import is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.9", True), ("[::1]", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_loopback_is_recognised(host, loopback):
    assert is_loopback(host) is loopback
