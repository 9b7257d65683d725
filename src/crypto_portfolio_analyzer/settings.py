"""How the analyzer is configured: one frozen tree, from flags, environment, file and defaults, in this order.

Keys are dotted here (`exchanges.binance.ws_url`), `CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL` in the
environment, tables in the TOML file. Whatever cannot be used is reported at once, with what would be right.
"""

import json
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import ConfigError, ConfigFaults, InvalidInput

PREFIX = "CRYPTO_ANALYZER_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
MASK = "•••"

LATER_EXCHANGES = ("pumpportal",)
LATER = ("channels.", "sources.", "tokens.", "webhooks.")
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


def data_home() -> Path:
    """Return where data live unless a setting says otherwise."""
    return _xdg("XDG_DATA_HOME", ".local/share")


def config_file() -> Path:
    """Return the settings file that is read if it exists."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _xdg(variable: str, fallback: str) -> Path:
    stated = Path(os.environ.get(variable, ""))
    return (stated if stated.is_absolute() else Path.home() / fallback) / "crypto-analyzer"


def _split(value: object) -> object:
    """Read a list from a text: JSON or comma-separated; an empty text is an empty list."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _url(*schemes: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str) or urlsplit(value).scheme not in schemes:
            message = "not such an address"
            raise ValueError(message)
        return value.rstrip("/")

    return BeforeValidator(check)


def _passing(check: Callable[[Any], object]) -> AfterValidator:
    """Let a value pass unless `check` raises InvalidInput, in its words."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        return value

    return AfterValidator(validate)


ExchangeName = Annotated[str, _passing(lambda name: EXCHANGES[name])]
SymbolTexts = Annotated[
    tuple[str, ...], BeforeValidator(_split), _passing(lambda texts: [parse_symbol(text) for text in texts])
]
WebSocketUrl = Annotated[str, _url("ws", "wss", "mock")]
Level = Literal["debug", "info", "warning", "error"]
HttpUrl = Annotated[str, _url("http", "https")]


def _setting(default: Any, about: str, right: str, **options: Any) -> Any:
    """Declare a setting: what it is about, and which values are right."""
    extra = {"right": right, "secret": options.pop("secret", False), "hidden": options.pop("hidden", False)}
    return Field(default, description=about, json_schema_extra=extra, **options)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ExchangeSettings(_Section):
    """Where one venue is reached; None stands for its public address."""

    ws_url: WebSocketUrl | None = _setting(None, "Base of its WebSocket address", "ws://… or wss://…")
    rest_url: HttpUrl | None = _setting(None, "Base of its REST address", "http://… or https://…")
    api_key: SecretStr | None = _setting(None, "Key, for venues that want one", "a text", secret=True)


class Settings(_Section):
    """The whole tree. Rooms receive values of it, never the tree."""

    provider: ExchangeName = _setting(
        "binance", "Exchange that prices come from first", "the name of an exchange"
    )
    symbols: SymbolTexts = _setting(
        ("BTC", "ETH"), "Symbols to watch from the start", "symbols like BTC,ETH/USDT"
    )
    host: str = _setting("localhost", "Address the server listens on", "a host name or an IP", min_length=1)
    port: int = _setting(8000, "Port the server listens on", "0 (any free one) to 65535", ge=0, le=65535)
    auth: bool = _setting(True, "Whether one must log in", "on, or off while bound to loopback")
    tls_cert: FilePath | None = _setting(None, "Certificate chain for HTTPS", "a PEM file, with tls_key")
    tls_key: FilePath | None = _setting(None, "Private key of tls_cert", "a PEM file, with tls_cert")
    data_dir: Path = _setting(None, "Folder of everything that is kept", "a folder that can be written to")
    database_url: str = _setting("", "Database; unset: a file", "sqlite:///… or postgresql://…", secret=True)
    redis_url: str | None = _setting(None, "Redis or Valkey for several machines", "redis://…", secret=True)
    retention_days: int = _setting(30, "How long 1 m bars are kept", "days, 0 for ever", ge=0, le=36500)
    alerts_per_owner: int = _setting(
        500, "Alerts that one owner may have, the local admin aside", "a number", ge=1, le=10**7
    )
    language: Literal["en", "de"] = _setting("en", "Language of what people read", "en or de")
    log_level: Level = _setting("info", "Least important log message", "debug, info, warning or error")
    log_format: Literal["console", "json"] = _setting("console", "Form of log lines", "console or json")
    transport: str = _setting("picows", "WebSocket client for venues", "picows or websockets", hidden=True)
    time_scale: float = _setting(1.0, "Speed of simulated time", "0.01 to 1000", hidden=True, ge=0.01, le=1e3)
    simulated: bool = _setting(False, "Whether all prices are simulated", "on or off", hidden=True)
    exchanges: dict[str, ExchangeSettings] = Field(default_factory=dict)

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
        return [each.api_key.get_secret_value() for each in self.exchanges.values() if each.api_key] + urls

    def origin(self, key: str) -> str:
        """Say where the value of a dotted key comes from: a flag, the environment, a file or `default`."""
        return self._origins.get(key, "default")

    def unused(self) -> list[str]:
        """Return the settings that were given for capabilities this version does not have yet."""
        return list(self._unused)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield key, value with secrets masked, and origin of every setting that has a value or a default."""
        for known in known_settings():
            value: Any = self
            for part in known.key.split("."):
                value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
            if value is not None and not (known.hidden and known.key not in self._origins):
                yield known.key, _shown(value, secret=known.secret), self.origin(known.key)


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
    found = [_known(name, Settings, name) for name in Settings.model_fields if name != "exchanges"]
    of_venue = ExchangeSettings.model_fields
    for venue in sorted({*EXCHANGES, *LATER_EXCHANGES}):
        found += [_known(f"exchanges.{venue}.{name}", ExchangeSettings, name) for name in of_venue]
    return found


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


