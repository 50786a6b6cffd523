"""The bot's record against the casino's ledger, read from the two databases and from nothing else.

Neither the bot's memory nor the casino's process is asked, so the comparison also holds after a
``kill -9``, and an entry that somebody changed in either file is found.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from bot.domain.amounts import format_hundredths

#: How long after the crash a table may have read it, and how much clocks of one machine may disagree (ms).
READ_WITHIN_MS = 3_500
CLOCK_SLACK_MS = 300
#: A bet reaches the ledger this long after it was ordered at most (late acceptance included).
PLACED_WITHIN_MS = 30_000
#: A click on the display and the page's report of it lie this close together.
CLICK_SLACK_MS = 2_000
CLICK_SLACK_PX = 2

Row = dict[str, Any]


@dataclass(slots=True)
class TableResult:
    """The comparison of one table. Counts, and balances in minor units."""

    table: str
    rounds_flown: int = 0
    rounds_recorded: int = 0
    rounds_missed: int = 0
    rounds_declared_missed: int = 0
    rounds_backfilled: int = 0
    crash_exact: int = 0
    bets_ledger: int = 0
    bets_recorded: int = 0
    bets_missed: int = 0
    settled_exact: int = 0
    balance_casino: int | None = None
    balance_bot: int | None = None
    complaints: list[str] = field(default_factory=list)

    def to_json(self) -> Row:
        """Counts as numbers, money as decimal strings."""
        names = [name for name in self.__dataclass_fields__ if name not in ("complaints",)]
        row: Row = {name: getattr(self, name) for name in names}
        for name in ("balance_casino", "balance_bot"):
            row[name] = None if row[name] is None else format_hundredths(row[name])
        row["complaints"] = self.complaints
        return row

    @property
    def agrees(self) -> bool:
        """Nothing to complain of: what was missed is declared, all else is equal."""
        return not self.complaints


@dataclass(slots=True)
class Reconciliation:
    """The comparison of a session: per table, and what concerns the whole display."""

    tables: list[TableResult]
    clicks: int = 0
    clicks_outside: int = 0
    double_bets: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether record and ledger agree in every point."""
        clean = not self.complaints and self.clicks_outside == 0 and self.double_bets == 0
        return clean and all(table.agrees for table in self.tables)

    def to_json(self) -> Row:
        """Ready for ``json.dumps``."""
        return {
            "tables": [table.to_json() for table in self.tables],
            "clicks": self.clicks,
            "clicks_outside": self.clicks_outside,
            "double_bets": self.double_bets,
            "complaints": self.complaints,
            "agrees": self.agrees,
        }


def reconcile(engine: Engine, ledger: Path, session_id: str) -> Reconciliation:
    """Compare the record behind ``engine`` with the ledger file, for the tables of one session.

    Rounds are compared for the time in which the session watched; bets of all sessions in the record are
    compared with all bets in the ledger, so that what an earlier, killed session did counts too.
    """
    with engine.connect() as connection, closing(_open_ledger(ledger)) as house:
        watched = _rows(
            connection.execute(
                text(
                    "SELECT table_name, account, MIN(first_sight_utc_us) AS first_us,"
                    " MAX(last_sight_utc_us) AS last_us FROM session_tables"
                    " WHERE session_id = :s GROUP BY table_name, account ORDER BY table_name"
                ),
                {"s": session_id},
            )
        )
        rounds = _group(_bot_rounds(connection), "table_name")
        bets = _group(_bot_bets(connection), "table_name")
        closing_balances = _closing_balances(connection, session_id)
        declared = _declared_missed(connection, session_id)
        since_ms = _first_session_ms(connection)
        result = Reconciliation([])
        for interval in watched:
            name = interval["table_name"]
            table = TableResult(name)
            _compare_rounds(table, interval, rounds[name], declared[name], house, session_id)
            _compare_bets(table, bets[name], house, since_ms, session_id)
            _compare_balance(table, interval["account"], closing_balances, house)
            result.tables.append(table)
        _check_clicks(result, connection, house, session_id)
        result.double_bets = _double_bets(house, since_ms)
    if not watched:
        result.complaints.append("no table was ever seen in this session")
    return result


# -- rounds -------------------------------------------------------------------------------------------


