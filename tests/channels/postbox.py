"""A mail server for tests: aiosmtpd on the loopback, with what servers refuse, delay and drop."""

import asyncio
import ssl
from datetime import UTC, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import IPv4Address

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core import formats


class Postbox:
    """Takes mail; `at_rcpt` and `at_data` are what it answers to the first ones, each once."""

    def __init__(self, *, at_rcpt=(), at_data=(), drops_after_data=0):
        self.mails, self.envelopes, self.logins = [], [], []
        self._at_rcpt, self._at_data, self._drops = list(at_rcpt), list(at_data), drops_after_data
        self.connections = 0

    def authenticate(self, server, session, envelope, mechanism, auth_data):
        self.logins.append((auth_data.login, auth_data.password))
        return AuthResult(success=auth_data.password == b"right", handled=False)

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802  # its name
        if self._at_rcpt:
            return self._at_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # its name
        if self._at_data:
            return self._at_data.pop(0)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        if self._drops:
            self._drops -= 1
            server.transport.abort()
        return "250 taken"


async def serve(postbox, *, tls=None, **options):
    """Return a listening server; `tls` wraps each connection, `tls_context` among the options offers STARTTLS."""
    loop = asyncio.get_running_loop()

    def protocol():
        postbox.connections += 1
        return SMTP(postbox, loop=loop, hostname="mail.test", **options)

    return await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)


def certificate(folder, host="127.0.0.1"):
    """Write a self-signed certificate with its key and return the file and a context that serves it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = formats.local(SystemClock().now(), UTC)  # the other end looks at the real time
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "mail.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context
