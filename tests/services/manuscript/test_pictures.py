from __future__ import annotations

import hashlib
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from services.errors import UnreadableFile
from services.manuscript.pictures import (
    LONGEST_SIDE,
    WECHAT_BODY_LIMIT,
    WECHAT_COVER_LIMIT,
    Picture,
    for_wechat_body,
    for_wechat_cover,
    process_picture,
)
from tests.documents import photograph, photograph_with_location


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


def noise(width: int, height: int) -> Image.Image:
    """A picture that no codec makes small."""
    return Image.effect_noise((width, height), 90).convert("RGB")


def test_position_and_camera_are_stripped_and_the_picture_stands_upright() -> None:
    picture = process_picture(photograph_with_location(90, 60, orientation=6), "IMG_1.jpg")
    assert (picture.width, picture.height) == (60, 90)
    assert picture.notes == ("已去除拍摄位置", "已按拍摄方向转正")
    assert dict(opened(picture).getexif()) == {}
    assert b"GPS" not in picture.content
    assert b"Demo Camera" not in picture.content


def test_picture_is_named_by_what_is_stored() -> None:
    picture = process_picture(photograph(90, 60), "合影.jpg")
    assert picture.sha256 == hashlib.sha256(picture.content).hexdigest()
    assert (picture.file_name, picture.original_name) == (f"{picture.sha256[:16]}.jpg", "合影.jpg")
    assert process_picture(photograph(90, 60), "另一个名字.jpg").sha256 == picture.sha256


@pytest.mark.parametrize(
    ("content", "media_type", "notes"),
    [
        (photograph(90, 60, encode=lambda p, b: p.save(b, "WEBP")), "image/jpeg", ("已由 webp 转为 jpg",)),
        (photograph(90, 60, encode=lambda p, b: p.save(b, "BMP")), "image/png", ("已由 bmp 转为 png",)),
        (photograph(90, 60, encode=lambda p, b: p.save(b, "TIFF")), "image/jpeg", ("已由 tiff 转为 jpg",)),
        (
            photograph(90, 60, encode=lambda p, b: p.convert("CMYK").save(b, "JPEG")),
            "image/jpeg",
            ("已由印刷色（CMYK）转为屏幕色",),
        ),
        (photograph(90, 60, encode=lambda p, b: p.convert("P").save(b, "PNG")), "image/png", ()),
        (photograph(90, 60, encode=lambda p, b: p.convert("L").save(b, "JPEG")), "image/jpeg", ()),
        (photograph(90, 60, encode=lambda p, b: p.convert("1").save(b, "PNG")), "image/png", ()),
        (
            photograph(90, 60, encode=lambda p, b: p.convert("RGBA").save(b, "WEBP")),
            "image/jpeg",
            ("已由 webp 转为 jpg",),
        ),
    ],
    ids=["webp", "bmp", "tiff", "cmyk", "palette", "grey", "black and white", "opaque webp"],
)
def test_unusual_pictures_become_jpeg_or_png(content: bytes, media_type: str, notes: tuple[str, ...]) -> None:
    picture = process_picture(content, "图.bin")
    shown = opened(picture)
    assert (picture.media_type, picture.notes, shown.size) == (media_type, notes, (90, 60))
    assert f"image/{(shown.format or '').lower()}" == media_type
    assert shown.mode in {"RGB", "RGBA", "L"}


def test_sixteen_bit_grey_keeps_its_greys() -> None:
    deep = Image.new("I;16", (4, 1))
    for x, value in enumerate((0, 16_000, 32_000, 65_535)):
        deep.putpixel((x, 0), value)
    shown = opened(process_picture(encoded(deep, "PNG"), "扫描.png"))
    assert [shown.getpixel((x, 0)) for x in range(4)] == [0, 62, 124, 255]


def test_transparency_stays_in_the_store_and_turns_white_for_wechat_jpeg() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    stored = process_picture(encoded(clear, "PNG"), "校徽.png")
    assert (stored.media_type, opened(stored).mode) == ("image/png", "RGBA")

    heavy = noise(1000, 1100).convert("RGBA")
    heavy.putalpha(0)
    jpeg, media_type = for_wechat_body(encoded(heavy, "PNG"), "image/png")
    assert media_type == "image/jpeg"
    assert Image.open(io.BytesIO(jpeg)).getpixel((5, 5)) == (255, 255, 255)


def test_colours_of_another_profile_become_srgb_and_the_profile_goes() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    broken = process_picture(encoded(Image.new("RGB", (9, 9), "red"), "JPEG", icc_profile=b"junk"), "a.jpg")
    other = process_picture(encoded(Image.new("RGB", (9, 9), "red"), "JPEG", icc_profile=profile), "b.jpg")
    assert [opened(picture).info.get("icc_profile") for picture in (broken, other)] == [None, None]


