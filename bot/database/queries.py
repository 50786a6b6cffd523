"""The small questions that the running bot asks. Statistics live elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from bot.database.engine import Database
from bot.database.models import (
    BetEvent,
    BetRow,
    Reconciliation,
    Round,
    SessionLog,
    SessionStatus,
    SessionTable,
)
from bot.domain.bets import OPEN_STATES, Bet, BetState
from bot.domain.words import Mode

_IN_ONE_QUESTION = 500


def bet_of(row: BetRow) -> Bet:
    """The bet as the domain knows it. Its deadline has passed: monotonic times do not outlive a start."""
    return Bet(
        bet_id=row.bet_id,
        session_id=row.session_id,
        account=row.account,
        table=row.table_name,
        round_id=row.round_id,
        panel=row.panel,
        stake_minor=row.stake_minor,
        target=row.target or 0,
        currency=row.currency,
        balance_before_minor=row.balance_before_minor or 0,
        deadline_mono_ns=0,
        ordered_utc_ns=row.ordered_utc_us * 1000,
        state=BetState(row.state),
        payout_minor=row.payout_minor,
        reason=row.reason or "",
    )


def open_bets(database: Database, account: str | None = None, session_id: str | None = None) -> list[Bet]:
    """Bets whose money may be on the table (unknown ones included), oldest first."""
    question = select(BetRow).where(BetRow.state.in_([state.value for state in OPEN_STATES]))
    if account is not None:
        question = question.where(BetRow.account == account)
    if session_id is not None:
        question = question.where(BetRow.session_id == session_id)
    with database.session() as session:
        return [
            bet_of(row) for row in session.scalars(question.order_by(BetRow.ordered_utc_us, BetRow.bet_id))
        ]


def find_bets(database: Database, bet_ids: Iterable[str]) -> dict[str, Bet]:
    """The bets with these identifiers, those that are known."""
    wanted = list(bet_ids)
    found: dict[str, Bet] = {}
    with database.session() as session:
        for start in range(0, len(wanted), _IN_ONE_QUESTION):
            part = wanted[start : start + _IN_ONE_QUESTION]
            for row in session.scalars(select(BetRow).where(BetRow.bet_id.in_(part))):
                found[row.bet_id] = bet_of(row)
    return found


def session_bets(database: Database, session_id: str, table: str | None = None) -> list[BetRow]:
    """All bets of a session (of one of its tables), in the order they were ordered."""
    question = select(BetRow).where(BetRow.session_id == session_id)
    if table is not None:
        question = question.where(BetRow.table_name == table)
    with database.session() as session:
        return list(session.scalars(question.order_by(BetRow.ordered_utc_us, BetRow.bet_id)))


def bet_events(database: Database, bet_id: str) -> list[BetEvent]:
    """The transitions of a bet, in time."""
    question = select(BetEvent).where(BetEvent.bet_id == bet_id).order_by(BetEvent.at_utc_us, BetEvent.id)
    with database.session() as session:
        return list(session.scalars(question))


def last_rounds(
    database: Database, table: str, limit: int = 100, session_id: str | None = None
) -> list[Round]:
    """The newest rounds of a table, newest first; of one session when it is named."""
    question = select(Round).where(Round.table_name == table)
    if session_id is not None:
        question = question.where(Round.session_id == session_id).order_by(Round.round_number.desc())
    else:
        question = question.order_by(Round.recorded_utc_us.desc(), Round.round_number.desc())
    with database.session() as session:
        return list(session.scalars(question.limit(limit)))


def next_round_number(database: Database, session_id: str, table: str) -> int:
    """One more than the highest number that a round of this table has in this session; 1 at first."""
    question = select(func.max(Round.round_number)).where(
        Round.session_id == session_id, Round.table_name == table
    )
    with database.session() as session:
        return (session.scalar(question) or 0) + 1


def sessions(
    database: Database, status: SessionStatus | None = None, bot_id: str | None = None, limit: int = 100
) -> list[SessionLog]:
    """Sessions, newest first."""
    question = select(SessionLog)
    if status is not None:
        question = question.where(SessionLog.status == status.value)
    if bot_id is not None:
        question = question.where(SessionLog.bot_id == bot_id)
    with database.session() as session:
        return list(session.scalars(question.order_by(SessionLog.started_utc_us.desc()).limit(limit)))


def session_ids(database: Database, mode: Mode | None = None) -> set[str]:
    """Every session that this database holds, or every one of a mode."""
    question = select(SessionLog.session_id)
    if mode is not None:
        question = question.where(SessionLog.mode == mode.value)
    with database.session() as session:
        return set(session.scalars(question))


def session_tables(database: Database, session_id: str) -> list[SessionTable]:
    """The tables of a session, by name."""
    question = select(SessionTable).where(SessionTable.session_id == session_id)
    with database.session() as session:
        return list(session.scalars(question.order_by(SessionTable.table_name)))


def reconciliations(database: Database, session_id: str) -> list[Reconciliation]:
    """The balance comparisons of a session, in time."""
    question = select(Reconciliation).where(Reconciliation.session_id == session_id)
    with database.session() as session:
        return list(session.scalars(question.order_by(Reconciliation.at_utc_us, Reconciliation.id)))
