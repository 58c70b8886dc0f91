"""Sealed values: what lies in the database or on disk so that only the key ring opens it.

A value is sealed by AES-256-GCM under a fresh random nonce, and bound to the row it belongs to (`bound`): moved to
another row, column or association, it does not open. NIKs are few enough to try them all, so a plain or salted hash
would give them away: a value is looked up by a blind index, an HMAC under a key of its own. The ring holds several
keys while they rotate; the first one seals, each one opens. The columns are plain text and named `*_sealed`, and the
calls stay in sight, because only the caller knows the row.

Random nonces are good for 2**32 values under one key (NIST SP 800-38D §8.3); rotate long before.
"""

import base64
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12  # bytes
KEY = 32


class KeysUnreadable(ValueError):
    """The key ring is not written as `id:base64,id:base64`; no message shows more of it than a well-formed id."""


class NoKeyGiven(KeysUnreadable):
    """There is no key in it, or an empty place between two commas."""


class KeyIdUnusable(KeysUnreadable):
    """A key's id is not 1 to 16 of a-z, 0-9 and the dash."""


class KeyIdTwice(KeysUnreadable):
    """Two keys have the same id."""


class SameKeyTwice(KeysUnreadable):
    """One key has two ids: rotating to it would change nothing."""


class KeyNotBase64(KeysUnreadable):
    """What follows the id is not base64."""


class KeyWrongLength(KeysUnreadable):
    """A key is not 32 bytes long."""


class NoKeys(Exception):
    """No key ring is in use: `use_keys` was not called."""


class SealBroken(Exception):
    """What is to be opened was changed, or belongs to another place than the one that the message names."""


class KeyMissing(Exception):
    """It was sealed with a key that is not in the ring; nothing but that key opens it."""

    def __init__(self, kid: str) -> None:
        super().__init__(f"key {kid} is not in the ring")
        self.kid = kid


@dataclass(frozen=True, slots=True)
class _Key:
    """What is derived from one key of the ring; the key itself is not kept."""

    kid: str
    seal: AESGCM = field(repr=False)
    index: bytes = field(repr=False)
    reference: bytes = field(repr=False)

    @classmethod
    def derive(cls, kid: str, key: bytes) -> "_Key":
        """Three keys that say nothing about each other, from one (HKDF-SHA256, RFC 5869)."""
        seal, index, reference = (
            HKDF(SHA256(), KEY, salt=None, info=label).derive(key) for label in (b"seal", b"index", b"reference")
        )
        return cls(kid, AESGCM(seal), index, reference)


class KeyRing:
    """The keys of one installation, the primary first. Made by `KeyRing.parse`."""

    __slots__ = ("_keys", "_primary")

    def __init__(self, *keys: _Key) -> None:
        self._keys = {key.kid: key for key in keys}
        self._primary = keys[0]

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """The ring written as `k1:base64 of 32 bytes,k0:…`, either base64 alphabet; raises a `KeysUnreadable`."""
        given: dict[str, bytes] = {}
        for place, entry in enumerate(text.split(","), start=1):
            kid, key = _read_entry(entry.strip(), place)
            if kid in given:
                raise KeyIdTwice(f"two keys of the ring are called {kid}")
            if key in given.values():
                raise SameKeyTwice(f"key {kid} is in the ring under another id too")
            given[kid] = key
        return cls(*(_Key.derive(kid, key) for kid, key in given.items()))

    @staticmethod
    def generate() -> str:
        """A fresh key, ready to stand in front of the ring: `id:base64`."""
        return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY)).decode()}"

    @property
    def kids(self) -> tuple[str, ...]:
        """The ids of the keys, the primary first."""
        return tuple(self._keys)

    def seal(self, plain: bytes, bound_to: str) -> str:
        """`v1.<kid>.<nonce>.<ciphertext>`, the last two in URL-safe base64, under the primary key."""
        nonce = os.urandom(NONCE)
        sealed = self._primary.seal.encrypt(nonce, plain, _bytes(bound_to))
        return f"v1.{self._primary.kid}.{_base64(nonce)}.{_base64(sealed)}"

    def open(self, sealed: str, bound_to: str) -> bytes:
        """What was sealed for this row; raises `SealBroken` or `KeyMissing`."""
        kid, nonce, ciphertext = _parts(sealed)
        return self._open(kid, _unbase64(nonce), _unbase64(ciphertext), bound_to)

    def seal_text(self, text: str, bound_to: str) -> str:
        """As `seal`, for text."""
        return self.seal(_bytes(text), bound_to)

    def open_text(self, sealed: str, bound_to: str) -> str:
        """As `open`, for text."""
        return self.open(sealed, bound_to).decode("utf-8", "surrogatepass")

    def seal_json(self, value: Any, bound_to: str) -> str:
        """As `seal`, for whatever orjson writes."""
        return self.seal(orjson.dumps(value), bound_to)

    def open_json(self, sealed: str, bound_to: str) -> Any:
        """As `open`, for what `seal_json` sealed."""
        return orjson.loads(self.open(sealed, bound_to))

    def seal_bytes(self, plain: bytes, bound_to: str) -> bytes:
        """As `seal`, for files: one byte version, one byte length of the key id, key id, nonce, ciphertext."""
        nonce, kid = os.urandom(NONCE), self._primary.kid.encode()
        sealed = self._primary.seal.encrypt(nonce, plain, _bytes(bound_to))
        return b"".join((b"\x01", len(kid).to_bytes(1, "big"), kid, nonce, sealed))

    def open_bytes(self, sealed: bytes, bound_to: str) -> bytes:
        """As `open`, for what `seal_bytes` sealed."""
        kid, body = _binary_parts(sealed)
        return self._open(kid, body[:NONCE], body[NONCE:], bound_to)

    def needs_reseal(self, sealed: str | bytes) -> bool:
        """It was sealed with another key than the primary one; its blind index is then to be made anew too."""
        kid = _parts(sealed)[0] if isinstance(sealed, str) else _binary_parts(sealed)[0]
        return kid != self._primary.kid

    def blind_index(self, association_id: str, what: str, value: str, kid: str | None = None) -> str:
        """By what a sealed value is found: equal for equal values of one kind in one association, and only then.

        `what` names the kind of value (`nik`), `value` comes in its one normal form. 43 characters, under the primary
        key or the one named; raises `KeyMissing`.
        """
        key = self._key(kid) if kid else self._primary
        return _base64(_hmac(key.index, joined(association_id, what, value)))

    def indexes(self, association_id: str, what: str, value: str) -> list[str]:
        """The blind index under every key, the primary first: while keys rotate, a value lies under any of them."""
        return [self.blind_index(association_id, what, value, kid) for kid in self._keys]

    def reference(self, value: str) -> str:
        """Twelve letters and digits (60 bits) that stand for this value in logs; they change with the primary key."""
        return base64.b32encode(_hmac(self._primary.reference, value)).decode()[:12].lower()

    def _key(self, kid: str) -> _Key:
        try:
            return self._keys[kid]
        except KeyError:
            raise KeyMissing(kid) from None

    def _open(self, kid: str, nonce: bytes, ciphertext: bytes, bound_to: str) -> bytes:
        key = self._key(kid)
        try:
            return key.seal.decrypt(nonce, ciphertext, _bytes(bound_to))
        except (InvalidTag, ValueError) as error:  # ValueError: a nonce that is no nonce
            raise SealBroken(bound_to) from error


