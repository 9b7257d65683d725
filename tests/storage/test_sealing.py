"""Tests of storage/sealing.py."""

import traceback

import pytest
from cryptography.fernet import Fernet

from crypto_portfolio_analyzer.errors import ConfigError
from crypto_portfolio_analyzer.storage.sealing import FILE, Sealing

OPTIONS = {"url": "https://canary.example/hook", "n": 1, "deep": {"list": ["a", None]}}
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_says_nothing_and_opens_as_it_was():
    sealing = Sealing([NEW])

    sealed = sealing.seal(OPTIONS)

    assert "canary" not in sealed
    assert sealed != sealing.seal(OPTIONS)
    assert sealing.open(sealed) == OPTIONS == Sealing.of(NEW).open(sealed)


def test_what_is_opened_can_be_changed_without_changing_what_is_opened_next():
    sealing = Sealing([NEW])
    sealed = sealing.seal(OPTIONS)

    sealing.open(sealed)["url"] = "https://elsewhere"

    assert sealing.open(sealed) == OPTIONS


def test_the_first_key_seals_and_every_key_opens():
    both = Sealing.of(f"{NEW}, {OLD}")

    assert both.open(Sealing([OLD]).seal(OPTIONS)) == OPTIONS
    assert Sealing([NEW]).open(both.seal(OPTIONS)) == OPTIONS


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-4], lambda text: "A" + text[1:], lambda text: "", str.upper]
)
def test_what_was_tampered_with_does_not_open(damage):
    sealing = Sealing([NEW])

    with pytest.raises(ConfigError):
        sealing.open(damage(sealing.seal(OPTIONS)))


def test_another_key_is_a_clear_error_without_a_secret():
    sealed = Sealing([OLD]).seal(OPTIONS)

    with pytest.raises(ConfigError, match=r"secrets_key: .*another key; give the former keys too") as caught:
        Sealing([NEW]).open(sealed)

    told = "".join(traceback.format_exception(caught.value))
    assert not any(secret in told for secret in (OLD, NEW, "canary"))


@pytest.mark.parametrize(
    "setting",
    ["", " , ", "canary", f"{NEW},canary", "ü" * 44, NEW[:-4]],
    ids=["nothing", "commas", "no key", "a key and none", "no ASCII", "too short"],
)
def test_what_is_no_key_is_refused_without_being_shown(setting):
    with pytest.raises(ConfigError, match=r"secrets_key: (not a|no) key; give keys") as caught:
        Sealing.of(setting)

    told = "".join(traceback.format_exception(caught.value))
    assert "canary" not in told
    assert NEW[:-4] not in told


def test_key_file_is_made_once_for_its_owner_alone(tmp_path):
    folder = tmp_path / "new" / "data"

    sealed = Sealing.in_folder(folder).seal(OPTIONS)

    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in folder.iterdir()] == [FILE]
    assert Sealing.in_folder(folder).open(sealed) == OPTIONS


def test_key_file_may_hold_former_keys_too(tmp_path):
    (tmp_path / FILE).write_text(f"{NEW}\n{OLD}\n")

    assert Sealing.in_folder(tmp_path).open(Sealing([OLD]).seal(OPTIONS)) == OPTIONS


def test_folder_that_cannot_be_used_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=r"secrets_key: cannot use .*; set secrets_key"):
        Sealing.in_folder(tmp_path / "file")
