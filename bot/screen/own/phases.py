"""Betting, flying, crashed: from what the number does, and from the looks that this taught.

Nobody tells what the colours of an unknown page mean. What the number does tells it: in flight it rises, at
the end it stands, between the rounds it is gone, or falls, or stands at 1.00x. Each colour of ink is
remembered with what was seen in it; a colour in which numbers only ever stood means the end at once. The
looks of the box without a number between two rounds are remembered as well: an unknown look is not a betting
phase, something may lie over the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.domain.ports import Image
from bot.domain.words import Phase
from bot.screen.own.moments import Cells, Moments
from bot.screen.phrases import CRASH, TROUBLE, WAITING, holds, like

#: A number that stands for this long (seconds) in a colour of both flight and end has ended.
STAND_S, LONGEST_STAND_S = 0.45, 1.2
#: And for this much longer before its value is believed: a picture may be frozen for a moment.
SURE_S = 0.3
#: A number in a colour never seen before, in flight: it ended when it stands in it so long.
OTHER_STAND_S = 0.2
#: At 1.00x longer than this, and it has not taken off yet.
ONE_STANDS_S = 0.9
#: In the colour of flight and still for so long: the picture is frozen, or the colour has another meaning.
STALL_S = 1.6
#: An end that was known only when bets were taken again is shown for so long.
LATE_S = 0.25
#: A flight whose first number is not higher than this was seen from its beginning.
LOW = 110
#: A number that stands so long is judged by what else the page shows, when that holds as long.
TOLD_S = 0.12
#: Fastest growth (per second) that is still a flight; more is another number.
FASTEST = 1.2
SLACK_HUNDREDTHS = 4
#: The number was out of sight for longer than this: what it did meanwhile is not known.
HOLE_S = 0.7
#: A number that falls by at most this much (hundredths), so often in a row, counts down.
COUNTDOWN_STEP, COUNTDOWN_FALLS = 130, 3
#: A number not seen for longer than this is gone.
GONE_S = 0.08
#: The same for a number that was rising and had not ended: something may lie over it for a moment.
HIDDEN_S = 0.5
#: Rounds after which the colours are believed.
LEARNED_ROUNDS = 2
#: Grid of a look, the difference (0..255) at which a cell is another, the share of cells that may be.
GRID, CELL_DIFFERS, CELLS_MAY = (16, 6), 18.0, 0.12
MOST_LOOKS = 96

Look = NDArray[np.float32]


class Role(StrEnum):
    """What an ink was seen doing."""

    NEW = "new"
    FLIGHT = "flight"
    END = "end"
    BOTH = "both"


@dataclass(slots=True)
class InkPast:
    """How often numbers rose in an ink, in how many flights, and how often one stood in it at its end."""

    rises: int = 0
    flights: int = 0
    ends: int = 0

    @property
    def role(self) -> Role:
        """What the ink means."""
        if self.rises >= 3:
            return Role.FLIGHT if 4 * self.ends < self.flights else Role.BOTH
        return Role.END if self.ends > self.rises else Role.NEW


class Judgement(NamedTuple):
    """The phase, how sure (0..1), why if it is unknown, and whether the value may be believed."""

    phase: Phase
    confidence: float
    reason: str = ""
    value_stands: bool = True


def look_of(image: Image) -> Look:
    """A coarse picture of a box: mean colours on a grid. Robust against text that counts, not a new scene."""
    return cv2.resize(image, GRID, interpolation=cv2.INTER_AREA).astype(np.float32)


def same_look(one: Look, other: Look) -> bool:
    """Whether two looks show the same scene."""
    differs = np.abs(one - other).max(axis=2) > CELL_DIFFERS
    return float(differs.mean()) <= CELLS_MAY


@dataclass(slots=True)
class _Track:
    """The number as last seen: since when it has this value and this ink, when it last rose and was seen.

    ``waits``: it stands there while bets are taken, whatever it is. ``told_s``: when its end was told late.
    """

    value: int
    ink: str
    since_s: float
    ink_since_s: float
    seen_s: float
    rose_s: float = -math.inf
    ended: bool = False
    waits: bool = False
    told_s: float = -math.inf

    @property
    def rising(self) -> bool:
        """Whether it was seen to rise since it began."""
        return self.rose_s > -math.inf


@dataclass(slots=True)
class PhaseJudge:
    """Follows one number. ``see`` takes every look, in order of time."""

    inks: dict[str, InkPast] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    rounds: int = 0
    one_waits: int = 0
    longest_gap_s: float = 0.0
    moments: Moments = field(default_factory=Moments)
    _track: _Track | None = None
    _flight_ink: str = ""
    _pending: list[Look] = field(default_factory=list)
    _since_end: bool = False
    _held: tuple[int, float] | None = None
    _said: tuple[Phase | None, float] = (None, -math.inf)
    _counting: tuple[int, float, int] = (0, -math.inf, 0)

    # -- what is known -----------------------------------------------------------------------------------

    @property
    def learned(self) -> bool:
        """Whether enough rounds were seen to believe the colours."""
        return self.rounds >= LEARNED_ROUNDS

    @property
    def in_flight(self) -> bool:
        """Whether the number rose at the last look or shortly before."""
        track = self._track
        return track is not None and not track.ended and track.rising

    def role(self, ink: str) -> Role:
        """What an ink means so far."""
        past = self.inks.get(ink)
        return Role.NEW if past is None else past.role

    def to_json(self) -> dict[str, Any]:
        """What was learned, to be kept."""
        return {
            "rounds": self.rounds,
            "one_waits": self.one_waits,
            "longest_gap_s": round(self.longest_gap_s, 3),
            "inks": {key: [p.rises, p.flights, p.ends] for key, p in self.inks.items()},
            "moments": self.moments.to_json(),
            "looks": [np.round(look).astype(int).tolist() for look in self.looks],
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> PhaseJudge:
        """What was kept. Raises ``ValueError``, ``KeyError`` or ``TypeError`` when it is not of the form."""
        judge = cls(rounds=int(kept["rounds"]), one_waits=int(kept["one_waits"]))
        judge.longest_gap_s = float(kept["longest_gap_s"])
        judge.moments = Moments.of_json(kept.get("moments", {}))
        for key, (rises, flights, ends) in kept["inks"].items():
            judge.inks[str(key)] = InkPast(int(rises), int(flights), int(ends))
        for rows in kept["looks"][:MOST_LOOKS]:
            look = np.array(rows, np.float32)
            if look.shape != (GRID[1], GRID[0], 3):
                raise ValueError("a look of another size")
            judge.looks.append(look)
        return judge

    # -- a look ------------------------------------------------------------------------------------------

    def see(
        self, at_s: float, value: int | None, ink: str, words: str, image: Image, cells: Cells | None = None
    ) -> Judgement:
        """The phase at this look. ``image`` is the number's box, ``value`` in hundredths or unread.

        ``cells`` are the colours of the whole table, for what else tells the phase.
        """
        if cells is not None:
            self.moments.see(at_s, cells)
        if words and holds(words, TROUBLE):
            return Judgement(Phase.UNKNOWN, 0.0, f"a message lies over the game: {words[:60]!r}", False)
        if value is None:
            return self._without(at_s, words, look_of(image))
        if self._counts_down(value, at_s):
            return Judgement(Phase.BETTING, 0.9, "", False)
        track = self._track
        if track is None or at_s - track.seen_s > HOLE_S:
            self._round_over()
            self._begin(at_s, value, ink)
        elif value > track.value:
            if not self._rise(track, at_s, value, ink):
                return Judgement(Phase.UNKNOWN, 0.0, "the number leapt", False)
        elif value < track.value:
            if not self._confirmed(value, at_s):
                return Judgement(Phase.UNKNOWN, 0.0, "the number fell", False)
            ended = self.role(ink) is Role.END and track.ended
            self._round_over()
            self._begin(at_s, value, ink)
            if ended:  # from one end to another: a flight too short to be seen lies between
                return Judgement(Phase.FLYING, 0.8)
        else:
            self._stay(track, at_s, ink)
        judged = self._with(at_s, words)
        track = self._track
        if track is not None and track.ended:
            self.moments.ended(max(track.since_s, track.ink_since_s))
        return judged

    def _counts_down(self, value: int, at_s: float) -> bool:
        """Whether these numbers are a countdown: they fall again and again by a little."""
        before, then_s, falls = self._counting
        if value != before or at_s - then_s > HOLE_S:
            fell = 0 < before - value <= COUNTDOWN_STEP and at_s - then_s <= HOLE_S
            falls = falls + 1 if fell else 0
        self._counting = (value, at_s, falls)
        if falls < COUNTDOWN_FALLS:
            return False
        self._round_over()
        self._track = None
        return True

    def _begin(self, at_s: float, value: int, ink: str) -> None:
        self._track = _Track(value, ink, at_s, at_s, at_s)
        self._held = None

    def _stay(self, track: _Track, at_s: float, ink: str) -> None:
        """The same number as before, perhaps in another ink."""
        self._held = None
        if ink != track.ink:
            track.ink, track.ink_since_s = ink, at_s
        track.seen_s = at_s

    def _rise(self, track: _Track, at_s: float, value: int, ink: str) -> bool:
        """The number rose: a flight, unless it leapt further than any flight does."""
        passed_s = min(3.0, at_s - track.since_s + 0.25)
        leapt = value > track.value * math.exp(FASTEST * passed_s) + SLACK_HUNDREDTHS
        if track.ended or leapt:
            if not self._confirmed(value, at_s):
                return False
            if not leapt and ink == track.ink:  # what rises in the colour of an end: it is no such colour
                self.inks.setdefault(ink, InkPast()).rises += 1
            self._begin(at_s, value, ink)
            return True
        if not track.rising:
            self._take_off(track, at_s)
        elif track.ink == ink:
            self.longest_gap_s = max(self.longest_gap_s, min(0.4, at_s - track.rose_s))
        self.moments.rose(at_s)
        if ink == track.ink:  # the last step of a flight may come in the colour of the end already
            past = self.inks.setdefault(ink, InkPast())
            past.rises += 1
            if ink != self._flight_ink:
                self._flight_ink = ink
                past.flights += 1
        else:
            track.ink, track.ink_since_s = ink, at_s
        track.value, track.since_s, track.seen_s, track.rose_s = value, at_s, at_s, at_s
        track.waits = False
        self._held = None
        return True

    def _take_off(self, track: _Track, at_s: float) -> None:
        """The first rise of a flight: what was seen before it was the betting phase."""
        if track.value <= LOW:
            self.moments.takes_off(track.seen_s if track.value == 100 else track.since_s)
        else:  # it goes on from where it stood, or its beginning was not seen
            self.moments.lost()
        if track.value <= LOW and self._since_end:
            for look in self._pending:
                if not any(same_look(look, known) for known in self.looks):
                    self.looks.append(look)
            del self.looks[:-MOST_LOOKS]
        if track.value == 100 and at_s - track.since_s > ONE_STANDS_S:
            self.one_waits += 1
        self._pending, self._since_end, self._flight_ink = [], False, ""

    def _confirmed(self, value: int, at_s: float) -> bool:
        """Whether a number that came out of nowhere is seen again, or one that goes on from it."""
        held, self._held = self._held, (value, at_s)
        if held is None or at_s - held[1] > HOLE_S:
            return False
        before, then_s = held
        return before <= value <= before * math.exp(FASTEST * (at_s - then_s + 0.1)) + SLACK_HUNDREDTHS

    def _round_over(self) -> None:
        """The number that was followed went away: if it had stood, it stood at the end of its round."""
        track = self._track
        if track is None or not (track.rising or track.ended):
            return
        self._since_end = True
        stood_s = track.seen_s - max(track.since_s, track.ink_since_s)
        if track.ended or stood_s >= STAND_S:
            self.moments.ended(max(track.since_s, track.ink_since_s))
            self.inks.setdefault(track.ink, InkPast()).ends += 1
            self.rounds += 1

    def _with(self, at_s: float, words: str) -> Judgement:
        track = self._track
        assert track is not None
        role = self.role(track.ink)
        told = self._told(track, at_s)
        if told is not None:
            return told
        if role is Role.END or (words and like(words, CRASH)):
            track.ended = True
            return Judgement(Phase.CRASHED, 0.95)
        if track.ended and (role is Role.NEW or not track.rising):
            return Judgement(Phase.CRASHED, 0.85)
        stood_s = at_s - track.since_s
        if not track.rising:
            return self._not_risen(track, role, stood_s)
        if role is Role.NEW and track.ink != self._flight_ink:
            if at_s - track.ink_since_s < max(OTHER_STAND_S, 2 * self.longest_gap_s):
                return Judgement(Phase.UNKNOWN, 0.0, "a new colour")
            track.ended = True
            return Judgement(Phase.CRASHED, 0.85)
        if role is Role.FLIGHT and self.learned:
            if stood_s > STALL_S:
                return Judgement(Phase.UNKNOWN, 0.0, "the number stands in the colour of flight")
            return Judgement(Phase.FLYING, 0.95)
        return self._by_standing(track, stood_s)

    def _by_standing(self, track: _Track, stood_s: float) -> Judgement:
        """In a colour that says nothing a number has ended when it stands for longer than it ever paused."""
        stands_s = max(STAND_S, min(LONGEST_STAND_S, 3 * self.longest_gap_s))
        if stood_s < stands_s:
            return Judgement(Phase.FLYING, 0.9)
        track.ended = True
        sure = stood_s >= stands_s + SURE_S
        return Judgement(Phase.CRASHED, 0.9 if sure else 0.7, "" if sure else "not sure yet", sure)

    def _told(self, track: _Track, at_s: float) -> Judgement | None:
        """What the rest of the page says of a number that stands; ``None``: nothing, or not long enough."""
        said, since_s = self._said
        stands = track.waits or at_s - track.since_s >= TOLD_S
        possible = self.moments.possible() if stands else frozenset()
        if len(possible) != 1:
            self._said = (None, at_s)
            return None
        (phase,) = possible
        if phase is not said:
            said, since_s = self._said = (phase, at_s)
        holds_s = at_s - since_s
        if phase is Phase.FLYING:
            stalls = at_s - track.since_s > STALL_S
            return None if track.ended or track.waits or stalls else Judgement(Phase.FLYING, 0.9)
        if holds_s < TOLD_S:
            return None
        if phase is Phase.BETTING:
            if track.rising and not track.ended:  # it ended meanwhile: that comes first
                track.ended, track.told_s = True, at_s
            if at_s - track.told_s < LATE_S:
                return Judgement(Phase.CRASHED, 0.85)
            if track.rising or track.ended:
                self._round_over()
                self._begin(at_s, track.value, track.ink)
            assert self._track is not None
            self._track.waits = True
            return Judgement(Phase.BETTING, 0.93, "", False)
        if track.waits and track.value != 100:
            return Judgement(Phase.UNKNOWN, 0.0, "an old number, at an end")
        if track.rising and not track.ended and not self.moments.knows(Phase.FLYING):
            return None
        if track.waits:  # over as soon as it began
            track.waits, track.since_s = False, since_s
        track.ended = True
        return Judgement(Phase.CRASHED, 0.93)

    def _not_risen(self, track: _Track, role: Role, stood_s: float) -> Judgement:
        """A number that has not risen since it came: 1.00x before its flight, or an end left standing."""
        if track.value == 100 and role in (Role.FLIGHT, Role.BOTH):
            if role is Role.BOTH and self.learned and self.looks and not self.one_waits:
                return self._by_standing(track, stood_s)  # between rounds there is no number here
            possible = self.moments.possible()
            may_wait = not possible or Phase.BETTING in possible
            if may_wait and (self.one_waits or stood_s > ONE_STANDS_S):
                return Judgement(Phase.BETTING, 0.9)
            return Judgement(Phase.FLYING, 0.85)
        if role is Role.FLIGHT and self.learned and stood_s < STALL_S:
            return Judgement(Phase.FLYING, 0.85)
        return Judgement(Phase.UNKNOWN, 0.0, "a number that stands, and was not seen rising")

    def _without(self, at_s: float, words: str, look: Look) -> Judgement:
        """No number: betting if this look was seen between rounds, or if the page says so."""
        track = self._track
        if track is not None:
            hidden = track.rising and not track.ended  # something may fly past the number
            if at_s - track.seen_s <= (HIDDEN_S if hidden else GONE_S):
                return Judgement(Phase.UNKNOWN, 0.0, "the number has just gone")
            self._round_over()
            self._track = None
        room = self._since_end and len(self._pending) < MOST_LOOKS // 3
        if room and not any(same_look(look, known) for known in self._pending):
            self._pending.append(look)
        if self.moments.possible() == {Phase.BETTING}:
            return Judgement(Phase.BETTING, 0.93)
        if any(same_look(look, known) for known in self.looks) or (words and like(words, WAITING)):
            return Judgement(Phase.BETTING, 0.92)
        return Judgement(Phase.UNKNOWN, 0.0, "no number, and a look that is not known")
