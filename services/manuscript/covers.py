"""A cover for items without pictures: WeChat takes no article without one."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from services.manuscript.pictures import Picture, process_picture

COVER_SIZE = (900, 383)
"""2.35:1, the size WeChat shows (platform description)."""

_GROUND, _BAND, _LINE = (146, 28, 38), (166, 42, 50), (222, 184, 135)


@cache
def plain_cover() -> Picture:
    """The same quiet picture every time: a red ground, two bands, one golden line, no words."""
    width, height = COVER_SIZE
    ground = Image.new("RGB", COVER_SIZE, _GROUND)
    pen = ImageDraw.Draw(ground)
    pen.polygon([(0, height), (width * 0.55, height), (width * 0.8, 0), (width * 0.25, 0)], fill=_BAND)
    pen.line([(width * 0.55, height), (width * 0.8, 0)], fill=_LINE, width=3)
    file = BytesIO()
    ground.save(file, "PNG")
    return process_picture(file.getvalue(), "默认封面.png")
