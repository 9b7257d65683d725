"""What logins, users, tokens and the audit log look like outside. Fields that nobody knows are refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crypto_portfolio_analyzer.api.alert_schemas import Storable
from crypto_portfolio_analyzer.api.identity import AREAS, LEVELS, Role
from crypto_portfolio_analyzer.api.schemas import Asked

SCOPES = (*LEVELS, *(f"{area}:{level}" for area in AREAS for level in LEVELS[:2]))
MOST_STARRED = 500
MOST_DAYS = 3650

Password = Annotated[str, Field(min_length=1, max_length=256), Storable]
UserName = Annotated[
    str,
    StringConstraints(pattern="^[a-z0-9._-]{1,32}$"),
    Field(description="1 to 32 of a-z, 0-9, `.`, `_`, `-`", examples=["anna"]),
]
Code = Annotated[str, StringConstraints(pattern="^[0-9]{6}$"), Field(examples=["287082"])]
Label = Annotated[
    str,
    StringConstraints(pattern="^[!-~À-ɏ]([ -~À-ɏ]{0,62}[!-~À-ɏ])?$"),
    Field(description="up to 64 Latin letters, digits and signs", examples=["grafana"]),
]
AskedRole = Annotated[Role, Field(strict=False)]  # a text, in JSON
Scope = Annotated[str, Field(json_schema_extra={"enum": list(SCOPES)}, max_length=40)]


class LoginRequest(Asked):
    """A name with its password and, where there is one, the second factor; or a one-time code."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "anna", "password": "…", "totp": "287082"}]}
    )

    name: Annotated[str, Field(max_length=64), Storable] | None = None
    password: Password | None = None
    totp: Annotated[str, Field(max_length=16), Storable] | None = None
    code: Annotated[str, Field(max_length=128), Storable] | None = Field(
        default=None, description="of a one-time link, instead of all others"
    )


class RefreshRequest(Asked):
    """A refresh token, good for one use."""

    refresh_token: Annotated[str, Field(max_length=256), Storable]


class TokensView(BaseModel):
    """A fresh pair of tokens."""

    access_token: str
    token_type: str = Field(default="bearer")
    expires_in: int = Field(description="seconds", examples=[900])
    refresh_token: str | None = Field(description="null for pages, whose session is in their cookie")


class TicketView(BaseModel):
    """A single-use ticket for `/ws?ticket=…`."""

    ticket: str
    expires_in: int = Field(description="seconds", examples=[60])


class PasswordRequest(Asked):
    """A new password; the old one is needed if there is one, except soon after a login by link."""

    password: Annotated[str, Field(min_length=12, max_length=256), Storable]
    current: Password | None = None


class PasswordGiven(Asked):
    """A password that an administrator gives somebody."""

    password: Annotated[str, Field(min_length=12, max_length=256), Storable]


class CallerView(BaseModel):
    """Who asks."""

    name: str | None = Field(examples=["anna"])
    role: Role | None
    has_password: bool
    first_run: bool = Field(description="came in by link and has no password yet")
    totp: bool = Field(description="logins need the second factor")
    token: str | None = Field(description="the name of the API token that asks")
    scopes: list[str] | None = Field(description="what that token is limited to")
    auth: str = Field(description="on or off")
    version: str


class SessionView(BaseModel):
    """One login."""

    id: str
    created_at: str
    expires_at: str = Field(description="unless it is renewed")
    agent: str = Field(description="how the program calls itself")
    current: bool = Field(description="the one that asks")


class SessionsView(BaseModel):
    """One's own logins, newest first."""

    sessions: list[SessionView]


class TokenRequest(Asked):
    """What a new API token is for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "grafana", "scopes": ["market:read"], "expires_in_days": 90}]
        }
    )

    name: Label
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    expires_in_days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] | None = Field(
        default=90, description="null: it lasts until it is revoked"
    )


class TokenView(BaseModel):
    """An API token, without what opens doors."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None = Field(description="true to a minute")


class TokenListView(BaseModel):
    """One's own API tokens, oldest first."""

    tokens: list[TokenView]


class TokenMadeView(TokenView):
    """A new API token; `token` is shown this once."""

    token: str


class FactorView(BaseModel):
    """A second factor that waits to be confirmed; shown this once."""

    secret: str
    uri: str = Field(description="for apps, as `otpauth:`")
    qr: str = Field(description="the same as SVG")


class CodeRequest(Asked):
    """A code of the second factor."""

    code: Code


class Preferences(Asked):
    """How the page looks and speaks to one person; null leaves it to the browser."""

    language: Literal["en", "de"] | None = None
    zone: Annotated[str, Field(max_length=64, examples=["Europe/Berlin"])] | None = None
    theme: Literal["auto", "light", "dark"] = "auto"
    colours: Literal["teal", "blue", "green", "redup"] = "teal"
    letters: Annotated[bool, Field(strict=True)] = Field(default=True, description="shortcuts of one letter")
    starred: list[Annotated[str, Field(max_length=64), Storable]] = Field(
        default=[], max_length=MOST_STARRED, description="symbols, in order"
    )


class UserView(BaseModel):
    """An account."""

    name: str
    role: Role
    created_at: str
    disabled_at: str | None
    has_password: bool
    totp: bool


class UsersView(BaseModel):
    """Every account, by name."""

    users: list[UserView]


class UserRequest(Asked):
    """A new account; it comes in by the link in the answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "anna", "role": "trader"}]})

    name: UserName
    role: AskedRole


class UserChange(Asked):
    """What becomes different; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "reader"}, {"disabled": True}], "minProperties": 1}
    )

    role: AskedRole = Role.READER
    disabled: Annotated[bool, Field(strict=True)] = False


class UserMadeView(UserView):
    """A new account with its first way in; shown this once."""

    login_url: str
    login_expires_at: str


class LoginLinkView(BaseModel):
    """A link that lets an account in once; shown this once."""

    login_url: str
    expires_at: str


class AuditEntryView(BaseModel):
    """Who did what to what."""

    seq: int
    at: str
    actor: str = Field(examples=["anna via token grafana"])
    action: str = Field(examples=["alert.created"])
    subject: str
    details: dict[str, Any]
    hash: str | None = Field(description="null for what the engine does by itself")


class AuditView(BaseModel):
    """A page of the audit log, newest first."""

    entries: list[AuditEntryView]
    next_cursor: str | None = None


class AuditVerdictView(BaseModel):
    """Whether the chain of the audit log is whole."""

    ok: bool
    entries: int
    head: str | None
    earlier: int = Field(
        description="of people's entries are older than the chain, and fixed by its first link"
    )
    broken_at: int | None = Field(description="the `seq` of the first entry that does not fit")
    problem: str | None = None
