"""The thread behind the page: takes pictures of the screen, reads the boxes, watches rounds, tests the hand.

The page and its server never wait for the screen: they ask this thread's last view, and leave it errands.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import cv2
import numpy as np

from bot.domain.clock import NS_PER_S, Clock
from bot.domain.errors import CrashbotError
from bot.domain.ports import Capture, Image
from bot.domain.words import Box, Phase
from bot.runtime.calibrating import LearningEye, Lesson, LessonView, trouble, verdict
from bot.runtime.own_fields import FieldSeen, fields_seen
from bot.screen.capture import ImageCapture, clip
from bot.screen.own.definition import OwnTable

#: Pictures for the page: this often while somebody looks at it, and not at all a while after.
PICTURE_EVERY_S, LOOKED_AT_S = 0.4, 5.0
#: The boxes are read this often while no rounds are watched.
READ_EVERY_S = 0.5
IDLE_S = 0.05
RECOVER_S = 0.5
JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour that was learned and what it means: red, green, blue."""

    name: str
    meaning: str
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class WatcherView:
    """What the page shows. ``lesson`` is the watching of rounds, now or the last; ``notes`` its lines."""

    screen: tuple[int, int] = (0, 0)
    frozen: bool = False
    countdown_s: float | None = None
    in_sight: bool = False
    phase: Phase = Phase.UNKNOWN
    reason: str = ""
    fields: tuple[FieldSeen, ...] = ()
    lesson: LessonView | None = None
    watching: bool = False
    notes: tuple[str, ...] = ()
    swatches: tuple[Swatch, ...] = ()
    busy: str = ""
    error: str = ""
    generation: int = 0


class Screens(Protocol):
    """What the thread works with, in the thread itself; ``bot.calibration.tools`` has the real one."""

    def capture(self) -> Capture: ...
    def preview(self, table: OwnTable, capture: Capture) -> LearningEye:
        """An eye that reads and keeps nothing."""
        ...

    def learner(self, table: OwnTable, capture: Capture) -> LearningEye:
        """The table's own eye; what it learns is kept with the table."""
        ...

    def close(self, eye: LearningEye) -> None:
        """Done with an eye; what it has learned is stored, if it may."""
        ...

    def swatches(self, eye: LearningEye) -> tuple[Swatch, ...]:
        """The colours that it has learned."""
        ...

    def guess(self, image: Image) -> Mapping[str, Box]: ...


Errand = Callable[[], None]


