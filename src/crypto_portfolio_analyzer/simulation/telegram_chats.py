"""Who is at the other end of a simulated Bot API: people, their chats and groups, and what stands in them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from msgspec import Struct, field

Json = dict[str, Any]


class Refused(Exception):  # an answer of the server, not an error of the simulator
    """The Bot API says no: status, sentence, and what a program is to make of it."""

    def __init__(self, status: int, sentence: str, **parameters: int) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence, self.parameters = status, sentence, parameters


class Version(Struct, frozen=True):
    """What a message said from an instant on."""

    at: int
    text: str
    html: str = ""
    """The text as it was sent, with its markup."""
    rows: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    photo: bytes | None = None
    is_caption_above: bool = False
    entities: tuple[Json, ...] = ()


class Message(Struct, kw_only=True):
    """One message of a chat: `versions` are its history, the last one is what people see."""

    id: int
    chat: "Chat"
    sender: Json
    versions: list[Version]
    is_silent: bool = False
    thread_id: int | None = None
    is_deleted: bool = False

    @property
    def now(self) -> Version:
        """What people see."""
        return self.versions[-1]

    @property
    def text(self) -> str:
        """The text or caption, without markup."""
        return self.now.text

    @property
    def html(self) -> str:
        """The text or caption as it was sent."""
        return self.now.html

    @property
    def photo(self) -> bytes | None:
        """The picture, if there is one."""
        return self.now.photo

    @property
    def labels(self) -> list[list[str]]:
        """What the buttons say, by row."""
        return [[button["text"] for button in row] for row in self.now.rows]

    def button(self, label: str) -> Mapping[str, Any]:
        """Return the button that says `label`, or begins so."""
        buttons = [button for row in self.now.rows for button in row]
        return next(button for button in buttons if button["text"].startswith(label))

    def wire(self) -> Json:
        """Return it as the Bot API writes it."""
        shown, seconds = self.now, self.versions[0].at // 10**9
        wire: Json = {"message_id": self.id, "date": seconds, "chat": self.chat.wire(), "from": self.sender}
        kind = "caption" if shown.photo is not None else "text"
        if shown.text:
            wire[kind] = shown.text
        if shown.entities:
            wire["entities" if kind == "text" else "caption_entities"] = list(shown.entities)
        if shown.photo is not None:
            wire["photo"] = [_photo_size(self)]
            wire["show_caption_above_media"] = shown.is_caption_above
        if shown.rows:
            wire["reply_markup"] = {"inline_keyboard": [list(map(dict, row)) for row in shown.rows]}
        if self.thread_id is not None:
            wire["message_thread_id"] = self.thread_id
        if len(self.versions) > 1:
            wire["edit_date"] = shown.at // 10**9
        return wire


def _photo_size(message: Message) -> Json:
    name = f"photo{message.chat.id}x{message.id}x{len(message.versions)}"
    size = len(message.now.photo or b"")
    return {"file_id": name, "file_unique_id": name, "width": 960, "height": 720, "file_size": size}


class Chat(Struct, kw_only=True):
    """A private chat, or a group (id below 0) with its members."""

    id: int
    title: str
    members: dict[int, "Person"]
    log: list[Message] = field(default_factory=list)
    """Every message ever, deleted ones too."""
    username: str = ""
    moved_to: int | None = None
    is_gone: bool = False

    @property
    def is_group(self) -> bool:
        """Whether several people read it."""
        return self.id < 0

    @property
    def messages(self) -> list[Message]:
        """What stands in the chat now, oldest first."""
        return [message for message in self.log if not message.is_deleted]

    @property
    def told(self) -> list[Message]:
        """What the bot wrote, of that."""
        return [message for message in self.messages if message.sender["is_bot"]]

    def wire(self) -> Json:
        """Return it as the Bot API writes it."""
        if self.is_group:
            return {"id": self.id, "type": "supergroup", "title": self.title}
        return {"id": self.id, "type": "private", "first_name": self.title}


class Press(Struct, kw_only=True):
    """One press of a button; `answer` is what the bot answered it with, None until it does."""

    id: str
    person: "Person"
    message: Message
    data: str
    pressed_at: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answered_at: float | None = None
    answer: Json | None = None

    @property
    def took(self) -> float | None:
        """Seconds until the answer."""
        return None if self.answered_at is None else self.answered_at - self.pressed_at


class Desk(Protocol):
    """The part of the server that people reach: it takes what they do to the bot."""

    def hear(self, kind: str, content: Json) -> None:
        """Queue an update for the bot."""
        ...

    def post(self, chat: Chat, sender: Json, text: str) -> Message:
        """Put a person's message into a chat."""
        ...

    def pressed(self, person: "Person", message: Message, data: str) -> Press:
        """Open a callback query."""
        ...


