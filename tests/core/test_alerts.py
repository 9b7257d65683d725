"""What identifies a firing."""

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor, firing_id


def test_the_same_firing_has_the_same_id_wherever_it_is_computed() -> None:
    assert firing_id("a", 1, "BTC/USDT", "1") == "h6erywnrjbj2p4iijsfjx5b7li"


def test_whatever_differs_gives_another_id() -> None:
    ids = {
        firing_id("a", 1, "BTC/USDT", "1"),
        firing_id("b", 1, "BTC/USDT", "1"),
        firing_id("a", 2, "BTC/USDT", "1"),
        firing_id("a", 1, "ETH/USDT", "1"),
        firing_id("a", 1, "BTC/USDT", "2"),
        firing_id("a", 11, "BTC/USDT", ""),
    }

    assert len(ids) == 6


def test_parts_do_not_run_into_each_other() -> None:
    assert firing_id("a", 1, "1BTC", "") != firing_id("a", 11, "BTC", "")


def test_a_batch_with_anything_in_it_is_to_be_stored() -> None:
    assert not Batch()
    assert Batch(cursors=[Cursor("BTC/USDT", "binance", 1)])
