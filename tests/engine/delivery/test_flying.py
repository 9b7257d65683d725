"""What is under way is watched: cut off when it takes too long, held on to while it is in time."""

from crypto_portfolio_analyzer.engine.delivery.composing import Composer
from crypto_portfolio_analyzer.engine.delivery.flying import Flying
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Sender
from crypto_portfolio_analyzer.tasks import Nursery
from tests.engine.delivery.media import Hook, Medium, channel_of
from tests.engine.delivery.works import work
from tests.fakes import FakeClock


class Patient(Medium):
    timeout = 100.0


class Sky:
    def __init__(self):
        self.clock, self.nursery = FakeClock(), Nursery()
        sender = Sender(self.clock, Pacer(self.clock), Composer(simulated=False, public_url=""))
        self.landed, self.renewed = [], []
        self.flying = Flying(sender, self.clock, self._land, renew=self._renew)

    def _land(self, flight, result):
        self.landed.append((self.clock.monotonic(), result.failure and result.failure.error))

    async def _renew(self):
        self.renewed.append(self.clock.monotonic())

    async def __aenter__(self):
        await self.nursery.start()
        self.nursery.spawn(self.flying.watch(30.0))
        return self

    async def __aexit__(self, *_):
        await self.nursery.stop()

    def begin(self, medium, seconds):
        medium.seconds = seconds
        self.flying.begin(Flight(channel_of(), (work(),), "lane", medium), self.nursery)


async def test_each_is_cut_off_when_its_own_time_is_over():
    async with Sky() as sky:
        sky.begin(Hook(sky.clock), 1e6)
        sky.begin(Medium(sky.clock), 1e6)
        sky.begin(Medium(sky.clock), 3.0)

        await sky.clock.advance(20)

        assert [error for _, error in sky.landed] == [None, "timeout", "timeout"]
        assert all(
            0 <= at - planned < 0.01 for (at, _), planned in zip(sky.landed, (3.0, 10.0, 15.0), strict=True)
        )
        assert len(sky.flying) == 0


async def test_claims_are_renewed_while_something_is_under_way_and_only_then():
    async with Sky() as sky:
        await sky.clock.advance(100)
        assert sky.renewed == []
        sky.begin(Patient(sky.clock), 95.0)

        await sky.clock.advance(300)

        assert len(sky.renewed) == 3


async def test_an_end_waits_for_what_is_under_way_and_returns_the_rest():
    async with Sky() as sky:
        sky.begin(Medium(sky.clock), 0.0)
        sky.begin(Medium(sky.clock), 1e6)

        left = await sky.flying.end(0.05)

        assert len(left) == 1
        assert len(sky.landed) == 1
