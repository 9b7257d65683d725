"""Tests of storage/audit_chain.py: whatever is done to the chain without the key is found (P46).

Manipulations are made in memory on rows as the database has them, thousands of them, and each kind on both databases.
"""

import random
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_chain import CHANGED, MISSING, TRUNCATED, UNCHAINED, Walk, link
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.database import Database
from tests.fakes import FakeClock
from tests.storage.made import NOW

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
FIELDS = ("at", "actor", "action", "subject", "details", "prev", "hash")
LENGTH = 40


class Made(SimpleNamespace):
    """A row as the database gives it."""

    @property
    def _mapping(self):
        return vars(self)


def chain(length=LENGTH, key=KEY):
    """Return the rows of a sound chain, as the first thing that people ever did."""
    rows, prev = [], Walk([key])._foundations[0].hexdigest()
    for seq in range(1, length + 1):
        fields = {
            "seq": seq * 3,  # the engine's entries stand between
            "at": NOW + seq,
            "actor": ("ada", "bob")[seq % 2],
            "action": ("alert.created", "alert.deleted")[seq % 3 == 0],
            "subject": f"a{seq}",
            "details": f'{{"revision":{seq}}}',
            "prev": prev,
        }
        prev = link(key, fields)
        rows.append(Made(**fields, hash=prev))
    return rows


def walked(rows, keys=(KEY,)):
    walk = Walk(keys)
    walk.go(rows)
    return walk


def is_found(rows, anchored):
    """Tell whether a walk and a look at the anchor find something."""
    walk = walked(rows)
    return walk.broken is not None or anchored.hash not in {
        each.hash for each in rows if each.seq == anchored.seq
    }


def changed(rows, rng):
    row, field = rng.choice(rows), rng.choice(FIELDS)
    value = getattr(row, field)
    setattr(
        row, field, value + 1 if isinstance(value, int) else value[:-1] + ("x" if value[-1] != "x" else "y")
    )


def swapped_field(rows, rng):
    one, two = rng.sample(rows, 2)
    field = rng.choice(("at", "subject", "details", "hash", "prev"))
    left, right = getattr(one, field), getattr(two, field)
    setattr(one, field, right)
    setattr(two, field, left)


def removed(rows, rng):
    start = rng.randrange(len(rows))
    del rows[start : start + rng.randint(1, 5)]


def truncated(rows, rng):
    del rows[-rng.randint(1, len(rows)) :]


def inserted(rows, rng):
    place = rng.randrange(len(rows))
    copy = Made(**vars(rows[place]))
    copy.seq, copy.subject = copy.seq + 1, "forged"
    copy.prev, copy.hash = rng.choice(
        [(None, None), (rows[place].hash, copy.hash), (rows[place].hash, link(OTHER_KEY, vars(copy)))]
    )
    rows.insert(place + 1, copy)


def replayed(rows, rng):
    place = rng.randrange(len(rows))
    copy = Made(**vars(rows[place]))
    copy.seq = rows[-1].seq + rng.randint(1, 9)
    rows.append(copy)


def reordered(rows, rng):
    one, two = rng.sample(range(len(rows)), 2)
    rows[one].seq, rows[two].seq = rows[two].seq, rows[one].seq
    rows.sort(key=lambda row: row.seq)


def rewritten(rows, rng):
    """Make the end of the chain anew with a key of one's own."""
    start = rng.randrange(len(rows))
    prev = rows[start].prev
    rows[start].subject = "forged"
    for row in rows[start:]:
        row.prev = prev
        row.hash = prev = link(OTHER_KEY, vars(row))


def unchained(rows, rng):
    """Let entries look as if they were older than the chain."""
    for row in rows[: rng.randint(1, len(rows))]:
        row.prev = row.hash = None


MANIPULATIONS = (
    changed, swapped_field, removed, truncated, inserted, replayed, reordered, rewritten, unchained,
)  # fmt: skip


def test_sound_chain_is_sound():
    rows = chain()
    walk = walked(rows)

    assert (walk.broken, walk.entries, walk.head) == (None, LENGTH, rows[-1].hash)
    assert not is_found(rows, rows[-1])