@pytest.mark.parametrize("width", [2561, 4000, 2 * LONGEST_SIDE, 6000])
def test_large_picture_is_made_smaller(width: int) -> None:
    picture = process_picture(encoded(Image.new("RGB", (width, width // 4), "navy"), "JPEG"), "全景.jpg")
    assert (picture.width, picture.height, picture.notes) == (LONGEST_SIDE, 640, ("已缩小到 2560×640 像素",))


def animation(frames: int, size: int) -> bytes:
    first, *others = [noise(size, size).convert("P") for _ in range(frames)]
    return encoded(first, "GIF", save_all=True, append_images=others, duration=80)


def test_small_animation_passes_untouched_and_a_large_one_keeps_its_first_frame() -> None:
    small, large = animation(3, 40), animation(12, 700)
    kept = process_picture(small, "动图.gif")
    assert (kept.content, kept.media_type, kept.file_name[-4:]) == (small, "image/gif", ".gif")
    still = process_picture(large, "大动图.gif")
    assert (still.media_type, still.notes) == ("image/png", ("是超过 1 MB 的动图，只保留第一帧",))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "“图.png”不是图片或已损坏，请用看图软件打开确认后重新上传。"),
        (b"hello", "“图.png”不是图片或已损坏，请用看图软件打开确认后重新上传。"),
        (photograph(90, 60)[:400], "“图.png”不是图片或已损坏，请用看图软件打开确认后重新上传。"),
        (png_claiming(8000, 8000), "图片“图.png”超过 6000 万像素，请缩小后再上传。"),
        (png_claiming(10_000, 12_000), "图片“图.png”展开后过大，请缩小后再上传。"),
        (png_claiming(60_000, 60_000), "图片“图.png”展开后过大，请缩小后再上传。"),
        (bytes(30_000_001), "图片“图.png”超过 30 MB，请压缩后再上传。"),
        (
            b"\x00\x00\x00\x18ftypheic" + bytes(40),
            "图片“图.png”是 HEIC 格式，请在手机“设置 - 相机 - 格式”中选择“兼容性最佳”（JPEG）后重新上传。",
        ),
        (
            b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(40),
            "图片“图.png”是 WMF/EMF 矢量图，请在 Word 中右键选择“另存为图片”（PNG）后重新插入。",
        ),
        (
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "图片“图.png”是 SVG 矢量图，微信不支持，请导出为 PNG 后重新上传。",
        ),
    ],
    ids=["empty", "text", "cut off", "64 MP", "120 MP", "bomb", "30 MB", "heic", "emf", "svg"],
)
def test_what_is_no_usable_picture_is_refused_with_advice(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        process_picture(content, "图.png")
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (encoded(noise(2200, 1600), "JPEG", quality=95), "image/jpeg"),
        (encoded(noise(1100, 900), "PNG"), "image/png"),
        (encoded(noise(1200, 900).convert("P"), "GIF"), "image/gif"),
        (photograph(200, 100), "image/jpeg"),
        (encoded(Image.new("P", (90, 60)), "GIF"), "image/gif"),
    ],
    ids=["heavy jpeg", "heavy png", "heavy gif", "light jpeg", "light gif"],
)
def test_body_pictures_for_wechat_are_jpeg_or_png_below_one_megabyte(content: bytes, media_type: str) -> None:
    fitted, fitted_type = for_wechat_body(content, media_type)
    assert len(fitted) < WECHAT_BODY_LIMIT
    assert fitted_type == f"image/{(Image.open(io.BytesIO(fitted)).format or '').lower()}"
    assert fitted_type in {"image/jpeg", "image/png"}
    assert for_wechat_body(content, media_type) == (fitted, fitted_type)


def test_picture_that_fits_already_is_not_encoded_again() -> None:
    content = photograph(200, 100)
    assert for_wechat_body(content, "image/jpeg") == (content, "image/jpeg")
    assert for_wechat_cover(content, "image/jpeg") == (content, "image/jpeg")


def test_cover_is_jpeg_or_png_below_ten_megabytes() -> None:
    heavy = encoded(noise(2560, 2000), "PNG")
    assert len(heavy) > WECHAT_COVER_LIMIT
    fitted, media_type = for_wechat_cover(heavy, "image/png")
    assert (len(fitted) < WECHAT_COVER_LIMIT, media_type) == (True, "image/jpeg")
    assert for_wechat_cover(encoded(Image.new("P", (90, 60)), "GIF"), "image/gif")[1] == "image/png"
