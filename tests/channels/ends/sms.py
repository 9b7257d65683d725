"""The other end of text messages."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.kinds import SmsAccount
from crypto_portfolio_analyzer.channels.sms import SmsChannel
from crypto_portfolio_analyzer.simulation.gateways import SmsReceiver
from tests.channels.ends.end import End
from tests.channels.sending import world


@asynccontextmanager
async def end():
    async with SmsReceiver() as receiver:
        account = SmsAccount(receiver.url, receiver.account_sid, receiver.auth_token, "+15005550006")
        kind = SmsChannel(world(sms=account))
        yield End(
            kind=kind,
            options={"to": "+4915112345678"},
            taken=lambda: len(receiver.texts),
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            secrets=(receiver.auth_token,),
            garbage=({"to": "0151"}, {"to": "+49 CALL ME"}),
        )
        await kind.stop()
