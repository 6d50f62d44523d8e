"""Short digests of long answers, by which equal ones are found."""

from __future__ import annotations

from hashlib import blake2b


def digest_of(data: bytes) -> bytes:
    """Tell bytes from any others."""
    return blake2b(data, digest_size=16).digest()
