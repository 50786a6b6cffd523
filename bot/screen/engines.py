"""Engines that read one line of text: a recognition model (the default) and Tesseract.

The recognition model is the PP-OCR one that ships inside the ``rapidocr`` wheel. It is run straight through
onnxruntime with one thread: rapidocr's own pipeline takes a hundred times as long for one line, and more
threads only take time from the browser and the other tables.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.domain.errors import MissingPart
from bot.domain.ports import Image, Line

RECOGNITION_MODEL = "PP-OCRv6_rec_small.onnx"
#: Height in pixels that the recognition model takes.
MODEL_HEIGHT = 48
#: Narrowest and widest picture given to it, in pixels at ``MODEL_HEIGHT``.
MIN_WIDTH, MAX_WIDTH = 48, 3200
_BLANK = 0

DIGITS = "0123456789"
#: What may stand in a multiplier, an amount of money, a count.
MULTIPLIER_CHARSET = DIGITS + ".,x "
MONEY_CHARSET = DIGITS + ".,- ABCDEFGHIJKLMNOPQRSTUVWXYZ$€£₹"
COUNT_CHARSET = DIGITS + ".,/ "

#: Characters that cannot be told from those of a number by their shape, where it is known to be a number.
ALIKE = {"1": "lI|", "0": "Oo", "x": "X×"}

NEEDS_RAPIDOCR = "the recognition model is missing: install it with `pip install 'rapidocr>=3.8,<4'`"
NEEDS_TESSERACT = (
    "tesseract is not installed: `sudo apt-get install tesseract-ocr`, or use the default engine"
)


class Char(NamedTuple):
    """One character of a line: its probability, and where it stands as a share 0..1 of the width."""

    text: str
    confidence: float
    place: float


def model_path(name: str) -> Path:
    """Where a model file of the ``rapidocr`` wheel lies. The package is not imported: that takes a second.

    Raises ``MissingPart`` when the wheel or the file is not there.
    """
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise MissingPart(NEEDS_RAPIDOCR)


def open_model(name: str) -> onnxruntime.InferenceSession:
    """An onnxruntime session with one thread on the processor."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_path(name)), options, providers=["CPUExecutionProvider"])


