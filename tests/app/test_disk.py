"""How much room is left where the data are."""

from crypto_portfolio_analyzer.app.disk import free_bytes


def test_a_folder_has_the_room_of_its_disk_even_before_it_is_made(tmp_path):
    assert free_bytes(tmp_path / "not" / "yet") > 0
