"""What types of channels are made of: the operator's accounts, whole, and no secret in sight."""

from pathlib import Path

from crypto_portfolio_analyzer.app.world import sealing_of, world_of
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.settings import load

ENVIRONMENT = {
    "CRYPTO_ANALYZER_CHANNELS__TELEGRAM__API_URL": "http://127.0.0.1:8081",
    "CRYPTO_ANALYZER_CHANNELS__TELEGRAM__BOT_TOKEN": "12:canary-telegram",
    "CRYPTO_ANALYZER_CHANNELS__DISCORD__WEBHOOK_URL": "https://discord.example/canary-discord",
    "CRYPTO_ANALYZER_CHANNELS__EMAIL__HOST": "mail.example",
    "CRYPTO_ANALYZER_CHANNELS__EMAIL__PASSWORD": "canary-mail",
    "CRYPTO_ANALYZER_CHANNELS__SMS__AUTH_TOKEN": "canary-sms",
    "CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS": "10.0.0.0/8",
}


async def no_picture(notification: Notification) -> None:
    return None


def test_the_accounts_are_the_operators() -> None:
    world = world_of(load(env=ENVIRONMENT), SystemClock(), lambda symbol: 1.0, no_picture)

    assert (world.telegram.api_url, world.telegram.token) == ("http://127.0.0.1:8081", "12:canary-telegram")
    assert (world.mail.host, world.mail.port, world.mail.password) == ("mail.example", 587, "canary-mail")
    assert world.sms.auth_token == "canary-sms"
    assert world.discord.webhook_url.endswith("canary-discord")
    assert [str(each) for each in world.guard.allowed] == ["10.0.0.0/8"]
    assert world.price("BTC/USDT") == 1.0


def test_no_secret_is_in_sight() -> None:
    world = world_of(load(env=ENVIRONMENT), SystemClock(), lambda symbol: None, no_picture)

    assert "canary" not in repr(world)


def test_secrets_are_sealed_with_the_configured_key_or_one_of_our_own(tmp_path: Path) -> None:
    own = load({"data_dir": str(tmp_path)}, env={})
    sealed = sealing_of(own).seal({"url": "x"})

    assert sealing_of(own).open(sealed) == {"url": "x"}
    assert list(tmp_path.glob("*key*"))
