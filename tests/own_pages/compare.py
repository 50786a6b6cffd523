"""A record beside the truth: crash points, phases, what is missing, what is there twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from bot.domain.words import Phase
from tests.own_pages.house import House

#: A page is drawn, seen and read some time after its clock says so: near a change either phase is right.
TOLERANCE_US = 250_000
#: That a number stands for good is known only after it has stood for a while, longer on a slow machine.
LAG_US = 1_300_000
#: Of what the page showed, as its own clock has it.
Span = tuple[int, int, Phase]


@dataclass(frozen=True, slots=True)
class TrueRound:
    """One round as the page played it, in microseconds UTC."""

    number: int
    betting_us: int
    flying_us: int
    crashed_us: int
    over_us: int
    crash: int

    def spans(self) -> list[Span]:
        """Its phases with their beginnings and ends."""
        return [
            (self.betting_us, self.flying_us, Phase.BETTING),
            (self.flying_us, self.crashed_us, Phase.FLYING),
            (self.crashed_us, self.over_us, Phase.CRASHED),
        ]


@dataclass(frozen=True, slots=True)
class RecordedRound:
    """One row of ``rounds``. ``seen_us`` is the best known moment of it."""

    crash: int | None
    seen_us: int
    source: str


@dataclass(slots=True)
class Comparison:
    """What differs. ``right`` counts crash points; phases count snapshots away from every change."""

    rounds: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    backfilled: int = 0
    phases: int = 0
    phases_unknown: int = 0
    phases_wrong: list[str] = field(default_factory=list)
    numbers_wrong: list[str] = field(default_factory=list)

    @property
    def faultless(self) -> bool:
        """Every round is there once with its crash point, and no phase is wrong."""
        return not (self.wrong or self.missed or self.doubled or self.phases_wrong or self.numbers_wrong)

    def __str__(self) -> str:
        return (
            f"{self.right} of {self.rounds} crash points right ({self.backfilled} from the strip), "
            f"wrong {self.wrong}, missed {self.missed}, doubled {self.doubled}; "
            f"{self.phases} phases, {self.phases_unknown} unknown, "
            f"wrong {self.phases_wrong[:8]}; numbers wrong {self.numbers_wrong[:8]}"
        )


def true_rounds(house: House) -> list[TrueRound]:
    """All rounds the page will play."""
    start = house.begins_utc_us
    return [
        TrueRound(
            r.number,
            start + r.betting_us,
            start + r.flying_us,
            start + r.crashed_us,
            start + r.over_us,
            r.crash,
        )
        for r in house.rounds
    ]


def whole_rounds(rounds: Sequence[TrueRound], from_us: int, until_us: int) -> list[TrueRound]:
    """Those whose betting phase began and whose end stood within a time of watching."""
    return [r for r in rounds if r.betting_us >= from_us and r.over_us <= until_us]


def compare_rounds(
    truth: Sequence[TrueRound], recorded: Iterable[RecordedRound], into: Comparison | None = None
) -> Comparison:
    """Each recorded round belongs to the true one during which it was seen."""
    found = into or Comparison()
    by_round: dict[int, list[RecordedRound]] = {r.number: [] for r in truth}
    for row in recorded:
        owner = next((r for r in truth if r.betting_us - TOLERANCE_US <= row.seen_us < r.over_us), None)
        if owner is not None:
            by_round[owner.number].append(row)
    for round_ in truth:
        rows = by_round[round_.number]
        found.rounds += 1
        values = [row.crash for row in rows]
        if not rows or values == [None]:
            found.missed.append(round_.number)
        elif len(rows) > 1:
            found.doubled.append(f"{round_.number}: {round_.crash} read {values}")
        elif values[0] != round_.crash:
            found.wrong.append(f"{round_.number}: {round_.crash} read {values[0]} ({rows[0].source})")
        else:
            found.right += 1
            found.backfilled += rows[0].source == "backfill"
    return found


def phase_at(truth: Sequence[TrueRound], at_us: int) -> tuple[TrueRound, Phase] | None:
    """Which phase stood at a moment; ``None`` near a change and outside."""
    for round_ in truth:
        for begin, end, phase in round_.spans():
            if begin + TOLERANCE_US <= at_us <= end - TOLERANCE_US // 5:
                return round_, phase
    return None


def phases_at(truth: Sequence[TrueRound], at_us: int) -> frozenset[Phase]:
    """What may be said at a moment: what stands, and for a while after a change what stood before it."""
    spans = [span for round_ in truth for span in round_.spans()]
    return frozenset(phase for begin, end, phase in spans if begin <= at_us <= end + LAG_US)


def compare_phases(
    truth: Sequence[TrueRound], seen: Iterable[tuple[int, str, int | None]], into: Comparison
) -> Comparison:
    """Each ``(microseconds UTC, phase, multiplier)`` that was seen, against what stood then."""
    for at_us, phase, multiplier in seen:
        stood = phase_at(truth, at_us)
        if stood is None:
            continue
        round_, true_phase = stood
        into.phases += 1
        if phase == Phase.UNKNOWN:
            into.phases_unknown += 1
        elif phase not in phases_at(truth, at_us):
            into.phases_wrong.append(f"round {round_.number}: {phase} for {true_phase}, number {multiplier}")
        elif phase == true_phase and true_phase is not Phase.BETTING and multiplier is not None:
            is_end = true_phase is Phase.CRASHED
            if multiplier > round_.crash or (is_end and multiplier != round_.crash):
                into.numbers_wrong.append(f"round {round_.number}: {multiplier} while {true_phase}")
    return into


def compare_record(url: str, truth: Sequence[TrueRound], table: str) -> Comparison:
    """A database (SQLAlchemy URL) of a session that watched one table."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT crash_multiplier, betting_utc_us, flying_utc_us, crashed_utc_us, "
                    "recorded_utc_us, multiplier_source FROM rounds "
                    "WHERE table_name = :table ORDER BY round_number"
                ),
                {"table": table},
            ).all()
            shots = connection.execute(
                text("SELECT at_utc_us, phase, multiplier FROM round_snapshots ORDER BY at_utc_us")
            ).all()
    finally:
        engine.dispose()
    recorded = [
        RecordedRound(
            row[0],
            int(next(at for at in (row[2], row[1], row[3], row[4]) if at is not None)),
            str(row[5]),
        )
        for row in rows
    ]
    found = compare_rounds(truth, recorded)
    return compare_phases(truth, ((int(at), str(phase), value) for at, phase, value in shots), found)
