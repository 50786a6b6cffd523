"""The eye of a user's own table: one grab, the anchor verified in it, everything read that can be read.

It learns while it looks: what holds still around the fields, the number's form, its inks and glyphs, the
looks of the phases, the fills of the buttons, the order of the history. What was learned is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock, Instant
from bot.domain.errors import StorageError
from bot.domain.ports import Capture, Image, OcrEngine
from bot.domain.words import Box, FieldValue, Phase, Placement, Reading
from bot.screen.capture import clip
from bot.screen.detect import TextDetector, default_detector
from bot.screen.eye import SEARCH_EVERY_NS, EyeStats
from bot.screen.fields import Budget, ReadCounts
from bot.screen.fonts import FontStore
from bot.screen.layout import Layout
from bot.screen.learning import LearnState, Teacher
from bot.screen.own.anchor import Anchor, Place, StillLearner, load_patches, neighbourhood, save_patches
from bot.screen.own.definition import OwnTable, OwnTables
from bot.screen.own.kept import Learned, load_learned, save_learned
from bot.screen.own.moments import Grid
from bot.screen.own.panel_reading import PanelReader
from bot.screen.own.phases import Judgement, PhaseJudge, Role
from bot.screen.own.small import SmallField
from bot.screen.own.strip import NOT_READ, History, StripReader
from bot.screen.own.wild import Form, WildNumber, WildSight

#: Seconds between two pictures for what holds still, and how many make the first anchor.
STILL_EVERY_S, STILL_LOOKS = 0.5, 24
#: After so many more pictures the anchor is looked over: patches that changed are replaced.
STILL_AGAIN = 120
#: Seconds between two writes of what was learned.
KEEP_EVERY_S = 10.0
ENGINE_CALLS = 2
OUT_OF_SIGHT = "the table is not in sight"
_REFUSED: FieldValue[int] = FieldValue.refused("this table has no such field")


@dataclass(frozen=True, slots=True)
class FieldLearning:
    """How far a field is learned: in words, whether it is trusted, and what it still wants."""

    name: str
    state: str
    trusted: bool
    wants: str = ""


@dataclass(slots=True)
class _Kept:
    pixels: Image
    still: int = 0


class OwnReaders:
    """What the runtime asks of an eye's readers: storage problems."""

    def __init__(self) -> None:
        self.storage_problem = ""
        self.counts = ReadCounts()


