"""Everything the record knows of one round: found by whatever a person calls it, gathered row by row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.database import (
    BetEvent,
    BetRow,
    Database,
    Denial,
    ErrorLog,
    OddsRow,
    Reconciliation,
    Round,
    RoundSnapshot,
    SessionLog,
)
from bot.database.faults import storage_errors
from bot.database.models import RoundPicture
from bot.domain.errors import BadInput

LAST = "last"
_NAMED = re.compile(r"(?P<table>.+):(?P<number>\d{1,18}|last)")
_SHOWN, _LOOKED_AT = 5, 100
#: How long after the last word about a round a comparison of balances still belongs to it.
AFTER_US = 3_000_000
_IN_ONE_QUESTION = 400
_Row = TypeVar("_Row")
_Text = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
_Number = InstrumentedAttribute[int]


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """The rows about one round, each kind in the order of time. ``session`` is the one that saw it.

    ``last_of_session``: the session recorded no later round of this table.
    """

    round_id: str
    table: str
    session_id: str
    session: SessionLog | None
    round: Round | None
    snapshots: list[RoundSnapshot] = field(default_factory=list)
    moments: list[RoundPicture] = field(default_factory=list)
    bets: list[BetRow] = field(default_factory=list)
    events: dict[str, list[BetEvent]] = field(default_factory=dict)
    denials: list[Denial] = field(default_factory=list)
    reconciliations: list[Reconciliation] = field(default_factory=list)
    errors: list[ErrorLog] = field(default_factory=list)
    odds: OddsRow | None = None
    last_of_session: bool = False


def find_round(database: Database, which: str) -> str:
    """The identifier of the round that ``which`` names.

    It is ``last``, ``TABLE:last``, ``TABLE:NUMBER`` (of the newest session that has it), or the beginning of
    the identifier of a round or of a bet. Raises ``BadInput`` when no round is meant, or several are.
    """
    with storage_errors(database.name), database.session() as session:
        if which == LAST:
            return _newest(session, [])
        named = _NAMED.fullmatch(which)
        if named is not None:
            return _by_number(session, named["table"], named["number"])
        return _by_beginning(session, which)


def _newest(session: Session, conditions: list[ColumnElement[bool]]) -> str:
    question = select(Round.round_id).where(*conditions).order_by(Round.recorded_utc_us.desc()).limit(1)
    found = session.scalar(question)
    if found is None:
        raise BadInput("no such round is recorded here: play one, or name another database with --db")
    return found


def _by_number(session: Session, table: str, number: str) -> str:
    conditions: list[ColumnElement[bool]] = [Round.table_name == table]
    if number != LAST:
        conditions.append(Round.round_number == int(number))
    elif session.scalar(select(Round.round_id).where(*conditions).limit(1)) is None:
        number = "any number"
    try:
        return _newest(session, conditions)
    except BadInput:
        raise BadInput(f"no round {number} of a table {table!r} is recorded here") from None


def _by_beginning(session: Session, which: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{4,100}", which):
        raise BadInput(f"{which!r} names no round: say last, TABLE:NUMBER, or how its identifier begins")
    columns: tuple[_Text, ...] = (
        Round.round_id, BetRow.round_id, Denial.round_id, RoundPicture.round_id,
    )  # fmt: skip
    found: set[str] = set()
    for column in columns:
        found |= _beginning(session, column, column, which)
    if not found:
        found = _beginning(session, BetRow.bet_id, BetRow.round_id, which)
    if not found:
        raise BadInput(
            f"no round and no bet begins with {which!r}: `crashbot why last` shows the newest round"
        )
    if len(found) > 1:
        few = ", ".join(sorted(found)[:_SHOWN])
        raise BadInput(f"{len(found)} rounds begin with {which!r}: say more of it ({few}, ...)")
    return found.pop()


def _beginning(session: Session, column: _Text, answer: _Text, which: str) -> set[str]:
    """The whole identifier first: an index answers that, a beginning perhaps not."""
    for condition in (column == which, column.startswith(which, autoescape=True)):
        found = set(session.scalars(select(answer).distinct().where(condition).limit(_LOOKED_AT)))
        if found:
            return {str(each) for each in found if each is not None}
    return set()


def gather(database: Database, round_id: str) -> RoundFacts:
    """All rows about a round. Raises ``BadInput`` when there are none, ``StorageError``."""
    with storage_errors(database.name), database.session() as session:
        return _gathered(session, round_id)


def _gathered(session: Session, round_id: str) -> RoundFacts:
    row = session.get(Round, round_id)
    bets = _of_round(session, BetRow, BetRow.round_id, round_id, BetRow.ordered_utc_us, BetRow.bet_id)
    denials = _of_round(session, Denial, Denial.round_id, round_id, Denial.at_utc_us, Denial.id)
    moments = _of_round(
        session, RoundPicture, RoundPicture.round_id, round_id, RoundPicture.at_utc_us, RoundPicture.id
    )
    seen = RoundSnapshot
    snapshots = _of_round(session, seen, seen.round_id, round_id, seen.at_utc_us, seen.id)
    others: list[BetRow | Denial | RoundPicture] = [*bets, *denials, *moments]
    known = row if row is not None else next(iter(others), None)
    if known is None:
        raise BadInput(f"nothing is recorded of round {round_id}")
    facts = RoundFacts(
        round_id=round_id,
        table=known.table_name,
        session_id=known.session_id,
        session=session.get(SessionLog, known.session_id),
        round=row,
        snapshots=snapshots,
        moments=moments,
        bets=bets,
        events=_events(session, bets),
        denials=denials,
        odds=_odds(session, known.session_id, known.table_name),
        last_of_session=row is not None and _is_last(session, row),
    )
    first, last = times_of(facts)
    accounts = {bet.account for bet in bets} | {denial.account for denial in denials}
    facts.reconciliations.extend(_reconciliations(session, facts, accounts, first, last))
    facts.errors.extend(_errors(session, facts, first, last))
    return facts


def _of_round(
    session: Session, model: type[_Row], column: _Text, round_id: str, time: _Number, key: _Text
) -> list[_Row]:
    """The rows of one kind that name the round, in the order of time."""
    return list(session.scalars(select(model).where(column == round_id).order_by(time, key)))


def times_of(facts: RoundFacts) -> tuple[int, int]:
    """The first and the last moment about the round, microseconds since 1970."""
    rows: list[RoundSnapshot | RoundPicture | Denial] = [*facts.snapshots, *facts.moments, *facts.denials]
    times = [each.at_utc_us for each in rows]
    times += [event.at_utc_us for events in facts.events.values() for event in events]
    times += [bet.ordered_utc_us for bet in facts.bets]
    if facts.round is not None:
        row = facts.round
        known = (row.betting_utc_us, row.flying_utc_us, row.crashed_utc_us, row.recorded_utc_us)
        times += [each for each in known if each is not None]
    return min(times), max(times)


def _events(session: Session, bets: list[BetRow]) -> dict[str, list[BetEvent]]:
    found: dict[str, list[BetEvent]] = {bet.bet_id: [] for bet in bets}
    names = list(found)
    for start in range(0, len(names), _IN_ONE_QUESTION):
        question = (
            select(BetEvent)
            .where(BetEvent.bet_id.in_(names[start : start + _IN_ONE_QUESTION]))
            .order_by(BetEvent.at_utc_us, BetEvent.id)
        )
        for event in session.scalars(question):
            found[event.bet_id].append(event)
    return found


def _odds(session: Session, session_id: str, table: str) -> OddsRow | None:
    question = (
        select(OddsRow)
        .where(OddsRow.session_id == session_id, OddsRow.table_name == table)
        .order_by(OddsRow.at_utc_us)
        .limit(1)
    )
    return session.scalar(question)


def _is_last(session: Session, row: Round) -> bool:
    highest = select(func.max(Round.round_number)).where(
        Round.session_id == row.session_id, Round.table_name == row.table_name
    )
    return session.scalar(highest) == row.round_number


def _reconciliations(
    session: Session, facts: RoundFacts, accounts: set[str], first: int, last: int
) -> list[Reconciliation]:
    """Comparisons of the accounts that the round's bets hang on, from its first moment to a little later."""
    if not accounts:
        return []
    question = (
        select(Reconciliation)
        .where(
            Reconciliation.session_id == facts.session_id,
            Reconciliation.account.in_(sorted(accounts)),
            Reconciliation.at_utc_us >= first,
            Reconciliation.at_utc_us <= last + AFTER_US,
        )
        .order_by(Reconciliation.at_utc_us, Reconciliation.id)
    )
    return list(session.scalars(question))


def _errors(session: Session, facts: RoundFacts, first: int, last: int) -> list[ErrorLog]:
    question = (
        select(ErrorLog)
        .where(
            ErrorLog.session_id == facts.session_id,
            ErrorLog.at_utc_us >= first,
            ErrorLog.at_utc_us <= last + AFTER_US,
        )
        .order_by(ErrorLog.at_utc_us, ErrorLog.id)
    )
    return [
        error
        for error in session.scalars(question)
        if (error.table_name or facts.table) == facts.table
        and (error.round_id is None or error.round_id == facts.round_id)
    ]
