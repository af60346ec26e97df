"""Opening what WeChat pushes in safe mode, with `wechatpy.crypto` (WeChat doc: 消息加解密说明)."""

from __future__ import annotations

import struct

from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException

from services.ports import PushForged, PushKeys


class WeChatPushCipher:
    """A `PushCipher` by the platform's own scheme: AES-256-CBC over random bytes, length, message and AppID."""

    def open(self, sealed: str, keys: PushKeys, *, signature: str, timestamp: str, nonce: str) -> str:
        """The message inside. Raises `PushForged`."""
        try:
            crypto = WeChatCrypto(keys.token, keys.encoding_aes_key, keys.app_id)
            message = crypto.decrypt_message({"Encrypt": sealed}, signature, timestamp, nonce)
        except InvalidSignatureException as fault:
            raise PushForged("the signature does not cover this message") from fault
        except InvalidAppIdException as fault:
            raise PushForged("it was sealed for another AppID") from fault
        except (ValueError, IndexError, struct.error, AssertionError) as fault:
            # A wrong key gives noise, which ends as bad padding, a wild length or broken UTF-8.
            raise PushForged("the key does not open it") from fault
        return str(message)
