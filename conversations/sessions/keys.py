"""Public keys as browsers export them (JWK, P-256), and what the private halves have signed."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.errors import InvalidParameter

_CURVE = ec.SECP256R1()
_COORDINATE_BYTES = 32
_SIGNATURE_BYTES = 2 * _COORDINATE_BYTES
_ALGORITHM = ec.ECDSA(SHA256())


def public_key_of(jwk: object) -> bytes:
    """The uncompressed point of a JWK; raises InvalidParameter.

    Members beside the key itself, such as `key_ops`, are ignored. One with a private part is
    refused: it should never have left the browser.
    """
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise _refused("a JWK with kty EC and crv P-256")
    if "d" in jwk:
        raise _refused("a public key; this one is private, and must not be sent to anybody")
    x, y = (_decoded(jwk.get(name), _COORDINATE_BYTES) for name in ("x", "y"))
    if x is None or y is None:
        raise _refused("a JWK whose x and y are 32 bytes each in base64url")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + x + y)
    except ValueError:
        raise _refused("a point of the curve P-256") from None
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def is_signed(*, public_key: bytes, signature: str, message: bytes) -> bool:
    """Whether the key has signed: ECDSA with SHA-256, r and s of 32 bytes each in base64url.

    Padding is allowed, which many encoders write.
    """
    raw = _decoded(signature.removesuffix("=="), _SIGNATURE_BYTES)
    if raw is None:
        return False
    r, s = (int.from_bytes(half) for half in (raw[:_COORDINATE_BYTES], raw[_COORDINATE_BYTES:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key)
    try:
        key.verify(encode_dss_signature(r, s), message, _ALGORITHM)
    except InvalidSignature:
        return False
    return True


def _decoded(text: object, length: int) -> bytes | None:
    """So many bytes in base64url without padding; None for every other spelling."""
    if not isinstance(text, str) or len(text) != -(-length * 4 // 3) or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    # Bits behind the last byte would let one key be written in several ways.
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text else None


def _refused(wanted: str) -> InvalidParameter:
    return InvalidParameter(f"'public_key' must be {wanted}.", details={"field": "public_key"})
