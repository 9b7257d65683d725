"""Who may come in, in one: users and passwords, sessions and one-time codes, API tokens, the second factor."""

from crypto_portfolio_analyzer.storage.api_tokens import ApiToken, TokenStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.passwords import PasswordStore
from crypto_portfolio_analyzer.storage.sealing import Sealing
from crypto_portfolio_analyzer.storage.second_factor import SecondFactorStore
from crypto_portfolio_analyzer.storage.sessions import (
    CODE_LIFETIME,
    SESSION_LIFETIME,
    Session,
    SessionStore,
)
from crypto_portfolio_analyzer.storage.users import LOCAL_ADMIN, User, new_id

__all__ = [
    "CODE_LIFETIME",
    "LOCAL_ADMIN",
    "SESSION_LIFETIME",
    "AccountStore",
    "ApiToken",
    "Session",
    "User",
    "new_id",
]


class AccountStore(PasswordStore, SessionStore):
    """Users, passwords, codes and sessions; beside them `tokens` and the `second_factor`."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        super().__init__(database)
        self.tokens = TokenStore(database)
        self.second_factor = SecondFactorStore(database, sealing)
