"""Settings of a chat: the language, the time zone, quiet hours and pictures of the channel that tells it."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.bot.pages import Page, data, rows_of
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import LANGUAGES, Words
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "America/New_York",
    "America/Los_Angeles", "Asia/Singapore", "Asia/Tokyo",
)  # fmt: skip
QUIET: Mapping[str, object] = {"from": "22:00", "until": "07:00", "except": "critical"}
_CHANGES: Mapping[str, Mapping[str, object]] = {
    "quiet": {"quiet_hours": QUIET},
    "loud": {"quiet_hours": None},
    "light": {"picture": "on", "theme": "light"},
    "dark": {"picture": "on", "theme": "dark"},
    "off": {"picture": "off"},
}


async def settings(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show the settings of this chat."""
    words, channel = talk.words, talk.person.channel
    menu = Button(words.plain("menu.back"), data("menu"))
    if channel is None:
        await talk.show(Page(words("settings.none"), ((menu,),)))
        return
    pictures = (
        "off" if channel.options.get("picture") == "off" else str(channel.options.get("theme") or "light")
    )
    text = words(
        "settings",
        language=LANGUAGES[words.language],
        zone=talk.person.zone,
        quiet=_quiet(words, channel),
        theme=words.plain(f"settings.theme.{pictures}"),
    )
    asked = (
        Button(words.plain("settings.set.language"), data("language")),
        Button(words.plain("settings.set.zone"), data("zone")),
    )
    direct = (Button(words.plain(f"settings.set.{name}"), data("set", name)) for name in _CHANGES)
    await talk.show(Page(text, (asked, *rows_of(direct, 2), (menu,))))


def _quiet(words: Words, channel: Channel) -> str:
    hours = channel.options.get("quiet_hours")
    if not isinstance(hours, Mapping):
        return words.plain("settings.quiet.none")
    return words.plain("settings.quiet", begin=hours.get("from", ""), until=hours.get("until", ""))


async def settings_command(talk: Talk, text: str) -> None:
    """Take `/settings` and `/settings zone Europe/Vienna`."""
    what, _, value = text.strip().partition(" ")
    if what.lower() == "zone" and value.strip():
        await set_zone(talk, [value.strip()])
    else:
        await settings(talk)


async def language(talk: Talk, arguments: Sequence[str] = ()) -> None:
    """Ask for the language, or set it; arguments: en or de."""
    chosen = arguments[0] if arguments else ""
    if chosen in LANGUAGES:
        await _change(talk, {"language": chosen})
        return
    buttons = tuple(Button(name, data("language", code)) for code, name in LANGUAGES.items())
    back = Button(talk.words.plain("settings.back"), data("settings"))
    await talk.show(Page(talk.words("settings.language"), (buttons, (back,))))


async def language_command(talk: Talk, text: str) -> None:
    """Take `/language de`."""
    await language(talk, [text.strip().lower()[:2]] if text.strip() else [])


async def zone(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Ask for the time zone."""
    buttons = (Button(name, data("setzone", name)) for name in ZONES)
    back = Button(talk.words.plain("settings.back"), data("settings"))
    await talk.show(Page(talk.words("settings.zone", zone=talk.person.zone), (*rows_of(buttons, 3), (back,))))


async def set_zone(talk: Talk, arguments: Sequence[str]) -> None:
    """Set the time zone; arguments: its IANA name."""
    await _change(talk, {"zone": arguments[0] if arguments else ""})


async def set_option(talk: Talk, arguments: Sequence[str]) -> None:
    """Change what a button says; arguments: the name of the change."""
    change = _CHANGES.get(arguments[0] if arguments else "")
    if change is not None:
        await _change(talk, change)


async def _change(talk: Talk, options: Mapping[str, object]) -> None:
    """Store options of this chat's channel, then show the settings as they are."""
    channel = talk.person.channel
    if channel is not None:
        try:
            changed = await talk.app.delivery.edit_channel(
                talk.owner, channel.id, options, actor=talk.actor, trusted=talk.owner == LOCAL_ADMIN
            )
        except InvalidInput as error:
            await talk.say("settings.bad", why=cut(str(error), 200))
            return
        talk.person = replace(
            talk.person,
            channel=changed,
            language="de" if changed.options.get("language") == "de" else "en",
            zone=str(changed.options.get("zone") or "UTC"),
        )
        talk.words = Words(talk.person.language)
    await settings(talk)
