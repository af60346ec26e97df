"""Secrets at rest, and short-lived signed addresses. The key comes from the settings, never from the database."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from services.errors import IncompleteSettings


class SecretBox:
    """Seals and opens what must not be readable in a stolen backup (AppSecret, tokens)."""

    def __init__(self, key: str) -> None:
        self._signing = hashlib.sha256(b"sign:" + key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + key.encode()).digest()))

    def seal(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """The sealed text again. Raises `IncompleteSettings` when the key is not the one it was sealed with."""
        return self._opened(sealed.encode()).decode()

    def seal_bytes(self, plain: bytes) -> bytes:
        """A file sealed, such as the scan of a consent; `open_bytes` gives it back."""
        return self._fernet.encrypt(plain)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The sealed file again. Raises `IncompleteSettings` as `open` does."""
        return self._opened(sealed)

    def signature(self, text: str) -> str:
        """A signature over `text` that only this installation can make."""
        return hmac.new(self._signing, text.encode(), hashlib.sha256).hexdigest()

    def is_signed(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.signature(text), signature)

    def _opened(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as fault:
            raise IncompleteSettings(
                "密钥与数据库不符：WEISHENTAI_SECRET_KEY 不是保存这些凭证时用的那一个，请换回原来的密钥。"
            ) from fault
