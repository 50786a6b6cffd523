"""One table's rounds: what its page hears, what it takes and refuses, and what a restart makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.practice.clock import JumpingClock
from bot.practice.games import GAMES
from bot.practice.house import House, mark_code
from bot.practice.outlet import Message
from tests.practice.houses import ListeningPage, assert_book_balances, open_house, play, rows


def bet_on(
    house: House, *orders: tuple[object, object, object], table: str = "aviator", when: str = "betting"
) -> Callable[[Message], None]:
    """An act for a page: place these orders each time it hears ``when``."""

    def act(message: Message) -> None:
        if message["t"] == when:
            for order in orders:
                house.tables[table].place(*order)

    return act


def test_a_round_is_told_in_order(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")
    page = play(house, 1)
    told = list(dict.fromkeys(page.kinds()))
    assert [kind for kind in told if kind != "tick"] == [
        "betting",
        "crowd",
        "fly",
        "crash",
        "history",
        "pause",
    ]
    crash = page.of("crash")[0]
    assert page.of("history")[0]["values"] == [crash["m"]]
    assert all(int(str(tick["m"])) <= int(str(crash["m"])) for tick in page.of("tick"))
    house.close()


def test_times_of_a_round_are_those_of_the_game(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", tables="aviatrix")
    play(house, 3, table="aviatrix")
    house.close()
    game = GAMES["aviatrix"]
    for row in rows(tmp_path / "l.db", "SELECT * FROM rounds"):
        assert row["flying_ms"] - row["betting_ms"] == pytest.approx(game.betting_s * 1000, abs=2)
        flight_ms = game.flight_s(row["crash_multiplier"], 1.0) * 1000
        assert row["crashed_ms"] - row["flying_ms"] == pytest.approx(flight_ms, abs=2)


def test_two_panels_are_settled_each_by_its_target(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")
    page = play(house, 12, bet_on(house, (0, 150, 120), (1, 333, 301)))
    house.close()
    bets = rows(
        tmp_path / "l.db", "SELECT b.*, r.crash_multiplier FROM bets b JOIN rounds r ON r.id=b.round_id"
    )
    assert len(bets) == 24
    assert {bet["state"] for bet in bets} == {"won", "lost"}
    for bet in bets:
        won = bet["crash_multiplier"] >= bet["target"]
        assert bet["state"] == ("won" if won else "lost")
        assert bet["payout_minor"] == (bet["stake_minor"] * bet["target"] // 100 if won else 0)
    assert len(page.of("bet_won")) == sum(bet["state"] == "won" for bet in bets)
    assert len(page.of("bet_open")) == 24
    assert_book_balances(tmp_path / "l.db")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ((0, 9, 200), "min_stake"),
        ((0, 50_001, 200), "max_stake"),
        ((0, 100, 100), "target"),
        ((0, 100, 10_001), "target"),
        ((2, 100, 200), "bad_request"),
        ((True, 100, 200), "bad_request"),
        ((0, "100", 200), "bad_request"),
        ((0, 1.5, 200), "bad_request"),
        ((0, 10**30, 200), "bad_request"),
        ((0, -100, 200), "min_stake"),
        (([], None, {}), "bad_request"),
    ],
)
def test_orders_outside_the_bounds_are_refused(
    tmp_path: Path, order: tuple[object, object, object], reason: str
) -> None:
    house = open_house(tmp_path / "l.db")
    page = play(house, 1, bet_on(house, order))
    house.close()
    assert [refusal["reason"] for refusal in page.of("bet_refused")] == [reason]
    assert [row["reason"] for row in rows(tmp_path / "l.db", "SELECT reason FROM refusals")] == [reason]
    assert rows(tmp_path / "l.db", "SELECT * FROM bets") == []


def test_orders_at_the_bounds_are_taken(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")
    page = play(house, 1, bet_on(house, (0, 10, 101), (1, 50_000, 10_000)))
    house.close()
    assert len(page.of("bet_ok")) == 2


@pytest.mark.parametrize("when", ["fly", "crash", "pause"])
def test_orders_outside_betting_are_refused_as_late(tmp_path: Path, when: str) -> None:
    house = open_house(tmp_path / "l.db", seed="flies")
    page = play(house, 2, bet_on(house, (0, 100, 200), when=when))
    house.close()
    assert {refusal["reason"] for refusal in page.of("bet_refused")} == {"late"}
    assert rows(tmp_path / "l.db", "SELECT * FROM bets") == []


def test_an_order_after_the_window_is_late_even_before_take_off(tmp_path: Path) -> None:
    clock = JumpingClock()
    house = open_house(tmp_path / "l.db", clock=clock)
    table = house.tables["aviator"]
    page = ListeningPage()
    table.outlet.join(page)

    async def order_while_the_table_sleeps() -> None:
        task = asyncio.create_task(table.play_round())
        await asyncio.sleep(0)
        await clock.sleep_until(clock.mono_s() + 60)
        table.place(0, 100, 200)
        task.cancel()

    asyncio.run(order_while_the_table_sleeps())
    house.close()
    assert [refusal["reason"] for refusal in page.of("bet_refused")] == ["late"]


def test_a_second_bet_on_a_panel_is_refused(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")
    page = play(house, 1, bet_on(house, (0, 100, 200), (0, 100, 200)))
    house.close()
    assert [refusal["reason"] for refusal in page.of("bet_refused")] == ["panel_taken"]
    assert len(rows(tmp_path / "l.db", "SELECT * FROM bets")) == 1


def test_a_cancelled_bet_costs_nothing(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")

    def act(message: Message) -> None:
        if message["t"] == "betting":
            house.tables["aviator"].place(1, 700, None)
        if message["t"] == "bet_ok":
            house.tables["aviator"].cancel(1)

    page = play(house, 2, act)
    house.close()
    assert len(page.of("cancel_ok")) == 2
    assert page.of("bet_open") == []
    assert rows(tmp_path / "l.db", "SELECT balance_minor FROM accounts")[0][0] == 1_000_000
    assert_book_balances(tmp_path / "l.db")


def test_cash_out_by_hand_pays_what_flies_and_never_after_the_crash(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db")

    def act(message: Message) -> None:
        if message["t"] == "betting":
            house.tables["aviator"].place(0, 1000, None)
        if message["t"] == "tick" and int(str(message["m"])) >= 130:
            house.tables["aviator"].cash_out(0)
        if message["t"] == "crash":
            house.tables["aviator"].cash_out(0)

    play(house, 10, act)
    house.close()
    bets = rows(
        tmp_path / "l.db", "SELECT b.*, r.crash_multiplier FROM bets b JOIN rounds r ON r.id=b.round_id"
    )
    won = [bet for bet in bets if bet["state"] == "won"]
    assert won and len(won) < len(bets)
    for bet in won:
        assert 130 <= bet["cash_multiplier"] <= bet["crash_multiplier"]
        assert bet["payout_minor"] == 1000 * bet["cash_multiplier"] // 100
    assert_book_balances(tmp_path / "l.db")


@pytest.mark.parametrize("moment", ["betting", "flying"])
def test_a_killed_casino_finishes_its_round_from_the_committed_crash_point(
    tmp_path: Path, moment: str
) -> None:
    path = tmp_path / "l.db"
    house = open_house(path)

    async def die_in(phase: str) -> None:
        table = house.tables["aviator"]
        task = asyncio.create_task(table.play_round())
        await asyncio.sleep(0)
        table.place(0, 100, 101)
        table.place(1, 100, 10_000)
        while table.phase != phase:
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(die_in(moment))
    house.close()
    left = rows(path, "SELECT * FROM rounds")[0]
    assert left["state"] == moment

    again = open_house(path)
    again.tables["aviator"].recover()
    play(again, 1)
    again.close()
    finished = rows(path, "SELECT * FROM rounds ORDER BY id")
    assert [row["state"] for row in finished] == ["crashed", "crashed"]
    assert finished[0]["crash_multiplier"] == left["crash_multiplier"]
    low_won = left["crash_multiplier"] >= 101
    assert [row["state"] for row in rows(path, "SELECT state FROM bets ORDER BY panel")] == [
        "won" if low_won else "lost",
        "lost",
    ]
    assert_book_balances(path)


def test_rounds_after_a_restart_are_those_that_would_have_come_without_it(tmp_path: Path) -> None:
    whole = open_house(tmp_path / "whole.db", seed="9")
    play(whole, 6)
    whole.close()
    for _ in range(3):
        part = open_house(tmp_path / "parts.db", seed="9")
        play(part, 2)
        part.close()
    query = "SELECT crash_multiplier, server_seed FROM rounds ORDER BY id"
    assert [tuple(r) for r in rows(tmp_path / "whole.db", query)] == [
        tuple(r) for r in rows(tmp_path / "parts.db", query)
    ]


def test_the_same_seed_gives_the_same_trace(tmp_path: Path) -> None:
    traces = []
    for name in ("one.db", "two.db"):
        house = open_house(tmp_path / name, seed="trace", faults="one_x,comma,min_stake,mid_change")
        traces.append(play(house, 9, bet_on(house, (0, 100, 150))).heard)
        house.close()
    assert traces[0] == traces[1]


def test_a_low_account_is_topped_up_by_a_new_session_but_not_by_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    house = open_house(path, nonce=1)
    for _ in range(19):
        play(house, 1, bet_on(house, (0, 50_000, 10_000)))
    house.close()
    low = rows(path, "SELECT balance_minor FROM accounts")[0][0]
    assert low < 100_000
    open_house(path, nonce=1).close()
    assert rows(path, "SELECT balance_minor FROM accounts")[0][0] == low
    open_house(path, nonce=2).close()
    assert rows(path, "SELECT balance_minor FROM accounts")[0][0] == 1_000_000
    assert_book_balances(path)


def test_one_account_shows_every_table_the_same_money(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", tables="aviator,jetx", one_account=True)
    other = ListeningPage()
    house.tables["jetx"].outlet.join(other)
    play(house, 1, bet_on(house, (0, 100, 10_000)))
    assert other.of("balance")[0]["balance"] == 999_900
    assert house.hello("jetx")["balance"] == house.hello("aviator")["balance"]
    house.close()


def test_hello_tells_a_reloaded_page_everything(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", nonce=0xABCDEF)
    seen: dict[str, Message] = {}

    def act(message: Message) -> None:
        if message["t"] == "betting":
            house.tables["aviator"].place(1, 250, 10_000)
        if message["t"] in ("bet_ok", "fly", "crash", "pause"):
            seen[str(message["t"])] = house.hello("aviator")

    play(house, 1, act)
    assert [seen[moment]["phase"] for moment in ("bet_ok", "fly", "crash")] == [
        "betting",
        "flying",
        "crashed",
    ]
    assert seen["bet_ok"]["bets"] == {
        "1": {"stake": 250, "target": 10_000, "state": "open", "payout": None, "m": None}
    }
    assert seen["bet_ok"]["client_seeds"] is None
    assert seen["pause"]["bets"] == {}
    assert seen["pause"]["mark"] == mark_code(0xABCDEF, 0)
    house.close()
