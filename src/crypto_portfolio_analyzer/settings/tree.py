"""The tree of settings: what there is, what is right, what is secret.

Keys are dotted here (`exchanges.binance.ws_url`), `CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL` in the
environment, tables in the TOML file. Whatever cannot be used is reported at once, with what would be right.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import (
    BaseModel,
    Field,
    FilePath,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.settings.places import data_home, is_loopback
from crypto_portfolio_analyzer.settings.values import (
    ExchangeName,
    HttpUrl,
    Level,
    Names,
    Networks,
    Origins,
    Persons,
    RedisUrl,
    SecretUrl,
    Section,
    SymbolTexts,
    UserPath,
    WebSocketUrl,
    setting,
)

PREFIX = "CRYPTO_ANALYZER_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
MASK = "•••"

LATER_EXCHANGES = ("pumpportal",)
LATER = ("sources.", "tokens.")
"""Branches of capabilities that this version does not have yet: known, unused, no error."""
LATER_NAMES = frozenset(
    "api_base_url ath_flush_interval batch_size batch_timeout_seconds feature_history_size "
    "model_storage_path polling_interval_seconds training_service_api_url".split()
)
_DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
}


class ExchangeSettings(Section):
    """Where one venue is reached; None stands for its public address."""

    ws_url: WebSocketUrl | None = setting(None, "Base of its WebSocket address", "ws://… or wss://…")
    rest_url: HttpUrl | None = setting(None, "Base of its REST address", "http://… or https://…")
    api_key: SecretStr | None = setting(None, "Key, for venues that want one", "a text", secret=True)


class TelegramSettings(Section):
    """The bot that speaks for us."""

    api_url: HttpUrl = setting("https://api.telegram.org", "Base of the Bot API", "http://… or https://…")
    bot_token: SecretStr | None = setting(None, "Token of the bot, from BotFather", "a token", secret=True)
    allowed_users: Persons = setting(
        (), "Telegram ids of people who act for the local admin without a code", "ids like 123456,987654"
    )


class DiscordSettings(Section):
    """Where Discord messages go that name no webhook."""

    webhook_url: SecretStr | None = setting(
        None, "Webhook of Discord channels that name none", "an address", secret=True
    )


class EmailSettings(Section):
    """The mail server we hand mail to."""

    host: str | None = setting(None, "Mail server", "a host name")
    port: int = setting(587, "Its port", "1 to 65535", ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = setting(
        "starttls", "How the connection is secured", "starttls, tls or none"
    )
    user: str | None = setting(None, "Name to log in with", "a text")
    password: SecretStr | None = setting(None, "Password to log in with", "a text", secret=True)
    sender: str | None = setting(None, "Address mail comes from", "an address like alerts@example.org")


class SmsSettings(Section):
    """The gateway we hand SMS to: Twilio's API with an account, else a generic JSON one."""

    api_url: HttpUrl | None = setting(None, "Base of the gateway", "http://… or https://…")
    account_sid: str | None = setting(None, "Account; with it Twilio's API is spoken", "a text")
    auth_token: SecretStr | None = setting(None, "Token of the account", "a text", secret=True)
    sender: str | None = setting(None, "Number or name SMS come from", "a number like +15550100")


class ChannelSettings(Section):
    """The operator's accounts, by medium."""

    telegram: TelegramSettings = Field(default_factory=TelegramSettings)
    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    email: EmailSettings = Field(default_factory=EmailSettings)
    sms: SmsSettings = Field(default_factory=SmsSettings)


class WebhookSettings(Section):
    """What users' addresses may lead to."""

    allowed_networks: Networks = setting(
        (), "Private networks that users' addresses may lead to", "networks like 192.168.0.0/16,127.0.0.1"
    )


class McpSettings(Section):
    """How the commands for assistants enter a server; unset: the one that runs on our data, as its owner."""

    url: HttpUrl | None = setting(None, "Address of the server that assistants ask", "http://… or https://…")
    token: SecretStr | None = setting(None, "API token that assistants enter with", "a token", secret=True)


