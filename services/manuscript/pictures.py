"""Pictures: whatever a contact uploads becomes a JPEG, PNG or GIF that carries nothing but the picture."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from services.errors import UnreadableFile

#: Longest side kept, in pixels: enough for a phone held sideways and for the campus page.
LONGEST_SIDE = 2560
#: A 60 MP picture needs 180 MB of memory to decode; nothing an article shows is larger.
MOST_PIXELS = 60_000_000
LARGEST_UPLOAD = 30_000_000
#: WeChat doc: media/uploadimg takes jpg/png below 1 MB; material/add_material takes 10 MB.
WECHAT_BODY_LIMIT = 1_000_000
WECHAT_COVER_LIMIT = 10_000_000
WECHAT_BODY_WIDTH = 1080
ANIMATION_LIMIT = 1_000_000

_JPEG, _PNG, _GIF = "image/jpeg", "image/png", "image/gif"
EXTENSIONS = {_JPEG: ".jpg", _PNG: ".png", _GIF: ".gif"}
_GPS_BLOCK = 0x8825
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture ready to be stored; `sha256` is the fingerprint of `content`, `notes` are for the author."""

    sha256: str
    content: bytes
    media_type: str
    width: int
    height: int
    original_name: str
    notes: tuple[str, ...]

    @property
    def file_name(self) -> str:
        return f"{self.sha256[:16]}{EXTENSIONS[self.media_type]}"


def process_picture(content: bytes, name: str) -> Picture:
    """Turn the picture upright, strip its camera data and position, convert what browsers or WeChat refuse.

    Raises `UnreadableFile` for what is not a picture, for formats without a decoder here and for bombs.
    """
    _refuse_unsupported(content, name)
    with _decoding(name), Image.open(io.BytesIO(content)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise UnreadableFile(f"图片“{name}”超过 6000 万像素，请缩小后再上传。")
        if picture.format == "GIF" and getattr(picture, "n_frames", 1) > 1 and len(content) <= ANIMATION_LIMIT:
            picture.load()
            return _picture(content, _GIF, picture.size, name, ())
        notes = _notes(picture)
        is_large = max(picture.size) > LONGEST_SIDE
        _decode_smaller(picture)
        upright = _upright(picture)
        if is_large:
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            notes.append(f"已缩小到 {upright.width}×{upright.height} 像素")
        lossless = picture.format in {"PNG", "GIF", "BMP"} or "A" in upright.getbands()
        encoded, media_type = _encode_stored(upright, lossless=lossless)
    if picture.format in {"WEBP", "BMP", "TIFF"}:
        notes.append(f"已由 {picture.format.lower()} 转为 {EXTENSIONS[media_type].lstrip('.')}")
    return _picture(encoded, media_type, upright.size, name, tuple(notes))


def for_wechat_body(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The picture as `media/uploadimg` takes it: JPEG or PNG below 1 MB. The same input gives the same bytes."""
    return _fitted(content, media_type, limit=WECHAT_BODY_LIMIT, widths=(WECHAT_BODY_WIDTH, 900, 720, 540, 360))


def for_wechat_cover(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The picture as permanent material (`add_material?type=image`): JPEG or PNG up to 10 MB."""
    return _fitted(content, media_type, limit=WECHAT_COVER_LIMIT, widths=(LONGEST_SIDE, 1920, 1080))


def _refuse_unsupported(content: bytes, name: str) -> None:
    if len(content) > LARGEST_UPLOAD:
        raise UnreadableFile(f"图片“{name}”超过 30 MB，请压缩后再上传。")
    if content[4:8] == b"ftyp" and content[8:12] in {
        b"heic",
        b"heix",
        b"hevc",
        b"heim",
        b"heis",
        b"mif1",
        b"msf1",
    }:
        raise UnreadableFile(
            f"图片“{name}”是 HEIC 格式，请在手机“设置 - 相机 - 格式”中选择“兼容性最佳”（JPEG）后重新上传。"
        )
    if content[:4] == b"\xd7\xcd\xc6\x9a" or content[:4] == b"\x01\x00\x09\x00" or content[40:44] == b" EMF":
        raise UnreadableFile(f"图片“{name}”是 WMF/EMF 矢量图，请在 Word 中右键选择“另存为图片”（PNG）后重新插入。")
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head):
        raise UnreadableFile(f"图片“{name}”是 SVG 矢量图，微信不支持，请导出为 PNG 后重新上传。")


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableFile(f"图片“{name}”展开后过大，请缩小后再上传。") from None
    # Pillow's decoders report damage with these; UnidentifiedImageError is an OSError.
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, MemoryError):
        raise UnreadableFile(f"“{name}”不是图片或已损坏，请用看图软件打开确认后重新上传。") from None


