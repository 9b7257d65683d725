"""What became of claimed deliveries: settled by their holder, held for longer, or rescued from one who is gone."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    insert,
    null,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from crypto_portfolio_analyzer.core.notices.notification import PENDING, WAITING, DeliveryState, Settlement
from crypto_portfolio_analyzer.failpoints import reach
from crypto_portfolio_analyzer.storage.alert_rows import to_json
from crypto_portfolio_analyzer.storage.delivery_tables import IS_AHEAD, attempts
from crypto_portfolio_analyzer.storage.delivery_tables import deliveries as table
from crypto_portfolio_analyzer.storage.queueing import hold, wake
from crypto_portfolio_analyzer.storage.rows import Rows, batches

_COLUMNS = table.columns
_NEWS: dict[str, TypeEngine[Any]] = {
    "id": Text(),
    "claim": Text(),
    "state": Text(),
    "reason": Text(),
    "due_at": BigInteger(),
    "settled_at": BigInteger(),
    "tries": Integer(),
    "tried_at": BigInteger(),
    "unsure": Boolean(),
    "reference": Text(),
    "answer": Text(),
}


class SettleStore(Rows):
    """The outbox as those who hold something of it see it."""

    async def settle(self, settlements: Sequence[Settlement], now: int) -> list[str]:
        """Store what became of claimed deliveries and the attempts made, in one transaction.

        Return the ids that were still held by their claim; of the others only the attempts are stored. One that was
        called off meanwhile is not tried again. Of a delivery that is settled twice the first counts.
        """
        if not settlements:
            return []
        news: dict[tuple[str, str], Settlement] = {}
        for each in settlements:
            news.setdefault((each.delivery_id, each.claim), each)
        tried = [each.attempt for each in settlements if each.attempt is not None]
        asked = {"now": now, "news": to_json([_row(each, now) for each in news.values()])}
        statement = _SETTLE_SQLITE if self._database.is_sqlite else _SETTLE_POSTGRESQL
        async with self._database.writing() as connection:
            await hold(connection, [each.delivery_id for each in settlements])
            settled = list(await connection.scalars(statement, asked))
            for some in batches(tried):
                await connection.execute(insert(attempts), [asdict(each) for each in some])
            reach("before_settle_commit")
        reach("after_settle")
        return settled

    async def renew(self, ids: Sequence[str], claim: str, until: int) -> None:
        """Hold on to deliveries for longer."""
        if not ids:
            return
        theirs = _COLUMNS.claim == claim, _COLUMNS.state == DeliveryState.SENDING
        async with self._database.writing() as connection:
            await hold(connection, ids)
            for some in batches(ids):
                change = update(table).where(_COLUMNS.id.in_(some), *theirs)
                await connection.execute(change.values(claimed_until=until))

    async def rescue(self, now: int) -> int:
        """Queue again what was claimed by somebody who is gone, marked `unsure`; return how many.

        What was called off meanwhile is cancelled.
        """
        is_gone = text(IS_AHEAD), _COLUMNS.state == DeliveryState.SENDING, _COLUMNS.claimed_until < now
        gone = select(_COLUMNS.number).where(*is_gone).order_by(_COLUMNS.number)
        async with self._database.writing() as connection:
            numbers = list(await connection.scalars(gone.with_for_update(skip_locked=True)))
            await _give_back(connection, numbers, now)
        return len(numbers)


async def _give_back(connection: AsyncConnection, numbers: Sequence[int], now: int) -> None:
    is_off = _COLUMNS.called_off.is_not(None)
    change = update(table).values(
        state=case((is_off, DeliveryState.CANCELLED.value), else_=DeliveryState.QUEUED.value),
        reason=case((is_off, _COLUMNS.called_off), else_=_COLUMNS.reason),
        settled_at=case((is_off, now)),
        unsure=True,
        claim=None,
        claimed_until=None,
        called_off=None,
    )
    for some in batches(numbers):
        await connection.execute(change.where(_COLUMNS.number.in_(some)))
    if numbers:
        await wake(connection)


def _row(settlement: Settlement, now: int) -> dict[str, object]:
    attempt, settled_at = settlement.attempt, now
    if attempt is not None and settlement.state is DeliveryState.DELIVERED:
        settled_at = attempt.at + attempt.took
    return {
        "id": settlement.delivery_id,
        "claim": settlement.claim,
        "state": settlement.state,
        "reason": settlement.reason,
        "due_at": settlement.due_at,
        "settled_at": None if settlement.state in PENDING else settled_at,
        "tries": int(attempt is not None),
        "tried_at": None if attempt is None else attempt.at,
        "unsure": settlement.unsure,
        "reference": settlement.reference,
        "answer": settlement.answer,
    }


def _news_postgresql() -> FromClause:
    """Return the rows of the JSON text `news`."""
    typed = [column(name, type_) for name, type_ in _NEWS.items()]
    rows = func.json_to_recordset(cast(bindparam("news", type_=Text), JSON)).table_valued(*typed, name="news")
    return rows.render_derived(with_types=True)


def _news_sqlite() -> FromClause:
    each = func.json_each(bindparam("news", type_=Text)).table_valued("value", name="each")
    value = each.columns.value
    fields = [
        type_coerce(func.json_extract(value, f"$.{name}"), type_).label(name) for name, type_ in _NEWS.items()
    ]
    return select(*fields).cte("news")


def _settling(source: FromClause) -> Update:
    """Return the one statement that settles all; it returns the ids of those that were still held."""
    news = source.columns
    is_off = and_(_COLUMNS.called_off.is_not(None), news.state.in_(WAITING))

    def kept(name: str) -> ColumnElement[str]:
        return case((news[name] == "", _COLUMNS[name]), else_=news[name])

    change = update(table).values(
        state=case((is_off, DeliveryState.CANCELLED.value), else_=news.state),
        reason=case((is_off, _COLUMNS.called_off), else_=news.reason),
        settled_at=case((is_off, bindparam("now", type_=BigInteger)), else_=news.settled_at),
        due_at=func.coalesce(news.due_at, _COLUMNS.due_at),
        attempts=_COLUMNS.attempts + news.tries,
        first_attempt_at=func.coalesce(_COLUMNS.first_attempt_at, news.tried_at),
        unsure=or_(_COLUMNS.unsure, news.unsure),
        reference=kept("reference"),
        answer=kept("answer"),
        claim=null(),
        claimed_until=null(),
        called_off=null(),
    )
    is_held = _COLUMNS.id == news.id, _COLUMNS.claim == news.claim, _COLUMNS.state == DeliveryState.SENDING
    return change.where(*is_held).returning(_COLUMNS.id)


_SETTLE_POSTGRESQL = _settling(_news_postgresql())
_SETTLE_SQLITE = _settling(_news_sqlite())