def joined(*parts: str) -> str:
    """Parts as one text, each behind its length, so that nothing can move from one part into the next."""
    return "".join(f"{len(part)}:{part}," for part in parts)


def bound(association_id: str, table: str, column: str, row_id: str | int) -> str:
    """The place of a sealed value, in the one form that it is bound to."""
    return joined(association_id, table, column, str(row_id))


class _InUse:
    ring: KeyRing | None = None


def use_keys(ring: KeyRing | None) -> None:
    """From now on the whole process seals and opens with this ring; with `None`, nothing does."""
    _InUse.ring = ring


def keys() -> KeyRing:
    """The ring in use; raises `NoKeys`."""
    if _InUse.ring is None:
        raise NoKeys("no key ring is in use")
    return _InUse.ring


_KID = re.compile(r"[a-z0-9-]{1,16}")


def _read_entry(entry: str, place: int) -> tuple[str, bytes]:
    if not entry:
        raise NoKeyGiven(f"key {place} of the ring is empty")
    kid, _, text = entry.partition(":")
    if not _KID.fullmatch(kid) or not text:
        raise KeyIdUnusable(f"key {place} of the ring does not start with an id and a colon")
    try:
        key = _decoded(text)
    except ValueError:
        raise KeyNotBase64(f"key {kid} is not base64") from None
    if len(key) != KEY:
        raise KeyWrongLength(f"key {kid} has {len(key)} bytes, not {KEY}")
    return kid, key


def _decoded(text: str) -> bytes:
    """The bytes behind base64 in either alphabet, with or without its padding."""
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)


def _parts(sealed: str) -> tuple[str, str, str]:
    """Key id, nonce and ciphertext of a sealed text, as they are written."""
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != "v1" or not _KID.fullmatch(parts[1]):
        raise SealBroken("not a sealed text")
    return parts[1], parts[2], parts[3]


def _binary_parts(sealed: bytes) -> tuple[str, bytes]:
    """Key id of sealed bytes, and what follows it."""
    end = 2 + sealed[1] if len(sealed) > 2 else 0
    kid = sealed[2:end].decode("latin-1")
    if sealed[:1] != b"\x01" or not _KID.fullmatch(kid):
        raise SealBroken("not sealed bytes")
    return kid, sealed[end:]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    """The bytes that `_base64` wrote just so; base64 alone would let other texts pass for them."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise SealBroken("not base64") from error
    if _base64(data) != text:
        raise SealBroken("not base64")
    return data


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, _bytes(text), "sha256")


def _bytes(text: str) -> bytes:
    """UTF-8, and whatever half characters a phone sends."""
    return text.encode("utf-8", "surrogatepass")
