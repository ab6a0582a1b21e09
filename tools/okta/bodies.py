"""Reads and decompresses bodies of answers up to a limit: a few bytes of gzip can stand for a gigabyte."""

import zlib

import httpx2

ACCEPTED = "gzip"
"""The only content coding that is requested."""
_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """The body is larger than it may be."""


class Coded(Exception):
    """The body is in a coding that was not requested, or is broken."""


async def read(response: httpx2.Response, most: int) -> bytes:
    """The whole body, decompressed.

    Raises:
        TooLarge: it is longer than `most` bytes. Coded: it cannot be decompressed.
    """
    if response.is_stream_consumed:
        if len(response.content) > most:
            raise TooLarge
        return response.content  # it was read to see why Okta refused
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", ACCEPTED):
        raise Coded(coding)
    unpacking = zlib.decompressobj(_GZIP) if coding == ACCEPTED else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += chunk if unpacking is None else unpacking.decompress(chunk, most + 1 - len(body))
        except zlib.error as error:
            raise Coded(coding) from error
        if len(body) > most:
            raise TooLarge
    if unpacking is not None and body and not unpacking.eof:
        raise Coded(coding)
    return bytes(body)
