"""Every round has an answer to "why?": bet, missed, skipped, denied, late, stopped, watched."""

from __future__ import annotations

import pytest

from bot.database import Database
from bot.domain.errors import BadInput
from bot.domain.pictures import Moment
from bot.journal.gathering import find_round, gather
from bot.journal.story import Kind, Story, tell
from tests.journal.recorded import DENIED, LAST, LATE, MISSED, SEEN, SKIPPED, START, WON, Rows


def story(database: Database, which: str) -> Story:
    return tell(gather(database, find_round(database, which)))


def texts(told: Story, kind: Kind) -> list[str]:
    return [line.text for line in told.lines if line.kind is kind]


def details(told: Story, start: str) -> tuple[str, ...]:
    return next(line.details for line in told.lines if line.text.startswith(start))


@pytest.mark.parametrize(
    ("round_id", "verdict"),
    [
        (WON, "Bet 1.00 EUR at 2.00x: won, 2.00 paid, result +1.00."),
        (MISSED, "Bet 1.00 EUR at 2.00x: not placed: the stake field reads 1.50, ordered 1.00."),
        (SKIPPED, "No bet: the button is disabled, not ready for a bet."),
        (DENIED, "No bet: the loss of any 24 hours would reach 21.00."),
        (LATE, "No bet: the round was first seen when it was flying, too late for one."),
        (LAST, "No bet: the session was ending (stop: crashbot stop)."),
        (SEEN, "No bet: the bot only watched."),
    ],
)
def test_each_round_has_a_verdict(either: Database, round_id: str, verdict: str) -> None:
    assert story(either, round_id).verdict == (verdict,)


def test_a_bet_on_paper_is_called_one(recorded: Database) -> None:
    rows = Rows(recorded)
    rows.session("0199-session-paper", "paper")
    rows.round("01c0-paper", 1, "0199-session-paper")
    values = {"payout_minor": 0, "profit_minor": -100, "session_id": "0199-session-paper"}
    rows.bet("02c0-bet", "01c0-paper", "lost", START, **values)
    assert story(recorded, "01c0").verdict == ("Paper bet 1.00 EUR at 2.00x: lost, result -1.00.",)


def test_a_bet_is_told_in_the_order_of_time_with_its_milliseconds(recorded: Database) -> None:
    told = story(recorded, WON)
    times = [line.at_utc_us for line in told.lines]
    assert times == sorted(times)
    assert texts(told, Kind.BET) == [
        "typed into the stake field",
        "verified: read back as ordered, and the limits asked again",
        "clicked, once",
        "placed: the button shows it accepted",
    ]
    assert details(told, "verified") == ("gate 1 ms",)
    assert details(told, "clicked") == ("click 17 ms", "click on button 1 at 230, 165")
    assert texts(told, Kind.SETTLED) == ["won: target reached, balance agrees"]
    assert details(told, "won") == ("paid 2.00, result +1.00, balance 100.00 before and 101.00 after",)
    assert texts(told, Kind.BALANCE) == ["account acc agrees: expected 101.00, seen 101.00"]


def test_what_was_seen_says_how_sure_and_who_read_it(recorded: Database) -> None:
    told = story(recorded, WON)
    assert texts(told, Kind.SEEN) == [
        "betting",
        "flying: 1.00x to 2.10x in 2 snapshots",
        "crashed",
        "ended at 2.45x",
    ]
    assert details(told, "flying") == ("balance 99.00", "312 players with 500.80", "confidence 0.99 or more")
    (end,) = details(told, "ended")
    assert "both readers" in end and "'2.45x'" in end and "0.999" in end
    decided = details(told, "ordered")
    assert any("balance 100.00 (0.99, recognition model)" in line for line in decided)
    assert any(line.startswith("not read (") and line.endswith("players") for line in decided)


def test_the_odds_that_were_told_stand_before_the_bet(recorded: Database) -> None:
    told = story(recorded, WON)
    assert told.lines[0].kind is Kind.SESSION
    assert told.lines[0].details == ("On average it ends -0.12.", "Chance of ruin: 1 %.")


def test_a_denial_comes_with_its_figure_and_bound(recorded: Database) -> None:
    told = story(recorded, DENIED)
    assert details(told, "no bet") == ("rule: day_loss (figure 21.00, bound 20.00)",)
    assert texts(told, Kind.TROUBLE) == ["StaleFrame: the picture stood still"]


def test_a_skip_is_told_once_though_it_is_kept_twice(recorded: Database) -> None:
    told = story(recorded, SKIPPED)
    assert [line.kind for line in told.lines if line.text.startswith("no bet")] == [Kind.DECIDED]
    assert "rule: button" in details(told, "no bet")


def test_a_chip_says_that_the_end_was_not_seen(recorded: Database) -> None:
    assert any("history strip" in detail for detail in details(story(recorded, LATE), "ended"))


def test_the_last_round_tells_why_the_session_ended(recorded: Database) -> None:
    assert texts(story(recorded, LAST), Kind.SESSION) == ["the session ended: stop: crashbot stop"]
    assert texts(story(recorded, LATE), Kind.SESSION) == []


def test_pictures_come_in_the_order_of_time(recorded: Database) -> None:
    told = story(recorded, WON)
    assert [picture.moment for picture in told.pictures] == [
        Moment.DECIDED,
        Moment.BEFORE_CLICK,
        Moment.AFTER_CLICK,
        Moment.SETTLED,
        Moment.ROUND_END,
    ]
    assert told.pictures[0].boxes["p0_button"] == (200, 150, 60, 30)
    assert told.pictures[2].path is None and told.pictures[2].lost.startswith("left out")


@pytest.mark.parametrize(
    ("which", "round_id"),
    [
        ("last", LAST),
        ("aviator:last", LAST),
        ("aviator:3", SKIPPED),
        ("mine:1", SEEN),
        (WON, WON),
        ("01a2", SKIPPED),
        ("02a1-b", MISSED),
    ],
)
def test_a_round_is_found_by_what_people_call_it(either: Database, which: str, round_id: str) -> None:
    assert find_round(either, which) == round_id


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("01a", "names no round"),
        ("01a_", "no round and no bet begins"),
        ("aviator:99", "no round 99 of a table 'aviator'"),
        ("roulette:last", "of a table 'roulette'"),
        ("zzzz", "no round and no bet begins"),
        ("'; DROP TABLE rounds; --", "names no round"),
        ("%%%%", "names no round"),
    ],
)
def test_what_names_no_round_is_one_line(recorded: Database, which: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        find_round(recorded, which)
    assert "\n" not in str(caught.value)


def test_a_beginning_of_several_rounds_names_some_of_them(recorded: Database) -> None:
    Rows(recorded).round("01a0-other", 77)
    with pytest.raises(BadInput, match="2 rounds begin with '01a0': say more of it"):
        find_round(recorded, "01a0")


def test_a_round_of_which_only_a_bet_is_known_is_told(recorded: Database) -> None:
    """After a crash of the bot a round may never have been recorded."""
    rows = Rows(recorded)
    rows.bet("02ff-bet", "01ff-lost", "unknown", START, reason="the bot stopped around the click")
    told = story(recorded, "01ff")
    assert told.verdict[0].startswith("Bet 1.00 EUR at 2.00x: what became of it is not known")
    assert (told.number, told.crash) == (None, None)
