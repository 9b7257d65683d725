"""Routes: what of Telegram's updates is heard, and as what.

The rest is not: what was edited, passed on, posted by channels, or asked inline.
"""

from collections.abc import Iterable
from typing import Any

from aiogram import Dispatcher, F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Chat, Message, User

from crypto_portfolio_analyzer.bot.admitting import Sender
from crypto_portfolio_analyzer.bot.conversation import COMMANDS, Conversation
from crypto_portfolio_analyzer.bot.telegram_side import press_of

UPDATES = ["message", "callback_query"]
"""All that Telegram is asked for: no edits, no channel posts, no inline queries."""
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
LONGEST = 2000
"""Characters of a message that are read."""


def dispatcher_of(conversation: Conversation) -> Dispatcher:
    """Return what leads each update where it belongs."""
    dispatcher = Dispatcher()
    dispatcher.include_routers(
        _commands(conversation, COMMANDS), _words(conversation), _presses(conversation)
    )
    return dispatcher


def _commands(conversation: Conversation, names: Iterable[str]) -> Router:
    router = Router(name="commands")

    @router.message(_is_own, Command(*names, ignore_case=True))
    async def _(message: Message, command: CommandObject) -> None:
        sender = _sender(message.from_user, message.chat)
        if sender is not None:
            await conversation.command(sender, command.command.lower(), (command.args or "")[:LONGEST])

    return router


def _words(conversation: Conversation) -> Router:
    router = Router(name="words")

    @router.message(_is_own, F.text)
    async def _(message: Message) -> None:
        sender, text = _sender(message.from_user, message.chat), (message.text or "")[:LONGEST]
        first = text.split(maxsplit=1)[0] if text.split() else ""
        if sender is None or (first.startswith("/") and (sender.is_group or "@" in first)):
            return  # another bot's command
        if first.startswith("/"):
            await conversation.command(sender, first[1:], "")
        else:
            await conversation.words(sender, text)

    return router


def _presses(conversation: Conversation) -> Router:
    router = Router(name="presses")

    @router.callback_query(F.message.as_("message"))
    async def _(query: CallbackQuery, message: Any) -> None:
        sender = _sender(query.from_user, message.chat)
        if sender is not None and isinstance(message, Message):
            await conversation.press(sender, press_of(query, message))
        else:
            await query.answer()  # a message too old to be told of

    @router.callback_query()
    async def _(query: CallbackQuery) -> None:
        await query.answer()

    return router


def _is_own(message: Message) -> bool:
    """Tell whether a message is its sender's own words: a person's, not passed on, not written through a bot."""
    is_foreign = (
        message.forward_origin or message.sender_chat or message.via_bot or message.is_automatic_forward
    )
    return not is_foreign


def _sender(user: User | None, chat: Chat) -> Sender | None:
    """Return who it is; None for bots and where there is nobody."""
    if user is None or user.is_bot or chat.type not in (ChatType.PRIVATE, *_GROUPS):
        return None
    is_group = chat.type in _GROUPS
    return Sender(
        person=str(user.id),
        name=user.full_name,
        speaks=user.language_code,
        chat=str(chat.id),
        is_group=is_group,
        chat_name=(chat.title or "") if is_group else "",
    )