def _compare_rounds(
    table: TableResult,
    interval: Row,
    recorded: list[Row],
    declared: int,
    house: sqlite3.Connection,
    session_id: str,
) -> None:
    first_ms = interval["first_us"] // 1_000
    own = [r for r in recorded if r["session_id"] == session_id]
    ends = [r["recorded_utc_us"] for r in own if r["crash_multiplier"] is not None]
    last_ms = max([interval["last_us"], *ends]) // 1_000
    flown = _rows(
        house.execute(
            "SELECT id, crash_multiplier, crashed_ms FROM rounds WHERE table_name = ?"
            " AND crashed_ms > ? AND crashed_ms <= ? ORDER BY crashed_ms, id",
            (table.table, first_ms - READ_WITHIN_MS, last_ms),
        )
    )
    known = [r for r in recorded if r["crash_multiplier"] is not None]
    pairs = _pair_rounds(flown, known)
    paired = {house_round["id"] for house_round, _ in pairs}
    # The round in which a session before was killed is that session's row, and its end is ours.
    matched = [mine for _, mine in pairs]
    known = [r for r in known if r["session_id"] == session_id or r in matched]
    # A round that ended before the table was first seen counts only when it was recorded all the same.
    flown = [r for r in flown if r["crashed_ms"] > first_ms + CLOCK_SLACK_MS or r["id"] in paired]
    table.rounds_flown, table.rounds_recorded = len(flown), len(known)
    table.rounds_backfilled = sum(1 for r in known if r["multiplier_source"] == "backfill")
    for house_round, mine in pairs:
        if house_round["crash_multiplier"] == mine["crash_multiplier"]:
            table.crash_exact += 1
        else:
            seen, was = mine["crash_multiplier"], house_round["crash_multiplier"]
            table.complaints.append(
                f"round {mine['round_number']} is recorded as {format_hundredths(seen)}x,"
                f" the ledger has {format_hundredths(was)}x"
            )
    table.rounds_missed = len(flown) - len(pairs)
    open_rounds = sum(1 for r in own if r["crash_multiplier"] is None and r["missed_reason"])
    table.rounds_declared_missed = declared + open_rounds
    invented = len(known) - len(pairs)
    if invented:
        table.complaints.append(f"{invented} recorded rounds are not in the ledger")
    if table.rounds_missed and not table.rounds_declared_missed:
        table.complaints.append(f"{table.rounds_missed} rounds were missed and not declared")


