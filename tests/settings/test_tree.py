"""The tree of settings: what is in it, and what is never shown of it."""

import pytest

from crypto_portfolio_analyzer.errors import ConfigFaults
from crypto_portfolio_analyzer.settings import MASK, Settings, known_settings, load, mask_url


def test_secrets_are_masked_wherever_they_are_shown():
    env = {
        "CRYPTO_ANALYZER_DATABASE_URL": "postgresql://me:hush@db/x",
        "CRYPTO_ANALYZER_EXCHANGES__KRAKEN__API_KEY": "s3cret",
        "CRYPTO_ANALYZER_REDIS_URL": "redis://:quiet@host",
    }

    settings = load(env=env)

    shown = repr(list(settings.rows()))
    assert MASK in shown
    assert not any(secret in shown for secret in ("hush", "s3cret", "quiet"))
    assert set(settings.secrets()) == {"hush", "s3cret", "quiet"}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_database_addresses_get_the_driver_that_is_used(given, used):
    assert load(env={"CRYPTO_ANALYZER_DATABASE_URL": given}).database_url == used


def test_certificate_and_key_belong_together(tmp_path):
    cert = tmp_path / "cert.pem"
    cert.touch()

    with pytest.raises(ConfigFaults, match="belong together"):
        load({"tls_cert": cert}, env={})
    assert load({"tls_cert": cert, "tls_key": cert}, env={}).tls_key == cert


def test_the_tree_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_every_setting_says_what_it_is_about_and_what_is_right():
    assert all(known.about and known.right for known in known_settings())


def test_masking_leaves_addresses_without_a_password_alone():
    assert mask_url("redis://host/0") == "redis://host/0"
    assert mask_url("redis://u:p@host/0") == f"redis://u:{MASK}@host/0"


def test_every_secret_of_a_channel_is_known_to_the_log():
    env = {
        "CRYPTO_ANALYZER_CHANNELS__TELEGRAM__BOT_TOKEN": "123:canary",
        "CRYPTO_ANALYZER_CHANNELS__DISCORD__WEBHOOK_URL": "https://discord.example/canary",
        "CRYPTO_ANALYZER_CHANNELS__EMAIL__PASSWORD": "canary-mail",
        "CRYPTO_ANALYZER_CHANNELS__SMS__AUTH_TOKEN": "canary-sms",
        "CRYPTO_ANALYZER_SECRETS_KEY": "canary-key",
    }

    settings = load(env=env)

    assert set(env.values()) <= set(settings.secrets())
    assert not any("canary" in value for _, value, _ in settings.rows())
