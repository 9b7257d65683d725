"""The other end of e-mail."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.email import EmailChannel
from crypto_portfolio_analyzer.channels.kinds import MailAccount
from tests.channels.ends.end import End
from tests.channels.postbox import Postbox, serve
from tests.channels.sending import world

PASSWORD = "canary-password-of-the-mail-server"


@asynccontextmanager
async def end():
    postbox = Postbox()
    server = await serve(postbox)
    port = server.sockets[0].getsockname()[1]

    async def hang_up():
        server.close()
        await server.wait_closed()

    account = MailAccount("127.0.0.1", port, "none", "", PASSWORD, "Alerts <alerts@analyzer.test>")
    kind = EmailChannel(world(mail=account))
    yield End(
        kind=kind,
        options={"to": "ada@example.org"},
        taken=lambda: len(postbox.mails),
        faults=lambda: (
            [str(defect) for mail in postbox.mails for defect in mail.defects]
            + ["header" for mail in postbox.mails if mail["Bcc"] or len(mail.get_all("To", ())) != 1]
        ),
        hang_up=hang_up,
        secrets=(PASSWORD,),
        garbage=({"to": "nobody"}, {"to": "a@b.example\r\nBcc: c@d.example"}),
    )
    await kind.stop()
    server.close()
