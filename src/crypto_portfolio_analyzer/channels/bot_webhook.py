"""Trading bots that take webhooks: an order in the bot's own words, signed besides, and the bot's answer kept.

An order that may have arrived is not sent again, unless the owner says that the bot drops repeats of one webhook-id:
most bots do not, and would trade twice.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from crypto_portfolio_analyzer.channels import orders
from crypto_portfolio_analyzer.channels.endpoint import LEEWAY, Endpoint
from crypto_portfolio_analyzer.channels.http import Answer, Patience, ask, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, Rate
from crypto_portfolio_analyzer.channels.masking import DOTS, fingerprint
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.signal_templates import Scalar, SignalTemplate, Wish, signal_templates
from crypto_portfolio_analyzer.channels.signing import KEPT, read_secret, signed
from crypto_portfolio_analyzer.core.notices.exact import iso
from crypto_portfolio_analyzer.core.notices.notification import Channel, Kind, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed

MOST_FIELD = 500
_NOT_TAKEN = frozenset((503,))
"""Statuses of 5xx that say that nothing was done; after the others an order may have been placed."""


@CHANNELS("bot")
class BotChannel(Endpoint):
    """Orders to a trading bot's webhook; one at a time for a pair."""

    name: ClassVar[str] = "bot"
    label: ClassVar[str] = "Trading bot (webhook)"
    about: ClassVar[str] = "Orders to a trading bot that takes webhooks, in its own words; needs its address."
    options: ClassVar[tuple[Option, ...]] = (
        Option("bot", "choice", "whose words to use", default="signed", choices=tuple(signal_templates())),
        Option("url", "url", "the bot's webhook address; some bots share one and need none"),
        Option("fields", "secret", "what the bot asks for besides, a mapping of names to values"),
        Option("secret", "secret", "signing secret, whsec_ and base64; made for you if left out"),
        *orders.OPTIONS,
        Option(
            "drops_repeats",
            "flag",
            "the bot drops a second message of the same webhook-id, so that an order may be sent again when in doubt",
        ),
    )
    for_people: ClassVar[bool] = False
    schedule: ClassVar[tuple[float, ...]] = orders.SCHEDULE
    patience: ClassVar[Patience] = Patience(5.0, 10.0)
    timeout: ClassVar[float] = patience.total + LEEWAY

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored; a signing secret is made if none was given."""
        options = Options(given, self.options, kept=KEPT)
        template = signal_templates()[options.choice("bot") or "signed"]
        if template.url and not given.get("url"):
            options.keep("url", template.url)
        elif not options.url("url", self.guard.check_url) and not given.get("url"):
            options.fault("url", "it is needed", "write the address that the bot shows for webhooks")
        read_secret(options)
        orders.check_order_options(options)
        options.flag("drops_repeats")
        _check_fields(options, template)
        return options.checked()

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return the signing secret."""
        return str(options["secret"])

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return the time to live of an order, seconds."""
        return orders.ttl_of(options)

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the bot's fingerprint and the pair."""
        return f"{_endpoint(channel)}:{symbol}"

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return what the bot takes in a minute, where that is known."""
        most = _template(channel).per_minute
        return () if most is None else (Rate(_endpoint(channel), most, 60.0),)

    async def send(self, notification: Notification) -> Accepted:
        """Send the order once. A test goes to the same address, and holds nothing that could be traded on."""
        channel = notification.channel
        if notification.kind is Kind.TEST:
            return await self._tested(notification)
        order = orders.order_of(notification)
        orders.require_in_time(order, self.world)
        orders.require_price(notification, self.world)
        may_repeat = channel.options.get("drops_repeats") is True
        if notification.is_repeat and not may_repeat:
            raise _in_doubt(DeliveryFailed("unsure", "an earlier attempt may have arrived"))
        template = _template(channel)
        body = notification.body or template.body(order, _fields(channel))
        try:
            answer = await self._post(notification, body, template.content_type)
            _require_certain(answer)
        except DeliveryFailed as error:
            failure = error if may_repeat or not error.is_unknown else _in_doubt(error)
        else:
            require_accepted(answer, self.world.clock.now())
            return Accepted(status=answer.status, answer=orders.answer_text(answer.body))
        raise failure

    async def _tested(self, notification: Notification) -> Accepted:
        """Post what holds no order: whatever is answered to it, short of a failure, shows that the bot is there."""
        data = {"type": notification.type, "timestamp": iso(notification.at), "data": {"test": True}}
        body = msgspec.json.encode(data).decode()
        answer = await self._post(notification, body, "application/json")
        if answer.status >= 500 or answer.status in (404, 410):
            require_accepted(answer, self.world.clock.now())
        return Accepted(status=answer.status, answer=orders.answer_text(answer.body))

    async def _post(self, notification: Notification, body: str, content_type: str) -> Answer:
        options = notification.channel.options
        headers = {"Content-Type": content_type}
        headers |= signed(notification.key, body, options, self.world.clock.now())
        url, data = str(options["url"]), body.encode()
        return await ask(self.session, url, data, headers, patience=self.patience, wants_body=True)


def _require_certain(answer: Answer) -> None:
    """Raise DeliveryFailed for an answer that leaves open whether the bot has traded."""
    if answer.status >= 500 and answer.status not in _NOT_TAKEN:
        detail = f"it answered {answer.status}: whether it took the order is not known"
        raise DeliveryFailed("status", detail, status=answer.status, is_unknown=True)


def _in_doubt(error: DeliveryFailed) -> DeliveryFailed:
    """Return the failure of an order that must not be sent again."""
    detail = f"{error.detail}; not sent again, for the bot might trade twice"
    return DeliveryFailed(error.error, detail, status=error.status, final=True, is_unknown=True)


def _template(channel: Channel) -> SignalTemplate:
    return signal_templates()[str(channel.options.get("bot") or "signed")]


def _endpoint(channel: Channel) -> str:
    return f"bot:{fingerprint(str(channel.options['url']))}"


def _fields(channel: Channel) -> dict[str, Scalar]:
    fields = channel.options.get("fields")
    return {**fields} if isinstance(fields, Mapping) else {}


def _check_fields(options: Options, template: SignalTemplate) -> None:
    """Read what the template asks for."""
    given = options.given("fields") or {}
    if not isinstance(given, Mapping):
        options.fault("fields", "they are no mapping", "write names with their values")
        return
    for name in given:
        if name not in template.options:
            known = ", ".join(template.options) or "none"
            options.fault(f"fields.{name}", f"{template.label} does not ask for it", f"known: {known}")
    for name, wish in template.options.items():
        problem = _problem(given.get(name), wish)
        if problem:
            options.fault(f"fields.{name}", problem, wish.about)
    if given:
        options.keep("fields", dict(given))


def _problem(value: object, wish: Wish) -> str:
    """Return why a value cannot be used, nothing if it can."""
    if value in (None, ""):
        return "it is needed" if wish.needed else ""
    if wish.kind == "number":
        is_number = (
            isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
        )
        return "" if is_number else "it is no number above 0"
    if isinstance(value, str) and DOTS in value:
        return "it is masked; give it whole"
    is_text = isinstance(value, str) and len(value) <= MOST_FIELD and value.isprintable()
    return "" if is_text else "it is not a text of one line"
