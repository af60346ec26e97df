"""Text in pictures, read by RapidOCR where the optional extra `ocr` is installed; its models lie in the package."""

from __future__ import annotations

import importlib
import importlib.util
import io
from typing import Any

import numpy as np
from PIL import Image

from services.ports import PictureNotRead, PictureReader

PACKAGE = "rapidocr_onnxruntime"
LONGEST_SIDE_READ = 1600
"""Pixels: writing of a list photographed whole is still read, and no picture takes longer than some seconds."""

LEAST_SURE = 0.5


class RapidReader:
    """`PictureReader` over RapidOCR. The models (some 150 MB) are loaded with the first picture."""

    def __init__(self) -> None:
        self._engine: Any = None

    def read(self, content: bytes) -> str:
        try:
            found, _ = self._loaded()(_bounded(content))
        except Exception as fault:
            # The models' runtime raises whatever it likes, and a picture is not worth a worker.
            raise PictureNotRead(str(fault)) from fault
        return "\n".join(text for _, text, sure in found or () if float(sure) >= LEAST_SURE)

    def _loaded(self) -> Any:
        if self._engine is None:
            # One thread: beside it the office works.
            self._engine = importlib.import_module(PACKAGE).RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
        return self._engine


def _bounded(content: bytes) -> Any:
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((LONGEST_SIDE_READ, LONGEST_SIDE_READ))
    return np.asarray(picture)[:, :, ::-1]  # it expects blue first


def installed_reader() -> PictureReader | None:
    """The reader, or None where the extra is not installed; nothing is loaded yet."""
    return RapidReader() if importlib.util.find_spec(PACKAGE) else None
