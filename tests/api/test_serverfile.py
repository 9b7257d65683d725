"""The file by which commands find the server."""

import stat
from pathlib import Path

from crypto_portfolio_analyzer.api.serverfile import SERVER_FILE, find_server, write_server_file


def test_the_file_is_the_owners_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / SERVER_FILE
    write_server_file(path, "http://localhost:8000", "secret", "1.0")
    found = find_server(tmp_path / "data")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found is not None
    assert (found.url, found.token, found.version) == ("http://localhost:8000", "secret", "1.0")


def test_an_old_file_with_wider_rights_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / SERVER_FILE
    path.touch(mode=0o644)
    path.with_suffix(".part").touch(mode=0o644)
    write_server_file(path, "u", "t", "v")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_file_a_broken_file_and_a_dead_server_are_no_server(tmp_path: Path) -> None:
    assert find_server(tmp_path) is None
    (tmp_path / SERVER_FILE).write_text("{")
    assert find_server(tmp_path) is None
    (tmp_path / SERVER_FILE).write_text('{"url":"u","token":"t","pid":999999999,"version":"v"}')
    assert find_server(tmp_path) is None