def _notes(picture: Image.Image) -> list[str]:
    notes = []
    exif = picture.getexif()
    if exif.get_ifd(_GPS_BLOCK):
        notes.append("已去除拍摄位置")
    if exif.get(_ORIENTATION, 1) != 1:
        notes.append("已按拍摄方向转正")
    if picture.mode == "CMYK":
        notes.append("已由印刷色（CMYK）转为屏幕色")
    if getattr(picture, "n_frames", 1) > 1:
        notes.append("是超过 1 MB 的动图，只保留第一帧" if picture.format == "GIF" else "只保留第一页")
    return notes


def _decode_smaller(picture: Image.Image) -> None:
    """Let a JPEG be decoded at half or a quarter of its size, still larger than needed: a third of the time."""
    longest = max(picture.size)
    if picture.format == "JPEG" and longest > LONGEST_SIDE:
        width, height = picture.size
        picture.draft(picture.mode, (width * LONGEST_SIDE // longest, height * LONGEST_SIDE // longest))


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    flat = _screen_colours(picture)
    upright = ImageOps.exif_transpose(flat)
    upright.info.clear()
    return upright


def _screen_colours(picture: Image.Image) -> Image.Image:
    """8-bit RGB, RGBA or grey, in sRGB where the file says what its own colours are."""
    exif = picture.getexif()
    profile = picture.info.get("icc_profile")
    if picture.mode in {"I;16", "I;16B", "I;16L", "I", "F"}:
        # Pillow would clip 16 bits to white instead of scaling them.
        deep = picture.convert("F")
        scale = 255 / (65535 if picture.mode.startswith("I;16") else max(_brightest(deep), 1.0))
        flat = deep.point(lambda value: value * scale).convert("L")
    elif picture.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        flat = rgba if rgba.getchannel("A").getextrema() != (255, 255) else rgba.convert("RGB")
    elif picture.mode in {"RGB", "RGBA", "CMYK"} and profile:
        flat = _to_srgb(picture, profile)
    else:
        flat = picture.convert("L" if picture.mode in {"1", "L"} else "RGBA" if picture.mode == "RGBA" else "RGB")
    flat.getexif()[_ORIENTATION] = exif.get(_ORIENTATION, 1)
    return flat


def _brightest(grey: Image.Image) -> float:
    _low, high = grey.getextrema()
    return float(high) if isinstance(high, int | float) else 0.0


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        # A damaged profile says nothing about the colours; the plain conversion is what viewers show then.
        return picture.convert(mode)
    return converted or picture.convert(mode)


def _encode_stored(picture: Image.Image, *, lossless: bool) -> tuple[bytes, str]:
    if not lossless:
        return _jpeg(picture, quality=88), _JPEG
    png = _png(picture)
    if len(png) <= 2 * WECHAT_BODY_LIMIT or "A" in picture.getbands():
        return png, _PNG
    # A photograph saved as PNG: the JPEG is a tenth of it and looks the same.
    jpeg = _jpeg(picture, quality=90)
    return (jpeg, _JPEG) if len(jpeg) * 3 < len(png) else (png, _PNG)


def _fitted(content: bytes, media_type: str, *, limit: int, widths: tuple[int, ...]) -> tuple[bytes, str]:
    if media_type in {_JPEG, _PNG} and len(content) < limit:
        return content, media_type
    with _decoding("正文图片"), Image.open(io.BytesIO(content)) as opened:
        opened.load()
        picture = _screen_colours(opened)
    if media_type == _GIF and len(png := _png(picture)) < limit:
        return png, _PNG
    for width in widths:
        smaller = _on_white(picture)
        smaller.thumbnail((width, width * 20), Image.Resampling.LANCZOS)
        for quality in (88, 80, 70):
            if len(jpeg := _jpeg(smaller, quality=quality)) < limit:
                return jpeg, _JPEG
    raise UnreadableFile("有一张图片无法压缩到微信允许的大小，请换一张较小的图片。")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.copy()
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    _on_white(picture).save(
        buffer, "JPEG", quality=quality, optimize=True, progressive=True, exif=b"", icc_profile=None
    )
    return buffer.getvalue()


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", exif=None, icc_profile=None)
    return buffer.getvalue()


def _picture(content: bytes, media_type: str, size: tuple[int, int], name: str, notes: tuple[str, ...]) -> Picture:
    return Picture(hashlib.sha256(content).hexdigest(), content, media_type, *size, name, notes)
