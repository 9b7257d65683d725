"""The methods of the simulated Bot API: what each checks, does and returns (https://core.telegram.org/bots/api)."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from typing import NoReturn

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.telegram_chats import (
    Chat,
    Json,
    Message,
    Person,
    Press,
    Refused,
    Town,
    Version,
)
from crypto_portfolio_analyzer.simulation.telegram_html import Entity, Unreadable, parse, units
from crypto_portfolio_analyzer.simulation.telegram_limits import Flood, Fouling, TelegramLimits

Params = Mapping[str, str]
Files = Mapping[str, bytes]
MOST_TEXT, MOST_CAPTION, MOST_DATA, MOST_ANSWER = 4096, 1024, 64, 200
MOST_PHOTO = 10 << 20
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_STYLES = ("danger", "success", "primary")
_SAME = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)


class Methods:
    """One bot's side of the API. `call` takes a method's name as it is written, without case."""

    def __init__(self, bot: Json, town: Town, limits: TelegramLimits, clock: Clock) -> None:
        self.bot, self.town, self._limits, self._clock = bot, town, limits, clock
        self.fouls: Counter[Fouling] = Counter()
        self.is_old = False
        """Whether this is a server from before `tg-time` and button styles.

        It refuses both; a style it might as well pass over, but a refusal is what must not lose a message.
        """
        self.commands: dict[str, list[Json]] = {}
        """What setMyCommands said, by language."""
        self.menu_buttons: dict[int | None, Json] = {}
        self.actions: list[tuple[int, str]] = []
        self.presses: dict[str, Press] = {}
        self._flood = Flood(limits, self.fouls)
        self._numbers, self._queries = count(1), count(700_000_001)
        self._photos: dict[str, bytes] = {}
        self._table: dict[str, Callable[[Params, Files], object]] = {
            "getme": lambda _params, _files: bot,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "editmessagetext": self._edit_text,
            "editmessagecaption": self._edit_caption,
            "editmessagemedia": self._edit_media,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete,
            "answercallbackquery": self._answer,
            "setmycommands": self._set_commands,
            "getmycommands": lambda params, _files: self.commands.get(params.get("language_code", ""), []),
            "setchatmenubutton": self._set_menu_button,
            "sendchataction": self._act,
            "getchat": self._get_chat,
            "getchatmember": self._get_member,
            "deletewebhook": lambda _params, _files: True,
        }

    def __contains__(self, method: str) -> bool:
        return method.lower() in self._table

    def call(self, method: str, params: Params, files: Files) -> object:
        """Do what a method does and return its result; raises Refused."""
        return self._table[method.lower()](params, files)

    def add(self, chat: Chat, sender: Json, version: Version, params: Params) -> Message:
        """Put a message into a chat."""
        thread = params.get("message_thread_id")
        message = Message(
            id=next(self._numbers),
            chat=chat,
            sender=sender,
            versions=[version],
            is_silent=params.get("disable_notification") == "true",
            thread_id=int(thread) if thread else None,
        )
        chat.log.append(message)
        return message

    def open_query(self, person: Person, message: Message, data: str) -> Press:
        """Begin to wait for the answer to a press."""
        press = Press(
            id=str(next(self._queries)),
            person=person,
            message=message,
            data=data,
            pressed_at=self._clock.monotonic(),
        )
        self.presses[press.id] = press
        return press

    # --- sending ------------------------------------------------------------------------------------------

    def _send_message(self, params: Params, _files: Files) -> Json:
        chat = self.town.reachable(params.get("chat_id"))
        version = self._version(params, "text", MOST_TEXT)
        self._pace(self._flood.message(chat.id, units(version.text), self._clock.monotonic()))
        return self.add(chat, self.bot, version, params).wire()

    def _send_photo(self, params: Params, files: Files) -> Json:
        chat = self.town.reachable(params.get("chat_id"))
        version = self._pictured(params, params.get("photo", ""), params, files)
        self._pace(self._flood.message(chat.id, units(version.text), self._clock.monotonic()))
        return self._remember(self.add(chat, self.bot, version, params))

    # --- editing ------------------------------------------------------------------------------------------

    def _edit_text(self, params: Params, _files: Files) -> Json:
        message = self._own(params, "edit")
        if message.photo is not None:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        return self._edit(message, self._version(params, "text", MOST_TEXT))

    def _edit_caption(self, params: Params, _files: Files) -> Json:
        message = self._own(params, "edit")
        if message.photo is None:
            raise Refused(400, "Bad Request: there is no caption in the message to edit")
        version = self._version(params, "caption", MOST_CAPTION)
        above = params.get("show_caption_above_media") == "true"
        return self._edit(message, replace(version, photo=message.photo, is_caption_above=above))

    def _edit_media(self, params: Params, files: Files) -> Json:
        message = self._own(params, "edit")
        media = _read(params.get("media", "{}"))
        said = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in media.items()
            if value is not None
        }
        return self._edit(message, self._pictured(said, str(media.get("media", "")), params, files))

    def _edit_markup(self, params: Params, _files: Files) -> Json:
        message = self._own(params, "edit")
        return self._edit(message, replace(message.now, at=self._clock.now(), rows=self._rows(params)))

    def _edit(self, message: Message, version: Version) -> Json:
        if replace(version, at=message.now.at, html=message.now.html) == message.now:
            self._foul(Fouling.NOT_MODIFIED, _SAME)
        self._pace(self._flood.edit(message.chat.id, self._clock.monotonic()))
        message.versions.append(version)
        return self._remember(message)

    def _delete(self, params: Params, _files: Files) -> bool:
        self._own(params, "delete").is_deleted = True
        return True

    def _own(self, params: Params, what: str) -> Message:
        chat = self.town.reachable(params.get("chat_id"))
        number = params.get("message_id", "")
        message = next((each for each in reversed(chat.messages) if str(each.id) == number), None)
        if message is None:
            raise Refused(400, f"Bad Request: message to {what} not found")
        if message.sender != self.bot:
            raise Refused(400, f"Bad Request: message can't be {what}ed".replace("eed", "ed"))
        return message

    # --- what a message is made of ------------------------------------------------------------------------

    def _version(self, params: Params, kind: str, most: int) -> Version:
        html = params.get(kind, "")
        text, entities = self._parsed(html, params.get("parse_mode", ""))
        if units(text) > most:
            sentence = "message is too long" if kind == "text" else "message caption is too long"
            self._foul(Fouling.TOO_LONG, f"Bad Request: {sentence}")
        if kind == "text" and not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        wire = tuple(each.wire() for each in entities)
        return Version(self._clock.now(), text, html, self._rows(params), entities=wire)

    def _parsed(self, text: str, mode: str) -> tuple[str, list[Entity]]:
        if not mode:
            return text, []
        if mode.upper() != "HTML":
            raise Refused(400, f"Bad Request: unsupported parse_mode {mode}")
        try:
            return parse(text, knows_times=not self.is_old)
        except Unreadable as error:
            self._foul(Fouling.UNREADABLE, f"Bad Request: can't parse entities: {error}")

    def _pictured(self, said: Params, source: str, params: Params, files: Files) -> Version:
        """Return a version with the picture that `source` names: `attach://` a part, or one sent before."""
        markup = {"reply_markup": params["reply_markup"]} if "reply_markup" in params else {}
        version = self._version({**said, **markup}, "caption", MOST_CAPTION)
        photo = files.get(source.removeprefix("attach://")) or files.get("photo") or self._photos.get(source)
        if photo is None:
            raise Refused(400, "Bad Request: there is no photo in the request")
        if not photo.startswith(_PICTURES) or len(photo) > MOST_PHOTO:
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        above = said.get("show_caption_above_media") == "true"
        return replace(version, photo=photo, is_caption_above=above)

    def _remember(self, message: Message) -> Json:
        wire = message.wire()
        if message.photo is not None:
            self._photos[wire["photo"][0]["file_id"]] = message.photo
        return wire

    def _rows(self, params: Params) -> tuple[tuple[Json, ...], ...]:
        markup = _read(params.get("reply_markup") or "{}")
        rows = tuple(
            tuple(_without_none(button) for button in row) for row in markup.get("inline_keyboard", [])
        )
        for button in (button for row in rows for button in row):
            self._check_button(button)
        return tuple(row for row in rows if row)

    def _check_button(self, button: Json) -> None:
        kinds = {"callback_data", "url", "copy_text", "switch_inline_query"} & button.keys()
        if not button.get("text") or len(kinds) != 1:
            raise Refused(400, "Bad Request: can't parse inline keyboard button: text buttons are unallowed")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= MOST_DATA:
            self._foul(Fouling.BUTTON_DATA, "Bad Request: BUTTON_DATA_INVALID")
        if "copy_text" in button and not 1 <= units(button["copy_text"].get("text", "")) <= 256:
            raise Refused(400, "Bad Request: BUTTON_COPY_TEXT_INVALID")
        if "style" in button and (self.is_old or button["style"] not in _STYLES):
            raise Refused(400, "Bad Request: can't parse inline keyboard button: unknown style")

    # --- the rest -----------------------------------------------------------------------------------------

    def _answer(self, params: Params, _files: Files) -> bool:
        press, now = self.presses.get(params.get("callback_query_id", "")), self._clock.monotonic()
        if press is None or press.answer is not None:
            sentence = "query is too old and response timeout expired or query ID is invalid"
            self._foul(Fouling.BAD_QUERY, f"Bad Request: {sentence}")
        if units(params.get("text", "")) > MOST_ANSWER:
            self._foul(Fouling.TOO_LONG, "Bad Request: MESSAGE_TOO_LONG")
        press.answer, press.answered_at = dict(params), now
        press.answered.set()
        if now - press.pressed_at > self._limits.answer_within:
            self.fouls[Fouling.LATE_ANSWER] += 1
        return True

    def _set_commands(self, params: Params, _files: Files) -> bool:
        self.commands[params.get("language_code", "")] = json.loads(params.get("commands", "[]"))
        return True

    def _set_menu_button(self, params: Params, _files: Files) -> bool:
        chat = params.get("chat_id")
        self.menu_buttons[int(chat) if chat else None] = _read(params.get("menu_button", "{}"))
        return True

    def _act(self, params: Params, _files: Files) -> bool:
        self.actions.append((self.town.reachable(params.get("chat_id")).id, params.get("action", "")))
        return True

    def _get_chat(self, params: Params, _files: Files) -> Json:
        chat = self.town.find(params.get("chat_id"))
        reactions = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
        return {**chat.wire(), **reactions}

    def _get_member(self, params: Params, _files: Files) -> Json:
        member = self.town.find(params.get("chat_id")).members.get(int(params.get("user_id", "0")))
        if member is None:
            raise Refused(400, "Bad Request: user not found")
        return {"status": "member", "user": member.wire()}

    def _pace(self, wait: int) -> None:
        if wait:
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    def _foul(self, foul: Fouling, sentence: str) -> NoReturn:
        self.fouls[foul] += 1
        raise Refused(400, sentence)


_GIFTS = {f"{name}_gifts": False for name in ("unlimited", "limited", "unique")} | {
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def _read(text: str) -> Json:
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Refused(400, "Bad Request: can't parse JSON object")
    return read


def _without_none(button: Json) -> Json:
    return {key: value for key, value in button.items() if value is not None}
