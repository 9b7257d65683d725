"""How people chat: the Telegram conversation."""