class Settings(Section):
    """The whole tree. Rooms receive values of it, never the tree."""

    provider: ExchangeName = setting(
        "binance", "Exchange that prices come from first", "the name of an exchange"
    )
    symbols: SymbolTexts = setting(
        ("BTC", "ETH"), "Symbols to watch from the start", "symbols like BTC,ETH/USDT"
    )
    host: str = setting("localhost", "Address the server listens on", "a host name or an IP", min_length=1)
    port: int = setting(8000, "Port the server listens on", "0 (any free one) to 65535", ge=0, le=65535)
    auth: bool = setting(True, "Whether one must log in", "on, or off while bound to loopback")
    tls_cert: FilePath | None = setting(None, "Certificate chain for HTTPS", "a PEM file, with tls_key")
    tls_key: FilePath | None = setting(None, "Private key of tls_cert", "a PEM file, with tls_cert")
    data_dir: Path = setting(None, "Folder of everything that is kept", "a folder that can be written to")
    database_url: str = setting("", "Database; unset: a file", "sqlite:///… or postgresql://…", secret=True)
    redis_url: RedisUrl | None = setting(
        None, "Redis or Valkey for several machines", "redis://…", secret=True
    )
    secrets_key: SecretStr | None = setting(
        None,
        "Keys that channels' secrets are sealed with, the newest first; unset: a file",
        "keys",
        secret=True,
    )
    public_url: HttpUrl | None = setting(
        None, "Address of the dashboard in messages; unset: no links", "http://… or https://…"
    )
    retention_days: int = setting(30, "How long 1 m bars are kept", "days, 0 for ever", ge=0, le=36500)
    hosts: Names = setting((), "Further names the server goes by", "host names like market.example.org")
    origins: Origins = setting(
        (), "Further origins whose pages may use the API", "origins like https://front.example.org"
    )
    proxies: Networks = setting(
        (), "Reverse proxies whose `X-Forwarded-For` is believed", "addresses like 127.0.0.1,10.0.0.0/8"
    )
    requests_per_minute: int = setting(
        600, "Requests a minute of one user, the local admin's token aside", "a number", ge=1, le=10**7
    )
    address_requests_per_minute: int = setting(
        3000, "Requests a minute from one address, whoever asks", "a number", ge=1, le=10**7
    )
    silences_per_owner: int = setting(
        200, "Silences that one owner may have, the local admin aside", "a number", ge=1, le=10**5
    )
    watchlists_per_owner: int = setting(
        100, "Watchlists that one owner may have, the local admin aside", "a number", ge=1, le=10**5
    )
    hooks_per_owner: int = setting(
        50, "Addresses for signals that one owner may have, the local admin aside", "a number", ge=1, le=10**5
    )
    alerts_per_owner: int = setting(
        500, "Alerts that one owner may have, the local admin aside", "a number", ge=1, le=10**7
    )
    channels_per_owner: int = setting(
        20, "Channels that one owner may have, the local admin aside", "a number", ge=1, le=10**5
    )
    holdings_per_owner: int = setting(
        200, "Holdings that one owner may have, the local admin aside", "a number", ge=1, le=10**5
    )
    language: Literal["en", "de"] = setting("en", "Language of what people read", "en or de")
    log_level: Level = setting("info", "Least important log message", "debug, info, warning or error")
    log_format: Literal["console", "json"] = setting("console", "Form of log lines", "console or json")
    log_file: UserPath | None = setting(None, "File that log lines go to instead of standard error", "a path")
    log_file_bytes: int = setting(
        10_000_000, "Size from which a new log file is begun", "bytes, 0 for never", ge=0, le=10**12
    )
    log_files: int = setting(5, "How many earlier log files are kept", "a number", ge=1, le=1000)
    alive_url: SecretUrl | None = setting(
        None,
        "Address asked while all is well; its silence is the alarm",
        "http://… or https://…",
        secret=True,
    )
    alive_seconds: float = setting(60.0, "How often it is asked", "seconds, 1 to 86400", ge=1, le=86_400)
    transport: str = setting("picows", "WebSocket client for venues", "picows or websockets", hidden=True)
    time_scale: float = setting(1.0, "Speed of simulated time", "0.01 to 1000", hidden=True, ge=0.01, le=1e3)
    simulated: bool = setting(False, "Whether all prices are simulated", "on or off", hidden=True)
    exchanges: dict[str, ExchangeSettings] = Field(default_factory=dict)
    channels: ChannelSettings = Field(default_factory=ChannelSettings)
    webhooks: WebhookSettings = Field(default_factory=WebhookSettings)
    mcp: McpSettings = Field(default_factory=McpSettings)

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _unused: list[str] = PrivateAttr(default_factory=list)

    @field_validator("auth")
    @classmethod
    def _guarded(cls, auth: bool, info: ValidationInfo) -> bool:
        if not auth and not is_loopback(info.data.get("host", "localhost")):
            message = f"would let everybody in, since the server listens on {info.data['host']}"
            raise ValueError(message)
        return auth

    @field_validator("tls_key")
    @classmethod
    def _paired(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if (key is None) != (info.data.get("tls_cert") is None):
            message = "tls_cert and tls_key belong together"
            raise ValueError(message)
        return key

    @field_validator("data_dir", mode="before")
    @classmethod
    def _home(cls, folder: object) -> object:
        return data_home() if folder is None else Path(str(folder)).expanduser()

    @field_validator("database_url")
    @classmethod
    def _driven(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            return f"sqlite+aiosqlite:///{info.data.get('data_dir', data_home())}/analyzer.db"
        scheme, separator, rest = url.partition("://")
        driver = _DRIVERS.get(scheme, scheme)
        if not separator or driver not in _DRIVERS.values():
            message = f"scheme {scheme[:20]!r} is no database that can be used"
            raise ValueError(message)
        return f"{driver}://{rest}"

    def exchange(self, name: str) -> ExchangeSettings:
        """Return the settings of one exchange; empty ones if nothing was set."""
        return self.exchanges.get(name) or ExchangeSettings()

    def secrets(self) -> list[str]:
        """Return every secret value, so that the log can mask it."""
        urls = [urlsplit(url).password or "" for url in (self.database_url, self.redis_url or "")]
        found = [self._value(known.key) for known in known_settings() if known.secret]
        return [each.get_secret_value() for each in found if isinstance(each, SecretStr)] + urls

    def origin(self, key: str) -> str:
        """Say where the value of a dotted key comes from: a flag, the environment, a file or `default`."""
        return self._origins.get(key, "default")

    def unused(self) -> list[str]:
        """Return the settings that were given for capabilities this version does not have yet."""
        return list(self._unused)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield key, value with secrets masked, and origin of every setting that has a value or a default."""
        for known in known_settings():
            value = self._value(known.key)
            if value is not None and not (known.hidden and known.key not in self._origins):
                yield known.key, _shown(value, secret=known.secret), self.origin(known.key)

    def _value(self, key: str) -> Any:
        """Return the value behind a dotted key; None if there is none."""
        value: Any = self
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        return value


class Known(Struct, frozen=True):
    """A setting as the reference names it."""

    key: str
    about: str
    right: str
    default: str
    secret: bool
    hidden: bool

    @property
    def variable(self) -> str:
        """Return its name in the environment."""
        return PREFIX + self.key.upper().replace(".", "__")


def known_settings() -> list[Known]:
    """Return every setting, in the order of the reference."""
    found = list(_declared(Settings))
    for venue in sorted({*EXCHANGES, *LATER_EXCHANGES}):
        found += _declared(ExchangeSettings, f"exchanges.{venue}.")
    return found


def _declared(model: type[BaseModel], path: str = "") -> Iterator[Known]:
    """Yield the settings of a branch, its own before those of the branches below."""
    below = []
    for name, declared in model.model_fields.items():
        kind = declared.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            below.append((kind, f"{path}{name}."))
        elif declared.json_schema_extra is not None:
            yield _known(path + name, model, name)
    for kind, deeper in below:
        yield from _declared(kind, deeper)


def _known(key: str, model: type[BaseModel], name: str) -> Known:
    field = model.model_fields[name]
    extra: Any = field.json_schema_extra
    default = "" if field.default in (None, "") else _shown(field.default)
    return Known(key, field.description or "", extra["right"], default, extra["secret"], extra["hidden"])


def _shown(value: object, *, secret: bool = False) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return mask_url(str(value)) if secret and isinstance(value, str) else MASK if secret else str(value)


def mask_url(url: str) -> str:
    """Return the address without its password."""
    parts = urlsplit(url)
    return url if parts.password is None else url.replace(f":{parts.password}@", f":{MASK}@", 1)