def hunt(count, seed):
    """Manipulate `count` sound chains at random; return what was not found."""
    rng, missed = random.Random(seed), []
    for number in range(count):
        rows = chain()
        anchored = Made(**vars(rows[-1]))
        manipulate = MANIPULATIONS[number % len(MANIPULATIONS)]
        manipulate(rows, rng)
        if not is_found(rows, anchored):
            missed.append((number, manipulate.__name__))
    return missed


def test_every_one_of_a_thousand_manipulations_is_found():
    assert hunt(1_800, seed=46) == []


@pytest.mark.long
def test_every_one_of_ten_thousand_manipulations_is_found():
    assert hunt(10_008, seed=47) == []


def test_first_broken_entry_is_named_with_what_was_done_to_it():
    def broken(act):
        rows = chain()
        act(rows)
        return walked(rows).broken

    assert broken(lambda rows: setattr(rows[6], "actor", "eve")) == (21, CHANGED)
    assert broken(lambda rows: rows.pop(6)) == (24, MISSING)
    assert broken(lambda rows: rows.pop(0)) == (6, MISSING)
    assert broken(lambda rows: setattr(rows[6], "hash", None)) == (21, UNCHAINED)


def test_former_keys_go_on_to_prove_what_was_made_with_them():
    assert walked(chain(key=KEY), keys=[OTHER_KEY, KEY]).broken is None
    assert walked(chain(key=KEY), keys=[OTHER_KEY]).broken == (3, CHANGED)


@pytest.fixture
async def keyed(database_url):
    """A database whose chain has a key."""
    database = Database(database_url, audit_keys=[KEY])
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def log(keyed, tmp_path):
    """The log of a chain of twelve entries, anchored at its end, with entries of the engine between."""
    log = AuditLog(keyed, Anchor(tmp_path), FakeClock())
    for number in range(12):
        async with keyed.writing() as connection:
            entries = [Entry("engine", "alert.fired", "f"), Entry("ada", "alert.created", f"a{number}")]
            await record(connection, entries, NOW + number)
    assert await log.anchor()
    return log


IN_SQL = {
    "changed": ("update audit set details = '{\"x\":1}' where subject = 'a5'", CHANGED),
    "backdated": ("update audit set at = at - 1 where subject = 'a5'", CHANGED),
    "removed": ("delete from audit where subject = 'a5'", MISSING),
    "first removed": ("delete from audit where subject = 'a0'", MISSING),
    "cut off": ("delete from audit where subject = 'a11'", TRUNCATED),
    "all removed": ("delete from audit", TRUNCATED),
    "inserted": (
        "insert into audit (at, actor, action, subject, details) values (1, 'ada', 'alert.created', 'x', '{}')",
        UNCHAINED,
    ),
    "inserted before the chain": (
        "insert into audit (seq, at, actor, action, subject, details) values (-1, 1, 'ada', 'a', 'x', '{}')",
        MISSING,
    ),
    "forged": (
        """insert into audit (at, actor, action, subject, details, prev, hash)
        select at, actor, action, 'x', details, hash, 'abc' from audit where subject = 'a11'""",
        CHANGED,
    ),
    "moved": ("update audit set seq = 1000 where subject = 'a5'", CHANGED),
    "made the engine's": (
        "update audit set actor = 'engine', prev = null, hash = null where subject = 'a5'",
        MISSING,
    ),
    "last made the engine's": (
        "update audit set actor = 'engine', prev = null, hash = null where subject = 'a11'",
        TRUNCATED,
    ),
}


@pytest.mark.parametrize("name", IN_SQL)
async def test_what_is_done_in_the_database_is_found(log, keyed, name):
    assert (await log.verify()).ok
    statement, problem = IN_SQL[name]
    async with keyed.writing() as connection:
        await connection.execute(text(statement.replace(":", "\\:")))

    verdict = await log.verify()

    assert not verdict.ok
    if name == "moved":  # whichever is met first: the hole or the entry
        assert verdict.problem in (MISSING, CHANGED)
    else:
        assert verdict.problem == problem
    assert verdict.broken_at is not None
