"""The history of an unknown page: rows or columns of small multipliers, newest first or last.

Read whole and twice (as it is, and enlarged) in a thread of its own, because it takes a quarter of a second
and changes once a round. It is believed only after the page has shown where new rounds come in: the crash
point that was just seen appears at one end of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Full, Queue

import cv2
import numpy as np

from bot.domain.ports import Image, OcrEngine
from bot.domain.words import FieldValue
from bot.screen.detect import TextDetector, TextRegion
from bot.screen.lines import cut
from bot.screen.own.wild import Form, spot

History = FieldValue[tuple[int, ...]]
#: Least confidence of the model for a chip.
SURE = 0.75
#: Rounds whose crash point was found at the same end before the strip is believed.
AGREEING = 2
NOT_READ = "not read yet"


class StripReader:
    """Reads pictures of a strip in a thread; ``result`` is that of the newest picture that was read."""

    def __init__(self, engine: OcrEngine, detector: Callable[[], TextDetector]) -> None:
        self._engine, self._detector = engine, detector
        self._orders: Queue[Image | None] = Queue(maxsize=1)
        self._lock = threading.Lock()
        self._result: tuple[Image, History] | None = None
        self._thread: threading.Thread | None = None
        self.form: Form | None = None

    def submit(self, image: Image) -> bool:
        """Have a picture read; False while another one is being read."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="strip", daemon=True)
            self._thread.start()
        try:
            self._orders.put_nowait(image.copy())
        except Full:
            return False
        return True

    def result(self, image: Image) -> History | None:
        """What this very picture says, if it is the one that was read last."""
        with self._lock:
            known = self._result
        if known is None or known[0].shape != image.shape or not np.array_equal(known[0], image):
            return None
        return known[1]

    def settle(self) -> None:
        """Wait until what was submitted has been read."""
        if self._thread is not None:
            self._orders.join()

    def close(self) -> None:
        """End the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            while thread.is_alive():
                try:
                    self._orders.put(None, timeout=0.5)
                    break
                except Full:
                    continue
            thread.join(30)  # an interpreter that ends while the model runs in a thread is aborted

    def _run(self) -> None:
        while True:
            try:
                image = self._orders.get(timeout=60)
            except Empty:
                continue
            try:
                if image is None:
                    return
                read = read_strip(image, self._engine, self._detector(), self.form)
                with self._lock:
                    self._result = (image, read)
            finally:
                self._orders.task_done()


def read_strip(image: Image, engine: OcrEngine, detector: TextDetector, form: Form | None) -> History:
    """The multipliers of a strip in the order of reading; refused whole when one in its middle is unread."""
    first = _sequence(image, engine, detector, form)
    if first.value is None:
        return first
    enlarged = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    second = _sequence(np.asarray(enlarged, np.uint8), engine, detector, form)
    if second.value is None or second.value != first.value:
        return History.refused("two readings of the history differ", first.text)
    return first


def _sequence(image: Image, engine: OcrEngine, detector: TextDetector, form: Form | None) -> History:
    regions = _in_reading_order(detector.find(image))
    words: list[tuple[str, float, bool]] = []
    for region in regions:
        line = engine.read_line(cut(image, region.box))
        at_edge = region.box.right >= image.shape[1] - 2 or region.box.bottom >= image.shape[0] - 2
        parts = line.text.split()
        for place, part in enumerate(_joined(parts)):
            last = place == len(parts) - 1
            words.append((part, line.confidence, at_edge and last))
    values: list[int] = []
    least = 1.0
    for place, (word, confidence, _cut) in enumerate(words):
        spotted = spot(word, form) or (spot(word, Form.BARE) if form is not Form.BARE else None)
        if spotted is not None and confidence >= SURE and not spotted.rest:
            values.append(spotted.value)
            least = min(least, confidence)
            continue
        if not any(c.isdigit() for c in word):
            continue  # a caption, a bullet, a sign
        if place == len(words) - 1 and values:
            break  # the last one may be cut off
        return History.refused(f"a chip cannot be read: {word!r}", word)
    if not values:
        return History.refused("no chips are read")
    return FieldValue(tuple(values), least, " ".join(word for word, _, _ in words))


def _joined(parts: list[str]) -> list[str]:
    """Words of a line, with an ``x`` that stands alone put back to its number."""
    joined: list[str] = []
    for part in parts:
        if part in ("x", "X", "×") and joined:
            joined[-1] += "x"
        else:
            joined.append(part)
    return joined


def _in_reading_order(regions: list[TextRegion]) -> list[TextRegion]:
    """Lines top to bottom, each from left to right."""
    rows: list[list[TextRegion]] = []
    for region in sorted(regions, key=lambda each: each.box.centre[1]):
        middle = region.box.centre[1]
        if rows and abs(middle - rows[-1][0].box.centre[1]) < 0.5 * rows[-1][0].box.height:
            rows[-1].append(region)
        else:
            rows.append([region])
    return [region for row in rows for region in sorted(row, key=lambda each: each.box.x)]


@dataclass(slots=True)
class StripOrder:
    """Which end is new: how often the crash point of a round came at the front, and how often at the back."""

    newest_first: int = 0
    newest_last: int = 0
    wrong: int = 0
    _before: tuple[int, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the strip may be believed."""
        return max(self.newest_first, self.newest_last) >= AGREEING

    def ordered(self, strip: tuple[int, ...]) -> tuple[int, ...]:
        """The strip newest first."""
        return strip if self.newest_first >= self.newest_last else strip[::-1]

    def compare(self, strip: tuple[int, ...], crash: int) -> None:
        """The strip after a round that ended with ``crash``: at which end does it stand, new?"""
        before, self._before = self._before, strip
        if not before or strip == before or len(strip) < 2:
            return
        common = min(len(before), len(strip) - 1)
        front = strip[0] == crash and strip[1 : 1 + common] == before[:common]
        back = strip[-1] == crash and strip[-1 - common : -1] == before[-common:]
        if front == back:
            if not front:
                self.wrong += 1
                if self.wrong >= 3:  # what was learned of it does not hold any more
                    self.newest_first = self.newest_last = self.wrong = 0
            return
        self.wrong = 0
        if front:
            self.newest_first += 1
        else:
            self.newest_last += 1