class Person(Struct, kw_only=True):
    """Somebody with a telephone. `chat` is the private one with the bot."""

    id: int
    name: str
    language: str
    desk: Desk
    chat: Chat
    has_started: bool = True
    """A bot may not write first."""
    has_blocked: bool = False

    def wire(self) -> Json:
        """Return them as the Bot API writes them."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}

    def say(self, text: str, chat: Chat | None = None) -> Message:
        """Write to the bot, or into a group, where it hears only commands and its name."""
        chat = chat or self.chat
        self.has_started = True
        message = self.desk.post(chat, self.wire(), text)
        if not chat.is_group or text.startswith("/"):
            self.desk.hear("message", {**message.wire(), **_commands(text)})
        return message

    def press(self, label: str, message: Message | None = None) -> Press:
        """Press the button that says `label` (or begins so), by default in the newest message that has it."""
        found = message or next(each for each in reversed(self.chat.told) if _has(each, label))
        return self.press_data(str(found.button(label)["callback_data"]), found)

    def press_data(self, data: str, message: Message) -> Press:
        """Press a button as it once was, or never was: people keep old messages, and some forge."""
        press = self.desk.pressed(self, message, data)
        query = {
            "id": press.id,
            "from": self.wire(),
            "message": message.wire(),
            "data": data,
            "chat_instance": "1",
        }
        self.desk.hear("callback_query", query)
        return press

    def block(self) -> None:
        """Want no more of the bot."""
        self.has_blocked = True

    def unblock(self) -> None:
        """Want it again."""
        self.has_blocked = False


def _has(message: Message, label: str) -> bool:
    return any(text.startswith(label) for row in message.labels for text in row)


def _commands(text: str) -> Json:
    if not text.startswith("/"):
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]}


class Town:
    """Everybody and every chat that a bot can meet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self._ids, self._groups = count(1001), count(1)

    def person(
        self, name: str, number: int | None = None, *, language: str = "en", has_started: bool = True
    ) -> Person:
        """Let somebody be there, with a private chat."""
        number = next(self._ids) if number is None else number
        chat = self.chats[number] = Chat(id=number, title=name, members={})
        person = Person(
            id=number, name=name, language=language, desk=self._desk, chat=chat, has_started=has_started
        )
        chat.members[number] = self.people[number] = person
        return person

    def group(self, title: str, members: Sequence[Person] = (), *, username: str = "") -> Chat:
        """Let a group be there, with the bot in it."""
        number = -1_000_000_000_000 - next(self._groups)
        chat = Chat(
            id=number, title=title, members={each.id: each for each in members}, username=username.lower()
        )
        self.chats[number] = chat
        return chat

    def migrate(self, group: Chat) -> Chat:
        """Turn a group into a supergroup: a new id, and whoever writes to the old one is told so."""
        moved = self.group(group.title, tuple(group.members.values()))
        group.moved_to = moved.id
        return moved

    def find(self, asked: object) -> Chat:
        """Return the chat of an id or @name as the Bot API takes them; raises Refused."""
        text = str(asked)
        named: Callable[[Chat], bool] = lambda chat: f"@{chat.username}" == text.lower()  # noqa: E731
        known = self.chats.get(int(text)) if text.lstrip("-").isdecimal() else None
        chat = known or next(filter(named, self.chats.values()), None)
        if chat is None or chat.is_gone:
            raise Refused(400, "Bad Request: chat not found")
        if chat.moved_to is not None:
            sentence = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, sentence, migrate_to_chat_id=chat.moved_to)
        return chat

    def reachable(self, asked: object) -> Chat:
        """Return the chat that the bot may write to; raises Refused."""
        chat = self.find(asked)
        person = self.people.get(chat.id)
        if person is not None and person.has_blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if person is not None and not person.has_started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat
