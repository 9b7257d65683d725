"""Apprise: ntfy, Slack, Matrix, Gotify and some fifty more, each by one URL (github.com/caronc/apprise/wiki)."""

import json
import re
from collections.abc import Mapping
from typing import ClassVar

from crypto_portfolio_analyzer.channels.apprising.process import AppriseProcess, Reply
from crypto_portfolio_analyzer.channels.apprising.schemes import SCHEMES, scheme_of
from crypto_portfolio_analyzer.channels.endpoint import LEEWAY, Endpoint
from crypto_portfolio_analyzer.channels.guard import blocked
from crypto_portfolio_analyzer.channels.http import Answer, Patience, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, World
from crypto_portfolio_analyzer.channels.masking import fingerprint, masked
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.texts import fitted, paragraphs
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidInput

START = 15.0
"""Seconds more for the first message, whose process has to start."""
MAX_TITLE, MAX_BODY = 600, 3200
"""Bytes of JSON that every service takes as a message; from longer ones some make files."""
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}
_ACTIVE = re.compile(r"@|<|\]|://")
_UNSURE = frozenset(("reset", "timeout_read"))
_SENTENCES = {
    "dns": "its name cannot be resolved",
    "refused": "nobody answers at its address and port",
    "reset": "the connection broke before an answer",
    "timeout_connect": "no connection came about in time",
    "timeout_read": "no answer came in time",
    "tls": "no TLS connection could be agreed on, or its certificate cannot be trusted",
}


@CHANNELS("apprise")
class AppriseChannel(Endpoint):
    """Everything that has no type of its own."""

    name: ClassVar[str] = "apprise"
    label: ClassVar[str] = "ntfy, Slack, Matrix, …"
    about: ClassVar[str] = (
        "Some fifty services by one URL each, such as ntfys://ntfy.sh/your-topic (Apprise syntax)."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option("url", "secret", "the service's URL in Apprise's syntax, such as slack://…", is_needed=True),
    )
    patience: ClassVar[Patience] = Patience(5.0, 15.0)
    timeout: ClassVar[float] = patience.total + START + LEEWAY

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._process = AppriseProcess(self.guard.allowed, self.patience.total + START)

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored."""
        options = Options(given, self.options)
        options.url("url", _check_url)
        return options.checked()

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return the service, and the rest of its URL masked."""
        url = str(options["url"])
        return {"url": f"{scheme_of(url)}://{masked(url)}"}

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the URL's fingerprint."""
        return f"apprise:{fingerprint(str(channel.options['url']))}"

    async def send(self, notification: Notification) -> Accepted:
        """Have Apprise send it once."""
        title = "" if notification.body else notification.headline
        body = notification.body or paragraphs(notification)
        link = f"\n{notification.url}" if notification.url else ""
        text = fitted(_harmless(body), lambda part: _size(part + link) <= MAX_BODY) + link
        title = fitted(_harmless(title), lambda part: _size(part) <= MAX_TITLE)
        reply = await self._process.run(
            str(notification.channel.options["url"]),
            title,
            text.strip() or title,
            _TYPES[notification.severity],
        )
        if not reply.ok:
            raise self._failure(reply)
        return Accepted(status=reply.status)

    def _failure(self, reply: Reply) -> DeliveryFailed:
        """Return what a reply means for the delivery."""
        if reply.error == "blocked":
            return blocked("its address is not public; the operator can allow own networks")
        if reply.error in ("bad_url", "forbidden"):
            detail = "this URL is not one Apprise can send to; compare it with the service's page in Apprise's wiki"
            return DeliveryFailed("bad_url", detail, final=True, is_config=True)
        if reply.error in _SENTENCES:
            return DeliveryFailed(reply.error, _SENTENCES[reply.error], is_unknown=reply.error in _UNSURE)
        if reply.status is not None:
            answer = Answer(reply.status, {"Retry-After": reply.retry_after})
            try:
                require_accepted(answer, self.world.clock.now())
            except DeliveryFailed as failure:
                return failure
        return DeliveryFailed(
            "bad_answer", "the service did not confirm it", status=reply.status, is_unknown=True
        )

    async def stop(self) -> None:
        """End the process."""
        await self._process.stop()
        await super().stop()


def _check_url(text: str) -> str:
    """Return the URL; raises InvalidInput for a service that is not on the list."""
    scheme = scheme_of(text)
    if scheme not in SCHEMES:
        raise InvalidInput(
            f"{scheme[:20] or 'this'!r} is no known service; choose one of {', '.join(SCHEMES)}"
        )
    if not text.partition("://")[2].strip("/"):
        raise InvalidInput("the URL names no place; compare it with the service's page in Apprise's wiki")
    return text


def _size(text: str) -> int:
    """Return how many bytes of JSON a text takes, as Apprise writes it: pure ASCII."""
    return len(json.dumps(text))


def _harmless(text: str) -> str:
    """Return a text that mentions nobody and links nowhere in any service: a blank without width breaks both."""
    return _ACTIVE.sub(lambda found: found[0] + "\u200b", text)
