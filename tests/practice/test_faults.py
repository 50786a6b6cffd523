"""Faults: a plan from the seed that brings every kind, and how the house performs its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.practice.fault_desk import FaultDesk
from bot.practice.faults import BLOCK_ROUNDS, FaultKind, FaultPlan, parse_kinds
from bot.practice.house import House
from bot.practice.outlet import Message, Outlet
from tests.practice.houses import ListeningPage, open_house, play, rows

TABLES = ("aviator", "aviatrix", "jetx")


def planned(
    plan: FaultPlan, tables: tuple[str, ...], last: int = BLOCK_ROUNDS
) -> list[tuple[str, int, FaultKind]]:
    return [
        (table, ordinal, fault.kind)
        for table in tables
        for ordinal in range(1, last + 1)
        for fault in plan.for_round(table, ordinal)
    ]


@pytest.mark.parametrize("seed", [str(number) for number in range(20)])
@pytest.mark.parametrize("tables", [TABLES, TABLES[:1]])
def test_every_kind_comes_within_sixty_rounds(seed: str, tables: tuple[str, ...]) -> None:
    dealt = planned(FaultPlan(seed, tables, FaultKind), tables)
    assert {kind for _, _, kind in dealt} == set(FaultKind)
    assert sum(kind is FaultKind.VERY_HIGH for _, _, kind in dealt) == 1
    assert min(ordinal for _, ordinal, _ in dealt) >= 3
    assert 15 <= len(dealt) / len(tables) <= 20


def test_the_plan_follows_from_the_seed_and_goes_on_after_sixty_rounds() -> None:
    first, second = FaultPlan("5", TABLES, FaultKind), FaultPlan("5", TABLES, FaultKind)
    assert planned(first, TABLES, 130) == planned(second, TABLES, 130)
    assert planned(first, TABLES) != planned(FaultPlan("6", TABLES, FaultKind), TABLES)
    assert any(ordinal > 120 for _, ordinal, _ in planned(first, TABLES, 130))


def test_a_list_brings_only_what_it_names() -> None:
    dealt = planned(FaultPlan("5", TABLES, parse_kinds("dialog,zoom")), TABLES)
    assert {kind for _, _, kind in dealt} == {FaultKind.DIALOG, FaultKind.ZOOM}
    assert planned(FaultPlan("5", TABLES, ()), TABLES) == []


def test_unknown_kinds_are_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'flood'.*bet_refused"):
        parse_kinds("dialog,flood")
    assert parse_kinds("none") == ()
    assert set(parse_kinds("all")) == set(FaultKind)


def bet_each_round(house: House, stake: int = 100) -> Callable[[Message], None]:
    def act(message: Message) -> None:
        if message["t"] == "betting":
            house.tables["aviator"].place(0, stake, 200)

    return act


def test_a_refused_bet_is_told_noted_and_costs_nothing(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="bet_refused")
    page = play(house, 12, bet_each_round(house))
    house.close()
    refused = [message for message in page.of("bet_refused") if message["reason"] == "refused"]
    noted = rows(tmp_path / "l.db", "SELECT * FROM faults WHERE kind='bet_refused'")
    assert len(refused) == len(noted) >= 3
    assert len(rows(tmp_path / "l.db", "SELECT * FROM bets")) == 12 - len(refused)


def test_a_late_acceptance_is_in_the_book_at_once_and_on_the_page_later(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="bet_late")
    table = house.tables["aviator"]
    silent: list[int] = []

    def act(message: Message) -> None:
        if message["t"] == "betting":
            before = len(page_heard(table.outlet))
            table.place(0, 100, 200)
            if len(page_heard(table.outlet)) == before:
                silent.append(int(str(message["round"])))

    def page_heard(outlet: Outlet) -> list[Message]:
        page = next(iter(outlet._pages))
        assert isinstance(page, ListeningPage)
        return page.of("bet_ok")

    page = play(house, 12, act)
    house.close()
    booked = {row["round_id"] for row in rows(tmp_path / "l.db", "SELECT round_id FROM bets")}
    late = {row["round_id"] for row in rows(tmp_path / "l.db", "SELECT round_id FROM faults")}
    assert set(silent) == late and len(late) >= 3
    assert len(booked) == 12
    assert len(page.of("bet_ok")) == 12


def test_held_news_of_a_panel_comes_in_order_and_others_pass() -> None:
    outlet, page = Outlet(), ListeningPage()
    outlet.join(page)
    outlet.hold(0)
    news: list[Message] = [
        {"t": "bet_ok", "panel": 0}, {"t": "balance", "balance": 1}, {"t": "bet_ok", "panel": 1},
        {"t": "fly"}, {"t": "bet_open", "panel": 0},
    ]  # fmt: skip
    for message in news:
        outlet.send(message)
    assert page.kinds() == ["bet_ok", "fly"]
    outlet.release(0)
    assert page.kinds() == ["bet_ok", "fly", "bet_ok", "balance", "bet_open"]


@pytest.mark.parametrize(("kind", "low", "high"), [("one_x", 100, 100), ("very_high", 100_000, 199_999)])
def test_rounds_of_a_fault_have_its_crash_point(tmp_path: Path, kind: str, low: int, high: int) -> None:
    house = open_house(tmp_path / "l.db", faults=kind, seed="3")
    play(house, 6)
    house.close()
    found = rows(
        tmp_path / "l.db",
        "SELECT r.crash_multiplier AS crash, f.ended_ms FROM faults f "
        "JOIN rounds r ON r.id=f.round_id WHERE f.kind=?",
        kind,
    )
    assert found
    assert all(low <= row["crash"] <= high and row["ended_ms"] is not None for row in found)


def test_a_raised_minimum_refuses_small_stakes_until_it_is_lowered(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="min_stake")
    page = play(house, 12, bet_each_round(house))
    house.close()
    told = page.of("fault")
    assert [message["on"] for message in told][:2] == [True, False]
    assert told[1]["detail"] == {"min_stake": 10}
    raised = rows(tmp_path / "l.db", "SELECT round_id FROM faults WHERE kind='min_stake'")
    refused = rows(tmp_path / "l.db", "SELECT round_id FROM refusals WHERE reason='min_stake'")
    assert [row[0] for row in raised] == [row[0] for row in refused]


def test_a_timed_fault_begins_ends_and_is_known_to_a_reloaded_page_meanwhile(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="dialog")
    known: list[object] = []

    def act(message: Message) -> None:
        if message["t"] == "fault" and message["on"]:
            known.append(house.hello("aviator")["faults"])

    page = play(house, 12, act)
    house.close()
    assert known and all("dialog" in str(faults) for faults in known)
    assert [message["on"] for message in page.of("fault")][:2] == [True, False]


def test_a_lost_connection_is_not_told_again_to_the_page_that_reloads(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="connection_lost")
    known: list[object] = []

    def act(message: Message) -> None:
        if message["t"] == "fault" and message["on"]:
            known.append(house.hello("aviator")["faults"])

    play(house, 12, act)
    house.close()
    assert known and all(faults == {} for faults in known)


def test_window_faults_are_ordered_from_the_stage(tmp_path: Path) -> None:
    house = open_house(tmp_path / "l.db", faults="none")
    orders: list[tuple[int, str, str, int, dict[str, object]]] = []
    plan = FaultPlan("1", ("aviator",), parse_kinds("covered,window_moved"))
    outlet = Outlet()
    desk = FaultDesk(
        "aviator", plan, house.ledger, house._clock, 1.0, 10, outlet.send, lambda *order: orders.append(order)
    )

    async def some_rounds() -> None:
        for ordinal in range(1, 13):
            desk.betting_opens(ordinal, ordinal)
            for _ in range(10):
                await asyncio.sleep(0)
        desk.close()

    asyncio.run(some_rounds())
    house.close()
    assert {order[2] for order in orders} == {"covered", "window_moved"}
    assert all(len(order[4]["u"]) == 4 for order in orders)  # type: ignore[arg-type]
