"""Linking: from a one-time code to a person who acts for an owner, and from a chat to a channel that is told."""

from msgspec.structs import replace

from crypto_portfolio_analyzer.bot.admitting import Admission, Person, Sender
from crypto_portfolio_analyzer.bot.house import House
from crypto_portfolio_analyzer.bot.words import language_of
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM
from crypto_portfolio_analyzer.core.notices.markup import clean
from crypto_portfolio_analyzer.core.notices.notification import Channel

LONGEST_CODE, LONGEST_NAME = 64, 56


async def use_code(house: House, admission: Admission, sender: Sender, code: str) -> Person | None:
    """Link a person by a code; None if the code is unknown, used or too old."""
    if not code.isascii() or len(code) > LONGEST_CODE:
        return None
    now = house.app.clock.now()
    name = clean(sender.name, "name")
    if await house.app.links.use_code(TELEGRAM, code, sender.person, name, now) is None:
        return None
    return await admission.admit(sender)


async def tell_here(house: House, sender: Sender, person: Person) -> bool:
    """Let a chat be told of its owner's alerts: by a new channel, or one that was off; False if it is told already."""
    actor = f"telegram:{person.id}"
    channel = person.channel
    if channel is None:
        await house.app.delivery.add_channel(
            person.owner, await _fields(house, sender, person), actor=actor, trusted=True
        )
        return True
    if channel.enabled and channel.verified_at is not None:
        return False
    changes = {"enabled": True}
    channel = await house.app.delivery.edit_channel(
        person.owner, channel.id, changes, actor=actor, trusted=True
    )
    if channel.verified_at is None:  # that somebody who is let in speaks from there is the proof
        await house.app.delivery.store.note_health(replace(channel, verified_at=house.app.clock.now()))
    return True


async def _fields(house: House, sender: Sender, person: Person) -> dict[str, object]:
    """Return the fields of a chat's new channel."""
    channels = await house.app.delivery.channels(person.owner)
    return {
        "type": TELEGRAM,
        "name": _free_name(channels, clean(sender.chat_name or sender.name, "name") or sender.person),
        "default": True,
        "chat_id": sender.chat,
        "language": language_of(sender.speaks),
    }


def _free_name(channels: list[Channel], name: str) -> str:
    """Return a name that no other channel of the owner has."""
    taken = {each.name for each in channels}
    wanted = f"Telegram {name}"[:LONGEST_NAME]
    names = (wanted if number == 1 else f"{wanted} {number}" for number in range(1, len(taken) + 2))
    return next(each for each in names if each not in taken)
