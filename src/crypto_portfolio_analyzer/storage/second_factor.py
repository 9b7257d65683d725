"""The second factor: codes that change every half minute (TOTP, RFC 6238), each good once.

The secret is sealed together with whose it is, so that no row can lend its second factor to another.
"""

from hmac import compare_digest
from typing import Any

import pyotp
from sqlalchemy import Row, or_, select, update

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.audit import Entry, record
from crypto_portfolio_analyzer.storage.sealing import SealedRows
from crypto_portfolio_analyzer.storage.tables import users as table

ISSUER = "Crypto Analyzer"
STEP_SECONDS = 30
WINDOW = 1
"""How many steps a clock may be off, either way."""
_SECOND = 10**9


class SecondFactorStore(SealedRows):
    """The second factors in the table of users. Instants are ns."""

    async def begin(self, user: str) -> tuple[str, str]:
        """Make a user's second factor; return its secret and the `otpauth:` address that apps read.

        Nobody is asked for it before it is confirmed. Raises NotFound, and InvalidInput if one is confirmed already.
        """
        row = await self._user(user)
        secret = pyotp.random_base32()
        sealed = self._sealing.seal({"user": row.id, "totp": secret})
        its = table.columns.id == row.id, table.columns.totp_confirmed_at.is_(None)
        async with self._database.writing() as connection:
            made = update(table).where(*its).values(totp_sealed=sealed, totp_step=None)
            if not (await connection.execute(made)).rowcount:
                raise InvalidInput("there is a second factor already; remove it first")
        return secret, pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)

    async def confirm(self, user: str, code: str, now: int) -> bool:
        """Ask for the second factor from now on, if a code of it is right; raises NotFound if none was begun."""
        row = await self._user(user)
        if row.totp_sealed is None or row.totp_confirmed_at is not None:
            raise NotFound("second factor to confirm of", user)
        step = self._step(row, code, now)
        its = table.columns.id == row.id, table.columns.totp_sealed == row.totp_sealed
        confirmed = update(table).where(*its, table.columns.totp_confirmed_at.is_(None))
        async with self._database.writing() as connection:
            values = {"totp_confirmed_at": now, "totp_step": step}
            if step is None or not (await connection.execute(confirmed.values(values))).rowcount:
                return False
            await record(connection, [Entry(user, "user.second_factor_added", user)], now)
        return True

    async def check(self, user: str, code: str, now: int) -> bool:
        """Tell whether a code is right, and use it up: of two who show it at once, one is believed.

        An older code than the last one used is not believed either. False without a confirmed second factor.
        Raises NotFound.
        """
        row = await self._user(user)
        step = self._step(row, code, now) if row.totp_confirmed_at is not None else None
        if step is None:
            return False
        columns = table.columns
        unused = or_(columns.totp_step.is_(None), columns.totp_step < step)
        its = columns.id == row.id, columns.totp_sealed == row.totp_sealed, unused
        async with self._database.writing() as connection:
            return bool((await connection.execute(update(table).where(*its).values(totp_step=step))).rowcount)

    async def drop(self, user: str, now: int, actor: str | None = None) -> None:
        """Ask for no second factor any more; raises NotFound if there is no such user, or they have none."""
        row = await self._user(user)
        its = table.columns.id == row.id, table.columns.totp_sealed.is_not(None)
        dropped = update(table).where(*its)
        async with self._database.writing() as connection:
            values = {"totp_sealed": None, "totp_confirmed_at": None, "totp_step": None}
            if not (await connection.execute(dropped.values(values))).rowcount:
                raise NotFound("second factor of", user)
            await record(connection, [Entry(actor or user, "user.second_factor_removed", user)], now)

    async def reseal(self) -> int:
        """Seal every secret anew under the first key; return how many.

        Raises ConfigError, changing nothing, if one cannot be opened.
        """
        async with self._database.writing() as connection:
            query = select(table.columns.id, table.columns.totp_sealed).order_by(table.columns.id)
            sealed = query.where(table.columns.totp_sealed.is_not(None)).with_for_update(key_share=True)
            rows = (await connection.execute(sealed)).all()
            for row in rows:
                anew = self._sealing.seal(self._sealing.open(row.totp_sealed))
                await connection.execute(
                    update(table).where(table.columns.id == row.id).values(totp_sealed=anew)
                )
        return len(rows)

    async def _user(self, name: str) -> Row[Any]:
        row = await self._first(select(table).where(table.columns.name == name))
        if row is None:
            raise NotFound("user", name)
        return row

    def _step(self, row: Row[Any], code: str, now: int) -> int | None:
        """Return the time step a code is of, if it is one of those around `now`."""
        opened = self._sealing.open(row.totp_sealed)
        if opened.get("user") != row.id:
            return None
        totp, present = pyotp.TOTP(str(opened["totp"])), now // _SECOND // STEP_SECONDS
        for step in range(present - WINDOW, present + WINDOW + 1):
            if compare_digest(totp.generate_otp(step).encode(), code.encode(errors="replace")):
                return step
        return None
