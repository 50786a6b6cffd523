"""What the lab's commands are asked to do, put together from what a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import BadInput
from bot.games import GAMES
from bot.limits import Limits
from bot.simulation.inputs import Chosen, check_limits, chosen
from bot.staking import StakingOptions

if TYPE_CHECKING:
    # The odds need none of this, and its libraries take longer to import than odds to tell.
    from bot.simulation.backtest import Rounds
    from bot.simulation.sweep import Plan


@dataclass(frozen=True, slots=True)
class Start:
    """What all commands start from. ``configured``: the strategy of the settings, if they are asked for."""

    options: StakingOptions
    limits: Limits
    bankroll: int
    goal: int | None
    configured: str | None

    def chosen(self, text: str) -> Chosen:
        """One strategy."""
        return chosen(text, self.options)

    def all_chosen(self, texts: list[str] | None) -> list[Chosen]:
        """All of them, able to stake under the limits. Raises ``BadInput``."""
        some = [self.chosen(text) for text in texts or [self.configured or "fixed_stake"]]
        for one in some:
            check_limits(self.limits, one.options, self.bankroll)
        return some


def recorded(file: Path | None, url: str, game: str | None, rtp: str | None) -> Rounds:
    """The rounds of a file, else of the database at ``url``. Raises ``BadInput``, ``StorageError``."""
    from bot.database.engine import bring_up_to_date, connect
    from bot.fairness.known import known_of
    from bot.fairness.recordings import from_database, read_csv
    from bot.simulation.backtest import rounds_of

    try:
        number = None if rtp is None else float(rtp)
    except ValueError:
        raise BadInput(f"--rtp {rtp}: it is the return to player, as in 0.97") from None
    if file is not None:
        return rounds_of(read_csv(file), known_of(game, number, str(file)))
    database = connect(url)
    try:
        place = database.engine.url.database or ""
        if database.engine.dialect.name == "sqlite" and not Path(place).is_file():
            raise BadInput(f"there is no database {database.name}: name recorded rounds with --file or --db")
        bring_up_to_date(database)
        recording = from_database(database, game)
    finally:
        database.close()
    played = game or recording.game or ""
    return rounds_of(recording, known_of(played if played in GAMES else None, number))


def recording_lines(rounds: Rounds) -> list[str]:
    """What was played on, in sentences."""
    missed = f"{rounds.missed:,} rounds were missed" if rounds.missed else "no missed round is known"
    holes = f", {rounds.unknown_holes:,} holes of unknown length" if rounds.unknown_holes else ""
    said = [f"{rounds.count:,} recorded rounds of {rounds.recording.name}; {missed}{holes}."]
    if rounds.missed or rounds.unknown_holes:
        said.append("No sequence advances over what was missed.")
    if rounds.recording.refused:
        first = rounds.recording.refused[0]
        count = len(rounds.recording.refused)
        said.append(f"{count:,} lines are no rounds, the first is line {first.line}: {first.why}.")
    said.append(f"Return to player {100 * rounds.rtp:g} % ({rounds.rtp_from}).")
    return said


def sweep_plan(
    start: Start,
    strategy: str | None,
    vary: list[str],
    random: int | None,
    recorded: Rounds | None,
    numbers: tuple[int, int, int, str | None],
) -> Plan:
    """``numbers``: rounds, sessions, seed and the return that was asked for. Raises ``BadInput``."""
    from bot.simulation.sweep import Plan
    from bot.simulation.sweep_points import Work, axis, drawn, grid

    one = start.chosen(strategy or start.configured or "fixed_stake")
    axes = tuple(axis(one.name, text) for text in vary)
    if len({each.name for each in axes}) < len(axes):
        raise BadInput("--vary names a parameter twice")
    if not any(each.name in ("base_stake", "stakes") for each in axes):
        check_limits(start.limits, one.options, start.bankroll)
    rounds, sessions, seed, rtp = numbers
    if rounds < 1 or not 1 <= sessions <= 10_000_000:
        raise BadInput("--rounds must be 1 or more, --sessions 1 to 10,000,000")
    points = grid(axes) if random is None else drawn(axes, random, seed)
    played = None if recorded is None else recorded.played()
    work = Work(
        one.name,
        one.options,
        start.bankroll,
        start.limits,
        start.goal,
        rounds if recorded is None else recorded.count,
        sessions,
        seed,
        (rtp or "0.97") if recorded is None else str(recorded.rtp),
        None if played is None else tuple(played[0]),
        None if played is None else tuple(played[1]),
        recorded.quality.flag if recorded is not None and recorded.quality.unsound else None,
    )
    source = "drawn rounds" if recorded is None else recorded.recording.name
    return Plan(work, axes, tuple(points), source, None if recorded is None else recorded.quality.flag)