class OnnxEngine:
    """The recognition model of PP-OCR. Thread-safe; about 10 ms for a multiplier."""

    name = "pp-ocr"

    def __init__(self) -> None:
        self._session = open_model(RECOGNITION_MODEL)
        self._input = self._session.get_inputs()[0].name
        self._alphabet = self._read_alphabet()
        self._columns: dict[str | None, NDArray[np.intp] | None] = {None: None}
        self._lock = threading.Lock()

    def _read_alphabet(self) -> list[str]:
        metadata = self._session.get_modelmeta().custom_metadata_map
        characters = metadata.get("character", "").split("\n")
        if len(characters) < 10:
            raise MissingPart(NEEDS_RAPIDOCR)
        if characters[-1] == "":
            characters.pop()
        return ["", *characters, " "]

    def _columns_of(self, charset: str | None) -> NDArray[np.intp] | None:
        with self._lock:
            if charset not in self._columns:
                wanted = set(charset or "")
                found = [i for i, text in enumerate(self._alphabet) if text in wanted]
                self._columns[charset] = np.array([_BLANK, *found], dtype=np.intp)
            return self._columns[charset]

    def _twins_of(self, charset: str | None) -> list[tuple[int, list[int]]]:
        """For each place in the columns of ``charset`` the columns of the characters that look like it."""
        columns = self._columns_of(charset)
        if columns is None:
            return []
        twins = []
        for place, column in enumerate(columns.tolist()):
            wanted = ALIKE.get(self._alphabet[column], "")
            found = [i for i, text in enumerate(self._alphabet) if text and text in wanted]
            if found:
                twins.append((place, found))
        return twins

    def read_line(self, image: Image, charset: str | None = None) -> Line:
        """Text of a picture that holds one line; confidence is that of its least certain character (0..1)."""
        chars = self.read_chars(image, charset)
        text = "".join(char.text for char in chars)
        stripped = text.strip()
        if not stripped:
            return Line("", 0.0)
        return Line(stripped, min(char.confidence for char in chars if char.text != " "))

    def read_chars(self, image: Image, charset: str | None = None, alike: bool = False) -> list[Char]:
        """The characters one by one. Probabilities are over the whole alphabet even when a charset is given,
        so that a letter forced into a digit shows its doubt.

        ``alike``: what looks the same counts as the same (``ALIKE``), for small print that must be a number.
        """
        if image.size == 0 or min(image.shape[:2]) < 2:
            return []
        probabilities = self._infer(image)
        columns = self._columns_of(charset)
        if columns is not None:
            whole = probabilities
            probabilities = whole[:, columns]
            if alike:
                for place, twins in self._twins_of(charset):
                    probabilities[:, place] += whole[:, twins].sum(axis=1)
        best = probabilities.argmax(axis=1)
        steps = len(best)
        chars: list[Char] = []
        previous = _BLANK
        for step, index in enumerate(best.tolist()):
            confidence = float(probabilities[step, index])
            if index == _BLANK:
                previous = index
                continue
            if index == previous:
                last = chars[-1]
                chars[-1] = Char(last.text, max(last.confidence, confidence), last.place)
                continue
            column = index if columns is None else int(columns[index])
            chars.append(Char(self._alphabet[column], confidence, (step + 0.5) / steps))
            previous = index
        return chars

    def _infer(self, image: Image) -> NDArray[np.float32]:
        """Probabilities, time steps x alphabet."""
        height, width = image.shape[:2]
        new_width = min(MAX_WIDTH, max(MIN_WIDTH, math.ceil(MODEL_HEIGHT * width / height)))
        shrinking = height > MODEL_HEIGHT
        method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        scaled = cv2.resize(image, (new_width, MODEL_HEIGHT), interpolation=method)
        if scaled.ndim == 2:
            scaled = cv2.cvtColor(scaled, cv2.COLOR_GRAY2BGR)
        batch = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)
        batch *= 1 / 127.5
        batch -= 1.0
        probabilities: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0][0]
        return probabilities


class TesseractEngine:
    """Tesseract by ``pytesseract``: one process a line, about 90 ms. A second opinion, not the fast path."""

    name = "tesseract"

    def __init__(self) -> None:
        try:
            import pytesseract
        except ImportError as error:
            raise MissingPart("pytesseract is not installed: `pip install pytesseract`") from error
        self._tesseract = pytesseract
        try:
            pytesseract.get_tesseract_version()
        except pytesseract.TesseractNotFoundError as error:
            raise MissingPart(NEEDS_TESSERACT) from error

    def read_line(self, image: Image, charset: str | None = None) -> Line:
        """Text of a picture that holds one line; confidence is that of its least certain word (0..1)."""
        if image.size == 0 or min(image.shape[:2]) < 2:
            return Line("", 0.0)
        config = "--oem 1 --psm 7"
        if charset is not None:
            config += f' -c tessedit_char_whitelist="{charset}"'
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if float(grey.mean()) < 128:  # trained on dark text on light paper
            grey = cv2.bitwise_not(grey)
        if grey.shape[0] < 40:
            grey = cv2.resize(grey, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        data = self._tesseract.image_to_data(grey, config=config, output_type=self._tesseract.Output.DICT)
        words = [
            (str(word), float(confidence) / 100)
            for word, confidence in zip(data["text"], data["conf"], strict=True)
            if str(word).strip() and float(confidence) >= 0
        ]
        if not words:
            return Line("", 0.0)
        return Line(" ".join(word for word, _ in words), min(confidence for _, confidence in words))


@cache
def default_engine() -> OnnxEngine:
    """The recognition model, one per process. Raises ``MissingPart`` when its wheel is not installed."""
    return OnnxEngine()
