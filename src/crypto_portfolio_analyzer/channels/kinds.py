"""What a type of channel is: options it understands, and one way to send.

A type builds a message for its own medium, sends it once, and says how that went. Queues, retries, pacing, limits,
logs and time live in `engine.delivery`. Put one file into `channels/`, decorate the class with `@CHANNELS("name")`,
and the API, the command line, the settings page, the docs and the conformance suite know it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Protocol

from msgspec import Struct, field

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.registry import Registry

HOUR, MINUTE = 3600.0, 60.0

PEOPLE_SCHEDULE = (2.0, 10.0, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
"""Seconds to wait after each failed attempt of a chat."""


class _Account(Struct, frozen=True):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(•••)"  # it holds a secret, and would stand in every log of a failure


class TelegramAccount(_Account, frozen=True):
    """The operator's bot: where the Bot API is, and the token; without a token there is none."""

    api_url: str = "https://api.telegram.org"
    token: str = ""


class MailAccount(_Account, frozen=True):
    """The operator's mail server. `security` is one of starttls, tls, none."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = ""
    sender: str = ""


class SmsAccount(_Account, frozen=True):
    """The operator's SMS gateway.

    With an `account_sid` it speaks Twilio's API at `api_url`; else `api_url` gets a JSON POST {to, from, text} with
    `auth_token` as bearer.
    """

    api_url: str = ""
    account_sid: str = ""
    auth_token: str = ""
    sender: str = ""


class DiscordAccount(_Account, frozen=True):
    """The operator's own Discord webhook, for channels that name none."""

    webhook_url: str = ""


class World(Struct, frozen=True, kw_only=True):
    """What types of channels are made of: the operator's accounts, and what they may ask of the rest of the house."""

    clock: Clock
    guard: Guard
    telegram: TelegramAccount = field(default_factory=TelegramAccount)
    mail: MailAccount = field(default_factory=MailAccount)
    sms: SmsAccount = field(default_factory=SmsAccount)
    discord: DiscordAccount = field(default_factory=DiscordAccount)
    public_url: str = ""
    """Where people reach the dashboard from outside; empty: nowhere, so that no link is shown."""
    price: Callable[[str], float | None] = lambda _symbol: None
    """Return the newest fresh price of a symbol; None if there is none."""
    picture: Callable[[Notification], Awaitable[bytes | None]] | None = None
    """Draw the chart picture of a firing as PNG in the channel's language and theme; None if it cannot be drawn."""


class Rate(Struct, frozen=True):
    """So many messages in so many seconds, for whatever `key` names: a chat, a bot, a host."""

    key: str
    count: int
    seconds: float
    burst: int = 1


class Option(Struct, frozen=True):
    """One option as forms and the reference show it; what `check` reads under the same name.

    `kind` is one of text, secret, url, number, flag, choice, list, long (a text of many lines).
    """

    name: str
    kind: str
    about: str
    is_needed: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


class Accepted(Struct, frozen=True):
    """How a send went well: what the other end calls the message, and what it wants of us."""

    reference: str = ""
    status: int | None = None
    answer: str = ""
    """A bot's answer, cut to 500 characters; others' is not kept."""
    pause: float | None = None
    """Seconds in which the endpoint wants no more."""
    options: Mapping[str, object] | None = None
    """The channel's options as they must be from now on: a chat that has moved."""


class ChannelType(Protocol):
    """One medium. Made once per process, by `app`; keeps connections, never deliveries."""

    name: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    """One sentence: what it is and what one needs for it."""
    options: ClassVar[tuple[Option, ...]]
    for_people: ClassVar[bool]
    """Read by people: may be grouped, held over quiet hours, translated. Never so for programs."""
    ordered: ClassVar[bool]
    """Messages of one lane go one after the other, in the order of queueing."""
    parallel: ClassVar[int]
    """How many may be under way at once to one lane."""
    schedule: ClassVar[tuple[float, ...]]
    """Seconds to wait after each failed attempt; after the last one the delivery is dead."""
    timeout: ClassVar[float]
    """Seconds that one attempt may take, all in all."""

    def __init__(self, world: World) -> None: ...

    @property
    def is_ready(self) -> str:
        """Return nothing, or what the operator must set before this type can be used."""
        ...

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored, defaults filled in; raises InvalidFields with every fault and remedy.

        Secrets that the owner did not choose (a signing key) are made here.
        """
        ...

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return what may be seen of options: secrets as `•••` and their last 4 characters."""
        ...

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return the secret that is shown once when a channel is made, if this type has one."""
        ...

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Tell whether it must be shown that the owner holds the other end before anything else is sent there."""
        ...

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return seconds after which a firing is worth nothing here; None for people, who can be told late."""
        ...

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return what shares order, parallelism and fate: an endpoint, a chat, an account and pair. No secret in it."""
        ...

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return the limits a message to this channel counts against; keys hold no secret."""
        ...

    async def send(self, notification: Notification) -> Accepted:
        """Send once; raises DeliveryFailed. Cancelled when `timeout` has passed."""
        ...

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Ask the other end to answer a challenge; True if it did at once, False if the answer comes by another way.

        Raises DeliveryFailed.
        """
        ...

    async def start(self) -> None:
        """Open what is kept open."""
        ...

    async def stop(self) -> None:
        """Close it."""
        ...


CHANNELS: Registry[type[ChannelType]] = Registry("channel type", "crypto_portfolio_analyzer.channels")
