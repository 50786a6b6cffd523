"""Watching orders nothing; bets on paper are placed before the flight, settled by what was seen, or void."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.bets import Bet, BetState
from bot.domain.words import FieldValue, Mode, Phase, Reading
from bot.limits import Limits, PeriodLimits
from bot.runtime.messages import BetNews, Quit
from tests.runtime.flown_table import QuietTable, Seen, settles
from tests.table.flown import Flown, at, fly, reading_at

CRASHES = [312, 150, 204, 101, 640, 187]
ROUNDS = fly(CRASHES)
END = ROUNDS[-1].ends + 0.5
Make = Callable[..., QuietTable]


def multiplier_only(rounds: list[Flown], blind: Callable[[float], bool] = lambda _s: False) -> Seen:
    """A table with a box for the multiplier and nothing else."""

    def seen(seconds: float, number: int) -> Reading:
        reading = reading_at(rounds, seconds, number, blind(seconds))
        return replace(reading, history=FieldValue.refused("no such field"), panels=())

    return seen


def no_betting_phase(rounds: list[Flown], blind: Callable[[float], bool] = lambda _s: False) -> Seen:
    """As above, but the crash point stands until the next flight takes off."""
    plain = multiplier_only(rounds, blind)

    def seen(seconds: float, number: int) -> Reading:
        reading = plain(seconds, number)
        before = [r for r in rounds if r.crashes <= seconds]
        if reading.placement is None or reading.phase is Phase.FLYING or not before:
            return reading
        crash = before[-1].crash
        return replace(reading, phase=Phase.CRASHED, multiplier=FieldValue(crash, 1.0, str(crash)))

    return seen


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[QuietTable] = []

    def table(seen: Seen, mode: Mode = Mode.PAPER, **more: object) -> QuietTable:
        made.append(QuietTable(tmp_path, seen, mode, **more))  # type: ignore[arg-type]
        return made[-1]

    yield table
    for each in made:
        each.close()


def last_states(table: QuietTable) -> list[str]:
    return [str(rows[-1]["state"]) for rows in table.book.bets().values()]


def test_watching_records_every_round_and_orders_nothing(make: Make) -> None:
    table = make(multiplier_only(ROUNDS), Mode.WATCH)
    table.run(END)
    assert [event.crash for event in table.ended] == CRASHES
    assert table.wanted == [] and table.skipped == []
    assert table.book.of("bets") == [] and table.book.of("denials") == []
    assert len(table.book.of("watched_intervals")) > 0


def test_watching_ends_after_its_rounds(make: Make) -> None:
    table = make(multiplier_only(ROUNDS), Mode.WATCH, rounds=3)
    assert table.run(END) is False
    assert [event.crash for event in table.ended] == CRASHES[:3]


def test_a_watched_balance_is_shown_and_compared_with_nothing(make: Make) -> None:
    table = make(multiplier_only(ROUNDS), Mode.WATCH)
    for amount in (5_000, 4_000, 90_000):
        table.desk.balance_seen("mine", amount, at(1))
        assert table.desk.account_of("mine").seen_minor == amount
    table.desk.close_accounts()
    assert table.desk.mismatches() == []
    assert table.book.of("reconciliations") == []


def test_on_paper_each_round_after_the_first_whole_one_is_staked_and_settled_by_its_crash(make: Make) -> None:
    table = make(multiplier_only(ROUNDS))
    table.run(END)
    staked = ROUNDS[2:]  # the first was not seen from its start, the second taught how long bets are taken
    states = ["won" if r.crash >= 200 else "lost" for r in staked]
    assert last_states(table) == states
    assert table.bankroll == 100_000 + settles(staked, 100, 200)
    assert table.desk.money["mine"].result_minor == settles(staked, 100, 200)


def test_a_bet_on_paper_is_on_the_record_before_its_flight(make: Make) -> None:
    table = make(multiplier_only(ROUNDS))
    table.run(END)
    for rows, flown in zip(table.book.bets().values(), ROUNDS[2:], strict=True):
        assert [row["state"] for row in rows][:2] == ["ordered", "placed"]
        assert at(flown.opens).utc_ns // 1_000 <= int(str(rows[0]["ordered_utc_us"]))
        assert int(str(rows[1]["placed_utc_us"])) < at(flown.flies).utc_ns // 1_000


def test_where_no_betting_phase_is_seen_the_next_rounds_bet_is_placed_when_the_one_before_has_ended(
    make: Make,
) -> None:
    table = make(no_betting_phase(ROUNDS))
    table.run(END)
    assert [event.crash for event in table.ended] == CRASHES
    placed = [rows[1] for rows in table.book.bets().values()]
    assert len(placed) >= 3
    by_round = {event.round_id: event.crash for event in table.ended}
    for rows in table.book.bets().values():
        crash = by_round.get(str(rows[-1]["round_id"]))
        if crash is None:
            assert rows[-1]["state"] == "placed"  # the round after the last one has not flown
            continue
        assert rows[-1]["state"] == ("won" if crash >= 200 else "lost")
        flown = ROUNDS[CRASHES.index(crash)]
        assert int(str(rows[1]["placed_utc_us"])) < at(flown.flies).utc_ns // 1_000
    notes = [dict(row["detail"])["note"] for row in table.book.of("bet_events") if row["from_state"] is None]  # type: ignore[call-overload]
    assert all("no betting phase" in note for note in notes)


@pytest.mark.parametrize("shape", [multiplier_only, no_betting_phase])
def test_a_bet_whose_round_was_not_seen_to_its_end_is_void_and_costs_nothing(
    make: Make, shape: Callable[..., Seen]
) -> None:
    hidden = ROUNDS[3]
    blind = lambda s: hidden.flies - 0.2 <= s < hidden.ends + 7  # noqa: E731
    table = make(shape(ROUNDS, blind))
    table.run(END)
    table.desk.close_accounts()
    outcomes = [(str(rows[-1]["state"]), str(rows[-1]["reason"])) for rows in table.book.bets().values()]
    assert [reason for state, reason in outcomes if state == "refused"]
    assert all(reason.startswith("void") for state, reason in outcomes if state == "refused")
    settled = [rows[-1] for rows in table.book.bets().values() if rows[-1]["state"] in ("won", "lost")]
    assert table.bankroll == 100_000 + sum(int(str(row["profit_minor"])) for row in settled)


def test_a_short_hole_that_hides_a_round_without_a_flight_joins_no_two_rounds(make: Make) -> None:
    rounds = fly([312, 150, 204, 100, 640, 187])
    hidden = rounds[3]
    blind = lambda s: hidden.flies - 0.3 <= s < hidden.ends + 1.0  # noqa: E731
    table = make(multiplier_only(rounds, blind))
    table.run(rounds[-1].ends + 0.5)
    bets = [rows[-1] for rows in table.book.bets().values()]
    in_hidden = [row for row in bets if int(str(row["ordered_utc_us"])) < at(hidden.flies).utc_ns // 1_000][
        -1
    ]
    assert in_hidden["state"] == "refused"
    assert str(in_hidden["reason"]).startswith("void")


def test_an_order_on_the_last_look_before_the_flight_is_void(make: Make) -> None:
    first: list[float] = []

    def seen(seconds: float, number: int) -> Reading:
        """The betting phase of the fourth round is seen at one look, and hidden until it flies."""
        reading = multiplier_only(ROUNDS)(seconds, number)
        if not first and seconds >= ROUNDS[3].opens:
            first.append(seconds)
        hidden = bool(first) and first[0] < seconds < ROUNDS[3].flies
        return (
            replace(reading, phase=Phase.UNKNOWN, multiplier=FieldValue.refused("?")) if hidden else reading
        )

    table = make(seen)
    table.run(END)
    opens, flies = (at(s).utc_ns // 1_000 for s in (ROUNDS[3].opens, ROUNDS[3].flies))
    bets = [rows[-1] for rows in table.book.bets().values()]
    (bet,) = [row for row in bets if opens <= int(str(row["ordered_utc_us"])) < flies]
    assert bet["state"] == "refused"
    assert "before the take-off" in str(bet["reason"])
    assert table.bankroll == 100_000 + settles([ROUNDS[2], *ROUNDS[4:]], 100, 200)


def test_the_limits_hold_on_paper(make: Make) -> None:
    bound = Limits(session=PeriodLimits(turnover_minor=200), balance_floor_minor=0)
    table = make(multiplier_only(ROUNDS), limits=bound)
    table.run(END)
    assert len(table.book.bets()) == 2
    assert {row["limit_name"] for row in table.book.of("denials")} >= {"session_turnover"}


def test_without_a_stated_bankroll_the_first_balance_seen_is_it(make: Make) -> None:
    def seen(seconds: float, number: int) -> Reading:
        return multiplier_only(ROUNDS)(seconds, number)

    table = make(seen, bankroll_minor=None)
    table.run(ROUNDS[3].opens)
    assert table.wanted == []
    table.desk.balance_seen("mine", 7_000, at(1))
    table.desk.balance_seen("mine", 9_999, at(2))  # what a person does on the page is not this money
    table.run(END)
    assert table.bankroll is not None
    assert table.bankroll == 7_000 + table.desk.money["mine"].result_minor
    assert table.wanted


def test_told_to_quit_it_sees_the_staked_round_to_its_end(make: Make) -> None:
    table = make(multiplier_only(ROUNDS))
    table.run(ROUNDS[4].flies + 0.3)
    table.tell(Quit(finish_round=True))
    assert table.run(END) is False
    assert [event.crash for event in table.ended] == CRASHES[:5]
    assert "placed" not in last_states(table)


def test_a_round_whose_end_is_never_read_does_not_hold_up_the_end(make: Make) -> None:
    plain = multiplier_only(ROUNDS)

    def seen(seconds: float, number: int) -> Reading:
        reading = plain(seconds, number)
        if reading.phase is Phase.CRASHED:
            return replace(reading, multiplier=FieldValue.refused("not read"))
        return reading

    table = make(seen, Mode.WATCH)
    table.run(ROUNDS[2].flies + 0.3)
    table.tell(Quit(finish_round=True))
    assert table.run(ROUNDS[3].flies) is False


def test_what_a_killed_session_left_open_is_closed_without_moving_the_new_bankroll(make: Make) -> None:
    table = make(multiplier_only(ROUNDS))
    base = Bet("b0", "s0", "mine", "mine", "r0", 0, 500, 200, "EUR", 100_000, 0, 0)
    ends = {"r1": 250, "r2": 120}
    left = [
        base,
        replace(base, bet_id="b1", round_id="r1", state=BetState.PLACED),
        replace(base, bet_id="b2", round_id="r2", state=BetState.PLACED),
        replace(base, bet_id="b3", round_id="r3", state=BetState.PLACED),
    ]
    table.desk.recover(left, ends.get)
    assert last_states(table) == ["missed", "won", "lost", "refused"]
    table.desk.tick()
    assert table.bankroll == 100_000


def test_news_of_other_bets_are_none_of_its_business(make: Make) -> None:
    table = make(multiplier_only(ROUNDS), Mode.WATCH)
    table.tell(BetNews(Bet("b9", "s0", "mine", "mine", "r0", 0, 500, 200, "EUR", 100_000, 0, 0)))
    table.run(ROUNDS[1].opens)
    assert table.book.of("bets") == []


@settings(max_examples=25, deadline=None)
@given(
    crashes=st.lists(st.integers(100, 900), min_size=4, max_size=8),
    holes=st.lists(st.tuples(st.floats(0, 90), st.floats(0.3, 15)), max_size=3),
    shape=st.sampled_from([multiplier_only, no_betting_phase]),
)
def test_paper_money_is_the_bankroll_and_the_settled_bets_whatever_is_hidden(
    tmp_path_factory: pytest.TempPathFactory,
    crashes: list[int],
    holes: list[tuple[float, float]],
    shape: Callable[..., Seen],
) -> None:
    rounds = fly(crashes)
    blind = lambda s: any(start <= s < start + length for start, length in holes)  # noqa: E731
    table = QuietTable(tmp_path_factory.mktemp("paper"), shape(rounds, blind), Mode.PAPER)
    try:
        table.run(rounds[-1].ends + 0.5)
        table.desk.close_accounts()
        ends = {event.round_id: event.crash for event in table.ended}
        result = 0
        for rows in table.book.bets().values():
            last = rows[-1]
            assert last["state"] in ("won", "lost", "refused", "missed")
            if last["state"] in ("won", "lost"):
                assert (last["state"] == "won") is (ends[str(last["round_id"])] >= 200)
                result += int(str(last["profit_minor"]))
        assert table.bankroll == 100_000 + result
        assert table.desk.money["mine"].result_minor == result
    finally:
        table.close()