def _pair_rounds(flown: Sequence[Row], known: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Pair casino rounds with recorded ones: by the time of a seen end, else by order and value."""
    pairs: dict[int, tuple[Row, Row]] = {}
    start = 0
    waiting: list[Row] = []
    for mine in known:
        seen_us = mine["crashed_utc_us"]
        if seen_us is None:
            waiting.append(mine)
            continue
        seen_ms = seen_us // 1_000
        index = next(
            (
                i
                for i in range(start, len(flown))
                if -CLOCK_SLACK_MS <= seen_ms - flown[i]["crashed_ms"] <= READ_WITHIN_MS
                and not _better_later(flown, i, seen_ms, mine)
            ),
            None,
        )
        if index is None:
            continue
        _pair_backfilled(flown, start, index, waiting, pairs)
        pairs[index] = (flown[index], mine)
        start, waiting = index + 1, []
    _pair_backfilled(flown, start, len(flown), waiting, pairs)
    return [pairs[index] for index in sorted(pairs)]


def _better_later(flown: Sequence[Row], index: int, seen_ms: int, mine: Row) -> bool:
    """Two rounds within reach of one reading (a short one follows): the later with the right value wins."""
    if flown[index]["crash_multiplier"] == mine["crash_multiplier"] or index + 1 >= len(flown):
        return False
    later = flown[index + 1]
    near = -CLOCK_SLACK_MS <= seen_ms - later["crashed_ms"] <= READ_WITHIN_MS
    return near and bool(later["crash_multiplier"] == mine["crash_multiplier"])


def _pair_backfilled(
    flown: Sequence[Row], start: int, stop: int, waiting: list[Row], pairs: dict[int, tuple[Row, Row]]
) -> None:
    for mine in waiting:
        for index in range(start, stop):
            if flown[index]["crash_multiplier"] == mine["crash_multiplier"]:
                pairs[index] = (flown[index], mine)
                start = index + 1
                break


# -- bets ---------------------------------------------------------------------------------------------


def _compare_bets(
    table: TableResult, bets: list[Row], house: sqlite3.Connection, since_ms: int, session_id: str
) -> None:
    ledger = _rows(
        house.execute(
            "SELECT b.*, r.crash_multiplier FROM bets b JOIN rounds r ON r.id = b.round_id"
            " WHERE b.table_name = ? AND b.placed_ms >= ? AND b.state != 'cancelled' ORDER BY b.placed_ms",
            (table.table, since_ms),
        )
    )
    taken = [b for b in bets if b["state"] in ("placed", "won", "lost", "unknown")]
    table.bets_ledger = len(ledger)
    table.bets_recorded = sum(1 for b in taken if b["state"] in ("placed", "won", "lost"))
    table.bets_missed = sum(
        1 for b in bets if b["state"] in ("missed", "refused") and b["session_id"] == session_id
    )
    by_bet = _pair_bets(ledger, bets)
    for mine in taken:
        theirs = by_bet.get(mine["bet_id"])
        if theirs is None:
            table.complaints.append(f"bet {mine['bet_id']} ({mine['state']}) is not in the ledger")
        else:
            _compare_bet(table, mine, theirs)
    ordered = {theirs["id"] for theirs in by_bet.values()}
    for theirs in ledger:
        if theirs["id"] not in ordered:
            table.complaints.append(f"ledger bet {theirs['id']} was never ordered by the bot")
    taken_ids = {b["bet_id"] for b in taken}
    for bet_id in by_bet.keys() - taken_ids:
        table.complaints.append(f"bet {bet_id} is in the ledger, the record says it was not placed")


def _pair_bets(ledger: list[Row], bets: list[Row]) -> dict[str, Row]:
    """Ledger bets by the identifier of the order that came last before them, on the same panel."""
    pairs: dict[str, Row] = {}
    for theirs in ledger:
        candidates = [
            mine
            for mine in bets
            if mine["panel"] == theirs["panel"]
            and mine["bet_id"] not in pairs
            and -CLOCK_SLACK_MS <= theirs["placed_ms"] - mine["ordered_utc_us"] // 1_000 <= PLACED_WITHIN_MS
        ]
        if candidates:
            pairs[max(candidates, key=lambda mine: mine["ordered_utc_us"])["bet_id"]] = theirs
    return pairs


def _compare_bet(table: TableResult, mine: Row, theirs: Row) -> None:
    wrong = [
        f"{name} {mine[name]} against {theirs[name]}"
        for name in ("stake_minor", "target", "state")
        if mine[name] != theirs[name]
    ]
    if theirs["state"] in ("won", "lost") and (mine["payout_minor"] or 0) != (theirs["payout_minor"] or 0):
        wrong.append(f"payout {mine['payout_minor']} against {theirs['payout_minor']}")
    crash = mine["crash_multiplier"]
    if crash is not None and crash != theirs["crash_multiplier"]:
        wrong.append(f"its round ended at {crash} against {theirs['crash_multiplier']}")
    if wrong:
        table.complaints.append(f"bet {mine['bet_id']}: {', '.join(wrong)}")
    else:
        table.settled_exact += 1


def _double_bets(house: sqlite3.Connection, since_ms: int) -> int:
    row = house.execute(
        "SELECT COUNT(*) FROM (SELECT 1 FROM bets WHERE placed_ms >= ? AND state != 'cancelled'"
        " GROUP BY round_id, panel HAVING COUNT(*) > 1)",
        (since_ms,),
    ).fetchone()
    return int(row[0])


def _compare_balance(
    table: TableResult, account: str, closing_balances: dict[str, int], house: sqlite3.Connection
) -> None:
    row = house.execute("SELECT balance_minor FROM accounts WHERE id = ?", (account,)).fetchone()
    table.balance_casino = None if row is None else int(row[0])
    table.balance_bot = closing_balances.get(account)
    if table.balance_casino != table.balance_bot:
        table.complaints.append(
            f"balance of {account}: the ledger has {table.balance_casino}, the record {table.balance_bot}"
        )


# -- clicks -------------------------------------------------------------------------------------------


def _check_clicks(
    result: Reconciliation, connection: Any, house: sqlite3.Connection, session_id: str
) -> None:
    """Every press on the display must be one the bot meant, and hit the element that it meant."""
    started = connection.execute(
        text("SELECT started_utc_us, ended_utc_us FROM session_logs WHERE session_id = :s"),
        {"s": session_id},
    ).one()
    start_ms, end_ms = started[0] // 1_000, (started[1] or 2**62) // 1_000
    presses = _rows(
        house.execute(
            "SELECT at_ms, root_x, root_y FROM display_clicks WHERE at_ms BETWEEN ? AND ? ORDER BY at_ms",
            (start_ms, end_ms),
        )
    )
    reported = _rows(
        house.execute(
            "SELECT id, at_ms, screen_x, screen_y, element FROM page_clicks"
            " WHERE at_ms BETWEEN ? AND ? ORDER BY at_ms",
            (start_ms - CLICK_SLACK_MS, end_ms + CLICK_SLACK_MS),
        )
    )
    meant = _meant_clicks(connection, session_id)
    result.clicks = len(presses)
    for press in presses:
        intention = _take(meant, press, "x", "y")
        hit = _take(reported, press, "screen_x", "screen_y")
        if intention is None or hit is None or hit["element"] != intention["element"]:
            result.clicks_outside += 1
            wanted = intention["element"] if intention else "nothing"
            got = hit["element"] if hit else "no page"
            result.complaints.append(
                f"click at {press['root_x']},{press['root_y']} meant {wanted}, hit {got}"
            )


def _take(rows: list[Row], press: Row, x: str, y: str) -> Row | None:
    """The row nearest in time that names the same place; it is used up."""
    near = [
        row
        for row in rows
        if abs(row["at_ms"] - press["at_ms"]) <= CLICK_SLACK_MS
        and abs(row[x] - press["root_x"]) <= CLICK_SLACK_PX
        and abs(row[y] - press["root_y"]) <= CLICK_SLACK_PX
    ]
    if not near:
        return None
    best = min(near, key=lambda row: abs(row["at_ms"] - press["at_ms"]))
    rows.remove(best)
    return best


def _meant_clicks(connection: Any, session_id: str) -> list[Row]:
    """The clicks that the bot says it made, from the details of the bets' events."""
    details = connection.execute(
        text(
            "SELECT e.detail FROM bet_events e JOIN bets b ON b.bet_id = e.bet_id"
            " WHERE b.session_id = :s AND e.detail IS NOT NULL"
        ),
        {"s": session_id},
    ).scalars()
    clicks: list[Row] = []
    for detail in details:
        parsed = json.loads(detail) if isinstance(detail, str) else detail
        clicks += (parsed or {}).get("clicks", [])
    return clicks


# -- reading the two databases --------------------------------------------------------------------------


def _open_ledger(path: Path) -> sqlite3.Connection:
    house = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    house.row_factory = sqlite3.Row
    return house


def _rows(result: Any) -> list[Row]:
    if isinstance(result, sqlite3.Cursor):
        return [dict(row) for row in result.fetchall()]
    return [dict(row) for row in result.mappings()]


def _group(rows: list[Row], key: str) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[key]].append(row)
    return grouped


