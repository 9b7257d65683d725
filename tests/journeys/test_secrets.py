"""No secret leaves: planted in every account and channel, looked for in everything the house says and keeps."""

import io
import logging
from pathlib import Path

import pytest

from crypto_portfolio_analyzer import logs
from crypto_portfolio_analyzer.settings import load
from tests.api.house import open_house

DEAD = "http://127.0.0.1:9"
"""Nobody listens there, so that every channel fails and has something to complain about."""
ACCOUNTS = {
    "CHANNELS__TELEGRAM__API_URL": DEAD,
    "CHANNELS__TELEGRAM__BOT_TOKEN": "123456:canary0telegram0token0",
    "CHANNELS__DISCORD__WEBHOOK_URL": f"{DEAD}/api/webhooks/1/canary0operator0hook0",
    "CHANNELS__EMAIL__HOST": "127.0.0.1",
    "CHANNELS__EMAIL__PORT": "9",
    "CHANNELS__EMAIL__USER": "ada",
    "CHANNELS__EMAIL__PASSWORD": "canary0mail0password0",
    "CHANNELS__EMAIL__SENDER": "alerts@example.org",
    "CHANNELS__SMS__API_URL": DEAD,
    "CHANNELS__SMS__AUTH_TOKEN": "canary0sms0token0",
    "CHANNELS__SMS__SENDER": "+15550100",
    "WEBHOOKS__ALLOWED_NETWORKS": "127.0.0.1",
}
CHANNELS: tuple[dict[str, object], ...] = (
    {
        "type": "webhook",
        "url": f"{DEAD}/canary0webhook0path0",
        "secret": "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5",
    },
    {"type": "discord", "url": f"{DEAD}/api/webhooks/1/canary0discord0hook0"},
    {"type": "discord", "name": "operator's"},
    {"type": "apprise", "url": "ntfy://127.0.0.1:9/canary0apprise0topic0"},
    {"type": "telegram", "chat_id": 42},
    {"type": "email", "to": "ada@example.org"},
    {"type": "sms", "to": "+4915112345678"},
    {
        "type": "freqtrade",
        "url": DEAD,
        "username": "ada",
        "password": "canary0freqtrade0password0",
        "action": "enter_long",
    },
    {"type": "bot", "bot": "signed", "url": f"{DEAD}/canary0bot0path0", "action": "enter_long"},
)
SECRETS = ("canary0", "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5")
PAGES = (
    "/api/channels",
    "/api/deliveries",
    "/api/bots",
    "/api/firings",
    "/api/alerts",
    "/api/stats",
    "/metrics",
    "/status",
    "/ready",
    "/live-alerts/performance",
)


@pytest.mark.timeout(120)
async def test_no_secret_leaves_the_house(tmp_path: Path) -> None:
    said = io.StringIO()
    logs.configure("debug", "json", stream=said)  # without the list of secrets: nothing may need masking
    logging.getLogger().setLevel(logging.DEBUG)
    settings = load(env={f"CRYPTO_ANALYZER_{name}": value for name, value in ACCOUNTS.items()})
    answers: list[str] = []
    async with (
        open_house(tmp_path, channels=settings.channels, webhooks=settings.webhooks) as house,
        house.owner() as client,
    ):
        for number, fields in enumerate(CHANNELS):
            made = await client.post("/api/channels", json={"name": f"channel {number}", **fields})
            assert made.status_code == 201, (fields["type"], made.text)
            tested = await client.post(f"/api/channels/{made.json()['id']}/test", timeout=30)
            answers.append(tested.text)
            assert tested.json()["state"] != "delivered", fields["type"]
            answers.append((await client.get(f"/api/channels/{made.json()['id']}")).text)
        answers.append((await client.post("/api/channels", json={**CHANNELS[0], "name": "channel 0"})).text)
        answers += [(await client.get(path)).text for path in PAGES]
        shown = "\n".join(f"{key} {value}" for key, value, _ in settings.rows())
    logs.configure()
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("analyzer.db*"))

    assert any("attempt_log" in each for each in answers)
    assert len(said.getvalue()) > 1000
    for secret in SECRETS:
        assert secret not in said.getvalue()
        assert secret not in shown
        assert [each for each in answers if secret in each] == []
        assert secret.encode() not in kept
