from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest

from bot.domain.errors import MissingPart
from bot.domain.ports import Image
from bot.screen.engines import MULTIPLIER_CHARSET, TesseractEngine, default_engine, model_path
from bot.screen.lines import colour_from_hex, crop_line, mask_bounds, text_mask


def _line(text: str) -> Image:
    image = np.full((90, 60 + 40 * len(text), 3), 18, dtype=np.uint8)
    cv2.putText(image, text, (25, 65), cv2.FONT_HERSHEY_DUPLEX, 1.8, (255, 255, 255), 3, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("text", ["1.24x", "12.90x", "387.56x", "5,678.01x"])
def test_the_default_engine_reads_a_line(text: str) -> None:
    image = _line(text)
    crop = crop_line(image, text_mask(image, [(255, 255, 255)]))
    assert crop is not None
    line = default_engine().read_line(crop, MULTIPLIER_CHARSET)
    assert line.text == text
    assert line.confidence > 0.8


def test_a_charset_is_kept_and_a_forced_letter_shows_its_doubt() -> None:
    line = default_engine().read_line(_line("QWERTZ"), MULTIPLIER_CHARSET)
    assert set(line.text) <= set(MULTIPLIER_CHARSET)
    assert line.confidence < 0.5


def test_an_empty_picture_gives_no_text() -> None:
    nothing = default_engine().read_line(np.zeros((0, 10, 3), dtype=np.uint8))
    assert (nothing.text, nothing.confidence) == ("", 0.0)


def test_characters_stand_from_left_to_right() -> None:
    chars = default_engine().read_chars(_line("1.24x"))
    assert [char.text for char in chars] == list("1.24x")
    assert [char.place for char in chars] == sorted(char.place for char in chars)


def test_a_missing_model_says_what_to_install() -> None:
    with pytest.raises(MissingPart, match="pip install"):
        model_path("no-such-model.onnx")


def test_tesseract_reads_or_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("tesseract"):
        assert TesseractEngine().read_line(_line("12.90x"), MULTIPLIER_CHARSET).text == "12.90x"
    import pytesseract

    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nonexistent/tesseract")
    with pytest.raises(MissingPart, match="apt-get install"):
        TesseractEngine()


def test_masks_and_bounds() -> None:
    image = np.zeros((20, 30, 3), dtype=np.uint8)
    image[5:10, 8:20] = colour_from_hex("#34b4ff")
    mask = text_mask(image, [colour_from_hex("#34b4ff")], tolerance=10)
    bounds = mask_bounds(mask)
    assert bounds is not None
    assert (bounds.x, bounds.y, bounds.width, bounds.height) == (8, 5, 12, 5)
    assert crop_line(image, np.zeros((20, 30), dtype=np.uint8)) is None
