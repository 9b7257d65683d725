"""Quiet hours: people sleep; what comes meanwhile waits for the morning, but for what is critical."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.formats import local
from crypto_portfolio_analyzer.core.notices.notification import Channel, Work
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.engine.delivery.sifting import (
    QUIET,
    Context,
    Ruling,
    Sifted,
    held,
    is_news,
    severity_of,
    sift,
)


class Hours:
    """Hours of the day in a zone, `until` exclusive, over midnight where it is the earlier one."""

    def __init__(self, start: time, until: time, zone: ZoneInfo) -> None:
        self._start, self._until, self._zone = start, until, zone

    def covers(self, at: int) -> bool:
        """Tell whether an instant lies in them by its wall clock; a doubled hour does twice."""
        wall = local(at, self._zone).time()
        if self._start <= self._until:
            return self._start <= wall < self._until
        return wall >= self._start or wall < self._until

    def end(self, at: int) -> int:
        """Return when the hours that cover an instant end; at a skipped time they end when it is skipped."""
        here = local(at, self._zone)
        for day in (0, 1):
            for fold in (0, 1):
                wall = datetime.combine(here.date() + timedelta(days=day), self._until, self._zone)
                instant = _instant(wall.replace(fold=fold))
                if instant > at and not self.covers(instant):
                    return self._first_outside(instant)
        return at + MINUTE  # hours of a whole day: looked at again

    def _first_outside(self, instant: int) -> int:
        """Go back to where the hours have ended: in a skipped hour `until` is read as later than it is."""
        while not self.covers(instant - MINUTE) and local(instant, self._zone).time() > self._until:
            instant -= MINUTE
        return instant


def hours_of(channel: Channel) -> Hours | None:
    """Return the quiet hours of a channel, if it has any."""
    asked = channel.options.get("quiet_hours")
    if not isinstance(asked, Mapping):
        return None
    zone = ZoneInfo(str(channel.options.get("zone") or "UTC"))
    return Hours(time.fromisoformat(str(asked["from"])), time.fromisoformat(str(asked["until"])), zone)


def quiet(works: Sequence[Work], context: Context) -> Sifted:
    """Hold news of the channel's quiet hours until they end."""
    hours = hours_of(context.channel) if context.for_people else None
    if hours is None or not hours.covers(context.now):
        return Sifted(on=list(works))
    until = hours.end(context.now)
    asked = context.channel.options["quiet_hours"]
    passes = not isinstance(asked, Mapping) or asked.get("except", "critical") == "critical"

    def rule(work: Work) -> Ruling | None:
        if not is_news(work) or (passes and severity_of(work) is Severity.CRITICAL):
            return None
        return held(work, QUIET, until)

    return sift(works, rule)


def _instant(wall: datetime) -> int:
    return round(wall.timestamp()) * 10**9
