"""A user's own strategy from a file: both forms, and one clear line for each way of getting it wrong."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from bot.domain.errors import BadInput
from bot.staking import Settlement, StakingOptions, build, is_known
from bot.staking.own import OwnStrategy
from bot.staking.own_loading import own_file

CLASS = """
class Doubling:
    def __init__(self, options):
        self.base, self.losses = options.base_stake_minor, 0
    def order(self, balance_minor):
        print("a user may print")
        return self.base * 2 ** self.losses, 200
    def settled(self, settlement):
        won, stake, payout = settlement
        self.losses = 0 if won or self.losses == 3 else self.losses + 1
"""
STEPS = """
from typing import NamedTuple

class Parameters(NamedTuple):
    base_stake_minor: int
    target: int = 200
    most: int = 3

class State(NamedTuple):
    losses: int = 0

def order(p, s, balance_minor):
    return p.base_stake_minor << s.losses, p.target

def settled(p, s, won, stake_minor, payout_minor):
    return State(0 if won or s.losses == p.most else s.losses + 1)
"""


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("text", [CLASS, STEPS], ids=["class", "steps"])
def test_both_forms_play_without_registration(tmp_path: Path, text: str) -> None:
    strategy = build(written(tmp_path, text), StakingOptions(base_stake_minor=150))
    assert isinstance(strategy, OwnStrategy)
    assert strategy.name == "mine.py"
    stakes = []
    for won in (False, False, True, False):
        order = strategy.order(10_000)
        assert order == strategy.order(10_000)
        stakes.append(order.stake_minor)
        strategy.observed(300 if won else 110)
        strategy.settled(Settlement(won, order.stake_minor, order.stake_minor * 2 if won else 0))
    assert stakes == [150, 300, 600, 150]
    assert strategy.order(100) == (0, 200, "no bet: the stake is more than the balance")
    assert strategy.steps == (text is STEPS)
    strategy.close()


def test_a_class_is_named_after_a_colon(tmp_path: Path) -> None:
    two = written(tmp_path, CLASS + CLASS.replace("Doubling", "Other").replace("200", "300"))
    with pytest.raises(BadInput, match="Doubling, Other"):
        build(two, StakingOptions())
    strategy = build(f"{two}:Other", StakingOptions())
    assert strategy.order(10_000).target == 300
    assert strategy.name == "mine.py:Other"
    with pytest.raises(BadInput, match="no class of this name"):
        build(f"{two}:Missing", StakingOptions())


def test_own_values_reach_the_parameters(tmp_path: Path) -> None:
    path = written(tmp_path, STEPS)
    strategy = build(path, StakingOptions(target=300, own=(("most", 1),)))
    assert dict(strategy.parameters) == {"file": "mine.py", "base_stake_minor": 100, "target": 300, "most": 1}
    with pytest.raises(BadInput, match="no parameter luck"):
        build(path, StakingOptions(own=(("luck", 1),)))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("return 1 / 0, 200", r"order raised ZeroDivisionError: division by zero \(line 3\)"),
        ("return float('nan'), 200", "whole number of minor units"),
        ("return 1.5, 200", "stake 1.5"),
        ("return -5, 200", "stake -5"),
        ("return True, 200", "stake True"),
        ("return 100, 2.0", "target 2.0"),
        ("return 100, 100", "target 100"),
        ("return 100", r"must return \(stake, target\)"),
        ("return None", "not None"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import os; os._exit(3)", "ended by itself"),
        ("raise ValueError('one\\ntwo')", "one two"),
    ],
)
def test_a_wrong_answer_becomes_one_clear_line(tmp_path: Path, body: str, word: str) -> None:
    path = written(tmp_path, f"class Mine:\n    def order(self, balance_minor):\n        {body}\n")
    with pytest.raises(BadInput, match=word) as caught:
        build(path, StakingOptions())
    assert str(caught.value).startswith("mine.py: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x =", "SyntaxError"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("x = 1", "needs a class with order"),
        ("def order(p, s): ...", "NamedTuple called Parameters"),
        (STEPS.replace("def order(p, s, balance_minor)", "def order(p, s)"), "3 arguments"),
        (STEPS.replace("State(0 if won", "(0 if won"), "must return a State"),
        (STEPS.replace("most: int = 3", "most: int = 3\n    more: int = 'x'.y"), "AttributeError"),
    ],
)
def test_a_file_that_is_no_strategy_is_refused_in_one_line(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        build(written(tmp_path, text), StakingOptions())
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no strategy file"):
        build(str(tmp_path / "none.py"), StakingOptions())


def test_a_loop_is_ended_and_said(tmp_path: Path) -> None:
    looping = CLASS.replace("won, stake, payout = settlement", "while True: pass")
    file = own_file(written(tmp_path, looping))
    assert file is not None
    strategy = OwnStrategy(file, StakingOptions(), answer_s=0.5)
    strategy.settled(Settlement(True, 100, 200))
    with pytest.raises(BadInput, match="no answer within"):
        strategy.order(10_000)
    assert strategy._child._process.poll() is not None


def test_its_process_ends_with_it(tmp_path: Path) -> None:
    strategy = build(written(tmp_path, CLASS), StakingOptions())
    assert isinstance(strategy, OwnStrategy)
    process = strategy._child._process
    del strategy
    assert process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_what_names_it_can_be_handed_to_another_process() -> None:
    options = StakingOptions(stakes_minor=(100, 200), own=(("most", 2),))
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("my.py", True),
        ("a/b.py:Mine", True),
        ("martingale", True),
        ("luck", False),
        ("my.py:not a name", False),
    ],
)
def test_the_form_of_a_name_is_known(name: str, known: bool) -> None:
    assert is_known(name) == known
