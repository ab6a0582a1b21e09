"""Sealing: AES-GCM, each secret bound to the place that it belongs to, so that it opens at no other."""

import os

from server.store.schema import StoreError

NONCE_BYTES = 12


def seal(key: bytes, place: str, secret: bytes) -> bytes:
    """The secret, encrypted so that it can only be opened for the same place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, place.encode())


def unseal(key: bytes, place: str, sealed: bytes) -> bytes:
    """The secret that `seal` encrypted.

    Raises:
        StoreError: the key is another one, or it was altered or sealed for another place.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except InvalidTag:
        raise StoreError(
            "The vault's key does not decrypt the store.",
            code="wrong_vault_key",
            next_step="Use the key with which this store was created (OKTA_ACTIONS_VAULT_KEY, the keyring or the "
            "key file). If this is that key, the store was tampered with.",
        ) from None
