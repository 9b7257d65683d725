"""The directory of sleepers."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.judging.directory import Directory

entries = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["BTC/USDT", "ETH/USDT", "X/Y"])))


@given(entries, entries)
def test_it_finds_what_was_added_and_not_removed(added, removed):
    directory, kept = Directory(), list(added)
    for alert_id, symbol in added:
        directory.add(alert_id, symbol)
    for alert_id, symbol in removed:
        if (alert_id, symbol) in kept:
            directory.remove(alert_id, symbol)
            kept.remove((alert_id, symbol))

    found = {(alert_id, symbol) for alert_id in "abcdef" for symbol in directory.symbols(alert_id)}

    assert found == set(kept)
