"""What types of channels are made of, from settings: the operator's accounts, and where users may not lead us."""

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import (
    DiscordAccount,
    MailAccount,
    SmsAccount,
    TelegramAccount,
    World,
)
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.sealing import Sealing


def sealing_of(settings: Settings) -> Sealing:
    """Return what seals the secrets of channels: the configured keys, else those of a file in the data folder."""
    key = settings.secrets_key
    return Sealing.in_folder(settings.data_dir) if key is None else Sealing.of(key.get_secret_value())


def world_of(
    settings: Settings,
    clock: Clock,
    price: Callable[[str], float | None],
    picture: Callable[[Notification], Awaitable[bytes | None]],
) -> World:
    """Return what types of channels are made of: the operator's accounts, and where users may not lead us."""
    telegram, mail, sms = settings.channels.telegram, settings.channels.email, settings.channels.sms
    return World(
        clock=clock,
        guard=Guard(settings.webhooks.allowed_networks),
        telegram=TelegramAccount(telegram.api_url, _secret(telegram.bot_token)),
        mail=MailAccount(
            host=mail.host or "",
            port=mail.port,
            security=mail.security,
            user=mail.user or "",
            password=_secret(mail.password),
            sender=mail.sender or "",
        ),
        sms=SmsAccount(
            api_url=sms.api_url or "",
            account_sid=sms.account_sid or "",
            auth_token=_secret(sms.auth_token),
            sender=sms.sender or "",
        ),
        public_url=settings.public_url or "",
        discord=DiscordAccount(_secret(settings.channels.discord.webhook_url)),
        price=price,
        picture=picture,
    )


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()
