"""Tests of storage/audit_anchor.py."""

import stat

import pytest

from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor, Anchored


def test_what_is_written_is_read_by_its_owner_alone(tmp_path):
    anchor = Anchor(tmp_path / "new")
    assert anchor.read() is None

    for seq in (7, 8):
        anchor.write(Anchored(seq, "abc", 1))

    assert Anchor(tmp_path / "new").read() == Anchored(8, "abc", 1)
    assert stat.S_IMODE(anchor.path.stat().st_mode) == 0o600
    assert [path.name for path in anchor.path.parent.iterdir()] == ["audit.anchor"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"seq":"7"}', b"\x00"])
def test_spoiled_anchor_is_not_taken_for_none(tmp_path, content):
    anchor = Anchor(tmp_path)
    anchor.path.write_bytes(content)

    with pytest.raises(StorageError, match="cannot read"):
        anchor.read()


def test_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="cannot write"):
        Anchor(tmp_path / "file").write(Anchored(1, "abc", 1))
