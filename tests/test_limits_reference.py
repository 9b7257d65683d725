"""The page of limits says what the code does."""

from crypto_portfolio_analyzer.settings.tree import known_settings
from tools.limits_reference import PAGE, page


def test_the_page_of_limits_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run tools/limits_reference.py"


def test_every_quota_and_rate_that_can_be_set_is_on_it() -> None:
    keys = [each.key for each in known_settings() if each.key.endswith(("_per_owner", "_per_minute"))]
    told = page()

    assert len(keys) >= 8
    assert [key for key in keys if f"`{key}`" not in told] == []
