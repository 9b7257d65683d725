"""The browser: nothing is sent. What has fired is in the owner's durable feed, and each page resumes where it was."""

from collections.abc import Mapping
from typing import ClassVar

from crypto_portfolio_analyzer.channels.endpoint import Endpoint
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification


@CHANNELS("browser")
class BrowserChannel(Endpoint):
    """The dashboard of the owner, open now or later."""

    name: ClassVar[str] = "browser"
    label: ClassVar[str] = "Browser"
    about: ClassVar[str] = (
        "The dashboard itself: alerts show and sound there, also those missed while it was closed."
    )
    options: ClassVar[tuple[Option, ...]] = ()
    schedule: ClassVar[tuple[float, ...]] = ()

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored: there are none of its own."""
        return Options(given, self.options).checked()

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the owner's browsers."""
        return f"browser:{channel.id}"

    async def send(self, notification: Notification) -> Accepted:
        """Accept at once: the feed was written with the firing."""
        return Accepted()
