"""What we say to Telegram's Bot API; the only room that imports aiogram, which takes seconds: enter it when needed."""