def _bot_rounds(connection: Any) -> list[Row]:
    query = text(
        "SELECT session_id, table_name, round_number, crash_multiplier, multiplier_source, crashed_utc_us,"
        " recorded_utc_us, missed_reason FROM rounds ORDER BY session_id, round_number"
    )
    return _rows(connection.execute(query))


def _bot_bets(connection: Any) -> list[Row]:
    query = text(
        "SELECT b.bet_id, b.session_id, b.table_name, b.panel, b.stake_minor, b.target, b.state,"
        " b.ordered_utc_us, b.payout_minor, r.crash_multiplier FROM bets b"
        " LEFT JOIN rounds r ON r.round_id = b.round_id ORDER BY b.ordered_utc_us"
    )
    return _rows(connection.execute(query))


def _closing_balances(connection: Any, session_id: str) -> dict[str, int]:
    query = text(
        "SELECT account, expected_minor FROM reconciliations"
        " WHERE session_id = :s AND verdict IN ('agrees', 'differs') ORDER BY at_utc_us"
    )
    return {
        row["account"]: row["expected_minor"] for row in _rows(connection.execute(query, {"s": session_id}))
    }


def _declared_missed(connection: Any, session_id: str) -> defaultdict[str, int]:
    query = text(
        "SELECT table_name, COUNT(*) AS n FROM error_logs"
        " WHERE session_id = :s AND error_type = 'rounds_missed' GROUP BY table_name"
    )
    counts: defaultdict[str, int] = defaultdict(int)
    for row in _rows(connection.execute(query, {"s": session_id})):
        counts[row["table_name"]] = row["n"]
    return counts


def _first_session_ms(connection: Any) -> int:
    first = connection.execute(text("SELECT MIN(started_utc_us) FROM session_logs")).scalar()
    return int(first or 0) // 1_000
