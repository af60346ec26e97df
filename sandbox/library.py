"""Pictures: those uploaded for article bodies, and those kept in the library under a media id.

WeChat doc: api_uploadimage, api_addmaterial, api_delmaterial. Types are read from the first bytes of the file,
never from its name.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.errors import ApiError
from sandbox.platform import Platform
from sandbox.records import Account, Material, Picture

PICTURE_HOST = "mmbiz.qpic.cn"
KB, MB = 1024, 1024 * 1024
TEMPORARY_LIFETIME = 3 * 24 * 3600

_MAGIC: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}


@dataclass(frozen=True)
class Upload:
    """The ``media`` part of a multipart body."""

    filename: str
    data: bytes

    @property
    def mime(self) -> str:
        """Return the picture type its first bytes tell, or an empty string."""
        return next((mime for magic, mime in _MAGIC.items() if self.data.startswith(magic)), "")


def upload_body_picture(platform: Platform, account: Account, upload: Upload | None) -> str:
    """Keep a picture for article bodies and return its address (media/uploadimg: jpg or png under 1 MB)."""
    upload = _present(upload)
    if upload.mime not in {"image/jpeg", "image/png"}:
        raise ApiError(40005)
    if len(upload.data) >= MB:
        raise ApiError(40009)
    return address(_keep(platform, account, upload))


def keep_pasted(platform: Platform, account: Account, upload: Upload) -> str:
    """Keep a picture that somebody pasted into the platform's own editor (any kind up to 10 MB); its address."""
    if not upload.mime:
        raise ApiError(40113)
    if len(upload.data) > 10 * MB:
        raise ApiError(40009)
    return address(_keep(platform, account, upload))


def add_material(platform: Platform, account: Account, upload: Upload | None, *, media_type: str) -> Material:
    """Keep a permanent picture: `image` up to 10 MB, or a JPG `thumb` up to 64 KB."""
    return _add(platform, account, upload, media_type=media_type, expires_at=None)


def cover_from(platform: Platform, account: Account, picture_address: str) -> str:
    """Take a kept picture into the library as a cover; its media id."""
    route = picture_address.removeprefix(f"http://{PICTURE_HOST}")
    media_id = secrets.token_urlsafe(48)
    return platform.materials.put(Material(media_id, account.appid, "image", route, None)).media_id


def add_temporary(platform: Platform, account: Account, upload: Upload | None, *, media_type: str) -> Material:
    """Keep a temporary picture (media/upload). Its id is gone after three days and never good for a cover."""
    expires_at = platform.clock() + TEMPORARY_LIFETIME
    return _add(platform, account, upload, media_type=media_type, expires_at=expires_at)


def delete_material(platform: Platform, account: Account, media_id: str) -> None:
    platform.materials.drop(permanent(platform, account, media_id).media_id)


def permanent(platform: Platform, account: Account, media_id: object) -> Material:
    """Return the account's permanent picture, or raise 40007: unknown, another account's, temporary, deleted."""
    material = platform.materials.get(media_id) if isinstance(media_id, str) else None
    if material is None or material.appid != account.appid or material.expires_at is not None:
        raise ApiError(40007)
    return material


def address(picture: Picture) -> str:
    """Return the address WeChat answers: plain http on its picture host."""
    return f"http://{PICTURE_HOST}{picture.route}"


def material_address(platform: Platform, media_id: str) -> str:
    """Return the address of a library picture, empty when it was deleted since."""
    material = platform.materials.get(media_id)
    picture = platform.pictures.get(material.route) if material else None
    return address(picture) if picture else ""


def _add(
    platform: Platform, account: Account, upload: Upload | None, *, media_type: str, expires_at: float | None
) -> Material:
    if media_type not in {"image", "thumb"}:
        raise ApiError(40004)
    upload = _present(upload)
    if not upload.mime or (media_type == "thumb" and upload.mime != "image/jpeg"):
        raise ApiError(40113)
    if len(upload.data) > (64 * KB if media_type == "thumb" else 10 * MB):
        raise ApiError(40009 if media_type == "image" else 45001)
    picture = _keep(platform, account, upload)
    media_id = secrets.token_urlsafe(48)
    return platform.materials.put(Material(media_id, account.appid, media_type, picture.route, expires_at))


def _present(upload: Upload | None) -> Upload:
    if upload is None or not upload.filename or not upload.data:
        raise ApiError(41005)
    return upload


def _keep(platform: Platform, account: Account, upload: Upload) -> Picture:
    kind = upload.mime.removeprefix("image/")
    folder = "mmbiz_jpg" if kind == "jpeg" else f"mmbiz_{kind}"
    route = f"/{folder}/{secrets.token_urlsafe(24)}/0"
    return platform.pictures.put(Picture(account.appid, route, platform.keep_picture(upload.data), upload.mime))
