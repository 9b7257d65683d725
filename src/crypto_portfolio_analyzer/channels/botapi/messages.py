"""Messages of the Bot API: sending a text, turning it into a picture, and what the server's refusals mean."""

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
)

from crypto_portfolio_analyzer.channels.botapi.refusals import Moved, Unreadable
from crypto_portfolio_analyzer.channels.botapi.session import Unreached
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows
from crypto_portfolio_analyzer.errors import DeliveryFailed

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_GONE = ("chat not found", "peer_id_invalid", "group chat was deactivated", "user is deactivated")


async def send_text(
    bot: Bot,
    chat: str,
    text: str,
    rows: Rows = (),
    *,
    is_html: bool = True,
    is_silent: bool = False,
    thread: int | None = None,
) -> int:
    """Send a message and return its number; raises DeliveryFailed, Unreadable, Moved."""
    try:
        message = await bot.send_message(
            chat,
            text,
            parse_mode="HTML" if is_html else None,
            link_preview_options=_NO_PREVIEW,
            disable_notification=is_silent,
            message_thread_id=thread,
            reply_markup=keyboard(rows),
        )
    except AiogramError as error:
        meaning = _meaning(error)
    else:
        return message.message_id
    raise meaning


async def add_picture(bot: Bot, chat: str, message: int, picture: bytes, caption: str, rows: Rows) -> None:
    """Turn a text into a PNG with the text above it; raises DeliveryFailed, Unreadable, Moved."""
    media = InputMediaPhoto(
        media=BufferedInputFile(picture, "chart.png"),
        caption=caption,
        parse_mode="HTML",
        show_caption_above_media=True,
    )
    try:
        await bot.edit_message_media(media, chat_id=chat, message_id=message, reply_markup=keyboard(rows))
    except AiogramError as error:
        meaning = _meaning(error)
    else:
        return
    raise meaning


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Return rows of buttons as aiogram has them; None for no rows."""
    if not rows:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_button(each) for each in row] for row in rows])


def failure_of_answer(error: AiogramError) -> DeliveryFailed:
    """Return what an error of aiogram's means for a delivery; nothing that the server wrote is in it."""
    match error:
        case Unreached():
            return error.failure
        case TelegramRetryAfter():
            detail = f"Telegram wants to be left alone for {error.retry_after} s"
            return DeliveryFailed("status", detail, status=429, retry_after=float(error.retry_after))
        case TelegramForbiddenError():
            detail = "the bot was blocked or removed there, or was never started"
            return DeliveryFailed("status", detail, status=403, disables=True)
        case TelegramUnauthorizedError() | TelegramNotFound():
            detail = "Telegram does not know the bot: its token is wrong or was revoked"
            status = 401 if isinstance(error, TelegramUnauthorizedError) else 404
            return DeliveryFailed("status", detail, status=status, is_config=True)
        case TelegramBadRequest():
            return _bad_request(error.message.lower())
        case TelegramServerError():
            return DeliveryFailed("status", "Telegram has a fault of its own", status=500)
        case TelegramAPIError():
            return DeliveryFailed("status", "Telegram would not take the message")
        case _:
            return DeliveryFailed("bad_answer", "what it answered is not the Bot API", is_unknown=True)


def _bad_request(sentence: str) -> DeliveryFailed:
    if any(known in sentence for known in _GONE):
        return DeliveryFailed(
            "status", "there is no such chat, or not for this bot", status=400, disables=True
        )
    detail = "Telegram refused the message: check the chat, its topic, and what the bot may do there"
    return DeliveryFailed("status", detail, status=400, is_config=True)


def _meaning(error: AiogramError) -> DeliveryFailed | Unreadable | Moved:
    if isinstance(error, TelegramMigrateToChat):
        return Moved(error.migrate_to_chat_id)
    if isinstance(error, TelegramBadRequest) and "can't parse entities" in error.message:
        return Unreadable()
    return failure_of_answer(error)


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text=button.text,
        callback_data=button.data or None,
        copy_text=CopyTextButton(text=button.copy) if button.copy else None,
        url=button.url or None,
        style=button.style or None,
    )
