"""What waits inside, and where things are kept."""

from crypto_portfolio_analyzer.app import build, insides_of
from crypto_portfolio_analyzer.settings import Settings


async def test_queues_are_empty_and_the_database_is_a_file(settings: Settings) -> None:
    async with build(settings) as app:
        told = insides_of(app)

    assert {queue.name: queue.dropped for queue in told.queues} == {"events": 0, "bars": 0, "decisions": 0}
    assert told.storage.engine == "sqlite"
    assert told.storage.bytes
    assert told.storage.free_bytes > 0


async def test_before_the_first_start_there_is_no_file(settings: Settings) -> None:
    settings.data_dir.mkdir(exist_ok=True)

    assert insides_of(build(settings)).storage.bytes is None