@dataclass
class Watcher:
    """One thread. ``make_id`` names rounds; the screens are opened in the thread, to which they belong."""

    screens: Screens
    clock: Clock
    make_id: Callable[[], str]
    table: OwnTable
    on_guess: Callable[[Mapping[str, Box]], None]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _errands: queue.SimpleQueue[Errand] = field(default_factory=queue.SimpleQueue)
    _view: WatcherView = field(default_factory=WatcherView)
    _jpeg: bytes | None = None
    _looked_at_ns: int = 0
    _pictured_ns: int = 0
    _read_ns: int = 0
    _freeze_at_ns: int | None = None
    _still: Image | None = None
    _wanted: OwnTable | None = None
    _eye: LearningEye | None = None
    _eye_table: OwnTable | None = None
    _lesson: Lesson | None = None
    _lesson_eye: LearningEye | None = None
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    # -- for the page, from any thread ----------------------------------------------------------------------

    def start(self) -> None:
        """Begin. Errors of the screen are shown on the page, not raised."""
        self._wanted = self.table
        self._thread = threading.Thread(target=self._run, name="calibration", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, storing what was learned."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(10)

    def view(self) -> WatcherView:
        """The last view."""
        with self._lock:
            return self._view

    def picture(self) -> bytes | None:
        """The last picture as JPEG; asking for it keeps pictures coming."""
        with self._lock:
            self._looked_at_ns = self.clock.now().mono_ns
            return self._jpeg

    def change(self, table: OwnTable) -> None:
        """Other boxes or names: the boxes are read anew at once."""
        with self._lock:
            self._wanted = table

    def freeze(self, after_s: float) -> None:
        """Hold the picture, after some seconds in which the person brings the table to the front."""
        with self._lock:
            self._freeze_at_ns = self.clock.now().mono_ns + round(after_s * NS_PER_S)

    def live(self) -> None:
        """Pictures of the screen as it is now."""
        self._errands.put(self._thaw)

    def guess(self, part: Box | None = None) -> None:
        """Look for the fields in the picture, or in a part of it; ``on_guess`` is told what was found."""
        self._errands.put(lambda: self._guess(part))

    def watch(self, table: OwnTable, rounds: int, at_most_s: float) -> None:
        """Watch rounds with the table's own eye, which learns."""
        self._errands.put(lambda: self._begin(table, rounds, at_most_s))

    def stop_watching(self) -> None:
        """End the watching; what was learned is kept."""
        self._errands.put(self._end_lesson)

    def errand(self, what: str, work: Callable[[Capture], str]) -> None:
        """Something else that needs the screen (the test of the hand): ``what: answer`` becomes a note."""
        self._errands.put(lambda: self._run_errand(what, work))

    # -- in the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._capture = self.screens.capture()
            self._show(screen=self._capture.size())
        except CrashbotError as error:
            self._show(error=str(error))
            return
        while not self._ending.is_set():
            try:
                self._turn()
            except CrashbotError as error:
                self._recover(str(error))
            except Exception as error:  # a bug must not leave the person with a page that stands still
                traceback.print_exc()
                self._recover(f"{type(error).__name__}: {error} (a bug: please report it)")
        self._end_lesson()
        self._drop_eye()

    def _recover(self, problem: str) -> None:
        """Drop what was going on, say why, and go on a little later."""
        self._lesson = self._lesson_eye = self._eye = self._eye_table = None
        self._show(error=problem, busy="", watching=False)
        self.clock.sleep(RECOVER_S)

    def _turn(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._errands.get_nowait()()
        now_ns = self.clock.now().mono_ns
        self._count_down(now_ns)
        if now_ns - self._pictured_ns >= PICTURE_EVERY_S * NS_PER_S:
            self._pictured_ns = now_ns
            self._take_picture(now_ns)
        if self._lesson is not None:
            self._follow_lesson(self._lesson)
        elif now_ns - self._read_ns >= READ_EVERY_S * NS_PER_S:
            self._read_ns = now_ns
            self._read_boxes()
        else:
            self.clock.sleep(IDLE_S)

    def _show(self, **changes: object) -> None:
        with self._lock:
            self._view = replace(self._view, **changes)  # type: ignore[arg-type]

    def _whole_screen(self) -> Image:
        width, height = self._capture.size()
        return self._capture.grab(Box(0, 0, width, height))

    def _take_picture(self, now_ns: int) -> None:
        with self._lock:
            wanted = now_ns - self._looked_at_ns < LOOKED_AT_S * NS_PER_S or self._jpeg is None
        if wanted and self._still is None:
            self._publish(self._whole_screen())

    def _publish(self, image: Image) -> None:
        done, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if done:
            with self._lock:
                self._jpeg = content.tobytes()

    def _count_down(self, now_ns: int) -> None:
        with self._lock:
            at_ns = self._freeze_at_ns
        if at_ns is None:
            return
        if now_ns < at_ns:
            self._show(countdown_s=(at_ns - now_ns) / NS_PER_S)
            return
        with self._lock:
            self._freeze_at_ns = None
        self._still = np.ascontiguousarray(self._whole_screen())
        self._publish(self._still)
        self._drop_eye()
        generation = self.view().generation + 1
        self._show(frozen=True, countdown_s=None, generation=generation)

    def _thaw(self) -> None:
        self._still = None
        self._drop_eye()
        with self._lock:
            self._freeze_at_ns = None
        self._publish(self._whole_screen())
        self._show(frozen=False, countdown_s=None, generation=self.view().generation + 1)

    def _read_boxes(self) -> None:
        with self._lock:
            table = self._wanted
        if table is None or "multiplier" not in table.fields:
            self._show(fields=(), in_sight=False, phase=Phase.UNKNOWN, reason="", error="")
            return
        if self._eye is None or self._eye_table != table:
            self._drop_eye()
            source = self._capture if self._still is None else ImageCapture(self._still)
            self._eye, self._eye_table = self.screens.preview(table, source), table
        reading = self._eye.look()
        self._show(
            fields=fields_seen(reading, table),
            in_sight=reading.placement is not None,
            phase=reading.phase,
            reason=reading.reason,
            error="",
        )

    def _drop_eye(self) -> None:
        """The eye that only reads is of no use any more: other boxes, another picture."""
        eye, self._eye, self._eye_table = self._eye, None, None
        if eye is not None:
            self.screens.close(eye)

    def _guess(self, part: Box | None) -> None:
        self._show(busy="looking for the fields")
        image = self._whole_screen() if self._still is None else self._still
        area = clip(part or Box(0, 0, image.shape[1], image.shape[0]), image.shape[1], image.shape[0])
        cropped = np.ascontiguousarray(image[area.y : area.bottom, area.x : area.right])
        found = {name: box.shifted(area.x, area.y) for name, box in self.screens.guess(cropped).items()}
        self._show(busy="")
        self.on_guess(found)

    def _begin(self, table: OwnTable, rounds: int, at_most_s: float) -> None:
        self._end_lesson()
        notes: list[str] = []
        self._show(notes=(), watching=True, error="")

        def tell(line: str) -> None:
            notes.append(line)
            self._show(notes=tuple(notes[-60:]))

        self._lesson_eye = self.screens.learner(table, self._capture)
        self._lesson = Lesson(self._lesson_eye, table, self.clock, self.make_id, rounds, at_most_s, tell)

    def _follow_lesson(self, lesson: Lesson) -> None:
        lesson.step()
        now_ns = self.clock.now().mono_ns
        if now_ns - self._read_ns < 0.2 * NS_PER_S:
            return
        self._read_ns = now_ns
        self._show_lesson(lesson)
        if lesson.view().over:
            self._end_lesson()

    def _show_lesson(self, lesson: Lesson) -> None:
        view, reading = lesson.view(), lesson.reading
        self._show(
            lesson=view,
            fields=view.fields,
            in_sight=view.in_sight,
            phase=view.phase,
            reason="" if reading is None or view.in_sight else trouble(reading),
            swatches=() if self._lesson_eye is None else self.screens.swatches(self._lesson_eye),
        )

    def _end_lesson(self) -> None:
        lesson, eye = self._lesson, self._lesson_eye
        self._lesson = self._lesson_eye = None
        if lesson is None or eye is None:
            return
        self._show_lesson_end(lesson)
        with contextlib.suppress(CrashbotError):
            self.screens.close(eye)
        self._drop_eye()

    def _show_lesson_end(self, lesson: Lesson) -> None:
        view = lesson.view()
        lines = verdict(view)[1] if view.over else ["The watching was ended; what was learned is kept."]
        notes = (*self.view().notes, *lines)
        self._show(lesson=view, notes=notes[-60:], watching=False)

    def _run_errand(self, what: str, work: Callable[[Capture], str]) -> None:
        self._show(busy=what)
        try:
            answer = work(self._capture)
        except CrashbotError as error:
            answer = str(error)
        finally:
            self._show(busy="")
        self._show(notes=(*self.view().notes, f"{what}: {answer}")[-60:])
