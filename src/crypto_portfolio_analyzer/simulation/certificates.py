"""Certificates for simulated servers: an authority of one's own, and what it, or nobody, has signed."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class Authority:
    """Signs certificates; `trust` is what a client that believes in it uses. Files are put into `folder`."""

    def __init__(self, folder: Path, now: int) -> None:
        self._folder, self._now = folder, datetime.fromtimestamp(now / 1e9, UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("simulated authority")
        self._certificate = self._made(self._name, self._key.public_key(), 0).sign(self._key, hashes.SHA256())

    @property
    def trust(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this authority only."""
        pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, host: str, *, age: int = 0, signed: bool = True) -> ssl.SSLContext:
        """Return the context of a server called `host`.

        Its certificate is good for two days, one of them gone; `age` is how many days more. Unless `signed`, by
        nobody but itself.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(host)
        builder = self._made(name, key.public_key(), age).add_extension(
            x509.SubjectAlternativeName([_alternative(host)]), critical=False
        )
        signer = self._key if signed else key
        certificate = builder.issuer_name(self._name if signed else name).sign(signer, hashes.SHA256())
        path = self._folder / f"{key.public_key().public_numbers().x:x}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _made(self, name: x509.Name, key: ec.EllipticCurvePublicKey, age: int) -> x509.CertificateBuilder:
        born = self._now - _DAY * (1 + age)
        is_authority = name == self._name
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(born)
            .not_valid_after(born + 2 * _DAY)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        return builder.issuer_name(name) if is_authority else builder


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
