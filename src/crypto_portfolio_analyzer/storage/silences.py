"""When people do not want to be told."""

import msgspec
from msgspec.structs import asdict
from sqlalchemy import insert, select, update

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage import owners
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.rows import Rows
from crypto_portfolio_analyzer.storage.tables import silences as table


class SilenceStore(Rows):
    """The table of silences."""

    async def silences(self, owner: str | None, now: int) -> list[Silence]:
        """Return silences that have not ended at `now` (ns), of one owner or of all, in the order they begin."""
        columns = table.columns
        query = select(table).where(columns.ends_at > now).order_by(columns.starts_at, columns.id)
        if owner is not None:
            query = query.where(columns.owner == owner)
        return [
            Silence(
                id=row.id,
                owner=row.owner,
                matchers=msgspec.json.decode(row.matchers, type=dict[str, str]),
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                comment=row.comment,
                created_at=row.created_at,
            )
            for row in await self._all(query)
        ]

    async def add_silence(self, silence: Silence, actor: str, most: int | None = None) -> None:
        """Store a silence; raises InvalidInput for one more than `most` in force or to come."""
        values = asdict(silence) | {"matchers": to_json(silence.matchers)}
        details = {"matchers": silence.matchers, "starts_at": silence.starts_at, "ends_at": silence.ends_at}
        lasting = (table.columns.owner == silence.owner) & (table.columns.ends_at > silence.created_at)
        async with self._database.writing() as connection:
            await owners.claim(connection, silence.owner, lasting, "silences", most)
            await connection.execute(insert(table).values(values))
            entry = Entry(actor, "silence.created", silence.id, details)
            await record(connection, [entry], silence.created_at)

    async def end_silence(self, owner: str, silence_id: str, now: int, actor: str) -> None:
        """End a silence now; raises NotFound if there is none or it has ended."""
        columns = table.columns
        theirs = columns.id == silence_id, columns.owner == owner, columns.ends_at > now
        async with self._database.writing() as connection:
            ended = await connection.execute(update(table).where(*theirs).values(ends_at=now))
            if not ended.rowcount:
                raise NotFound("silence", silence_id)
            await record(connection, [Entry(actor, "silence.ended", silence_id)], now)
