"""SMS, through the operator's gateway: Twilio's API (twilio.com/docs/messaging/api/message-resource), or plain JSON."""

import re
from collections.abc import Mapping
from typing import ClassVar

import aiohttp
import msgspec

from crypto_portfolio_analyzer.channels.endpoint import Endpoint
from crypto_portfolio_analyzer.channels.guard import OPERATORS, Guard
from crypto_portfolio_analyzer.channels.http import Answer, ask, read_json, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, Rate
from crypto_portfolio_analyzer.channels.masking import fingerprint
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.texts import fitted, utf16_units
from crypto_portfolio_analyzer.core.notices.markup import one_line
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed

TWILIO = "https://api.twilio.com"
_NUMBER = r"\+[1-9]\d{6,14}"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38, one septet each."""
_EXTENDED = frozenset("^{}\\[~]|€")
"""Two septets each."""
_PLAINER = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "×": "x",
        "·": "-",
        "→": "->",
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
        "▲": "up",
        "▼": "down",
        "“": '"',
        "”": '"',
        "„": '"',
        "\u2018": "'",
        "’": "'",
        "\u00a0": " ",
        "\u202f": " ",
    }
)
"""What a single sign outside of GSM 03.38 would cost: more than half of the room."""
SEPTETS, UNITS = 2 * 153, 2 * 67
"""Room of two segments, in septets of GSM 03.38 and in UTF-16 units."""

_WRONG_NUMBER = {
    21211: "this is no valid number",
    21214: "this number cannot be reached",
    21610: "the owner of this number has asked for no more messages",
    21612: "the gateway has no route to this number",
    21614: "this number is no mobile phone's",
}
"""Twilio's codes for what will never work again (twilio.com/docs/api/errors)."""


class _Reply(msgspec.Struct):
    sid: str = ""
    code: int | None = None


@CHANNELS("sms")
class SmsChannel(Endpoint):
    """Text messages to a phone."""

    name: ClassVar[str] = "sms"
    label: ClassVar[str] = "SMS"
    about: ClassVar[str] = "A text message to a phone, cut to two segments; the operator sets up the gateway."
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "to", "text", "the phone's number with + and country code, such as +4915112345678", is_needed=True
        ),
    )

    @property
    def guard(self) -> Guard:
        """Return one that lets the operator's gateway be anywhere."""
        return OPERATORS

    @property
    def is_ready(self) -> str:
        """Return what the operator must set, if there is no gateway."""
        account = self.world.sms
        return "" if account.api_url or account.account_sid else "no SMS gateway is set up: set sms.api_url"

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored; blanks and dashes in the number are taken out."""
        number = given.get("to")
        if isinstance(number, str):
            given = {**given, "to": re.sub(r"[ ()/.-]", "", number)}
        options = Options(given, self.options)
        options.text("to", longest=40, pattern=_NUMBER, remedy="write it like +4915112345678")
        return options.checked()

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Return yes: a number is easily somebody else's."""
        return True

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the phone's fingerprint."""
        return f"sms:{fingerprint(str(channel.options['to']))}"

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return what a long code can send: one segment a second, here one message in two."""
        return (Rate("sms", 1, 2.0, burst=5),)

    async def send(self, notification: Notification) -> Accepted:
        """Hand the text to the gateway once."""
        text = notification.body or " ".join(
            part for part in (notification.headline, notification.note) if part
        )
        return await self._post(notification.channel, segments(text, notification.url))

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Send the code; the owner types it in."""
        german = channel.options.get("language") == "de"
        text = "ist dein Code für Crypto Analyzer" if german else "is your code for Crypto Analyzer"
        await self._post(channel, f"{challenge} {text}")
        return False

    async def _post(self, channel: Channel, text: str) -> Accepted:
        if self.is_ready:
            raise DeliveryFailed("not_ready", self.is_ready, is_config=True)
        to, account = str(channel.options["to"]), self.world.sms
        if account.account_sid:
            answer = await self._twilio(to, text)
        else:
            answer = await ask(
                self.session,
                account.api_url,
                msgspec.json.encode({"to": to, "from": account.sender, "text": text}),
                {"Content-Type": "application/json", "Authorization": f"Bearer {account.auth_token}"},
                patience=self.patience,
            )
        require_accepted(answer, self.world.clock.now())
        return Accepted(reference=read_json(answer.body, _Reply).sid[:64], status=answer.status)

    async def _twilio(self, to: str, text: str) -> Answer:
        account = self.world.sms
        sender = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
        answer = await ask(
            self.session,
            f"{(account.api_url or TWILIO).rstrip('/')}/2010-04-01/Accounts/{account.account_sid}/Messages.json",
            aiohttp.FormData({"To": to, sender: account.sender, "Body": text}),
            {"Authorization": aiohttp.encode_basic_auth(account.account_sid, account.auth_token)},
            patience=self.patience,
            wants_body=True,
        )
        code = None if answer.is_accepted else read_json(answer.body, _Reply).code
        if code in _WRONG_NUMBER:
            raise DeliveryFailed(
                "status", _WRONG_NUMBER[code], status=answer.status, disables=True, is_config=True
            )
        return answer


def segments(text: str, link: str = "") -> str:
    """Return a text and its link as two segments at most; the text is cut, never within a grapheme, the link stays."""
    plain = one_line(text).translate(_PLAINER)
    tail = f" {link}" if link else ""
    if not _fits(tail):
        tail = ""
    return fitted(plain, lambda part: _fits(part.replace("…", "...") + tail)).replace("…", "...") + tail


def _fits(text: str) -> bool:
    if all(character in _BASIC or character in _EXTENDED for character in text):
        return len(text) + sum(character in _EXTENDED for character in text) <= SEPTETS
    return utf16_units(text) <= UNITS