def load(
    flags: Mapping[str, object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read all sources and return the settings; a flag that is None was not given. Raises ConfigFaults."""
    env = os.environ if env is None else env
    reading = _Reading({known.key: known for known in known_settings()})
    reading.flags(flags or {})
    reading.environment(env)
    reading.file(file or (Path(env[CONFIG_VARIABLE]) if env.get(CONFIG_VARIABLE) else None))
    return reading.settings()


class _Reading:
    """Values and their origins, the first source of a key winning, and the faults met on the way."""

    def __init__(self, known: dict[str, Known]) -> None:
        self._known = known
        self._values: dict[str, Any] = {}
        self._origins: dict[str, tuple[str, str]] = {}
        self._faults: list[ConfigError] = []
        self._unused: list[str] = []

    def flags(self, given: Mapping[str, object]) -> None:
        for key, value in given.items():
            if value is not None:
                self._take(key, value, f"--{key.rpartition('.')[2].replace('_', '-')}", "flag")

    def environment(self, env: Mapping[str, str]) -> None:
        for variable, value in sorted(env.items()):
            ours = variable.startswith(PREFIX) and not variable.startswith(PREFIX + "TEST_")
            if ours and variable != CONFIG_VARIABLE:
                key = variable.removeprefix(PREFIX).lower().replace("__", ".")
                self._take(key, value, variable, "env")

    def file(self, path: Path | None) -> None:
        wanted = path is not None
        path = path or config_file()
        try:
            tree = tomllib.loads(path.read_text())
        except FileNotFoundError:
            if wanted:
                self._fault(str(path), "there is no such file", "give the path of a TOML file with --config")
            return
        except (OSError, ValueError) as error:  # ValueError: not UTF-8, or not TOML
            self._fault(str(path), f"cannot be read: {error}", "mend the file or give another with --config")
            return
        for key, value in _flat(tree):
            self._take(key, value, f"{key} in {path}", "file")

    def settings(self) -> Settings:
        tree: dict[str, Any] = {}
        for key, value in self._values.items():
            *path, name = key.split(".")
            branch = tree
            for part in path:
                branch = branch.setdefault(part, {})
            branch[name] = value
        try:
            made = Settings.model_validate(tree)
        except ValidationError as error:
            self._explain(error)
        if self._faults:
            raise ConfigFaults(self._faults)
        made._unused.extend(self._unused)
        made._origins.update({key: " ".join(origin) for key, origin in self._origins.items()})
        return made

    def _take(self, key: str, value: object, name: str, source: str) -> None:
        known, from_file = self._find(key)
        if known is None:
            if key.startswith(LATER) or key in LATER_NAMES:
                self._unused.append(name)
            else:
                self._unknown(key, name)
        elif value == "" and source == "env" and known.key != "symbols":
            pass  # what compose files make of a variable that is not set
        elif known.key not in self._values:
            self._origins[known.key] = (source, name)
            self._values[known.key] = self._secret_file(name, str(value)) if from_file else value
        elif self._origins[known.key][0] == source:
            self._fault(name, "is given both as a value and as a file", "keep one of the two")

    def _find(self, key: str) -> tuple[Known | None, bool]:
        if key in self._known:
            return self._known[key], False
        known = self._known.get(key.removesuffix("_file"))
        return (known, True) if known and known.secret else (None, False)

    def _secret_file(self, name: str, path: str) -> str:
        try:
            return Path(path).read_text().strip()
        except (OSError, ValueError) as error:
            self._fault(name, f"cannot read {path[:80]!r}: {error}", "name a file that this user can read")
            return ""

    def _unknown(self, key: str, name: str) -> None:
        near = get_close_matches(key, self._known, n=1)
        remedy = "`crypto-analyzer config show` lists the known ones"
        if near:
            nearest = self._known[near[0]]
            remedy = f"did you mean {nearest.variable if name.startswith(PREFIX) else nearest.key}?"
        self._fault(name, "is no setting", remedy)

    def _explain(self, error: ValidationError) -> None:
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"] if not isinstance(part, int))
            known = self._known[key] if key in self._known else self._known[key.rpartition(".")[0]]
            value = "" if known.secret else f"{str(fault['input'])[:60]!r}: "
            why = fault.get("ctx", {}).get("error", fault["msg"])
            name = self._origins.get(known.key, ("", known.key))[1]
            self._fault(name, f"{value}{why}", f"give {known.right}")

    def _fault(self, key: str, problem: str, remedy: str) -> None:
        self._faults.append(ConfigError(key, problem, remedy))


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield path + key, value
