"""A certificate for an org on this machine, for clients that insist on TLS."""

import os
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_FILE = "sandbox-ca.pem"
SERVER_FILE = "sandbox-server.pem"
_LIFETIME = timedelta(days=365)
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")


def prepare(folder: Path) -> tuple[Path, Path]:
    """The files of the authority that clients trust, and of the server's certificate and key.

    They are made once and stay until a day before they end, so that clients need not be told again. The authority's key
    is never written: nobody can sign anything else with what clients were told to trust.
    """
    authority, server = folder / CA_FILE, folder / SERVER_FILE
    if not (authority.exists() and server.exists() and _lasts(authority, server)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        trusted, served = _make()
        _write(authority, trusted, 0o644)
        _write(server, served, 0o600)
    return authority, server


def _lasts(authority: Path, server: Path) -> bool:
    try:
        issuer = x509.load_pem_x509_certificate(authority.read_bytes())
        certificate = x509.load_pem_x509_certificate(server.read_bytes())
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # whatever is wrong with the files, new ones mend it
        return False
    return certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)


def _make() -> tuple[bytes, bytes]:
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Okta Actions sandbox, on this machine only")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    start = x509.CertificateBuilder().not_valid_before(now - timedelta(hours=1)).not_valid_after(now + _LIFETIME)
    authority = (
        start.subject_name(ca_name)
        .issuer_name(ca_name)
        .serial_number(x509.random_serial_number())
        .public_key(ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.NameConstraints(_names(networks=True), None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    certificate = (
        start.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAMES[0])]))
        .issuer_name(ca_name)
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    held = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return authority.public_bytes(pem), certificate.public_bytes(pem) + held


def _names(*, networks: bool = False) -> list[x509.GeneralName]:
    """What the certificate is for; `networks` as the authority is limited to it."""
    addresses = [ip_network(one) if networks else ip_address(one) for one in _ADDRESSES]
    return [*(x509.DNSName(name) for name in _NAMES), *(x509.IPAddress(address) for address in addresses)]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Anew, so that the file has this mode from the start."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
