"""What follows from the rest of a round and need not be given. All on stored integers.

- ``round_outcome``: profit above 0 → WIN, below 0 → LOSS; else no stake → SKIP; else UNKNOWN (a stake whose
  result nobody said).
- ``duration_seconds``: end − start. ``roi_percent``: profit / stake × 100 of a settled bet (WIN, LOSS).
- ``expected_profit``: −house edge × stake of a settled bet, when the game's configuration says the edge:
  every target has the same expectation, and it is a loss.
- ``variance_from_strategy``: profit − expected profit.
"""

from __future__ import annotations

from bot.database.engine import Database
from bot.database.logged_ids import round_identifier
from bot.database.logged_lookups import house_edges
from bot.database.rows import Batch
from bot.database.wide import OutcomeCategory, RoundOutcome
from bot.domain.ids import IdMaker

WIN, LOSS = RoundOutcome.WIN.value, RoundOutcome.LOSS.value
SKIP, UNKNOWN = RoundOutcome.SKIP.value, RoundOutcome.UNKNOWN.value
_SETTLED = frozenset({WIN, LOSS})
#: A loss of this many base stakes is a catastrophe: more than three doublings of a losing sequence.
CATASTROPHE_STAKES = 8


def outcome_of(stake: int | None, profit: int | None) -> str:
    """What a round came to, from its stake and profit."""
    if profit:
        return WIN if profit > 0 else LOSS
    return UNKNOWN if stake else SKIP


def percent_of(profit: int, stake: int) -> int:
    """profit / stake × 100 to four places, halves away from zero, as it is stored."""
    size = (2_000_000 * abs(profit) + stake) // (2 * stake)
    return size if profit >= 0 else -size


def category_of(profit: int | None, stake: int | None, base_stake: int | None) -> str | None:
    """How large a result was: a win that at least doubles its stake is big; a loss of ``CATASTROPHE_STAKES``
    of the bot's base stakes is catastrophic (small where the base stake is not known)."""
    if not profit:
        return None
    if profit > 0:
        big = stake is not None and profit >= stake
        return (OutcomeCategory.BIG_WIN if big else OutcomeCategory.SMALL_WIN).value
    huge = bool(base_stake) and -profit >= CATASTROPHE_STAKES * (base_stake or 0)
    return (OutcomeCategory.CATASTROPHIC_LOSS if huge else OutcomeCategory.SMALL_LOSS).value


def derive_rounds(batch: Batch, database: Database) -> None:
    """Fill in what follows from the rest of the rounds, where it was not given."""
    stakes, profits = batch.column("stake_value"), batch.column("profit_loss_amount")
    outcomes = batch.column("round_outcome")
    outcomes[:] = [
        outcome_of(stake, profit) if outcome is None else outcome
        for outcome, stake, profit in zip(outcomes, stakes, profits, strict=True)
    ]
    _check_outcomes(batch)
    rates = batch.column("roi_percent")
    settled = [
        index
        for index, (outcome, stake) in enumerate(zip(outcomes, stakes, strict=True))
        if stake and outcome in _SETTLED
    ]
    for index in settled:
        if rates[index] is None and profits[index] is not None:
            rates[index] = percent_of(profits[index], stakes[index])
    _derive_durations(batch)
    _derive_expectations(batch, database, settled)


def _check_outcomes(batch: Batch) -> None:
    profits, outcomes = batch.column("profit_loss_amount"), batch.column("round_outcome")
    wrong = [
        index
        for index, (outcome, profit) in enumerate(zip(outcomes, profits, strict=True))
        if profit and ((outcome == WIN and profit < 0) or (outcome == LOSS and profit > 0))
    ]
    for index in wrong:
        batch.refuse_where("round_outcome", [index], "must agree with the sign of profit_loss_amount")


def _derive_durations(batch: Batch) -> None:
    starts, ends = batch.column("round_start_timestamp"), batch.column("round_end_timestamp")
    durations = batch.column("duration_seconds")
    durations[:] = [
        end - start if duration is None and start is not None and end is not None else duration
        for duration, start, end in zip(durations, starts, ends, strict=True)
    ]


def _derive_expectations(batch: Batch, database: Database, settled: list[int]) -> None:
    expected, differences = batch.column("expected_profit"), batch.column("variance_from_strategy")
    stakes, profits = batch.column("stake_value"), batch.column("profit_loss_amount")
    games, platforms = batch.column("game_name"), batch.column("platform_code")
    open_rows = [index for index in settled if expected[index] is None and games[index] is not None]
    if open_rows:
        edges = house_edges(database, {(games[index], platforms[index] or "") for index in open_rows})
        for index in open_rows if edges else ():
            edge = edges.get((games[index], platforms[index] or ""))
            if edge is not None:  # a percentage of 4 places of hundredths, in ten-thousandths
                expected[index] = -((stakes[index] * edge + 5_000) // 10_000)
    for index in settled:
        if differences[index] is None and None not in (expected[index], profits[index]):
            differences[index] = 100 * profits[index] - expected[index]


def identify_rounds(batch: Batch, new_id: IdMaker) -> None:
    """Give every round an identifier that has none: see ``round_identifier``."""
    ids = batch.column("round_id")
    parts = (
        "bot_id",
        "session_id",
        "game_name",
        "platform_code",
        "table_name",
        "round_external_id",
        "round_number",
        "round_start_timestamp",
        "crash_multiplier_detected",
    )
    natural = zip(*(batch.column(name) for name in parts), strict=True)
    ids[:] = [
        (round_identifier(*said) or new_id()) if given is None else given
        for given, said in zip(ids, natural, strict=True)
    ]
