"""What channels, links and hooks look like outside; of a secret only its end, but for the one time it is made."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from crypto_portfolio_analyzer.api.alert_schemas import Storable
from crypto_portfolio_analyzer.api.schemas import Asked


class ChannelFields(RootModel[Annotated[dict[str, Any], Storable]]):
    """What a channel is: the common fields, and beside them the options of its type (`/api/channels/types`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "type": {"type": "string", "description": "one of `/api/channels/types`; fixed once made"},
                "name": {"type": "string", "description": "unique per owner"},
                "enabled": {"type": "boolean", "default": True},
                "default": {
                    "type": "boolean",
                    "default": False,
                    "description": "told of alerts that name no channel",
                },
            },
            "additionalProperties": {"description": "an option of the type, like `url`, `chat` or `to`"},
            "examples": [{"type": "webhook", "name": "my bot", "url": "https://example.org/hook"}],
        }
    )


class ChannelView(BaseModel):
    """One way of telling its owner."""

    id: str
    type: str
    name: str
    enabled: bool
    default: bool = Field(description="told of alerts that name no channel")
    options: dict[str, Any] = Field(description="secrets as `•••` and their last 4 characters")
    trades: bool = Field(description="what is told here is acted on: late is worse than never")
    ttl_seconds: float | None = Field(
        description="how long after its event a firing is worth telling; null: a day, then as a digest"
    )
    verified: bool = Field(description="false: nothing but the question whose it is goes there")
    disabled_reason: str
    failing_since: str | None = Field(description="since when every attempt has failed")
    failures: int = Field(description="failed attempts in a row")
    paused_until: str | None = Field(description="the other end wants no more until then")
    created_at: str
    updated_at: str


class ChannelMadeView(ChannelView):
    """A channel that was just made, or whose secret is new."""

    secret: str | None = Field(description="shown this once; null: the type has none")


class ChannelsView(BaseModel):
    """One's own channels, oldest first."""

    channels: list[ChannelView]


class OptionView(BaseModel):
    """One option of a type, for forms."""

    name: str
    kind: str = Field(description="text, secret, url, number, flag, choice, list or long")
    about: str
    needed: bool
    default: str
    choices: list[str]


class ChannelTypeView(BaseModel):
    """One type of channel."""

    name: str
    label: str
    about: str
    options: list[OptionView]
    for_people: bool
    ready: bool
    missing: str = Field(description="what the operator must set before it can be used; empty if it is ready")


class ChannelTypesView(BaseModel):
    """Every type of channel this server knows."""

    types: list[ChannelTypeView]


class ConfirmRequest(Asked):
    """The proof that one holds the other end."""

    code: str = Field(default="", max_length=128, description="empty: a new one is sent there")


class PreviewRequest(Asked):
    """An alert, as it would be posted, and the channel it would be told by."""

    channel: str | None = Field(default=None, max_length=200, description="id or name; null: in general")
    alert: Annotated[dict[str, Any], Storable] = Field(
        default={}, description="fields of `POST /api/alerts`, as many as there are yet"
    )


class PreviewView(BaseModel):
    """What a firing would say; numbers in it are examples."""

    type: str
    severity: str
    language: str
    headline: str = Field(description="the lock screen's line")
    lines: list[str]
    note: str = Field(description="the owner's own words")
    more: list[str] = Field(description="what is read only by who wants to")
    body: str = Field(description="the channel's own template, filled in; it replaces the rest")
    data: dict[str, Any] = Field(description="what programs get")


class LinkCodeView(BaseModel):
    """A code that links a person of another platform to one's account, once."""

    code: str
    url: str | None = Field(description="opens the bot with the code; null while its name is not known")
    expires_at: str


class LinkView(BaseModel):
    """A person of another platform who acts for one here."""

    platform: str
    person: str
    name: str
    created_at: str


class LinksView(BaseModel):
    """Everybody who is linked."""

    links: list[LinkView]


class HookFields(Asked):
    """An address that takes signals in."""

    name: Annotated[str, Storable] = Field(min_length=1, max_length=100)
    channels: Annotated[list[Annotated[str, Storable]], Field(max_length=50)] = Field(
        default=[], description="ids or names of whom to tell; none: the default channels"
    )


class HookView(BaseModel):
    """An address that takes signals in and routes them on."""

    id: str
    name: str
    channels: list[str]
    created_at: str


class HookMadeView(HookView):
    """A hook that was just made."""

    token: str = Field(description="shown this once")
    url: str = Field(description="where signals are posted to; shown this once")


class HooksView(BaseModel):
    """One's own hooks, oldest first."""

    hooks: list[HookView]


class TakenView(BaseModel):
    """What became of a signal."""

    taken: bool = Field(description="false: the same came within the last minute")


class BotTemplateView(BaseModel):
    """What one kind of trading bot understands."""

    name: str
    label: str
    about: str
    channel_type: str = Field(description="the type of channel that speaks to it")
    url: str = Field(description="where every bot of this kind listens; empty: each has its own address")
    actions: dict[str, str] = Field(description="its words for what it can be asked to do")
    options: list[OptionView] = Field(description="what it asks for besides: the channel's `fields`")
    body: str = Field(description="`{name}` stands for a value of the order or an option")
    message: str = Field(
        description="the same as the `template` of a telegram channel, for bots that read chats"
    )


class BotsView(BaseModel):
    """One's own channels that trade."""

    bots: list[ChannelView]


class BotTemplatesView(BaseModel):
    """Every template there is."""

    templates: list[BotTemplateView]
