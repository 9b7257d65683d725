"""Assembling the bot: conversation, routes and polling around one aiogram bot. Importing this takes seconds."""

import logging

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, Update

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.admitting import Admission
from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.conversation import Conversation
from crypto_portfolio_analyzer.bot.drafting import Drafts
from crypto_portfolio_analyzer.bot.house import House, Picture
from crypto_portfolio_analyzer.bot.living import Living
from crypto_portfolio_analyzer.bot.menu import commands_of
from crypto_portfolio_analyzer.bot.polling import Polling
from crypto_portfolio_analyzer.bot.routing import UPDATES, dispatcher_of
from crypto_portfolio_analyzer.bot.telegram_side import Pace, TelegramSide
from crypto_portfolio_analyzer.bot.words import LANGUAGES, Words
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)


async def polling_of(
    app: App, kind: TelegramChannel, nursery: Nursery, picture: Picture | None, pace: Pace
) -> Polling:
    """Return the poller of a bot whose commands Telegram knows."""
    bot = await kind.access.bot()
    beside = Beside(nursery)
    side = TelegramSide(bot, kind, pace)
    house = House(
        app=app,
        chats=side,
        drafts=Drafts(app.clock),
        living=Living(side, app.clock, beside),
        beside=beside,
        picture=picture,
    )
    allowed = app.settings.channels.telegram.allowed_users
    conversation = Conversation(house, Admission(app, allowed))
    dispatcher = dispatcher_of(conversation)
    beside.spawn(_register, bot)

    async def handle(update: Update) -> None:
        await dispatcher.feed_update(bot, update)

    return Polling(bot, handle, app.clock, UPDATES)


async def _register(bot: Bot) -> None:
    """Tell Telegram the commands, in each language; English for all others."""
    for language in LANGUAGES:
        commands = [
            BotCommand(command=name, description=about) for name, about in commands_of(Words(language))
        ]
        try:
            await bot.set_my_commands(commands, language_code=language)
            if language == "en":
                await bot.set_my_commands(commands)
        except AiogramError as error:
            logger.warning("Telegram did not take the commands", extra={"why": type(error).__name__})
