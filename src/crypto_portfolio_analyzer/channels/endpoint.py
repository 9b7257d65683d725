"""What the channels that send over HTTP have in common: a guarded session, and what a type mostly answers."""

from collections.abc import Mapping
from typing import ClassVar

import aiohttp

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.http import Patience
from crypto_portfolio_analyzer.channels.kinds import PEOPLE_SCHEDULE, Option, Rate, World
from crypto_portfolio_analyzer.channels.masking import shown
from crypto_portfolio_analyzer.core.notices.notification import Channel

LEEWAY = 1.0
"""Seconds an attempt may take longer than its request: its own deadline says best what took so long."""


class Endpoint:
    """A type of channel that sends HTTP requests; what a chat's type answers, unless it says otherwise."""

    options: ClassVar[tuple[Option, ...]]
    for_people: ClassVar[bool] = True
    ordered: ClassVar[bool] = True
    parallel: ClassVar[int] = 1
    schedule: ClassVar[tuple[float, ...]] = PEOPLE_SCHEDULE
    patience: ClassVar[Patience] = Patience(5.0, 10.0)
    timeout: ClassVar[float] = patience.total + LEEWAY

    def __init__(self, world: World) -> None:
        self.world = world
        self._session: aiohttp.ClientSession | None = None

    @property
    def guard(self) -> Guard:
        """What this type may reach."""
        return self.world.guard

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, opened when it is first needed."""
        if self._session is None:
            self._session = self.guard.session()
        return self._session

    @property
    def is_ready(self) -> str:
        """Return nothing: the operator has nothing to set."""
        return ""

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return the options with secrets and addresses masked."""
        return shown(self.options, options)

    def revealed(self, options: Mapping[str, object]) -> str | None:
        """Return nothing: there is no secret of our making."""
        return None

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Return no: whoever knows the address was let in there."""
        return False

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        """Return nothing: people can be told late."""
        return None

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return no limits: the other end says when it has had enough."""
        return ()

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Return no: the answer comes by another way, if one is asked for at all."""
        return False

    async def start(self) -> None:
        """Do nothing: the session is opened when it is first needed."""

    async def stop(self) -> None:
        """Close the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
