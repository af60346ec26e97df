"""What a machine sees in a picture: the targets of its codes, and a fingerprint that survives re-saving.

Two fingerprints that differ in at most 10 of 64 bits are taken for the same picture; the tests hold that re-saved,
halved and brightened variants stay within it and that different pictures do not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image

SAME_PICTURE = 10
"""Bits of 64 in which two savings of the same picture may differ."""

LONGEST_CODE = 300
_SIDE, _KEPT = 32, 8
_LONGEST_SIDE_READ = 1920
_FLATTEST = 4.0  # standard deviation of grey below which a picture shows nothing to recognise


@dataclass(frozen=True)
class Seen:
    """`likeness` is 16 hexadecimal digits, empty for a plain surface; `codes` are the texts of all codes."""

    likeness: str
    codes: tuple[str, ...]
    width: int
    height: int


def look(content: bytes) -> Seen:
    """Read one stored picture; its format was made safe when it was stored."""
    with Image.open(io.BytesIO(content)) as opened:
        size = opened.size
        grey = opened.convert("L")
    likeness = _likeness(grey)
    if max(grey.size) > _LONGEST_SIDE_READ:
        grey.thumbnail((_LONGEST_SIDE_READ, _LONGEST_SIDE_READ))
    codes = dict.fromkeys(found.text[:LONGEST_CODE] for found in zxingcpp.read_barcodes(grey) if found.text)
    return Seen(likeness, tuple(codes), *size)


def distance(one: str, other: str) -> int:
    """In how many bits two fingerprints differ; all of them where a picture has none."""
    return (int(one, 16) ^ int(other, 16)).bit_count() if one and other else 64


def _likeness(grey: Image.Image) -> str:
    """The signs of the slow waves of the picture (a perceptual hash by discrete cosine transform)."""
    pixels = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    if pixels.std() < _FLATTEST:
        return ""
    waves = _cosines()
    low = (waves @ pixels @ waves.T)[:_KEPT, :_KEPT].ravel()
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _cosines() -> npt.NDArray[np.float64]:
    places = np.arange(_SIDE)
    waves: npt.NDArray[np.float64] = np.cos(np.pi * (2 * places[None, :] + 1) * places[:, None] / (2 * _SIDE))
    return waves
