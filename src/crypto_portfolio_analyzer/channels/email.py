"""E-mail: handed to the operator's mail server (RFC 5321), which takes it from there.

SMTP knows no idempotency key: after an unknown outcome a mail may come twice, with the same Message-ID, by which
many clients merge. 4xx is tried again, 5xx is final; an address that does not exist switches the channel off.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import ClassVar

import aiosmtplib

from crypto_portfolio_analyzer.channels.email_message import (
    bare_address,
    mail_of,
    question_of,
    sender_domain,
)
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, HOUR, MINUTE, Accepted, Option, Rate, World
from crypto_portfolio_analyzer.channels.masking import fingerprint, shown
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed

PATIENCE = 30.0
"""Seconds of one attempt, from the connection to the server's yes."""
_LEEWAY = 3.0
_GOODBYE = 1.0
_PICTURE_PATIENCE = 2.0
_ADDRESS = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*"
)
_NO_SUCH_MAILBOX = re.compile(r"^5\.1\.(1|2|10)\b")
_BEFORE_THE_MAIL = (
    aiosmtplib.SMTPConnectResponseError,
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPAuthenticationError,
)
_MAILS_AN_HOUR, _MAILS_AT_ONCE = 60, 20


@CHANNELS("email")
class EmailChannel:
    """Sends each mail over a connection of its own."""

    name: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    about: ClassVar[str] = "Mail to one address; the operator sets the mail server."
    options: ClassVar[tuple[Option, ...]] = (
        Option("to", "text", "The address, like ada@example.org", is_needed=True),
    )
    for_people: ClassVar[bool] = True
    ordered: ClassVar[bool] = True
    parallel: ClassVar[int] = 1
    schedule: ClassVar[tuple[float, ...]] = (
        MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR,
    )  # fmt: skip
    timeout: ClassVar[float] = PATIENCE + _PICTURE_PATIENCE + _LEEWAY

    def __init__(self, world: World) -> None:
        self._world, self._account = world, world.mail

    @property
    def is_ready(self) -> str:
        """Return nothing, or that there is no mail server yet."""
        if self._account.host and self._account.sender:
            return ""
        return "set the mail server and the sender (channels.email.host, channels.email.sender)"

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the options; raises InvalidFields for what is no single plain address."""
        options = Options(given, self.options)
        remedy = "write one address, like ada@example.org; a domain with other letters in its xn-- form"
        options.text("to", longest=254, pattern=_ADDRESS, remedy=remedy)
        return options.checked()

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return the options: there is no secret among them."""
        return shown(self.options, options)

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return nothing: there is no secret."""
        return None

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Return yes: anybody can type anybody's address."""
        return True

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return nothing: people can be told late."""
        return None

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the mailbox."""
        return f"email:{_mailbox(channel)}"

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return a limit for each mailbox, so that nobody is flooded."""
        return (Rate(self.lane(channel, ""), _MAILS_AN_HOUR, HOUR, _MAILS_AT_ONCE),)

    async def send(self, notification: Notification) -> Accepted:
        """Hand one mail to the server; raises DeliveryFailed."""
        to = str(notification.channel.options["to"])
        picture = await self._picture(notification)
        mail = mail_of(notification, self._account.sender, to, self._world.public_url, picture)
        return Accepted(reference=notification.key, status=await self._hand_over(to, mail))

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Send the code; its answer comes by another way. Raises DeliveryFailed."""
        to = str(channel.options["to"])
        await self._hand_over(
            to, question_of(channel, challenge, self._account.sender, to, self._world.clock.now())
        )
        return False

    async def start(self) -> None:
        """Do nothing: no connection is kept."""

    async def stop(self) -> None:
        """Do nothing: no connection is kept."""

    async def _picture(self, notification: Notification) -> bytes | None:
        """Return the chart of a firing, if it is wanted and drawn in time: the mail cannot get it later."""
        draw = self._world.picture
        if (
            draw is None
            or notification.firing is None
            or notification.channel.options.get("picture") == "off"
        ):
            return None
        try:
            return await asyncio.wait_for(draw(notification), _PICTURE_PATIENCE)
        except TimeoutError:
            return None

    async def _hand_over(self, to: str, mail: bytes) -> int:
        """Return the status with which the server took a mail; raises DeliveryFailed without what it wrote."""
        if self.is_ready:
            raise DeliveryFailed("config", f"no mail can be sent: {self.is_ready}", is_config=True)
        client, is_sent = self._client(), False
        try:
            async with asyncio.timeout(PATIENCE):
                await client.connect()
                await client.mail(bare_address(self._account.sender))
                await client.rcpt(to)
                is_sent = True
                response = await client.data(mail)
                with suppress(
                    aiosmtplib.SMTPException, TimeoutError
                ):  # it has the mail, whatever it says now
                    await client.quit(timeout=_GOODBYE)
                return response.code
        except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError is an OSError
            failure = _failure(error, is_sent=is_sent)
        finally:
            client.close()
        raise failure

    def _client(self) -> aiosmtplib.SMTP:
        account = self._account
        is_secure = account.security != "none"
        return aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            username=account.user or None,
            password=account.password or None,
            local_hostname=sender_domain(account.sender),
            timeout=PATIENCE,
            use_tls=account.security == "tls",
            start_tls=account.security == "starttls",
            tls_context=self._trust if is_secure else None,
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _mailbox(channel: Channel) -> str:
    return fingerprint(str(channel.options.get("to", "")).lower())


def _failure(error: Exception, *, is_sent: bool) -> DeliveryFailed:
    """Return what an error means; once the mail was on its way, silence does not say that it is lost."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _refusal(error)
    if type(error) is aiosmtplib.SMTPException:  # the base itself: no STARTTLS, no AUTH, no way in common
        detail = "the mail server offers no encryption or no log-in; nothing is sent without"
        return DeliveryFailed("tls", detail, is_config=True)
    causes = error, error.__cause__
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in causes):
        detail = "the mail server's certificate cannot be trusted: expired, for another name, or signed by nobody known"
        return DeliveryFailed("tls", detail, final=True, is_config=True)
    if any(isinstance(each, socket.gaierror) for each in causes):
        return DeliveryFailed("dns", "the mail server's name cannot be resolved")
    if any(isinstance(each, TimeoutError) for each in causes):
        word = "timeout_read" if is_sent else "timeout_connect"
        return DeliveryFailed(word, "the mail server did not answer in time", is_unknown=is_sent)
    if any(isinstance(each, ConnectionRefusedError) for each in causes):
        return DeliveryFailed("refused", "nothing answers at the mail server's address and port")
    return DeliveryFailed("reset", "the connection to the mail server broke", is_unknown=is_sent)


def _refusal(error: aiosmtplib.SMTPResponseException) -> DeliveryFailed:
    """Return what a status means: 4xx later, 5xx never; what is the operator's to put right is tried again."""
    code, is_final = error.code, error.code >= 500
    if isinstance(error, _BEFORE_THE_MAIL):
        detail = (
            f"the mail server answered {code} before it heard of any mail; check its address and the log-in"
        )
        return DeliveryFailed("status", detail, status=code, is_config=is_final)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused) and _NO_SUCH_MAILBOX.match(error.message):
        detail = f"the mail server answered {code}: there is no such mailbox"
        return DeliveryFailed("status", detail, status=code, disables=True)
    what = "refuses the mail" if is_final else "wants it later"
    return DeliveryFailed(
        "status", f"the mail server answered {code}: it {what}", status=code, final=is_final
    )
