"""Webhooks: signed JSON to a program's address, by Standard Webhooks 1.0 (standard-webhooks/standard-webhooks)."""

import hmac
import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from crypto_portfolio_analyzer.channels import orders
from crypto_portfolio_analyzer.channels.endpoint import LEEWAY, Endpoint
from crypto_portfolio_analyzer.channels.http import Patience, ask, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, HOUR, MINUTE, Accepted, Option
from crypto_portfolio_analyzer.channels.masking import fingerprint
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.signing import KEPT, read_secret, signed
from crypto_portfolio_analyzer.core.notices.exact import iso
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed

MAX_BODY = 20_000
"""Bytes of a body at most, as the standard wants it."""
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{1,1000}")
_OURS = frozenset(
    "accept-encoding connection content-length content-type expect host transfer-encoding upgrade user-agent".split()
)
_MAX_HEADERS = 10


@CHANNELS("webhook")
class WebhookChannel(Endpoint):
    """Signed webhooks. `policy` says whether what arrives is read (notify) or acted on (trade)."""

    name: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Webhook"
    about: ClassVar[str] = "Signed JSON (Standard Webhooks) to an https address of a program of yours."
    options: ClassVar[tuple[Option, ...]] = (
        Option("url", "url", "where to send, https", is_needed=True),
        Option(
            "secret",
            "secret",
            "signing secret, whsec_ and base64 of 24 to 64 bytes; made for you if left out",
        ),
        Option(
            "headers", "secret", "headers to send along, a mapping of names to values, such as an API key"
        ),
        Option(
            "policy",
            "choice",
            "notify tries for three days; trade drops what is older than ttl_seconds",
            default="notify",
            choices=("notify", "trade"),
        ),
        Option(
            "ttl_seconds", "number", "with policy trade: seconds after which an order is worth nothing; 60"
        ),
        Option(
            "max_price_move_percent",
            "number",
            "with policy trade: drop the order if the price has moved by more since, or is not known",
        ),
        Option(
            "challenge", "flag", "ask the address to echo a signed challenge before anything else is sent"
        ),
    )
    for_people: ClassVar[bool] = False
    ordered: ClassVar[bool] = False
    parallel: ClassVar[int] = 4
    schedule: ClassVar[tuple[float, ...]] = (
        *(5.0, 30.0, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE),
        *(2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR),
    )
    patience: ClassVar[Patience] = Patience(5.0, 15.0)
    timeout: ClassVar[float] = patience.total + LEEWAY

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored; a secret is made if none was given."""
        options = Options(given, self.options, kept=KEPT)
        options.url("url", self.guard.check_url)
        read_secret(options)
        _check_headers(options)
        is_trade = options.choice("policy") == "trade"
        for name, low, high in (("ttl_seconds", 1, 86_400), ("max_price_move_percent", 0.01, 100)):
            if options.number(name, low, high) is not None and not is_trade:
                options.fault(name, "it is for orders only", "leave it out, or choose policy trade")
        options.flag("challenge")
        return options.checked()

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return the signing secret."""
        return str(options["secret"])

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Tell whether the owner wants the address to be asked first."""
        return options.get("challenge") is True

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return the time to live of an order, seconds."""
        return orders.ttl_of(options) if options.get("policy") == "trade" else None

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the address' fingerprint; of orders, with the pair."""
        endpoint = f"webhook:{fingerprint(str(channel.options['url']))}"
        return endpoint if self.policy_ttl(channel.options) is None else f"{endpoint}:{symbol}"

    async def send(self, notification: Notification) -> Accepted:
        """Post the signed body once; accepted is what is answered with a 2xx, whatever comes after the status."""
        orders.require_price(notification, self.world)
        body, content_type = _body(notification)
        headers = {"Content-Type": content_type, "Webhook-Attempt": str(notification.attempt)}
        options = notification.channel.options
        headers |= signed(notification.key, body, options, self.world.clock.now())
        answer = await ask(
            self.session, str(options["url"]), body.encode(), _with(options, headers), patience=self.patience
        )
        require_accepted(answer, self.world.clock.now())
        return Accepted(status=answer.status)

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Post the signed challenge; the answer must hold it, alone or as `challenge` of a JSON object."""
        now = self.world.clock.now()
        body = _encoded("channel.challenge", now, {"challenge": challenge})
        headers = {"Content-Type": "application/json"}
        headers |= signed(f"msg_challenge_{channel.id}", body, channel.options, now)
        answer = await ask(
            self.session,
            str(channel.options["url"]),
            body.encode(),
            _with(channel.options, headers),
            patience=self.patience,
            wants_body=True,
        )
        require_accepted(answer, now)
        if not hmac.compare_digest(_echoed(answer.body), challenge.encode()):
            detail = 'it did not echo the challenge; answer with it as text, or as {"challenge": …}'
            raise DeliveryFailed("bad_answer", detail, status=answer.status, is_config=True)
        return True


def _check_headers(options: Options) -> None:
    given = options.given("headers")
    if given is None or given == {}:
        return
    if not isinstance(given, Mapping) or len(given) > _MAX_HEADERS:
        options.fault(
            "headers", "they are not a mapping", f"write at most {_MAX_HEADERS} names with their values"
        )
        return
    for name, value in given.items():
        if not isinstance(name, str) or not _HEADER.fullmatch(name):
            options.fault("headers", "a name is none of a header", "write names like X-Api-Key")
        elif name.lower() in _OURS or name.lower().startswith("webhook-"):
            options.fault("headers", f"{name} is set by us", "leave it out")
        elif not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            options.fault(
                "headers", f"the value of {name} cannot be sent", "write printable ASCII, up to 1000 long"
            )
    options.keep("headers", dict(given))


def _with(options: Mapping[str, object], headers: dict[str, str]) -> dict[str, str]:
    """Return all headers of a request, the owner's among them."""
    own = options.get("headers")
    return {**(own if isinstance(own, Mapping) else {}), **headers}


def _body(notification: Notification) -> tuple[str, str]:
    """Return the body and its content type: the owner's own template if there is one, as TradingView sends it."""
    if not notification.body:
        firing = notification.firing
        at = firing.event_at if firing else notification.works[0].delivery.created_at
        return _encoded(notification.type, at, notification.data), "application/json"
    if len(notification.body.encode()) > MAX_BODY:
        raise DeliveryFailed(
            "too_large", f"the filled template has more than {MAX_BODY} bytes", final=True, is_config=True
        )
    try:
        msgspec.json.decode(notification.body)
    except (msgspec.DecodeError, RecursionError):
        return notification.body, "text/plain; charset=utf-8"
    return notification.body, "application/json"


def _encoded(kind: str, at: int, data: Mapping[str, object]) -> str:
    """Return a standard body; what does not fit is left out, largest first, and named in `left_out`."""
    kept, left_out = dict(data), list[str]()
    while True:
        body = {
            "type": kind,
            "timestamp": iso(at),
            "data": {**kept, **({"left_out": left_out} if left_out else {})},
        }
        encoded = msgspec.json.encode(body)
        if len(encoded) <= MAX_BODY or not kept:
            return encoded.decode()
        largest = max(kept, key=lambda name: len(msgspec.json.encode(kept[name])))
        del kept[largest]
        left_out.append(largest)


def _echoed(body: bytes) -> bytes:
    text = body.strip()
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    echoed = document.get("challenge") if isinstance(document, dict) else document
    return str(echoed).encode()
