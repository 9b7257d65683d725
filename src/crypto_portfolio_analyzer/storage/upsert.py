"""Insert or replace by primary key, in either database's words."""

from sqlalchemy import ARRAY, Insert, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite


def upsert(table: Table, *, is_sqlite: bool) -> Insert:
    """Return a statement that writes a row over the one with the same key; run it with one mapping per row."""
    statement = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return _over(statement, table)


def upsert_arrays(table: Table) -> Insert:
    """Return a PostgreSQL statement that takes one array per column: planned once, for any number of rows.

    No key may occur in it twice.
    """
    names = table.columns.keys()
    arrays = [bindparam(column.name, type_=ARRAY(column.type)) for column in table.columns]
    rows = select(func.unnest(*arrays).table_valued(*names).render_derived())
    return _over(postgresql.insert(table).from_select(names, rows), table)


def _over(statement: sqlite.Insert | postgresql.Insert, table: Table) -> Insert:
    rest = [column.name for column in table.columns if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={name: statement.excluded[name] for name in rest}
    )
