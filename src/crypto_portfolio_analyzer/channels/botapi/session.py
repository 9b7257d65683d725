"""One bot's connections to the Bot API, in two ways unlike aiogram's own.

The bot's token is part of every URL: what goes wrong is told without it, and without the error that carries it. And
a server that does not know a feature yet (`tg-time`, coloured buttons) gets the plain form, from then on at once.
"""

import re
from collections import deque
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import (
    DeleteMessage,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    TelegramMethod,
)
from aiogram.methods.base import Response, TelegramType
from aiogram.types import InlineKeyboardMarkup, InputMedia
from aiohttp import ClientError, ClientTimeout

from crypto_portfolio_analyzer.channels.http import _failure as failure_of
from crypto_portfolio_analyzer.channels.kinds import TelegramAccount
from crypto_portfolio_analyzer.errors import DeliveryFailed

CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 10.0
"""Seconds for a request that does not wait by itself."""
_TIMES = re.compile(r"</?tg-time\b[^>]*>")
_REMEMBERED = 1_000
_CHANGING = (DeleteMessage, EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup, EditMessageText)


class Unreached(TelegramNetworkError):
    """No answer came; `failure` says why, and whether what was asked may have happened all the same."""

    def __init__(self, method: TelegramMethod[Any], failure: DeliveryFailed) -> None:
        super().__init__(method=method, message=failure.detail)
        self.failure = failure


class Session(AiohttpSession):
    """Sends what a bot asks for; `refused` are the features that this server has turned down."""

    def __init__(self, api_url: str) -> None:
        super().__init__(api=TelegramAPIServer.from_base(api_url), timeout=ANSWER_WITHIN)
        self.refused: set[str] = set()
        self._changed: deque[tuple[str, int]] = deque(maxlen=_REMEMBERED)
        self._shapes: dict[type, object] = {}
        """Of what answers are read with: what nobody holds on to, aiogram makes anew, which takes many ms."""

    def has_changed(self, chat: str, message: int) -> bool:
        """Tell whether a message was edited or deleted since it was sent."""
        return (chat, message) in self._changed

    async def close(self) -> None:
        """Close the connections, which aiohttp waits for by itself; aiogram would sleep on top of that."""
        if self._session is not None:
            await self._session.close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Ask once, or twice where the server turns down a feature; raises aiogram's errors."""
        if isinstance(method, _CHANGING) and method.message_id is not None:
            self._changed.append((str(method.chat_id), method.message_id))
        try:
            return await self._ask(bot, self._understood(method), timeout)
        except TelegramBadRequest as error:
            feature = _feature(error.message)
            if feature is None or feature in self.refused:
                raise
            self.refused.add(feature)
        return await self._ask(bot, self._understood(method), timeout)

    async def _ask(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None) -> TelegramType:
        session = await self.create_session()
        total = self.timeout if timeout is None else timeout
        try:
            async with session.post(
                self.api.api_url(token=bot.token, method=method.__api_method__),
                data=self.build_form_data(bot=bot, method=method),
                timeout=ClientTimeout(total=total, connect=CONNECT_WITHIN),
            ) as response:
                status, text = response.status, await response.text()
        except (ClientError, OSError, ValueError) as error:
            failure = failure_of(error)
        else:
            if type(method) not in self._shapes:
                self._shapes[type(method)] = Response[method.__returning__]  # type: ignore[name-defined]
            answer = self.check_response(bot=bot, method=method, status_code=status, content=text)
            return cast(TelegramType, answer.result)
        raise Unreached(method, failure)

    def _understood(self, method: TelegramMethod[TelegramType]) -> TelegramMethod[TelegramType]:
        """Return a method without what the server has turned down."""
        changes: dict[str, Any] = {}
        if "tg-time" in self.refused:
            changes |= _timeless(method)
        markup = getattr(method, "reply_markup", None)
        if "style" in self.refused and isinstance(markup, InlineKeyboardMarkup):
            changes["reply_markup"] = _uncoloured(markup)
        return method.model_copy(update=changes) if changes else method


def make_bot(account: TelegramAccount) -> Bot:
    """Return the bot of an account; raises TokenValidationError for a token that cannot be one."""
    return Bot(account.token, session=Session(account.api_url))


def _feature(sentence: str) -> str | None:
    lower = sentence.lower()
    return next((feature for feature in ("tg-time", "style") if feature in lower), None)


def _timeless(method: TelegramMethod[Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: _TIMES.sub("", text)
        for name in ("text", "caption")
        if isinstance(text := getattr(method, name, None), str)
    }
    media = getattr(method, "media", None)
    if isinstance(media, InputMedia) and isinstance(caption := getattr(media, "caption", None), str):
        changes["media"] = media.model_copy(update={"caption": _TIMES.sub("", caption)})
    return changes


def _uncoloured(markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
    rows = [[button.model_copy(update={"style": None}) for button in row] for row in markup.inline_keyboard]
    return InlineKeyboardMarkup(inline_keyboard=rows)