class OwnEye:
    """Looks at one table of the user's. Belongs to one thread.

    ``tables`` is where the table and what was learned of it are kept; ``layout`` the look of its game, where
    that is known (colours of buttons). ``learn`` is false where nothing may be written (checks).
    """

    def __init__(
        self,
        table: OwnTable,
        tables: OwnTables,
        capture: Capture,
        engine: OcrEngine,
        fonts: FontStore | None,
        clock: Clock,
        layout: Layout | None = None,
        learn: bool = True,
    ) -> None:
        self.definition, self.table = table, table.name
        self.readers = OwnReaders()
        self.stats = EyeStats(fields=self.readers.counts.counts)
        self._tables, self._capture, self._clock, self._learn = tables, capture, clock, learn
        self._fonts = fonts
        bounds = table.bounds()
        self._origin = (bounds.x, bounds.y)
        self._relative = {n: b.shifted(-bounds.x, -bounds.y) for n, b in table.fields.items()}
        around = neighbourhood(bounds, table.screen)
        self._grid = Grid.over(around.shifted(-bounds.x, -bounds.y))
        number = self._relative["multiplier"]
        folder = tables.path(table.name)
        self._anchor = Anchor(
            load_patches(folder / "anchors.npz"), (float(number.centre[0]), number.centre[1])
        )
        learned = load_learned(folder / "learned.json")
        self.judge = learned.judge
        self.order = learned.order
        self._detector: TextDetector | None = None
        self.number = WildNumber(
            engine,
            self._detect,
            self.readers.counts,
            self._make_teacher,
            inks=learned.inks,
            form=learned.form,
        )
        if learned.form is not None:
            self.number.teacher = self._make_teacher(learned.form)
        self._small = {
            name: SmallField(name, engine, self._detect, self.readers.counts)
            for name in ("balance", "players", "players_total")
            if name in table.fields
        }
        self._panels = PanelReader(table, engine, self._detect, self.readers.counts, layout, learned.buttons)
        self._strip = StripReader(engine, self._detect) if "history" in table.fields else None
        self._place: Place | None = Place(float(bounds.x), float(bounds.y), 1.0)
        self._known_place = self._place
        self._region = self._cells_at = Box(0, 0, 0, 0)
        self._boxes: dict[str, Box] = {}
        self._image: Image | None = None
        self._kept: dict[str, _Kept] = {}
        self._still = StillLearner()
        self._still_s = -STILL_EVERY_S
        self._still_looks = 0
        self._searched_ns = -SEARCH_EVERY_NS
        self._saved_s = 0.0
        self._number = 0
        self._changed: Instant | None = None
        self._was_flying = False
        self._crash: int | None = None
        self._settle(self._place)

    # -- the face of an eye --------------------------------------------------------------------------------

    @property
    def placement(self) -> Placement | None:
        """Where the table was at the last look."""
        return None if self._place is None else Placement(self._region, self._place.ratio)

    @property
    def place(self) -> Place | None:
        """Where its origin was at the last look, and at which size."""
        return self._place

    @property
    def anchor(self) -> Anchor:
        """What the table is recognised by."""
        return self._anchor

    @property
    def panels(self) -> PanelReader:
        """The readers of its bet panels."""
        return self._panels

    def picture(self) -> tuple[Box, Image] | None:
        """The pixels of the last look and their place on the screen; ``None`` when it was out of sight."""
        return None if self._image is None or self._place is None else (self._region, self._image)

    def boxes(self) -> Mapping[str, Box]:
        """The fields' boxes on the screen at the last look."""
        return self._boxes

    def look(self) -> Reading:
        """One frame of the table. Never raises for what is on the screen: what cannot be read is refused."""
        at = self._clock.now()
        self._number += 1
        image = self._page(at)
        reading = self._lost(at) if image is None else self._read(image, at)
        took_ms = (self._clock.now().mono_ns - at.mono_ns) / NS_PER_MS
        self.stats.looks += 1
        self.stats.total_ms += took_ms
        self.stats.worst_ms = max(self.stats.worst_ms, took_ms)
        return reading

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        """Return as soon as the number's pixels differ from those of the last look, or time is up."""
        end = self._clock.now().mono_ns + round(at_most_s * NS_PER_S)
        while True:
            self._clock.sleep(every_s)
            kept = self._kept.get("multiplier") if self._place is not None else None
            if kept is not None and not np.array_equal(
                self._capture.grab(self._boxes["multiplier"]), kept.pixels
            ):
                return True
            if self._clock.now().mono_ns >= end:
                return False

    def settle(self) -> None:
        """Wait until the history that was last seen has been read: a replay's looks come faster than that."""
        if self._strip is not None:
            self._strip.settle()

    def close(self) -> None:
        """Write down what was learned and end the thread that reads the history."""
        if self._strip is not None:
            self._strip.close()
        self._keep()

    # -- where it is ---------------------------------------------------------------------------------------

    def _page(self, at: Instant) -> Image | None:
        """The pixels around the fields, with the anchor verified in this very picture; or ``None``."""
        if self._place is not None:
            image = self._capture.grab(self._region)
            if not self._anchor.usable or self._anchor.stands(image, self._region, self._place).enough:
                return image
            self._place = None
        if at.mono_ns - self._searched_ns < SEARCH_EVERY_NS:
            return None
        self._searched_ns = at.mono_ns
        self.stats.searches += 1
        known = self._known_place
        self._settle(known)
        image = self._capture.grab(self._region)
        if self._anchor.stands(image, self._region, known).enough:
            return image
        width, height = self._capture.size()
        found = self._anchor.find(self._capture.grab(Box(0, 0, width, height)), known.ratio)
        if found is None:
            self._place = None
            return None
        self._settle(found)
        image = self._capture.grab(self._region)
        if self._anchor.stands(image, self._region, found).enough:
            return image
        self._place = None
        return None

    def _settle(self, place: Place) -> None:
        """Everything is at ``place`` from now on."""
        if place != self._known_place:
            self._kept.clear()
            self._still, self._still_looks = StillLearner(), 0
        self._place = self._known_place = place
        width, height = self._capture.size()
        self._boxes = {name: place.box(box) for name, box in self._relative.items()}
        area = neighbourhood(place.box(self._all_fields()), (width, height))
        self._cells_at = place.box(self._grid.area)
        boxes = [area, *self._boxes.values(), *self._anchor.boxes(place)]
        left, top = min(box.x for box in boxes), min(box.y for box in boxes)
        right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        self._region = clip(
            Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top)), width, height
        )

    def _all_fields(self) -> Box:
        bounds = self.definition.bounds()
        return Box(0, 0, bounds.width, bounds.height)

    def _cut(self, image: Image, name: str) -> Image | None:
        """A field's pixels; ``None`` when it has no box, or one that is not wholly in the picture."""
        if name not in self._boxes:
            return None
        box = self._boxes[name].shifted(-self._region.x, -self._region.y)
        if box.x < 0 or box.y < 0 or box.bottom > image.shape[0] or box.right > image.shape[1]:
            return None
        return image[box.y : box.bottom, box.x : box.right]

    # -- reading -------------------------------------------------------------------------------------------

    def _lost(self, at: Instant) -> Reading:
        self.stats.lost += 1
        self._image = None
        return Reading.of_nothing(
            self.table, self._number, at, len(self.definition.panels), self._changed or at, OUT_OF_SIGHT
        )

    def _read(self, image: Image, at: Instant) -> Reading:
        at_s = at.mono_ns / NS_PER_S
        if self._image is None or not np.array_equal(self._image, image):
            self._changed = at
        self._image = image
        budget = Budget(ENGINE_CALLS)
        sight, judged = self._multiplier(image, at_s)
        multiplier = sight.value
        if judged.phase is Phase.UNKNOWN and multiplier.value is not None:
            multiplier = FieldValue.refused(f"phase unknown: {judged.reason}", multiplier.text)
        elif not judged.value_stands or judged.phase is Phase.BETTING:
            reason = judged.reason or "no multiplier between rounds"
            multiplier = FieldValue.refused(reason, multiplier.text)
        self._follow(judged, multiplier.value, image, at_s)
        assert self._place is not None
        return Reading(
            table=self.table,
            number=self._number,
            at=at,
            placement=Placement(self._region, self._place.ratio),
            phase=judged.phase,
            phase_confidence=judged.confidence,
            multiplier=multiplier,
            balance=self._field("balance", image, budget),
            players=self._field("players", image, budget),
            players_total=self._field("players_total", image, budget),
            history=self._history(image),
            panels=self._panels.read(lambda name: self._cut(image, name), self._is_still, budget),
            changed=self._changed or at,
            reason=judged.reason,
        )

    def _multiplier(self, image: Image, at_s: float) -> tuple[WildSight, Judgement]:
        pixels = self._cut(image, "multiplier")
        if pixels is None:
            reason = "the number is beyond the edge of the screen"
            return WildSight(FieldValue.refused(reason)), Judgement(Phase.UNKNOWN, 0.0, reason)
        self._is_still("multiplier", pixels)
        sight = self.number.look(np.ascontiguousarray(pixels), at_s)
        cells = None
        if self.judge.moments.due(at_s):
            cells = self._grid.cells(image, self._cells_at.shifted(-self._region.x, -self._region.y))
        judged = self.judge.see(at_s, sight.value.value, sight.ink, sight.words, pixels, cells)
        return sight, judged

    def _is_still(self, name: str, pixels: Image) -> bool:
        """Whether a field's pixels are those of the look before."""
        kept = self._kept.get(name)
        if kept is not None and np.array_equal(kept.pixels, pixels):
            kept.still += 1
            return True
        self._kept[name] = _Kept(pixels.copy())
        return False

    def _field(self, name: str, image: Image, budget: Budget) -> FieldValue[int]:
        reader = self._small.get(name)
        if reader is None:
            return _REFUSED
        pixels = self._cut(image, name)
        if pixels is None:
            return FieldValue.refused("beyond the edge of the screen")
        # pixels that just changed may be on the move: the model is asked when they stand still
        allowed = budget if self._is_still(name, pixels) else Budget(0)
        return reader.read(np.ascontiguousarray(pixels), allowed)

    def _history(self, image: Image) -> History:
        if self._strip is None:
            return History.refused("this table has no history strip")
        pixels = self._cut(image, "history")
        if pixels is None:
            return History.refused("beyond the edge of the screen")
        still = self._is_still("history", pixels)
        read = self._strip.result(pixels)
        if read is None:
            if still:
                self._strip.submit(pixels)
            return History.refused(NOT_READ)
        if read.value is not None and self._crash is not None:
            self.order.compare(read.value, self._crash)
        if read.value is None or not self.order.known:
            return read if read.value is None else History.refused("which end of it is new is not known yet")
        return FieldValue(self.order.ordered(read.value), read.confidence, read.text)

    # -- learning ------------------------------------------------------------------------------------------

    def _detect(self) -> TextDetector:
        if self._detector is None:
            self._detector = default_detector()
        return self._detector

    def _make_teacher(self, form: Form) -> Teacher:
        kept = self._fonts.load(self.table, "multiplier") if self._fonts else None
        return Teacher(kept, self._keep_font, need_x=form is Form.SUFFIX, rising=True)

    def _keep_font(self, font: object) -> None:
        teacher = self.number.teacher
        if self._fonts is None or not self._learn or teacher is None:
            return
        try:
            self._fonts.save(self.table, "multiplier", teacher.font)
        except StorageError as error:  # a full disk must not blind the table: it reads on and says so
            self.readers.storage_problem = str(error)

    def _follow(self, judged: Judgement, value: int | None, image: Image, at_s: float) -> None:
        """What the phase teaches: glyphs in flight, fills of buttons, what holds still around them."""
        flying = self.judge.in_flight and judged.phase is Phase.FLYING
        self.number.rising = flying
        if flying:
            self._was_flying = True
            self.number.flight_goes_on()
        elif judged.phase in (Phase.CRASHED, Phase.BETTING) and self._was_flying:
            self._was_flying = False
            self.number.flight_over()
            self.number.rising = False
        if judged.phase is Phase.CRASHED and value is not None:
            self._crash = value
        if self._learn:
            self._panels.learn(judged.phase, lambda name: self._cut(image, name))
            self._learn_still(image, at_s)
            if at_s - self._saved_s >= KEEP_EVERY_S:
                self._saved_s = at_s
                self._keep()

    def _learn_still(self, image: Image, at_s: float) -> None:
        """Every half second a picture for what holds still; now and then patches come of them."""
        if at_s - self._still_s < STILL_EVERY_S or self._place is None or self._place.ratio != 1.0:
            return
        self._still_s = at_s
        if self._anchor.usable and self._anchor.weed(image, self._region, self._place):
            self._settle(self._place)
            self._keep(anchor=True)
        self._still.see(image)
        self._still_looks += 1
        first = not self._anchor.usable and self._still_looks >= STILL_LOOKS and self.judge.rounds >= 1
        if not first and self._still_looks < STILL_AGAIN:
            return
        place = self._place
        origin = (round(place.x), round(place.y))
        fresh = self._still.patches(self._region, origin, self._boxes.values())
        self._still, self._still_looks = StillLearner(), 0
        if len(fresh) < len(self._anchor.patches) * 0.6:
            return  # something lay over the page, or moved: what is known stays
        self._anchor.patches = fresh
        self._settle(place)
        self._keep(anchor=True)

    def _keep(self, anchor: bool = False) -> None:
        if not self._learn:
            return
        folder = self._tables.path(self.table)
        learned = Learned(self.judge, self.order, self.number.inks, self.number.form, self._panels.looks)
        try:
            save_learned(folder / "learned.json", learned)
            if anchor:
                save_patches(folder / "anchors.npz", self._anchor.patches)
        except StorageError as error:
            self.readers.storage_problem = str(error)

    def learning(self) -> list[FieldLearning]:
        """How far each field is, for a person."""
        teacher = self.number.teacher
        found = [_number_learning(teacher, self.number.form)]
        found.append(_phases_learning(self.judge))
        found.append(
            FieldLearning(
                "anchor",
                f"{len(self._anchor.patches)} patches that hold still",
                self._anchor.usable,
                "" if self._anchor.usable else "a round in sight, and a page with something on it",
            )
        )
        if self._strip is not None:
            order = self.order
            words = "newest first" if order.newest_first >= order.newest_last else "newest last"
            state = words if order.known else "which end is new is not known yet"
            found.append(FieldLearning("history", state, order.known, "" if order.known else "two rounds"))
        found += [FieldLearning(name, "read by the model, twice", True) for name in self._small]
        found += [FieldLearning(*words) for words in self._panels.learning()]
        return found


def _number_learning(teacher: Teacher | None, form: Form | None) -> FieldLearning:
    if form is None or teacher is None:
        return FieldLearning("multiplier", "not seen flying yet", False, "a flight")
    if teacher.state is LearnState.TRUSTED:
        return FieldLearning("multiplier", "glyphs learned and checked", True)
    if teacher.state is LearnState.CHECKING:
        return FieldLearning("multiplier", "glyphs learned, being checked", False, "some more flight")
    return FieldLearning(
        "multiplier",
        "read by the recognition model while the glyphs are learned",
        False,
        "all ten digits in flight",
    )


def _phases_learning(judge: PhaseJudge) -> FieldLearning:
    """An end must be told from a wait: by its colour, or by what else the page shows then."""
    words = f"{judge.rounds} rounds, {len(judge.inks)} colours, {len(judge.looks)} looks between"
    told = any(past.role is Role.END for past in judge.inks.values()) or judge.moments.apart(
        Phase.BETTING, Phase.CRASHED
    )
    if not judge.learned:
        return FieldLearning("phases", words, False, "two whole rounds")
    return FieldLearning("phases", words, told, "" if told else "rounds, until an end is told from a wait")
