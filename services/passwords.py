"""Passwords: bcrypt, the hash streamlit-authenticator checks."""

from __future__ import annotations

import bcrypt

from services.errors import InvalidInput

LONGEST = 72
"""Bytes bcrypt reads; beyond them it refuses. 24 Chinese characters."""


def hash_password(plain: str) -> str:
    """The stored form of a password. Raises `InvalidInput` for one that is empty or longer than bcrypt reads."""
    if not plain:
        raise InvalidInput("请输入密码。", field="password")
    if len(plain.encode()) > LONGEST:
        raise InvalidInput("密码太长：最多 72 个字节，约 24 个汉字或 72 个字母数字。", field="password")
    return bcrypt.hashpw(plain.encode(), bcrypt.gensalt(rounds=12)).decode()
