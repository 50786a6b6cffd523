"""One round as a story: a verdict in one sentence, what happened in the order of time, and the pictures.

Pure: from the rows that ``gathering`` found to words. Money and multipliers are exact decimals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.database import BetEvent, BetRow, Denial, RoundSnapshot
from bot.database.models import RoundPicture
from bot.domain.amounts import format_hundredths
from bot.domain.bets import BetState
from bot.domain.pictures import Moment
from bot.domain.words import Mode
from bot.journal.gathering import RoundFacts, times_of
from bot.journal.words import field_words, seen_words

_MONEY_LIMITS = ("stake", "give_back", "balance_floor", "balance")
_US_PER_MS = 1_000


class Kind(StrEnum):
    """What a line of the story is about."""

    SESSION = "session"
    SEEN = "seen"
    DECIDED = "decided"
    DENIED = "denied"
    BET = "bet"
    SETTLED = "settled"
    BALANCE = "balance"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened. ``at_utc_us``: microseconds since 1970; ``details`` say more, a line each."""

    at_utc_us: int
    kind: Kind
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A moment that was kept. ``path`` leads from the journal's folder; without one ``lost`` may say why.

    ``boxes`` are places on the screen as ``(x, y, width, height)``; ``picture`` is the picture's own.
    """

    moment: Moment
    at_utc_us: int
    bet_id: str | None
    said: str
    seen: Mapping[str, Mapping[str, object]]
    boxes: Mapping[str, tuple[int, int, int, int]]
    path: str | None
    sha256: str | None
    lost: str


@dataclass(frozen=True, slots=True)
class Story:
    """A round, told. ``began_utc_us`` is its first moment."""

    round_id: str
    table: str
    game: str
    number: int | None
    session_id: str
    mode: str
    strategy: str
    began_utc_us: int
    crash: int | None
    verdict: tuple[str, ...]
    lines: tuple[Line, ...]
    pictures: tuple[Picture, ...]


def tell(facts: RoundFacts) -> Story:
    """The story of a round."""
    row, session = facts.round, facts.session
    lines = [
        *_session_lines(facts),
        *_seen_lines(facts),
        *_decision_lines(facts),
        *_bet_lines(facts),
        *_balance_lines(facts),
        *_trouble_lines(facts),
        *_end_lines(facts),
    ]
    order = {kind: place for place, kind in enumerate(Kind)}
    return Story(
        round_id=facts.round_id,
        table=facts.table,
        game=row.game_name if row is not None else "",
        number=row.round_number if row is not None else None,
        session_id=facts.session_id,
        mode=session.mode if session is not None else "",
        strategy=session.strategy_name if session is not None else "",
        began_utc_us=times_of(facts)[0],
        crash=row.crash_multiplier if row is not None else None,
        verdict=tuple(_verdict(facts)),
        lines=tuple(sorted(lines, key=lambda line: (line.at_utc_us, order[line.kind]))),
        pictures=tuple(_picture(row) for row in facts.moments),
    )


# -- the verdict ----------------------------------------------------------------------------------------


def _verdict(facts: RoundFacts) -> Iterator[str]:
    on_paper = facts.session is not None and facts.session.mode == Mode.PAPER.value
    for bet in facts.bets:
        yield _bet_verdict(bet, on_paper)
    if facts.bets:
        return
    for denial in facts.denials:
        yield f"No bet: {denial.reason}."
    if not facts.denials:
        yield _no_word(facts)


def _bet_verdict(bet: BetRow, on_paper: bool) -> str:
    what = f"{'Paper bet' if on_paper else 'Bet'} {format_hundredths(bet.stake_minor)} {bet.currency}"
    if bet.target is not None:
        what += f" at {format_hundredths(bet.target)}x"
    if bet.panel:
        what += f" on panel {bet.panel + 1}"
    profit = bet.profit_minor
    if bet.state == BetState.WON.value and profit is not None:
        return f"{what}: won, {format_hundredths(bet.payout_minor or 0)} paid, result {_signed(profit)}."
    if bet.state == BetState.LOST.value and profit is not None:
        return f"{what}: lost, result {_signed(profit)}."
    why = f": {bet.reason}" if bet.reason else ""
    said = {
        BetState.MISSED.value: f"{what}: not placed{why}.",
        BetState.REFUSED.value: f"{what}: refused by the house{why}.",
        BetState.UNKNOWN.value: f"{what}: what became of it is not known{why}. See `crashbot settle`.",
    }
    return said.get(bet.state, f"{what}: {bet.state}{why}.")


def _no_word(facts: RoundFacts) -> str:
    """Why nothing was decided, as far as the record says."""
    row, session = facts.round, facts.session
    if session is not None and session.mode == Mode.WATCH.value:
        return "No bet: the bot only watched."
    if row is not None and row.missed_reason:
        return f"No bet: the round was missed ({row.missed_reason})."
    if row is not None and row.seen_from != "betting":
        first = "only in the history strip" if row.seen_from == "history" else f"when it was {row.seen_from}"
        return f"No bet: the round was first seen {first}, too late for one."
    if facts.last_of_session and session is not None and session.ended_utc_us is not None:
        return f"No bet: the session was ending ({session.notes or session.status})."
    return "No bet: the record does not say why."


# -- what was seen --------------------------------------------------------------------------------------


def _seen_lines(facts: RoundFacts) -> Iterator[Line]:
    for run in _runs(facts.snapshots):
        yield Line(run[0].at_utc_us, Kind.SEEN, *_phase_words(run))
    row = facts.round
    if row is None:
        return
    if row.crash_multiplier is not None:
        at = row.crashed_utc_us or row.recorded_utc_us
        text = f"ended at {format_hundredths(row.crash_multiplier)}x"
        yield Line(at, Kind.SEEN, text, tuple(_end_details(facts)))
    if row.missed_reason:
        yield Line(row.recorded_utc_us, Kind.SEEN, f"its end was missed: {row.missed_reason}")


def _runs(snapshots: list[RoundSnapshot]) -> Iterator[list[RoundSnapshot]]:
    """Snapshots that follow one another in one phase."""
    run: list[RoundSnapshot] = []
    for each in snapshots:
        if run and each.phase != run[0].phase:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _phase_words(run: list[RoundSnapshot]) -> tuple[str, tuple[str, ...]]:
    values = [each.multiplier for each in run if each.multiplier is not None]
    text = run[0].phase
    if run[0].phase == "flying" and values:
        text += f": {format_hundredths(values[0])}x"
        if len(values) > 1:
            text += f" to {format_hundredths(values[-1])}x in {len(values)} snapshots"
    details = []
    balances = [each.balance_minor for each in run if each.balance_minor is not None]
    if balances:
        details.append(f"balance {' then '.join(map(format_hundredths, dict.fromkeys(balances)))}")
    players = [each for each in run if each.players is not None]
    if players:
        last = players[-1]
        total = last.players_total_minor
        with_ = "" if total is None else f" with {format_hundredths(total)}"
        details.append(f"{last.players} players{with_}")
    sure = [each.confidence for each in run if each.confidence is not None]
    if sure:
        details.append(f"confidence {min(sure):.2f} or more")
    return text, tuple(details)


def _end_details(facts: RoundFacts) -> Iterator[str]:
    row = facts.round
    if row is None:
        return
    source = {
        "ocr": "read from the screen",
        "backfill": "taken from its chip in the history strip: the end itself was not seen",
    }.get(row.multiplier_source or "", row.multiplier_source or "source unknown")
    sure = "" if row.confidence is None else f", confidence {row.confidence:.3f}"
    by = next((_by(m) for m in facts.moments if m.moment == Moment.ROUND_END.value), "")
    seen = f", the characters {row.raw_text!r}" if row.raw_text else ""
    yield f"{source}{by}{seen}{sure}"
    if not row.complete:
        yield "not seen whole from its betting phase to its end"


def _by(moment: RoundPicture) -> str:
    read = (moment.seen or {}).get("multiplier")
    by = read.get("by") if isinstance(read, Mapping) else None
    names = {
        "both": " by both readers (learned digits and recognition model)",
        "glyphs": " by its learned digits",
        "engine": " by the recognition model",
    }
    return names.get(str(by), "") if by else ""


# -- what was decided -----------------------------------------------------------------------------------


def _session_lines(facts: RoundFacts) -> Iterator[Line]:
    if facts.odds is not None and facts.bets:
        words = facts.odds.result.get("words")
        told = tuple(str(each) for each in words[1:3]) if isinstance(words, list) else ()
        began, _ = times_of(facts)
        at = min(began, facts.odds.at_utc_us)
        yield Line(at, Kind.SESSION, "the odds were told before the first bet of the session", told)


def _decision_lines(facts: RoundFacts) -> Iterator[Line]:
    skips = {denial.reason: denial for denial in facts.denials}
    told: set[str] = set()
    decided = [each for each in facts.moments if each.moment == Moment.DECIDED.value]
    for each in decided:
        said = each.said or ""
        denial = skips.get(said.removeprefix("no bet: ")) if said.startswith("no bet: ") else None
        details = list(seen_words(_seen(each)))
        if denial is not None:
            told.add(denial.id)
            details.insert(0, f"rule: {denial.limit_name}{_figures(denial)}")
        yield Line(each.at_utc_us, Kind.DECIDED, said, tuple(details))
    ordered = {each.bet_id for each in decided}
    for bet in facts.bets:
        if bet.bet_id not in ordered:
            yield Line(bet.ordered_utc_us, Kind.DECIDED, f"ordered {_order(bet)}", tuple(_notes(facts, bet)))
    for denial in facts.denials:
        if denial.id not in told:
            rule = f"rule: {denial.limit_name}{_figures(denial)}"
            yield Line(denial.at_utc_us, Kind.DENIED, f"no bet: {denial.reason}", (rule,))


def _order(bet: BetRow) -> str:
    target = "" if bet.target is None else f" at {format_hundredths(bet.target)}x"
    return f"{format_hundredths(bet.stake_minor)}{target}"


def _notes(facts: RoundFacts, bet: BetRow) -> Iterator[str]:
    for event in facts.events.get(bet.bet_id, [])[:1]:
        note = (event.detail or {}).get("note")
        if note:
            yield str(note)


def _figures(denial: Denial) -> str:
    if denial.figure is None and denial.bound is None:
        return ""
    money = denial.limit_name in _MONEY_LIMITS or denial.limit_name.endswith(("_loss", "_turnover"))
    show = format_hundredths if money else str
    parts = []
    if denial.figure is not None:
        parts.append(f"figure {show(denial.figure)}")
    if denial.bound is not None:
        parts.append(f"bound {show(denial.bound)}")
    return f" ({', '.join(parts)})"


# -- what became of the bets ----------------------------------------------------------------------------


def _bet_lines(facts: RoundFacts) -> Iterator[Line]:
    for bet in facts.bets:
        several = f" (panel {bet.panel + 1})" if len(facts.bets) > 1 else ""
        steps: dict[str, float] = {}
        for event in facts.events.get(bet.bet_id, []):
            if event.from_state is None:
                continue  # the order itself: told as a decision
            yield _event_line(bet, event, steps, several)


def _event_line(bet: BetRow, event: BetEvent, steps: dict[str, float], several: str) -> Line:
    state = event.to_state
    details = list(_detail_words(event, steps))
    if state in (BetState.WON.value, BetState.LOST.value):
        paid = format_hundredths(bet.payout_minor or 0)
        result = "" if bet.profit_minor is None else f", result {_signed(bet.profit_minor)}"
        details.insert(0, f"paid {paid}{result}{_balances(bet)}")
        kind = Kind.SETTLED
    else:
        kind = Kind.BET
    reason = f": {event.reason}" if event.reason else ""
    meaning = {
        BetState.TYPED.value: "typed into the stake field",
        BetState.VERIFIED.value: "verified: read back as ordered, and the limits asked again",
        BetState.CLICKED.value: "clicked, once",
    }
    return Line(event.at_utc_us, kind, meaning.get(state, state) + reason + several, tuple(details))


def _balances(bet: BetRow) -> str:
    if bet.balance_before_minor is None or bet.balance_after_minor is None:
        return ""
    before, after = format_hundredths(bet.balance_before_minor), format_hundredths(bet.balance_after_minor)
    return f", balance {before} before and {after} after"


def _detail_words(event: BetEvent, steps: dict[str, float]) -> Iterator[str]:
    """The steps since the event before, with their milliseconds, and the clicks."""
    detail = event.detail or {}
    found = detail.get("step_ms")
    if isinstance(found, Mapping):
        new = {name: float(ms) - steps.get(name, 0.0) for name, ms in found.items()}
        steps.update({name: float(ms) for name, ms in found.items()})
        shown = [f"{name.replace('_', ' ')} {ms:.0f} ms" for name, ms in new.items() if ms >= 0.5]
        if shown:
            yield ", ".join(shown)
    clicks = detail.get("clicks")
    for click in clicks if isinstance(clicks, list) else []:
        if isinstance(click, Mapping):
            yield f"click on {field_words(str(click.get('element')))} at {click.get('x')}, {click.get('y')}"
    by = detail.get("settled_by")
    if by:
        yield f"settled by {by}"


# -- money and trouble ----------------------------------------------------------------------------------


def _balance_lines(facts: RoundFacts) -> Iterator[Line]:
    for each in facts.reconciliations:
        expected = "unknown" if each.expected_minor is None else format_hundredths(each.expected_minor)
        seen = "unknown" if each.seen_minor is None else format_hundredths(each.seen_minor)
        text = f"account {each.account} {each.verdict}: expected {expected}, seen {seen}"
        who = f"settled by {each.settled_by}" if each.settled_by and each.settled_by != "machine" else ""
        yield Line(each.at_utc_us, Kind.BALANCE, text, tuple(part for part in (each.note or "", who) if part))


def _trouble_lines(facts: RoundFacts) -> Iterator[Line]:
    for each in facts.errors:
        reaction = () if not each.reaction or each.reaction == "none" else (f"reaction: {each.reaction}",)
        yield Line(each.at_utc_us, Kind.TROUBLE, f"{each.error_type}: {each.message}", reaction)


def _end_lines(facts: RoundFacts) -> Iterator[Line]:
    session = facts.session
    if not facts.last_of_session or session is None:
        return
    if session.ended_utc_us is not None:
        why = session.notes or session.status
        yield Line(session.ended_utc_us, Kind.SESSION, f"the session ended: {why}")


# -- pictures -------------------------------------------------------------------------------------------


def _picture(row: RoundPicture) -> Picture:
    boxes = {
        name: (int(box[0]), int(box[1]), int(box[2]), int(box[3]))
        for name, box in (row.boxes or {}).items()
        if isinstance(box, list) and len(box) == 4
    }
    return Picture(
        moment=Moment(row.moment),
        at_utc_us=row.at_utc_us,
        bet_id=row.bet_id,
        said=row.said or "",
        seen=_seen(row),
        boxes=boxes,
        path=row.path,
        sha256=row.sha256,
        lost=row.lost or "",
    )


def _seen(row: RoundPicture) -> dict[str, Mapping[str, object]]:
    return {name: read for name, read in (row.seen or {}).items() if isinstance(read, Mapping)}


def _signed(minor: int) -> str:
    return f"{'+' if minor > 0 else ''}{format_hundredths(minor)}"
