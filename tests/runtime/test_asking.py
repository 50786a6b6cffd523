"""A question about one bet: yes in time is yes; no, late, early or nothing is no."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.domain.bets import Bet
from bot.domain.clock import NS_PER_S, ManualClock
from bot.runtime.asking import Questions, TypedLines
from bot.runtime.messages import BetWanted


@dataclass
class Person:
    """Somebody at a real terminal, and the questions that they see."""

    clock: ManualClock
    master: int
    questions: Questions
    said: list[str] = field(default_factory=list)

    def types(self, text: str) -> None:
        os.write(self.master, text.encode())

    def decided(self) -> list[tuple[str, bool, str]]:
        return [(a.wanted.bet.bet_id, a.agreed, a.reason) for a in self.questions.answers()]


@pytest.fixture
def person() -> Iterator[Person]:
    master, slave = pty.openpty()
    clock, said = ManualClock(), list[str]()
    with os.fdopen(slave) as source:
        yield Person(clock, master, Questions(TypedLines(source), clock, said.append), said)
    os.close(master)


def wanted(person: Person, name: str, within_s: float = 5.0) -> BetWanted:
    now = person.clock.now()
    deadline = now.mono_ns + round(within_s * NS_PER_S)
    bet = Bet(name, "s1", "purse", "mine", f"r-{name}", 0, 100, 200, "EUR", 10_000, deadline, now.utc_ns)
    return BetWanted(bet, now.mono_ns, "")


def test_yes_in_time_lets_the_bet_pass(person: Person) -> None:
    person.questions.put(wanted(person, "b1"))
    assert person.decided() == []
    assert "bet 1.00 EUR at 2.00x" in person.said[0]
    person.types("y\n")
    assert person.decided() == [("b1", True, "")]
    assert person.questions.agreed("b1")


@pytest.mark.parametrize("typed", ["n\n", "\n", "yes please\n", "yy\n"])
def test_anything_else_is_no(person: Person, typed: str) -> None:
    person.questions.put(wanted(person, "b1"))
    person.decided()
    person.types(typed)
    assert person.decided() == [("b1", False, "the person said no")]
    assert not person.questions.agreed("b1")


def test_no_answer_in_time_is_no(person: Person) -> None:
    person.questions.put(wanted(person, "b1"))
    person.decided()
    person.clock.advance(4.0)
    assert person.decided() == [("b1", False, "no answer in time")]
    person.types("y\n")
    assert person.decided() == []
    assert not person.questions.agreed("b1")


def test_a_line_that_is_not_ended_is_no_answer(person: Person) -> None:
    person.questions.put(wanted(person, "b1"))
    person.decided()
    person.types("y")
    assert person.decided() == []
    person.clock.advance(4.0)
    assert person.decided() == [("b1", False, "no answer in time")]


def test_what_was_typed_before_the_question_is_no_answer(person: Person) -> None:
    person.types("y\ny\n")
    person.questions.put(wanted(person, "b1"))
    assert person.decided() == []
    person.clock.advance(4.0)
    assert person.decided() == [("b1", False, "no answer in time")]


def test_a_yes_to_one_bet_is_none_to_the_next(person: Person) -> None:
    person.questions.put(wanted(person, "b1"))
    person.questions.put(wanted(person, "b2"))
    person.decided()
    person.types("y\ny\n")
    assert person.decided() == [("b1", True, "")]
    assert person.decided() == []  # its question is shown now, and what stood in the terminal is forgotten
    person.clock.advance(4.0)
    assert person.decided() == [("b2", False, "no answer in time")]


def test_one_that_waited_too_long_behind_another_is_not_asked(person: Person) -> None:
    person.questions.put(wanted(person, "b1"))
    person.questions.put(wanted(person, "b2", within_s=1.3))
    person.decided()
    person.clock.advance(0.5)
    assert person.decided() == [("b2", False, "no answer in time")]
    assert len(person.said) == 1
