"""Tests of storage/links.py."""

import asyncio

import pytest

from crypto_portfolio_analyzer.core.notices.links import TELEGRAM, Link
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.links import CODE_LIFETIME, LinkStore
from tests.storage.made import NOW, rows

ADA = Link(platform=TELEGRAM, person="7", owner="ada", name="Ada L.", created_at=NOW)


@pytest.fixture
def links(database):
    return LinkStore(database)


async def test_code_links_a_person_once(links):
    code = await links.new_code("ada", TELEGRAM, NOW)

    assert await links.use_code(TELEGRAM, code, "7", "Ada L.", NOW) == ADA
    assert await links.link(TELEGRAM, "7") == ADA
    assert await links.links("ada") == [ADA]
    assert await links.use_code(TELEGRAM, code, "8", "Eve", NOW) is None
    assert await links.link(TELEGRAM, "8") is None


async def test_code_cannot_be_guessed_or_read(links, database):
    codes = [await links.new_code(f"o{n}", TELEGRAM, NOW) for n in range(50)]

    assert len(set(codes)) == 50
    assert {len(each) for each in codes} == {32}  # 192 bits, and short enough for a deep link
    stored = str(await rows(database, "select * from link_codes")) + str(
        await rows(database, "select * from audit")
    )
    assert not any(each in stored for each in codes)


@pytest.mark.parametrize("wrong", ["", "x" * 32, "\ud800", "ü"])
async def test_wrong_code_links_nobody(links, wrong):
    await links.new_code("ada", TELEGRAM, NOW)

    assert await links.use_code(TELEGRAM, wrong, "7", "Eve", NOW) is None


async def test_code_is_for_its_platform_and_its_time(links):
    code = await links.new_code("ada", TELEGRAM, NOW)

    assert await links.use_code("discord", code, "7", "Ada", NOW) is None
    assert await links.use_code(TELEGRAM, code, "7", "Ada", NOW + CODE_LIFETIME) is None
    assert await links.use_code(TELEGRAM, code, "7", "Ada", NOW + CODE_LIFETIME - 1) is not None


async def test_new_code_voids_the_owners_former_one(links, database):
    old = await links.new_code("ada", TELEGRAM, NOW)
    others = [await links.new_code("ada", "discord", NOW), await links.new_code("bob", TELEGRAM, NOW)]
    await links.new_code("ada", TELEGRAM, NOW)

    assert await links.use_code(TELEGRAM, old, "7", "Ada", NOW) is None
    assert await links.use_code("discord", others[0], "7", "Ada", NOW) is not None
    assert await links.use_code(TELEGRAM, others[1], "8", "Bob", NOW) is not None
    await links.new_code("eve", TELEGRAM, NOW + CODE_LIFETIME)
    assert await rows(database, "select owner from link_codes") == [("eve",)]


async def test_of_many_who_show_a_code_at_once_one_is_linked(links, database_url, database):
    code = await links.new_code("ada", TELEGRAM, NOW)

    found = await asyncio.gather(*(links.use_code(TELEGRAM, code, str(n), "", NOW) for n in range(8)))

    assert len([each for each in found if each is not None]) == 1
    assert len(await links.links("ada")) == 1


async def test_person_acts_for_one_owner(links):
    await links.add(ADA, "ada")
    code = await links.new_code("bob", TELEGRAM, NOW)

    await links.use_code(TELEGRAM, code, "7", "Ada", NOW + 1)

    link = await links.link(TELEGRAM, "7")
    assert link is not None
    assert link.owner == "bob"
    assert await links.links("ada") == []


async def test_link_is_undone_by_its_owner(links):
    await links.add(ADA, "ada")

    with pytest.raises(NotFound, match="no link 'telegram 7'"):
        await links.unlink("bob", TELEGRAM, "7", NOW, "bob")
    await links.unlink("ada", TELEGRAM, "7", NOW, "ada")

    assert await links.link(TELEGRAM, "7") is None
    with pytest.raises(NotFound):
        await links.unlink("ada", TELEGRAM, "7", NOW, "ada")


async def test_links_are_in_the_audit(links, database):
    code = await links.new_code("ada", TELEGRAM, NOW)
    await links.use_code(TELEGRAM, code, "7", "Ada L.", NOW)
    await links.unlink("ada", TELEGRAM, "7", NOW + 1, "eve")

    assert await rows(database, "select actor, action, subject, details, at from audit order by seq") == [
        ("ada", "link.added", "ada", '{"platform":"telegram","person":"7","name":"Ada L."}', NOW),
        ("eve", "link.removed", "ada", '{"platform":"telegram","person":"7"}', NOW + 1),
    ]
