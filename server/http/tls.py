"""HTTPS with certificate files: the TLS context, and the names in the certificate."""

import ssl
from pathlib import Path

from tools.okta.errors import InvalidInput


def context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """The TLS context. The key may be in the certificate's file.

    Raises:
        InvalidInput: the files cannot be read, do not match, or the key is encrypted.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password, OpenSSL would ask for one at the terminal.
        made.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
        raise InvalidInput(
            f"Not started: {certificate}{f' and {key}' if key else ''} cannot be used for TLS: {reason}.",
            code="invalid_certificate",
            next_step="Pass a PEM certificate chain as --tls-cert, and its unencrypted key as --tls-key.",
        ) from None
    return made


def names(certificate: Path) -> tuple[str, ...]:
    """The host names that the certificate is for."""
    from cryptography import x509

    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    try:
        stated = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(name for name in stated.get_values_for_type(x509.DNSName) if "*" not in name)
