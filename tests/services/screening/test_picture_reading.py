"""Codes are read in the shapes they come in; a picture is known again after it was saved anew, and only then."""

from __future__ import annotations

import io

import numpy as np
import pytest
import segno
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from services.screening.addresses import domain_of, is_trusted
from services.screening.picture_reading import SAME_PICTURE, distance, look

TARGET = "https://www.example.com/join?from=poster"


def saved(picture: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def scene(seed: int, size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """A picture with large and small shapes, different for each seed."""
    light = np.random.default_rng(seed).integers(0, 255, (12, 18), dtype=np.uint8)
    picture = Image.fromarray(light).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for place in range(6):
        left, top = (seed * 197 + place * 331) % 900, (seed * 89 + place * 173) % 600
        draw.ellipse((left, top, left + 260, top + 180), fill=((seed * 61 + place * 40) % 255, 90, place * 40))
    return picture


def poster(code_side: int, *, angle: int = 0, inverted: bool = False) -> Image.Image:
    buffer = io.BytesIO()
    segno.make(TARGET, error="m").save(buffer, kind="png", scale=8, border=4)
    code = Image.open(buffer).convert("L").resize((code_side, code_side), Image.Resampling.LANCZOS)
    code = ImageOps.invert(code) if inverted else code
    sheet = Image.new("L", (1080, 1920), 20 if inverted else 235)
    sheet.paste(code.rotate(angle, expand=True, fillcolor=20 if inverted else 235), (500, 1200))
    return sheet


@pytest.mark.parametrize(
    "picture",
    [
        poster(300),
        poster(140),
        poster(300, angle=15),
        poster(300, angle=45),
        poster(300, inverted=True),
        poster(300).filter(ImageFilter.GaussianBlur(1.5)),
    ],
    ids=["large", "small", "tilted", "diagonal", "inverted", "blurred"],
)
def test_a_code_is_found_with_its_target(picture: Image.Image) -> None:
    assert look(saved(picture, quality=60)).codes == (TARGET,)


def test_a_picture_without_a_code_has_none() -> None:
    assert [look(saved(scene(seed))).codes for seed in range(5)] == [()] * 5


def test_the_same_picture_is_known_again_after_every_usual_change() -> None:
    picture = scene(1)
    likeness = look(saved(picture)).likeness
    variants = {
        "quality 40": saved(picture, quality=40),
        "half size": saved(picture.resize((600, 400))),
        "brighter": saved(ImageEnhance.Brightness(picture).enhance(1.2)),
        "cropped by 2 %": saved(picture.crop((12, 8, 1188, 792))),
    }

    far = {name: distance(likeness, look(content).likeness) for name, content in variants.items()}

    assert {name: bits for name, bits in far.items() if bits > SAME_PICTURE} == {}


def test_different_pictures_are_not_taken_for_each_other() -> None:
    prints = [look(saved(scene(seed))).likeness for seed in range(8)]
    pairs = [(one, other) for place, one in enumerate(prints) for other in prints[place + 1 :]]

    assert [pair for pair in pairs if distance(*pair) <= SAME_PICTURE] == []


@pytest.mark.parametrize("content", [saved(Image.new("RGB", (900, 383), "navy"))], ids=["flat"])
def test_a_plain_surface_resembles_nothing(content: bytes) -> None:
    assert look(content).likeness == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.tsinghua.edu.cn/a", True),
        ("https://mp.weixin.qq.com/s/x", True),
        ("https://edu.cn.example.com/", False),
        ("https://notedu.cn/", False),
        ("https://u.wechat.com/abc", False),
        ("javascript:alert(1)", False),
        ("http://[broken", False),
        ("纯文字", False),
    ],
)
def test_only_trusted_domains_and_what_is_below_them_are_trusted(address: str, *, expected: bool) -> None:
    assert is_trusted(address) is expected


def test_the_domain_is_told_without_user_and_port() -> None:
    assert domain_of("https://www.edu.cn@evil.example:8080/x") == "evil.example"
